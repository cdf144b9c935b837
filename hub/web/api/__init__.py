"""The JSON API, version 1. Programs find here what pages show to people, and the same refusals with a code."""

from hub.web.api import book, desks, rooms, sites, tickets

PREFIX = "/api/v1"
ROUTERS = (sites.router, rooms.router, tickets.router, book.router, desks.router)
