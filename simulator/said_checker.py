"""What a node says of one finger: the same thing under one name, again until it is answered, and one wish per visitor.

It holds every event that the broker took against what was said before it, and against what the hub had answered then.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from simulator.evidence import Evidence, Heard
from simulator.record import Trouble
from wire.messages import Event, Job, Press, Receipt, TicketRequest

AGAIN_S = 5.0
"""So soon at the latest is said again what nobody has answered."""
HEALED_S = 6.0
"""After trouble a node is connected again."""
WISH_S = 9.5
"""A kiosk waits a little longer for the hub's slip; until then another press of the key is the same wish."""
BREAKS_CONNECTIONS = frozenset(
    {
        "broker-forgets",
        "broker-restart",
        "cut",
        "cut-at-request",
        "delay",
        "held-back",
        "power-cut",
        "power-cut-at-slip",
        "pressed-while-cut",
        "rough network",
        "switch",
    }
)
"""Kinds of trouble in which a node cannot say what it would."""
BREAKS_AT_ITS_END = "loss"


class _Told(NamedTuple):
    """An event and all the times that it was said."""

    heard: Heard
    event: Event
    at_s: list[float]


def said_violations(it: Evidence) -> Iterator[str]:
    """Events that were said otherwise, under two names, once only, or for one wish too often."""
    told: dict[tuple[str, int], _Told] = {}
    for heard, event in it.each(Event):
        before = told.setdefault((event.session, event.seq), _Told(heard, event, []))
        before.at_s.append(heard.at_s)
        if event != before.event:
            yield f"event {event.seq} of {heard.device} was said again at {heard.at_s:.3f} s, and not as before"
    asked = [one for one in told.values() if isinstance(one.event.body, Press | TicketRequest)]
    yield from _two_names(asked)
    yield from _said_once(it, asked)
    yield from _two_wishes(it, asked)


def _pressed_ms(event: Event) -> int:
    assert event.heard is not None
    return event.heard.ms + event.heard.since_ms


def _key(event: Event) -> str:
    return event.body.key.value if isinstance(event.body, Press) else getattr(event.body, "service", "")


def _two_names(asked: list[_Told]) -> Iterator[str]:
    first: dict[tuple[str, str, str, int], int] = {}
    for heard, event, _ in asked:
        if event.heard is None:
            continue
        finger = (heard.device, event.session, _key(event), _pressed_ms(event))
        seq = first.setdefault(finger, event.seq)
        if seq != event.seq:
            yield f"{heard.device} says of one finger that it was event {seq}, and event {event.seq}"


def _said_once(it: Evidence, asked: list[_Told]) -> Iterator[str]:
    """Nobody answers, the connection stands, and yet it is not said again."""
    answered = {(receipt.session, receipt.event_seq): heard.at_s for heard, receipt in reversed(it.each(Receipt))}
    for heard, event, at_s in asked:
        to_s = at_s[0] + AGAIN_S
        if len(at_s) > 1 and at_s[1] <= to_s:
            continue
        is_answered = answered.get((event.session, event.seq), float("inf")) <= to_s
        if not is_answered and to_s <= it.ends_s and _could_speak(it, heard.device, at_s[0] - HEALED_S, to_s):
            yield f"event {event.seq} of {heard.device} was said at {at_s[0]:.3f} s, not answered, and not said again"


def _could_speak(it: Evidence, device: str, from_s: float, to_s: float) -> bool:
    def is_in_the_way(trouble: Trouble) -> bool:
        if trouble.kind == BREAKS_AT_ITS_END:
            return from_s <= trouble.ended_s <= to_s
        is_then = trouble.began_s <= to_s and trouble.ended_s >= from_s
        return is_then and trouble.kind in BREAKS_CONNECTIONS and trouble.touches(device)

    return not any(is_in_the_way(trouble) for trouble in it.record.troubles)


def _two_wishes(it: Evidence, asked: list[_Told]) -> Iterator[str]:
    """Whoever presses a kiosk's key again before anything has come of it wishes for no second ticket."""
    ends_s: dict[str, list[float]] = defaultdict(list)
    """Of each node, when a wish may have ended: the hub has answered, or a slip has come."""
    for heard, _ in (*it.each(Receipt), *it.each(Job)):
        ends_s[heard.topic.node].append(heard.at_s)
    for cut in it.record.printed:
        ends_s[cut.printer.partition("/")[0]].append(cut.at_s)
    for of_node in ends_s.values():
        of_node.sort()
    wishes: dict[tuple[str, str, str], list[_Told]] = defaultdict(list)
    for one in asked:
        if isinstance(one.event.body, TicketRequest) and one.event.heard is not None:
            wishes[one.heard.device, one.event.session, one.event.body.service].append(one)
    for (device, _, service), of_key in wishes.items():
        at_s = sorted(_pressed_ms(one.event) / 1_000 for one in of_key)
        ended_s = ends_s[device.partition("/")[0]]
        for first_s, second_s in pairwise(at_s):
            place = bisect_left(ended_s, first_s)
            is_over = place < len(ended_s) and ended_s[place] <= second_s
            if second_s - first_s < WISH_S and not is_over:
                yield f"{device} asked twice for {service}, at {first_s:.3f} s and {second_s:.3f} s, for one visitor"
