"""`/`: which lobby? With one there is nothing to ask."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.web import language as languages
from hub.web import readings
from hub.web.context import web_of
from hub.web.gate import PUBLIC
from hub.web.pages.router import PageRouter

router = PageRouter(PUBLIC)


@router.get("/")
async def home(request: Request) -> Response:
    """The lobbies of this hub."""
    web = web_of(request)
    if len(web.sites) == 1:
        return RedirectResponse(f"/{next(iter(web.sites))}/join", status_code=303)
    known = dict.fromkeys(language for site in web.sites.values() for language in site.lobby.site.languages)
    offered = languages.offered(tuple(known))
    lobbies = [
        (site.id, site.lobby.site.name, site.serves, await site.read(readings.lobby) if site.serves else None)
        for site in web.sites.values()
    ]
    return web.drawing.page(request, "home.html", languages.choose(request, offered), offered, lobbies=lobbies)
