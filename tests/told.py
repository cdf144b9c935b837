"""Days for tests of the checkers: what is told truly, and a breach at the end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hub.day import events, inputs
from hub.day.decide import decide
from hub.day.events import AnyEvent
from hub.day.inputs import AnyInput
from hub.day.lobby import Lobby, Priority
from hub.day.refusal import Refusal
from hub.journal import Entry
from simulator.rule_checker import rule_violations
from tests.given import Story, a_lobby


class Told(Story):
    """A story that can tell what did not happen."""

    def __init__(self, lobby: Lobby | None = None) -> None:
        super().__init__(lobby or lobby_with())

    def says(self, event: AnyEvent) -> None:
        """The journal holds `event`, whatever the day would have decided."""
        self.journal.append((self.now, event))

    def decided(self, an_input: AnyInput) -> list[Any]:
        """What would follow."""
        answer = decide(self.day, an_input, self.now)
        assert not isinstance(answer, Refusal), answer
        return answer

    def says_otherwise(self, an_input: AnyInput, **otherwise: object) -> None:
        """The journal holds what `an_input` brings, but for what is said `otherwise` of its last event."""
        *before, last = self.decided(an_input)
        for event in (*before, msgspec.structs.replace(last, **otherwise)):
            self.says(event)

    @property
    def entries(self) -> list[Entry]:
        return rows_of(self)

    def next_key(self, desk: str = "1") -> inputs.CallNext:
        return inputs.CallNext(desk=desk, seen=None, by="page")

    def called(self, desk: str = "1", service: str = "passports") -> str:
        """Somebody comes and is called."""
        ticket = self.with_ticket(service)
        self.with_open_desk(desk).call_next(desk)
        assert self.day.desks[desk].ticket == ticket.id
        return ticket.id


def rows_of(story: Story) -> list[Entry]:
    """Its journal."""
    rows, day = [], ""
    for seq, (at, event) in enumerate(story.journal, start=1):
        day = str(event.day) if isinstance(event, events.DayOpened) else day
        rows.append(Entry(seq, day, at, event))
    return rows


def lobby_with(**site: Any) -> Lobby:
    """Desk 2 serves permits and helps out with passports; desk 3 serves permits alone."""
    lobby = a_lobby(desks=3, services_of={"2": ("permits",), "3": ("permits",)}, helps_of={"2": ("passports",)})
    child = Priority(id="small-child", name={}, earlier_s=120)
    return replace(lobby, site=replace(lobby.site, **site), priorities=(child,))


def take(ticket: str = "x", service: str = "passports", **more: Any) -> inputs.IssueTicket:
    return inputs.IssueTicket(
        ticket=ticket, token_hash=f"h-{ticket}", service=service, language="en", channel="phone", **more
    )


def called_event(told: Told, ticket: str, desk: str) -> events.TicketCalled:
    """A call by hand, whose facts are true."""
    it = told.day.tickets[ticket]
    return events.TicketCalled(ticket=ticket, desk=desk, rule="by-hand", due_at=it.due_at, overdue_max_s=600)


def later(told: Told, seconds: float) -> list[str]:
    """What is found when the journal's next row is so much later."""
    return list(
        rule_violations(
            [
                *told.entries,
                Entry(
                    len(told.entries) + 1,
                    "2026-03-02",
                    told.now + timedelta(seconds=seconds),
                    events.DeskOpened(desk="3"),
                ),
            ]
        )
    )


Spoil = Callable[[Told], None]


class Breaches:
    """Histories that are sound but for their last row."""

    def __init__(self) -> None:
        self.cases: list[Any] = []

    def __call__(self, sentence: str, **site: Any) -> Callable[[Spoil], Spoil]:
        """The history that follows makes a checker say this; `site` is how its lobby is set."""

        def noted(spoil: Spoil) -> Spoil:
            self.cases.append(pytest.param(sentence, spoil, site, id=spoil.__name__))
            return spoil

        return noted


def assert_named(sentence: str, spoil: Spoil, site: dict[str, Any]) -> None:
    """The breach, and nothing of the rows before it."""
    told = Told(lobby_with(**site))
    spoil(told)
    found = list(rule_violations(told.entries))
    assert any(sentence in it for it in found), found
    assert all(f"(row {len(told.entries)}," in it for it in found), "the rows before it are sound"
