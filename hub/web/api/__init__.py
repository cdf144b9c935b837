"""The JSON API, version 1. Programs find here what pages show to people, and the same refusals with a code."""

from hub.web.api import at_desk, book, changes, desks, evacuation, nodes, rooms, sites, tickets

ROUTERS = (
    tickets.router,
    desks.router,
    sites.router,
    rooms.reports,
    rooms.router,
    book.public,
    book.router,
    at_desk.router,
    changes.router,
    changes.limits,
    evacuation.router,
    nodes.public,
    nodes.router,
)
"""What phones and staff ask all day comes first: routes are tried one after the other."""
