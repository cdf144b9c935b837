"""Who joins by phone is here: the code of a sign is exchanged for a pass, and the pass is shown with the wish.

The pass stands in a cookie and in the page's forms: a phone that keeps no cookies can join too. It says that somebody
has looked at a sign, and not who.
"""

from functools import partial

from msgspec import Struct
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from hub.day.refusal import Code
from hub.door_codes import PASS_S, ShownCode
from hub.site import Site
from hub.web import readings
from hub.web.context import Web
from hub.web.forms import text
from hub.web.gate import hold_back, is_of_the_house
from hub.web.limits import Kind

CODE_FIELD = "code"
"""In the address of a sign's QR code, and of the form for those who type."""
PASS_FIELD = "pass"
"""Of forms, and the cookie's name."""


class Presence(Struct, frozen=True, kw_only=True):
    """What is known of whether somebody is here."""

    is_proven: bool
    sealed: str = ""
    """The pass; empty without one."""
    door_code: str = ""
    """Which code of which sign it was had for; empty where none is needed."""
    refusal: Code | None = None
    """Why a code that was brought is no good."""

    def keep(self, request: Request, response: Response, site: Site) -> None:
        """Let the browser bring the pass again."""
        if self.sealed and request.cookies.get(PASS_FIELD) != self.sealed:
            response.set_cookie(
                PASS_FIELD,
                self.sealed,
                path=f"/{site.id}",
                max_age=PASS_S,
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )


NEEDLESS = Presence(is_proven=True)
"""Nobody asks."""


async def by_address(web: Web, site: Site, request: Request) -> Presence:
    """What the code in the address proves, or else the pass of an earlier one."""
    if not await is_asked_for(site):
        return NEEDLESS
    refusal: Code | None = None
    if typed := request.query_params.get(CODE_FIELD, ""):
        await hold_back(request, Kind.DOOR_CODE, site.id)
        exchanged = await _exchanged(web, site, typed)
        if isinstance(exchanged, Presence):
            return exchanged
        refusal = exchanged
    known = await _by_pass(web, site, request.cookies.get(PASS_FIELD, ""))
    if known.is_proven and not await _is_used_up(site, known.door_code):
        return known
    return Presence(is_proven=False, refusal=refusal or (Code.DOOR_CODE_USED_UP if known.is_proven else None))


async def by_form(web: Web, site: Site, request: Request, form: FormData) -> Presence:
    """What the pass proves that is sent with a form. How often its code was used is for the day to judge."""
    if not await is_asked_for(site):
        return NEEDLESS
    return await _by_pass(web, site, text(form, PASS_FIELD), request.cookies.get(PASS_FIELD, ""))


async def is_missing(request: Request, site: Site) -> bool:
    """Whether a program asks that would have to bring a code, and cannot. Those of the house ask for visitors who are
    here."""
    return await is_asked_for(site) and not await is_of_the_house(request, site.id)


async def is_asked_for(site: Site) -> bool:
    """Joining needs a code while signs show one. A closed lobby says that it is closed."""
    return site.lobby.site.door_code == "rotating" and await site.read(readings.is_open)


async def _by_pass(web: Web, site: Site, *sealed: str) -> Presence:
    """What the first good one of these passes proves."""
    day = await site.read(readings.service_day)
    for it in sealed:
        if day and (name := web.door_codes[site.id].code_of_pass(it, day, web.now())):
            return Presence(is_proven=True, sealed=it, door_code=name)
    return Presence(is_proven=False, refusal=Code.DOOR_CODE_NEEDED)


async def _exchanged(web: Web, site: Site, typed: str) -> Presence | Code:
    """What a code that was typed proves, with the pass for it."""
    day = await site.read(readings.service_day)
    if day is None:
        return Code.DOOR_CODE_UNKNOWN
    its = web.door_codes[site.id]
    shown = its.look_up(typed, day, web.now())
    if not isinstance(shown, ShownCode):
        return shown
    if await _is_used_up(site, shown.name):
        return Code.DOOR_CODE_USED_UP
    return Presence(is_proven=True, sealed=its.pass_for(shown, day, web.now()), door_code=shown.name)


async def _is_used_up(site: Site, door_code: str) -> bool:
    return await site.read(partial(readings.joins_with, door_code)) >= site.lobby.site.door_code_joins_max
