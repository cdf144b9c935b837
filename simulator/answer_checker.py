"""What was promised is so: an answer follows its commit, stands in the journal, and is the same however often asked.

It holds every receipt and every page's answer against the journal's rows and the answers that it keeps. The stamps of
events are held against the fingers that pressed.
"""

from collections.abc import Iterator
from itertools import chain

from hub.day import events
from hub.journal import Entry
from simulator.checkers import number_of
from simulator.evidence import Evidence
from simulator.webs import Wish
from wire.messages import CheckInRequest, Event, Key, Outcome, Press, Receipt, TicketGiven, TicketRequest

DURABLE_S = 0.0001
"""A commit takes longer than this: whoever speaks of it sooner has not waited for it."""

EFFECTS: dict[str, tuple[type[events.AnyEvent], ...]] = {
    "next": (events.TicketCalled, events.TicketServed, events.TicketTransferred),
    "call": (events.TicketCalled,),
    "recall": (events.TicketRecalled,),
    "no-show": (events.TicketMissed, events.TicketClosed),
    "start": (events.ServiceStarted,),
    "finish": (events.TicketServed, events.TicketTransferred),
    "park": (events.TicketParked,),
    "undo": (events.CallUndone,),
    "open": (events.DeskOpened,),
    "close": (events.DeskClosed,),
    "transfer": (events.TicketTransferred,),
}
"""What a key or button that was done has left in the journal."""


def answer_violations(it: Evidence) -> Iterator[str]:
    """Receipts and answers that were not true, or not for good."""
    yield from (f"{name} was asked again, and decided anew" for name in it.record.decided_again)
    yield from _receipts(it)
    yield from _done_presses(it)
    yield from _tickets_of_kiosks(it)
    yield from _hasty(it)
    yield from _web_answers(it)


def mark_of(device: str, event: Event) -> str:
    """Under which name the answer to an event is kept."""
    if isinstance(event.body, TicketRequest | CheckInRequest):
        return f"request/{event.body.request}"
    if isinstance(event.body, TicketGiven):
        return f"offline/{event.body.request}"
    return f"{device}/{event.session}/{event.seq}"


def _receipts(it: Evidence) -> Iterator[str]:
    said: dict[tuple[str, int], Receipt] = {}
    for heard, receipt in it.each(Receipt):
        name = f"event {receipt.event_seq} of {heard.device}"
        asked = it.fresh_events.get((receipt.session, receipt.event_seq))
        if asked is None or not isinstance(asked.message, Event):
            yield f"{name} was answered and never said"
            continue
        before = said.setdefault((receipt.session, receipt.event_seq), receipt)
        if (receipt.outcome, receipt.code, receipt.facts) != (before.outcome, before.code, before.facts):
            yield f"{name} was answered with {_words(before)}, and then with {_words(receipt)}"
        mark = it.marks.get(mark_of(heard.device, asked.message))
        if mark is None:
            if heard.at_s >= it.marks_from_s:
                yield f"{name} was answered with {_words(receipt)}, which nobody remembers"
        elif (mark.answer.outcome, mark.answer.code) != (receipt.outcome, receipt.code):
            yield f"{name} was answered with {_words(receipt)}, and what is kept is {mark.answer.outcome.value}"
        elif heard.at_s < it.mark_s(mark) + DURABLE_S:
            yield f"{name} was answered at {heard.at_s:.4f} s, before that was durable"


def _words(receipt: Receipt) -> str:
    return f"{receipt.outcome.value} {receipt.code}".strip()


def _done_presses(it: Evidence) -> Iterator[str]:
    """A press that was done has done it: at that very instant, at its desk."""
    desks = {device.address: device.desk for device in it.lobby.devices}
    rows: dict[tuple[str, float], list[Entry]] = {}
    for row in it.entries:
        if desk := getattr(row.event, "desk", ""):
            rows.setdefault((desk, it.row_s(row)), []).append(row)
    closed = {(row.event.ticket, it.row_s(row)) for row in it.entries if isinstance(row.event, events.TicketClosed)}
    for heard in it.fresh_events.values():
        event = heard.message
        if not isinstance(event, Event) or not isinstance(event.body, Press):
            continue
        mark = it.marks.get(mark_of(heard.device, event))
        if mark is None or mark.answer.outcome is not Outcome.DONE:
            continue
        at_s, desk, key = it.mark_s(mark), desks.get(heard.device, ""), event.body.key
        kinds = EFFECTS[key.value]
        is_closed = key is Key.NO_SHOW and (mark.answer.ticket, at_s) in closed
        if not is_closed and not any(isinstance(row.event, kinds) for row in rows.get((desk, at_s), [])):
            yield f"{key.value} of {heard.device} was done at {at_s:.3f} s, and the journal does not know of it"


def _tickets_of_kiosks(it: Evidence) -> Iterator[str]:
    """A kiosk's wish that was granted is one ticket, and every ticket of a kiosk is one such wish."""
    issued = {row.event.ticket: row for row in it.entries if isinstance(row.event, events.TicketIssued)}
    wished: dict[str, str] = {}
    for heard, event in it.each(Event):
        if isinstance(event.body, TicketRequest | CheckInRequest):
            wished[event.body.request] = heard.device
    granted: dict[str, str] = {}
    for request, device in wished.items():
        mark = it.marks.get(f"request/{request}")
        if mark is None or mark.answer.outcome is not Outcome.DONE or not mark.answer.ticket:
            continue  # without a ticket its kiosk had helped the visitor already
        row = issued.get(mark.answer.ticket)
        if row is None or row.at != mark.at:
            yield f"{device} was promised a ticket that the journal does not know"
        elif isinstance(row.event, events.TicketIssued) and mark.answer.facts.get("number") != number_of(row.event):
            yield f"{device} was promised {mark.answer.facts.get('number')}, and got {number_of(row.event)}"
        if mark.answer.ticket in granted:
            yield f"two wishes of kiosks are one ticket, {it.numbers.get(mark.answer.ticket)}"
        granted[mark.answer.ticket] = request
    for ticket, row in issued.items():
        assert isinstance(row.event, events.TicketIssued)
        by_hub = row.event.channel == "kiosk" and not row.event.offline
        if by_hub and ticket not in granted and it.row_s(row) >= it.marks_from_s:
            yield f"{it.numbers[ticket]} was issued at a kiosk, and no wish of a kiosk asked for it"


def _hasty(it: Evidence) -> Iterator[str]:
    """The hub speaks of nothing that is not durable yet."""
    durable_s = [float("-inf"), *(it.row_s(row) + DURABLE_S for row in it.entries)]
    for at_s, topic, message in it.from_hub:
        if message.seq >= len(durable_s):
            yield f"{topic} speaks of row {message.seq}, and the journal ends at {len(durable_s) - 1}"
        elif at_s < durable_s[message.seq]:
            yield f"{topic} spoke at {at_s:.4f} s of row {message.seq}, before it was durable"


def _web_answers(it: Evidence) -> Iterator[str]:
    hashes: dict[str, float] = {}
    rows: dict[str, list[Entry]] = {}
    for row in it.entries:
        if isinstance(row.event, events.TicketIssued):
            # The next day knows nothing of this one's tokens: chance that repeats itself may give one out again.
            hashes.setdefault(row.event.token_hash, it.row_s(row))
        rows.setdefault(getattr(row.event, "desk", ""), []).append(row)
    first_s: dict[str, float] = {}
    promised: dict[str, str] = {}
    for wish in it.wishes:
        # Who asks again with the same name is told what came of it the first time.
        name = f"{wish.path} {wish.request}" if wish.request else f"{wish.path} {wish.began_s}"
        began_s = first_s.setdefault(name, wish.began_s)
        if wish.token_hash:
            if wish.ended_s < hashes.get(wish.token_hash, float("inf")) + DURABLE_S:
                yield f"{wish.path} was answered at {wish.ended_s:.3f} s with a ticket that was not durable"
            if wish.request and promised.setdefault(wish.request, wish.token_hash) != wish.token_hash:
                yield f"request {wish.request} of {wish.path} was answered with two tickets"
        elif wish.is_done and wish.action in EFFECTS and not _is_in(it, wish, began_s, rows):
            yield f"{wish.path} was done at {wish.ended_s:.3f} s, and the journal does not know of it"


def _is_in(it: Evidence, wish: Wish, began_s: float, rows: dict[str, list[Entry]]) -> bool:
    kinds = EFFECTS[wish.action]
    # Who was closed at a desk because she did not come is a row without a desk.
    near = chain(rows.get(wish.desk, []), rows.get("", []) if wish.action == "no-show" else [])
    return any(
        isinstance(row.event, kinds) and began_s <= it.row_s(row) + 1e-6 and it.row_s(row) + DURABLE_S <= wish.ended_s
        for row in near
    )
