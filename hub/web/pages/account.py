"""`/account`: one's own account, where it leads, and another password."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.office import No
from hub.accounts.passwords import CHARACTERS_MIN, TooBusy
from hub.accounts.rights import Identity, Right
from hub.web import failures, forms
from hub.web import language as languages
from hub.web.context import web_of
from hub.web.gate import PUBLIC, check_own_page, identify, nobody, too_often
from hub.web.pages.router import PageRouter
from hub.web.pages.sign_in import hold_back_guesses, not_alike, note_guess, said

router = PageRouter(PUBLIC)
"""Everybody who has signed in may see it, whatever they may do besides: each page asks for that by itself."""


@router.get("/account")
async def show_account(request: Request) -> Response:
    """Who one is here, and what for."""
    return _page(request, await _me(request), changed="changed" in request.query_params)


@router.post("/account")
async def change_password(request: Request) -> Response:
    """Another password; everywhere else one is signed out."""
    me = await _me(request)
    check_own_page(request)
    form = await request.form()
    new = forms.text(form, "password")
    if new != forms.text(form, "again"):
        return _page(request, me, refused=not_alike(request))
    hold_back_guesses(request, me.who)
    try:
        done = await web_of(request).office.change_password(me.who, forms.text(form, "old"), new, me.session)
    except TooBusy:
        raise too_often(2) from None
    if done is No.WRONG_PASSWORD:
        note_guess(request, me.who)
    if isinstance(done, No):
        return _page(request, me, refused=said(request, done))
    return RedirectResponse("/account?changed", status_code=303)


async def _me(request: Request) -> Identity:
    """Who has signed in.

    Raises:
        HTTPException: 401, nobody.
    """
    identity = await identify(request)
    if identity is None or not identity.session:
        raise nobody()
    return identity


def _page(request: Request, me: Identity, *, changed: bool = False, refused: str = "") -> Response:
    web = web_of(request)
    offered = failures.offered_by(web)
    account = web.office.register.accounts[me.who]
    rights = (Right.DESKS, Right.ROOMS, Right.DAY, Right.HEALTH, Right.SAFETY)
    places = [
        (site.id, site.lobby.site.name, [right.value for right in rights if me.may(right, site.id)])
        for site in web.open_sites
    ]
    return web.drawing.page(
        request,
        "account.html",
        languages.choose(request, offered),
        offered,
        status_code=422 if refused else 200,
        account=account,
        places=[place for place in places if place[2]],
        elsewhere=len(web.office.register.sessions_of(me.who, but=me.session)),
        changed=changed,
        refused=refused,
        characters_min=CHARACTERS_MIN,
    )
