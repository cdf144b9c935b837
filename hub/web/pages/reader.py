"""Who reads a page of a lobby: at which site, and in which language.

It knows what the pages of every lobby have in common, and nothing of what any of them says.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hub.day.model import Day
from hub.self_tests import Against
from hub.site import Answer, Site
from hub.web import language as languages
from hub.web.context import Web, web_of
from hub.web.gate import site_of
from wire.messages import Outcome
from words.refusals import sentence


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who has asked for a page of a lobby, or sent a form of one."""

    request: Request
    web: Web
    site: Site
    offered: tuple[str, ...]
    """The languages that she may choose."""
    language: str

    def page(self, template: str, *, status_code: int = 200, here: str = "", **values: Any) -> Response:
        """A whole page of the lobby in her language. `here` is where it can be asked for again, when that is not the
        request's own path."""
        return self.web.drawing.page(
            self.request,
            template,
            self.language,
            self.offered,
            status_code=status_code,
            here=here,
            site=self.site.id,
            title=self.site.lobby.site.name,
            **values,
        )

    def against_counters(self, day: Day, now: datetime) -> Against:
        """What speaks against the people counters of the site."""
        return self.web.against_counters(self.site.id, day, now)

    def refusal(self, done: Answer) -> str:
        """Why the day refused what she asked for, in a sentence; empty if it did not."""
        if done.outcome is Outcome.DONE:
            return ""
        return sentence(done.code, done.facts, self.language, self.site.lobby.site.time_zone)


def reader_of(request: Request, site: str) -> Reader:
    """The reader of a page of the site of this name.

    Raises:
        HTTPException: 404, there is none.
    """
    return reader_at(request, site_of(request, site))


def reader_at(request: Request, site: Site) -> Reader:
    """The reader of a page that belongs to `site` though its address does not name it."""
    offered = languages.offered(site.lobby.site.languages)
    return Reader(request, web_of(request), site, offered, languages.choose(request, offered))
