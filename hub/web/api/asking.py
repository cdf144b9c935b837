"""Who asks for something at a desk through the API, and how that is answered: the same for every wish."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from hub.day.refusal import Code
from hub.site import Answer, Site
from hub.web import readings
from hub.web.api.shapes import DeskAnswer, IdempotencyKey, answer
from hub.web.gate import site_of
from hub.web.problems import problem, refused
from wire.messages import Outcome


class Named(Protocol):
    """A wish that may have a name."""

    request_id: str | None


@dataclass(frozen=True, slots=True)
class Asker:
    """Staff of a desk."""

    request: Request
    site: Site
    desk: str
    idempotency_key: str | None

    def request_id(self, wish: Named) -> str:
        """The name of the wish; empty if it has none."""
        return wish.request_id or self.idempotency_key or ""

    async def answer(self, done: Answer) -> Response:
        """What the wish came to."""
        if done.outcome is not Outcome.DONE:
            return refused(self.request, self.site, done)
        view = await self.site.read(partial(readings.desk, self.desk))
        if view is None:  # The wish was answered on an earlier day, and the desk is described no more.
            return problem(self.request, 404, Code.UNKNOWN_DESK, site=self.site)
        number = await self.site.read(partial(readings.number, done.ticket))
        return answer(DeskAnswer(number=number, desk=view))


async def _asker(request: Request, site: str, desk: str, idempotency_key: IdempotencyKey = None) -> Asker:
    return Asker(request, site_of(request, site), desk, idempotency_key)


AtDesk = Annotated[Asker, Depends(_asker)]
