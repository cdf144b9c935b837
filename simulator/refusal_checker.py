"""Whether a desk was told "no" for a reason: nobody waits whom it may call, its room has no place, it is too late to
undo.

Rows say what happened, so nobody who reads them alone sees what should have happened and did not. It holds the
answers to desks against the lobby as it was at that instant, with the reasoning of the other checkers. Nobody knows
which of the rows of that very instant came before the answer: it is wrong when it would be so after any of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.journal import Entry
from simulator.answer_checker import mark_of
from simulator.evidence import Evidence
from simulator.rule_checker import RuleChecker
from wire.messages import Event, Press

UNDO = timedelta(seconds=10)
"""As `docs/rules.md` promises."""
NOBODY = frozenset({"nobody-waiting", "no-place"})
TOO_LATE = "undo-too-late"
KEYS = {"next": NOBODY, "undo": frozenset({TOO_LATE})}
"""What is asked to the answers that are looked at."""


@dataclass(kw_only=True)
class Refused:
    """A desk's wish that was not granted."""

    at: datetime
    desk: str
    code: str
    wrongly: list[str] = field(default_factory=list)
    """Why it could have been granted: in words, or nothing, for each state of the lobby at that instant."""

    @property
    def sentence(self) -> str:
        """What was wrong; empty if it may have been right."""
        if not self.wrongly or not all(self.wrongly):
            return ""
        return f"{self.desk} was told {self.code} at {self.at:%H:%M:%S}, and {self.wrongly[-1]}"


def refusal_violations(it: Evidence) -> Iterator[str]:
    """Answers to the keys and buttons of desks that were wrong."""
    yield from wrongly_refused(it.entries, [*_of_panels(it), *_of_pages(it)])


def _of_panels(it: Evidence) -> Iterator[Refused]:
    desks = {device.address: device.desk for device in it.lobby.devices if device.desk}
    for heard in it.fresh_events.values():
        event = heard.message
        if isinstance(event, Event) and isinstance(event.body, Press) and heard.device in desks:
            yield from _refused(it, mark_of(heard.device, event), desks[heard.device], event.body.key.value)


def _of_pages(it: Evidence) -> Iterator[Refused]:
    for name, desk, action in dict.fromkeys((wish.request, wish.desk, wish.action) for wish in it.wishes):
        yield from _refused(it, f"request/{name}", desk, action)


def _refused(it: Evidence, name: str, desk: str, asked: str) -> Iterator[Refused]:
    mark = it.marks.get(name)
    if mark is not None and mark.answer.code in KEYS.get(asked, ()):
        yield Refused(at=mark.at, desk=desk, code=mark.answer.code)


def wrongly_refused(entries: Sequence[Entry], refused: Iterable[Refused]) -> Iterator[str]:
    """A sentence for each of the refusals that was wrong."""
    checker, open_ones = RuleChecker(), sorted(refused, key=lambda it: it.at)
    for entry in entries:
        while open_ones and open_ones[0].at < entry.at:
            yield from _told(checker, open_ones.pop(0))
        for one in open_ones:
            if one.at > entry.at:
                break
            _look(checker, one)
        list(checker.take(entry))  # what is wrong with it is said elsewhere
    for one in open_ones:
        yield from _told(checker, one)


def _told(checker: RuleChecker, one: Refused) -> Iterator[str]:
    """Nothing more happened at that instant."""
    _look(checker, one)
    if one.sentence:
        yield one.sentence


def _look(checker: RuleChecker, one: Refused) -> None:
    """Note whether the refusal is wrong as the lobby stands."""
    desk = checker.day.desks.get(one.desk) if checker.day is not None else None
    if desk is None or not desk.is_open:
        return
    why = ""
    if one.code == TOO_LATE:
        if desk.call is not None and one.at - desk.call.at <= UNDO:
            why = f"its call was {(one.at - desk.call.at).total_seconds():g} s old"
    elif desk.ticket:
        return  # she would have been finished, and nothing refused
    elif (choice := checker.next_for(one.desk, one.at)) is not None:
        why = f"could call {choice.ticket.number} ({choice.rule})"
    one.wrongly.append(why)
