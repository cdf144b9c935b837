"""What the rest of the hub may do with a site: submit inputs, read the committed day, wait for it to change.

Pages, API, intake and displays know this interface and nothing of writers or journals.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from hub.day.inputs import AnyInput
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.refusal import Refusal
from wire.messages import Fact, Outcome

RESERVED_SITES = frozenset(
    {
        *("account", "accounts", "acts", "api", "healthz", "metrics"),
        *("sign-in", "sign-out", "static", "t", "tokens", "welcome"),
    }
)
"""First parts of the hub's own web addresses; a site's id is one too."""

T = TypeVar("T")


class Answer(Struct, frozen=True, kw_only=True):
    """What became of an input; stored with its mark, so that a repeat gets the same answer."""

    outcome: Outcome
    code: str = ""
    """The refusal's code; empty when done."""
    facts: dict[str, Fact] = {}
    ticket: str = ""
    """The ticket that the input issued, called or ended; empty if none."""

    @classmethod
    def of(cls, refusal: Refusal) -> "Answer":
        outcome = Outcome.EXPIRED if refusal.code == "expired" else Outcome.REFUSED
        return cls(outcome=outcome, code=refusal.code, facts=refusal.facts)


class Site(Protocol):
    """One site of this hub."""

    @property
    def id(self) -> str: ...

    @property
    def lobby(self) -> Lobby: ...

    @property
    def serves(self) -> bool:
        """Whether it has a day. If not, as with a damaged journal, nothing can be had of it but its lobby: `submit`
        is refused with `unavailable`, and the others raise `hub.errors.SiteDown`."""

    async def submit(self, an_input: AnyInput, mark: str = "", who: str = "") -> Answer:
        """Decide `an_input` and return after its events are durable.

        `who` is the account or program that asks; what is done for one is noted as its act. Empty for visitors.

        `mark` names the wish behind it (a request id, `node/device/session/seq`): the same mark again is answered
        from the stored answer and changes nothing. Never raises for a domain "no"; when the journal cannot be
        written, or the queue is full, the answer is refused with `unavailable` and nothing happened.
        """

    async def submit_and_read(
        self, an_input: AnyInput, question: Callable[[Answer, Day, datetime], T], mark: str = "", who: str = ""
    ) -> tuple[Answer, T | None]:
        """Like `submit`, and what `question(answer, day, now)` finds as soon as all is durable: whoever reads after an
        answer may have to wait for the next commit. None unless the answer is `done`."""

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        """`question(day, now)` on committed state. It runs between two commits, must not wait, and must not keep
        the day or change it."""

    async def changed(self, after_seq: int) -> int:
        """Wait until the committed day is past journal position `after_seq`, or the minute has turned (estimates
        move with time); returns the position now."""
