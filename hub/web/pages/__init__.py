"""The pages, one file each. Server-rendered and whole without a script; scripts only make them quicker."""

from hub.web.pages import desk, desks, facilities, home, join, operation, ticket, today

ROUTERS = (
    home.router,
    operation.router,
    ticket.router,
    join.router,
    desks.router,
    desk.router,
    facilities.router,
    today.router,
)
"""A site may be called almost anything, so the pages that begin with a site come last."""
