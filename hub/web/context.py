"""What every route works with: the sites of this hub, the keys to tickets, the clock, the pages' look."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple, cast

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from hub.accounts.office import Office
from hub.book.book import Book
from hub.day.model import Day
from hub.day.page_views import TicketView
from hub.day.refusal import Code
from hub.door_codes import DoorCodes
from hub.errors import SiteDown
from hub.fleet import Fleet
from hub.history.reading import HistoryReader
from hub.identity.views import Registrar
from hub.keyring import Keyring, token_hash
from hub.room_reports import RoomReports
from hub.self_tests import Against, SelfTests
from hub.site import Site
from hub.web import readings
from hub.web.limits import Limits
from hub.web.live import Live
from hub.web.looking_back import LookingBack
from hub.web.rendering import Drawing
from hub.web.sign_on import SignOn

TOKEN_CHARACTERS_MAX = 64
"""Longer than any token; what is longer is not worth hashing."""

Health = Callable[[], tuple[bool, dict[str, object]]]
"""Whether all is well, and what there is to say about it."""


class Found(NamedTuple):
    """A ticket, its site, and how it stands."""

    site: Site
    ticket: str
    view: TicketView


@dataclass(frozen=True, kw_only=True)
class Web:
    """One per application; routes get it by `web_of(request)`."""

    sites: Mapping[str, Site]
    books: Mapping[str, Book]
    fleets: Mapping[str, Fleet]
    reports: Mapping[str, RoomReports]
    door_codes: Mapping[str, DoorCodes]
    keyring: Keyring
    office: Office
    sign_on: SignOn | None
    """The way to a provider that knows staff; None where they have passwords only."""
    limits: Limits
    new_token: Callable[[], str]
    now: Callable[[], datetime]
    health: Health
    metrics: Callable[[], Awaitable[bytes]]
    public_url: str
    drawing: Drawing
    live: Live
    history: HistoryReader | None
    """None where none is kept."""
    looking_back: Mapping[str, LookingBack]
    """Of each site; of none where no history is kept."""
    self_tests: Mapping[str, SelfTests]
    registrar: Registrar | None
    """None where the broker knows nodes by password."""

    @property
    def open_sites(self) -> list[Site]:
        """Those that serve, in the order of the hub's configuration."""
        return [site for site in self.sites.values() if site.serves]

    def site(self, site_id: str) -> Site:
        """The site of this name.

        Raises:
            HTTPException: 404, there is none.
            SiteDown: it does not serve.
        """
        site = self.sites.get(site_id)
        if site is None:
            raise HTTPException(404, detail="unknown-site")
        if not site.serves:
            raise SiteDown(site_id)
        return site

    def against_counters(self, site_id: str, day: Day, now: datetime) -> Against:
        """What speaks against the people counters of a site."""
        tests = self.self_tests.get(site_id)
        return {} if tests is None else tests.against(day, now)

    async def ticket(self, token: str) -> Found:
        """The ticket that `token` opens, at whichever site it was issued today.

        Raises:
            HTTPException: 404, there is none.
            SiteDown: it may be of a site that does not serve.
        """
        found = await self.ticket_or_none(token)
        if found is None:
            for site in self.sites.values():
                if not site.serves:
                    raise SiteDown(site.id)
            raise HTTPException(404, detail=Code.UNKNOWN_TICKET)
        return found

    async def ticket_or_none(self, token: str) -> Found | None:
        """Like `ticket`, for a token that may well be of yesterday."""
        if not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
            return None
        hashed = token_hash(token)
        for site in self.open_sites:
            found = await site.read(partial(readings.ticket_by_hash, hashed))
            if found is not None:
                return Found(site, *found)
        return None

    def ticket_url(self, site: Site, token: str) -> str:
        """The whole address of the page that `token` opens, as phones and slips know it."""
        return f"{site.lobby.site.public_url or self.public_url}{ticket_path(token)}"


def ticket_path(token: str) -> str:
    """Where the page that `token` opens is, on this hub."""
    return f"/t/{token}"


def web_of(connection: HTTPConnection) -> Web:
    """The `Web` of the application that serves this request."""
    return cast(Web, connection.app.state.web)
