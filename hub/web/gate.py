"""Who asks, and may they? Each route says which right it needs; without one, the answer is 401 or 403.

People show a cookie, programs a token. A change that comes with a cookie must prove to come from a page of ours: the
browser says so itself, and one that says nothing is not believed. What is done through `site_of` is noted under the
name of who asked.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Final, TypeVar

from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from hub.accounts.rights import Identity, Right
from hub.day.inputs import AnyInput
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.site import Answer, Site
from hub.web.context import web_of
from hub.web.limits import Kind
from hub.web.scopes import FRESH_COOKIE, IDENTITY, OWN_PAGE, SAFE_METHODS, STANDBY

T = TypeVar("T")

PUBLIC: Final = None
"""What a route needs that is for everybody."""

OFFICE = Identity(who="office", rights=frozenset({Right.BOOK}))
"""Whoever has the office's token, which is made of the hub's key."""

OPERATOR = Identity(who="operator", rights=frozenset({Right.NODES}))
"""Whoever has that of the commands on the hub's own computer."""


class Needs(HTTPBearer):
    """For the routes of the API: lets those pass who have `right`, and tells the document of it."""

    def __init__(self, right: Right) -> None:
        description = "A token of `guichet-hub token add`."
        super().__init__(scheme_name="token", description=description, auto_error=False)
        self.right = right

    async def __call__(self, request: HTTPConnection) -> None:
        await admit(request, self.right)


async def admit(request: HTTPConnection, right: Right) -> Identity:
    """Who asks, if that one has `right` at the site that the address names.

    Raises:
        HTTPException: 401 for nobody we know, 403 for somebody who may not.
    """
    identity = await identify(request)
    if identity is None:
        raise nobody()
    if not identity.may(right, request.path_params.get("site", "")):
        raise HTTPException(403)
    if identity.session:
        check_own_page(request)
    return identity


def nobody() -> HTTPException:
    """What is told to whom we do not know."""
    return HTTPException(401, headers={"www-authenticate": "Bearer"})


def check_own_page(request: HTTPConnection) -> None:
    """A change that relies on a browser must come from a page of ours.

    Raises:
        HTTPException: 403, nothing says that it does.
    """
    if request.scope["method"] not in SAFE_METHODS and not request.scope.get(OWN_PAGE):
        raise HTTPException(403)


async def identify(request: HTTPConnection) -> Identity | None:
    """Who asks; None for nobody we know. Looked up once for each request."""
    scope = request.scope
    if IDENTITY not in scope:
        scope[IDENTITY] = await _identity(request)
    found: Identity | None = scope[IDENTITY]
    return found


async def _identity(request: HTTPConnection) -> Identity | None:
    web = web_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        known = web.office.register.program(token.strip())
        if known is None and hmac.compare_digest(token.encode(), web.keyring.office_token().encode()):
            return OFFICE
        if known is None and hmac.compare_digest(token.encode(), web.keyring.admin_token().encode()):
            return OPERATOR
        return known
    cookie = request.cookies.get(cookie_name(request.scope), "")
    if not cookie or request.scope.get(STANDBY):
        return None
    seen = await web.office.register.browser(cookie)
    if seen is None:
        return None
    if seen.fresh:
        request.scope[FRESH_COOKIE] = cookie_header(request.scope, seen.fresh)
    return seen.identity


async def is_of_the_house(request: HTTPConnection, site: str) -> bool:
    """Whether who asks may take tickets for others: staff, at a page of ours, or a program with a token for tickets.
    Whoever else asks takes one for herself, as visitors do."""
    identity = await identify(request)
    if identity is None or (identity.session and not request.scope.get(OWN_PAGE)):
        return False
    return any(identity.may(right, site) for right in (Right.TICKETS, Right.DESKS))


async def stranger(request: HTTPConnection) -> HTTPException:
    """What is told to whoever is not of the house: 401 to nobody we know, 403 to somebody who may not."""
    return nobody() if await identify(request) is None else HTTPException(403)


async def noted(request: HTTPConnection, what: str, place: str) -> None:
    """Note what is done by who was admitted, where no site notes it.

    Raises:
        JournalError: it cannot be noted, so it must not be done.
    """
    register = web_of(request).office.register
    await register.write(register.act(request.scope[IDENTITY].who, what, place))


# --- what is done in somebody's name ---------------------------------------------------------------------------


class SignedSite:
    """A `hub.site.Site` in somebody's name."""

    def __init__(self, site: Site, who: str) -> None:
        self._site, self._who = site, who

    @property
    def id(self) -> str:
        return self._site.id

    @property
    def lobby(self) -> Lobby:
        return self._site.lobby

    @property
    def serves(self) -> bool:
        """See `hub.site.Site.serves`."""
        return self._site.serves

    async def submit(self, an_input: AnyInput, mark: str = "", who: str = "") -> Answer:
        """See `hub.site.Site.submit`."""
        return await self._site.submit(an_input, mark, who or self._who)

    async def submit_and_read(
        self, an_input: AnyInput, question: Callable[[Answer, Day, datetime], T], mark: str = "", who: str = ""
    ) -> tuple[Answer, T | None]:
        """See `hub.site.Site.submit_and_read`."""
        return await self._site.submit_and_read(an_input, question, mark, who or self._who)

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        """See `hub.site.Site.read`."""
        return await self._site.read(question)

    async def changed(self, after_seq: int) -> int:
        """See `hub.site.Site.changed`."""
        return await self._site.changed(after_seq)


def site_of(request: HTTPConnection, site: str) -> Site:
    """The site of this name; what is asked of it is asked in the name of who was admitted, if anybody had to be.

    Raises:
        HTTPException: 404, there is none.
    """
    identity: Identity | None = request.scope.get(IDENTITY)
    its = web_of(request).site(site)
    return its if identity is None else SignedSite(its, identity.who)


def still(request: HTTPConnection) -> Callable[[], bool]:
    """Whether who was admitted would be now: an open stream ends when not."""
    return partial(web_of(request).office.register.is_still, request.scope[IDENTITY])


# --- the public ------------------------------------------------------------------------------------------------


async def hold_back(request: HTTPConnection, kind: Kind, site: str) -> None:
    """Let one request through, or say when to ask again. Programs with a token for tickets are never held back.

    Raises:
        HTTPException: 429, with `Retry-After`.
    """
    if "authorization" in request.headers:
        identity = await identify(request)
        if identity is not None and identity.may(Right.TICKETS, site):
            return
    limits, per_address, per_site = web_of(request).limits, *kind.value
    keys = ((f"address {address_of(request)}", per_address), (f"site {site}", per_site))
    if wait_s := max(limits.wait_s(kind, key, rate) for key, rate in keys):
        raise too_often(wait_s)
    for key, rate in keys:
        limits.take(kind, key, rate)


def too_often(wait_s: int) -> HTTPException:
    """What is told to who must wait."""
    return HTTPException(429, headers={"retry-after": str(wait_s)})


def address_of(request: HTTPConnection) -> str:
    """Where the request comes from. Of IPv6 the network: whoever has one address of it has them all."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    # A server that listens on both writes addresses of IPv4 like this: they are not all of one network.
    return str(address.ipv4_mapped or address.exploded[:19])


# --- the cookie ------------------------------------------------------------------------------------------------


def cookie_name(scope: Scope) -> str:
    """Over TLS browsers themselves hold it to this host, by its name."""
    return "__Host-guichet" if scope["scheme"] == "https" else "guichet"


def cookie_header(scope: Scope, value: str) -> tuple[bytes, bytes]:
    """Sets the cookie; an empty value takes it away. No script sees it, and no other site's form sends it."""
    secure = "; Secure" if scope["scheme"] == "https" else ""
    gone = "" if value else "; Max-Age=0"
    return b"set-cookie", f"{cookie_name(scope)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}".encode()


async def sign_in(request: Request, response: Response, cookie: str) -> None:
    """Let `response` carry the cookie of a session that has begun; what the browser had before ends."""
    before = await _identity(request) if cookie_name(request.scope) in request.cookies else None
    if before is not None and before.session:
        await web_of(request).office.register.end_session(before)
    request.scope.pop(FRESH_COOKIE, None)
    response.raw_headers.append(cookie_header(request.scope, cookie))


Handler = Callable[..., Awaitable[Response]]


def guarded(right: Right | None, handler: Handler) -> Handler:
    """`handler` for those who have `right`; for everybody if that is `PUBLIC`."""
    if right is None:
        return handler

    async def admitted(request: Request, **parts: str) -> Response:
        await admit(request, right)
        return await handler(request, **parts)

    return admitted
