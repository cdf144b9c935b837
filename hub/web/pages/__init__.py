"""The pages, one file each. Server-rendered and whole without a script; scripts only make them quicker."""

from hub.web.pages import (
    account,
    accounts,
    desk,
    desks,
    devices,
    evacuation,
    facilities,
    floor,
    history,
    home,
    join,
    operation,
    report,
    sign_in,
    ticket,
    today,
)

ROUTERS = (
    home.router,
    operation.router,
    ticket.router,
    sign_in.router,
    account.router,
    accounts.router,
    join.router,
    desks.router,
    desk.router,
    devices.router,
    facilities.router,
    floor.router,
    history.router,
    report.router,
    evacuation.router,
    today.router,
)
"""A site may be called almost anything, so the pages that begin with a site come last."""
