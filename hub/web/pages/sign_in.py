"""`/sign-in`, `/sign-out`, and `/welcome/{token}`, where a link leads at which somebody chooses a password."""

from typing import Any

import structlog
from babel.support import Translations
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import words
from hub.accounts.office import No
from hub.accounts.passwords import CHARACTERS_MIN, TooBusy
from hub.accounts.records import Account
from hub.web import failures, forms
from hub.web import language as languages
from hub.web.context import web_of
from hub.web.gate import PUBLIC, address_of, check_own_page, cookie_header, identify, sign_in, too_often
from hub.web.limits import Kind, Rate
from hub.web.pages.router import PageRouter
from hub.web.sign_on import NotSignedOn, SignOn

router = PageRouter(PUBLIC)

HOME = "/account"
NEXT_CHARACTERS_MAX = 500
NAME_CHARACTERS_MAX = 64
BACK = "/sign-in/back"
TRIP = "guichet-trip"
TRIP_S = 600
"""The cookie of who is away at the provider, and how long it is kept."""

log = structlog.get_logger()


@router.get("/sign-in")
async def ask_to_sign_in(request: Request) -> Response:
    """Name and password; whoever has signed in goes on at once."""
    onward = next_page(request.query_params.get("next", ""))
    if await identify(request) is not None and "again" not in request.query_params:
        return RedirectResponse(onward, status_code=303)
    return _page(request, "sign_in.html", onward=onward)


@router.post("/sign-in")
async def sign_in_with_password(request: Request) -> Response:
    """Begin a session, and go on to the page that was asked for."""
    check_own_page(request)
    web, form = web_of(request), await request.form()
    name, onward = forms.text(form, "name"), next_page(forms.text(form, "next"))
    hold_back_guesses(request, name)
    try:
        account = await web.office.proven(name, forms.text(form, "password"))
    except TooBusy:
        raise too_often(2) from None
    if account is None:
        note_guess(request, name)
        return _page(request, "sign_in.html", status_code=422, onward=onward, name=name, fits_not=True)
    return await go_on(request, account, "signed-in", onward)


@router.get("/sign-in/elsewhere")
async def leave_for_provider(request: Request) -> Response:
    """Off to where the house knows its staff."""
    web = web_of(request)
    sign_on = _sign_on(request)
    onward = next_page(request.query_params.get("next", ""))
    try:
        address, trip = await sign_on.leave(onward, f"{web.public_url}{BACK}")
    except NotSignedOn as error:
        return _not_signed_on(request, str(error))
    response = RedirectResponse(address, status_code=303)
    secure = request.url.scheme == "https"
    response.set_cookie(TRIP, trip, max_age=TRIP_S, path="/sign-in", httponly=True, samesite="lax", secure=secure)
    return response


@router.get(BACK)
async def come_back(request: Request) -> Response:
    """Whoever the provider has recognised has an account here, if it says a role."""
    web = web_of(request)
    sign_on, cookie = _sign_on(request), request.cookies.get(TRIP, "")
    try:
        person, onward = await sign_on.come_back(cookie, request.query_params, f"{web.public_url}{BACK}")
    except NotSignedOn as error:
        return _not_signed_on(request, str(error))
    account = await web.office.signed_on(person.subject, person.name, person.roles)
    if isinstance(account, No):
        catalog = _catalog_of(request)
        refused = catalog.gettext("Your work account has no role here. Please ask whoever looks after the accounts.")
        return _page(request, "sign_in.html", status_code=403, onward=HOME, refused=refused)
    response = await go_on(request, account, "signed-on", onward)
    response.delete_cookie(TRIP, path="/sign-in")
    return response


def _sign_on(request: Request) -> SignOn:
    """The way to the provider.

    Raises:
        HTTPException: 404, there is none.
    """
    sign_on = web_of(request).sign_on
    if sign_on is None:
        raise HTTPException(404)
    return sign_on


def _not_signed_on(request: Request, why: str) -> Response:
    log.warning("single sign-on failed", why=why)
    refused = _catalog_of(request).gettext("Signing in with the work account did not work. Please try again.")
    return _page(request, "sign_in.html", status_code=422, onward=HOME, refused=refused)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and now."""
    check_own_page(request)
    identity = await identify(request)
    if identity is not None and identity.session:
        await web_of(request).office.register.end_session(identity)
    response = RedirectResponse("/sign-in", status_code=303)
    response.raw_headers.append(cookie_header(request.scope, ""))
    return response


@router.get("/welcome/{token}")
async def ask_for_password(request: Request, token: str) -> Response:
    """Somebody is new, or has a new password to choose."""
    return _welcome(request, token)


@router.post("/welcome/{token}")
async def choose_password(request: Request, token: str) -> Response:
    """The link is used up, and its owner signed in."""
    check_own_page(request)
    web, form = web_of(request), await request.form()
    password = forms.text(form, "password")
    if password != forms.text(form, "again"):
        return _welcome(request, token, form, not_alike(request))
    try:
        account = await web.office.use_link(token, forms.text(form, "name"), password)
    except TooBusy:
        raise too_often(2) from None
    if isinstance(account, No):
        return _welcome(request, token, form, said(request, account))
    return await go_on(request, account, "signed-in", HOME)


async def go_on(request: Request, account: Account, what: str, onward: str) -> Response:
    """`account` has proved who it is, by `what`: begin its session and show it the page it wanted."""
    response = RedirectResponse(onward, status_code=303)
    await sign_in(request, response, await web_of(request).office.register.begin_session(account, what))
    return response


def hold_back_guesses(request: Request, name: str) -> None:
    """Let one more password of `name` be tried, or say when.

    Raises:
        HTTPException: 429, too many were wrong.
    """
    held = web_of(request).limits
    if wait_s := max(held.wait_s(kind, key, rate) for kind, key, rate in _guesses(request, name)):
        raise too_often(wait_s)


def note_guess(request: Request, name: str) -> None:
    """A password of `name` was wrong."""
    for kind, key, rate in _guesses(request, name):
        web_of(request).limits.take(kind, key, rate)


def _guesses(request: Request, name: str) -> list[tuple[Kind, str, Rate]]:
    """What wrong passwords are counted by: whether there is such an account or not, else this would tell."""
    of_address, of_all = Kind.SIGN_IN.value
    return [
        (Kind.SIGN_IN, f"address {address_of(request)}", of_address),
        (Kind.SIGN_IN, "anywhere", of_all),
        (Kind.ACCOUNT, name.strip().lower()[:NAME_CHARACTERS_MAX], Kind.ACCOUNT.value[0]),
    ]


def next_page(path: str) -> str:
    """Where to go on: a page of ours, or one's own account."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and len(path) <= NEXT_CHARACTERS_MAX else HOME


def _welcome(request: Request, token: str, form: FormData | None = None, refused: str = "") -> Response:
    register = web_of(request).office.register
    link = register.link(token)
    account = register.accounts.get(link.account) if link is not None else None
    return _page(
        request,
        "welcome.html",
        status_code=404 if link is None else 422 if refused else 200,
        is_over=link is None,
        account=account,
        name=account.name if account else forms.text(form, "name") if form else "",
        refused=refused,
        characters_min=CHARACTERS_MIN,
    )


def not_alike(request: Request) -> str:
    """That what was typed twice differs."""
    return _catalog_of(request).gettext("The two passwords are not the same.")


def said(request: Request, no: No) -> str:
    """Why not, for whoever reads the page."""
    catalog = _catalog_of(request)
    sentences = {
        No.BAD_NAME: catalog.gettext("A name is made of small letters, digits and . _ @ -, without blanks."),
        No.NAME_TAKEN: catalog.gettext("This name is taken already. Please choose another one."),
        No.UNKNOWN: catalog.gettext("There is no such account."),
        No.NO_SCOPE: catalog.gettext("Please choose at least one thing that it may do."),
        No.NO_ROLE: catalog.gettext("Please choose at least one role."),
        No.LAST_ADMIN: catalog.gettext("Somebody must look after the accounts: this is the last account that may."),
        No.SIGNS_IN_ELSEWHERE: catalog.gettext("This account signs in elsewhere and has no password here."),
        No.WEAK_PASSWORD: catalog.gettext(
            "This password is too easy to guess. Take at least %(min)s characters: some words that nobody else would "
            "put together, and not your name."
        )
        % {"min": CHARACTERS_MIN},
        No.WRONG_PASSWORD: catalog.gettext("That is not your password."),
        No.LINK_OVER: catalog.gettext("This link was used already, or is too old. Please ask for a new one."),
    }
    return sentences.get(no, "")


def _catalog_of(request: Request) -> Translations:
    return words.of(languages.choose(request, failures.offered_by(web_of(request))))


def _page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> Response:
    web = web_of(request)
    offered = failures.offered_by(web)
    shown = {"name": "", "fits_not": False, "refused": "", "sign_on": web.sign_on is not None, **values}
    return web.drawing.page(
        request, template, languages.choose(request, offered), offered, status_code=status_code, **shown
    )
