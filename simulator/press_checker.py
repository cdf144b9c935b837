"""A press means one thing once, now: it calls nobody when it is old, and nobody is called without one.

It holds every call of the journal against the fingers on panels and the buttons of pages, and every press that was
said against the finger, the run of the hub that it was stamped in, and what else had happened at its desk.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from edge.debounce import QUIET_S
from hub.day import events
from simulator.answer_checker import mark_of
from simulator.evidence import Evidence, Heard
from simulator.record import Pressed
from wire.messages import Event, Key, Outcome, Press, Receipt, TicketRequest

PRESS_MAX_S = 8.0
REQUEST_MAX_S = 8.0
"""Who pressed longer ago means it no more; declared in `docs/press.md`."""
WISH_MAX_S = 20.0
"""So long a visitor stands before a kiosk: another press of the key may be the same wish."""
TIMES_S = 0.05
"""Clocks are told in whole milliseconds, and a commit takes a few of them."""
STAMP_S = 0.003
SILENT_MAX_MS = 3_000
"""So old may the hub's clock be that a press is stamped with."""
WEB_MAX_S = 60.0
"""A request that was never answered may still have done something for so long."""
HEALED_S = 12.0
"""After trouble, and after power came, whatever is pressed is heard."""
HEARD_S = 2.0
"""So soon is it answered, in calm."""

AT_DESK = (
    events.DeskOpened,
    events.DeskClosed,
    events.TicketCalled,
    events.CallUndone,
    events.TicketRecalled,
    events.TicketMissed,
    events.TicketParked,
    events.TicketTransferred,
    events.ServiceStarted,
    events.TicketServed,
)
"""What moves a desk on. That a visitor is closed there does too, and does not name the desk."""


def press_violations(it: Evidence) -> Iterator[str]:
    """Calls that nobody asked for, and presses that were taken for what they were not."""
    fingers = _Fingers(it)
    yield from fingers.violations()
    yield from _stale(it, fingers)
    yield from _moved_on(it)
    yield from _unasked_calls(it, fingers)
    yield from _unheard(it, fingers)


class _Fingers:
    """Which finger is behind which event."""

    def __init__(self, it: Evidence) -> None:
        self._it = it
        self._free: dict[tuple[str, str], list[Pressed]] = defaultdict(list)
        for press in it.record.presses:
            self._free[press.device, press.key].append(press)
        self.of_event: dict[tuple[str, int], Pressed] = {}
        self.events_of: dict[Pressed, Heard] = {}
        self._found = list(self._match())

    def violations(self) -> Iterator[str]:
        """Events that say what no finger did, or not then."""
        yield from self._found

    def _match(self) -> Iterator[str]:
        for (session, seq), heard in self._it.fresh_events.items():
            event = heard.message
            assert isinstance(event, Event)
            if not isinstance(event.body, Press | TicketRequest) or event.heard is None:
                continue
            if event.heard.since_ms > SILENT_MAX_MS:
                yield f"{heard.device} sent a press though it had not heard the hub for {event.heard.since_ms} ms"
            key = event.body.key.value if isinstance(event.body, Press) else event.body.service
            at_s = (event.heard.ms + event.heard.since_ms) / 1_000
            press = next((p for p in self._free[heard.device, key] if abs(p.at_s - at_s) <= STAMP_S), None)
            if press is None:
                # Anybody may say so; who believes it has not looked.
                mark = self._it.marks.get(mark_of(heard.device, event))
                if mark is not None and mark.answer.outcome is Outcome.DONE:
                    yield f"{heard.device} says that {key} was pressed at {at_s:.3f} s, and nobody did"
                continue
            self._free[heard.device, key].remove(press)
            self.of_event[session, seq], self.events_of[press] = press, heard


def _stale(it: Evidence, fingers: _Fingers) -> Iterator[str]:
    """What was done was pressed a moment before, and stamped by the hub that did it."""
    began_s = {life.boot: life.began_s for life in it.hubs}
    ordered = [life.boot for life in it.hubs]
    for (session, seq), press in fingers.of_event.items():
        heard = it.fresh_events[session, seq]
        event = heard.message
        assert isinstance(event, Event)
        assert event.heard is not None
        mark = it.marks.get(mark_of(heard.device, event))
        if mark is None or mark.answer.outcome is Outcome.EXPIRED:
            continue
        done_s, max_s = it.mark_s(mark), PRESS_MAX_S if isinstance(event.body, Press) else REQUEST_MAX_S
        if done_s - press.at_s > max_s + TIMES_S:
            yield f"{press.key} of {heard.device} was taken {done_s - press.at_s:.1f} s after it was pressed"
        boot = event.heard.boot
        later = ordered[ordered.index(boot) + 1 :] if boot in began_s else ordered[:1]
        if later and done_s > began_s[later[0]]:
            yield f"{press.key} of {heard.device} was taken by another run of the hub than it was stamped in"


class _Sight(NamedTuple):
    """A wish at a desk that was fulfilled, and what its finger had seen."""

    desk: str
    seen: int
    done_s: float
    """Not before."""
    who: str


def _moved_on(it: Evidence) -> Iterator[str]:
    """Whoever presses has seen the desk as it is: nothing happened there between what was seen and what was done."""
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in it.entries:
        if isinstance(row.event, AT_DESK):
            rows[row.event.desk].append((row.seq, it.row_s(row)))
    seen_by: dict[tuple[str, int], str] = {}
    for desk, seen, done_s, who in (*_sights_of_panels(it), *_sights_of_pages(it)):
        if (desk, seen) in seen_by:
            yield f"{who} and {seen_by[desk, seen]} had both seen {desk} as it was at row {seen}, and both were done"
        seen_by[desk, seen] = who
        # Rows are committed in their order: the first one since then was the soonest.
        since = bisect_right(rows[desk], (seen, float("inf")))
        if since < len(rows[desk]) and rows[desk][since][1] < done_s - TIMES_S:
            yield f"{who} was done at {done_s:.3f} s, though {desk} had moved on from row {seen}"


def _sights_of_panels(it: Evidence) -> Iterator[_Sight]:
    desks = {device.address: device.desk for device in it.lobby.devices}
    for heard in it.fresh_events.values():
        event = heard.message
        if isinstance(event, Event) and isinstance(event.body, Press):
            mark = it.marks.get(mark_of(heard.device, event))
            if mark is not None and mark.answer.outcome is Outcome.DONE:
                yield _Sight(desks.get(heard.device, ""), event.body.seen, it.mark_s(mark), heard.device)


def _sights_of_pages(it: Evidence) -> Iterator[_Sight]:
    """Who asks again with the same name is told what came of it, whatever has happened since."""
    named: set[str] = set()
    for wish in it.wishes:
        name = f"{wish.path} {wish.request or wish.began_s}"
        if wish.is_done and wish.seen is not None and name not in named:
            named.add(name)
            yield _Sight(wish.desk, wish.seen, wish.began_s, wish.path)


class _Token(NamedTuple):
    """Something that may account for one call."""

    until_s: float
    from_s: float


def _unasked_calls(it: Evidence, fingers: _Fingers) -> Iterator[str]:
    """Every call has a finger or a page's button of its own, of the moment before."""
    desks = {device.address: device.desk for device in it.lobby.devices if device.desk}
    answers = {(receipt.session, receipt.event_seq): receipt.outcome for _, receipt in it.each(Receipt)}
    tokens: dict[str, list[_Token]] = defaultdict(list)
    for press in it.record.presses:
        heard = fingers.events_of.get(press)
        if press.key != Key.NEXT or press.device not in desks or heard is None:
            continue
        event = heard.message
        assert isinstance(event, Event)
        if answers.get((event.session, event.seq)) in (None, Outcome.DONE):
            tokens[desks[press.device]].append(_Token(press.at_s + PRESS_MAX_S + TIMES_S, press.at_s))
    named: set[tuple[str, str]] = set()
    for wish in it.wishes:
        if wish.action not in ("next", "call") or not (wish.is_done or not wish.is_answered):
            continue
        if wish.request and (wish.path, wish.request) in named:
            continue
        named.add((wish.path, wish.request))
        tokens[wish.desk].append(_Token(wish.ended_s + (0.0 if wish.is_done else WEB_MAX_S), wish.began_s))
    calls: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in it.entries:
        if isinstance(row.event, events.TicketCalled):
            calls[row.event.desk].append((it.row_s(row), it.numbers[row.event.ticket]))
    for desk, of_desk in calls.items():
        yield from _unmatched(desk, of_desk, sorted(tokens[desk], key=lambda token: token.from_s))


def _unmatched(desk: str, calls: list[tuple[float, str]], tokens: list[_Token]) -> Iterator[str]:
    """Each call takes the token that would be useless first."""
    usable: list[_Token] = []
    waiting = iter(tokens)
    following = next(waiting, None)
    for at_s, number in calls:
        while following is not None and following.from_s <= at_s + STAMP_S:
            heappush(usable, following)
            following = next(waiting, None)
        while usable and usable[0].until_s < at_s:
            heappop(usable)
        if not usable:
            yield f"{desk} called {number} at {at_s:.3f} s, and no press or button of that moment asked for it"
        else:
            heappop(usable)


def _moves(it: Evidence) -> dict[str, list[float]]:
    """When each desk moved on; all of them do when the day turns."""
    turns = [it.row_s(row) for row in it.entries if isinstance(row.event, events.DayOpened)]
    moves: dict[str, list[float]] = defaultdict(turns.copy)
    desk_of: dict[str, str] = {}
    """Whoever is called, or was: what does not name its desk is most often of her who is there."""
    for row in it.entries:
        event = row.event
        if isinstance(event, AT_DESK):
            moves[event.desk].append(it.row_s(row))
            if isinstance(event, events.TicketCalled):
                desk_of[event.ticket] = event.desk
        elif isinstance(event, events.TicketClosed | events.TicketMerged) and event.ticket in desk_of:
            moves[desk_of[event.ticket]].append(it.row_s(row))
    return moves


def _unheard(it: Evidence, fingers: _Fingers) -> Iterator[str]:
    """In calm a press is heard and answered at once, and is not taken for one at a desk that has moved on."""
    answered: dict[tuple[str, int], tuple[float, str]] = {}
    for heard, receipt in it.each(Receipt):
        answered.setdefault((receipt.session, receipt.event_seq), (heard.at_s, receipt.code))
    desks = {device.address: device.desk for device in it.lobby.devices if device.desk}
    moves = _moves(it)
    for press in _calm_presses(it, desks):
        said = fingers.events_of.get(press)
        if said is None:
            yield f"{press.key} of {press.device} was pressed at {press.at_s:.3f} s, in calm, and never sent"
            continue
        assert isinstance(said.message, Event)
        at_s, code = answered.get((said.message.session, said.message.seq), (float("inf"), ""))
        if at_s > press.at_s + HEARD_S:
            yield f"{press.key} of {press.device} at {press.at_s:.3f} s, in calm, was not answered in time"
        elif code == "moved-on" and press.device in desks:
            before_s = press.at_s - HEARD_S
            if not any(before_s <= move_s <= at_s for move_s in moves[desks[press.device]]):
                yield f"{press.device} had not seen for {HEARD_S:g} s what happened at its desk"


def _calm_presses(it: Evidence, panels: Container[str]) -> Iterator[Pressed]:
    """Presses around which nothing went wrong, and that are no repetitions."""
    last_s: dict[tuple[str, str], float] = {}
    for press in it.record.presses:
        again_s = press.at_s - last_s.get((press.device, press.key), float("-inf"))
        last_s[press.device, press.key] = press.at_s
        # A second press of a kiosk's key is the same wish, one that bounces the same press.
        is_new = again_s >= (QUIET_S if press.device in panels else WISH_MAX_S)
        to_s = press.at_s + HEARD_S
        if not is_new or press.at_s < HEALED_S or to_s > it.ends_s:
            continue
        if it.record.is_calm(press.device, press.at_s - HEALED_S, to_s):
            yield press
