"""The JSON API, version 1. Programs find here what pages show to people, and the same refusals with a code."""

from hub.web.api import desks, sites, tickets

PREFIX = "/api/v1"
ROUTERS = (sites.router, tickets.router, desks.router)
