"""`/{site}/desks`: all desks of a lobby, for staff to find theirs."""

from starlette.requests import Request
from starlette.responses import Response

from hub.web import language as languages
from hub.web import readings
from hub.web.context import web_of
from hub.web.pages.router import PageRouter

router = PageRouter()


@router.get("/{site}/desks")
async def show_desks(request: Request, site: str) -> Response:
    """The desks, and what each is doing."""
    web = web_of(request)
    its = web.site(site)
    offered = languages.offered(its.lobby.site.languages)
    return web.drawing.page(
        request,
        "desks.html",
        languages.choose(request, offered),
        offered,
        site=its.id,
        title=its.lobby.site.name,
        desks=await its.read(readings.desks),
    )
