"""`/{site}/desks`: all desks of a lobby, for staff to find theirs."""

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.web import readings
from hub.web.pages.reader import reader_of
from hub.web.pages.router import PageRouter

router = PageRouter(Right.DESKS)


@router.get("/{site}/desks")
async def show_desks(request: Request, site: str) -> Response:
    """The desks, and what each is doing."""
    reader = reader_of(request, site)
    return reader.page("desks.html", desks=await reader.site.read(readings.desks))
