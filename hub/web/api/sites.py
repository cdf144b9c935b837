"""GET /sites, GET /sites/{site}: what a visitor may choose, and how full it is."""

from starlette.requests import Request
from starlette.responses import Response

from hub.day.page_views import LobbyView
from hub.day.refusal import Code
from hub.web import readings
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import SiteSummary, answer
from hub.web.context import web_of
from hub.web.gate import PUBLIC
from hub.web.problems import problem

router = routes("sites", "", PUBLIC)


@router.get(
    "/sites",
    responses=answers(
        SiteSummary, "In the order of the hub's configuration, but for those that do not serve.", many=True
    ),
)
async def list_sites(request: Request) -> Response:
    """The sites of this hub."""
    web = web_of(request)
    summaries = [
        SiteSummary(
            id=site.id,
            name=site.lobby.site.name,
            languages=site.lobby.site.languages,
            join_url=f"{site.lobby.site.public_url or web.public_url}/{site.id}/join",
        )
        for site in web.open_sites
    ]
    return answer(summaries)


@router.get(
    "/sites/{site}",
    responses=answers(LobbyView, "The lobby as it is now.") | problems(_404="No such site.", _409="No day is open."),
)
async def read_site(request: Request, site: str) -> Response:
    """A lobby: services with their lines and expected waits, rooms with their people."""
    its = web_of(request).site(site)
    view = await its.read(readings.lobby)
    return problem(request, 409, Code.NO_DAY, site=its) if view is None else answer(view)
