"""What travels is in order and says nothing that it must not: terms and positions, totals, secrets.

It reads what the broker took, as a curious stranger could who is connected to it.
"""

from collections import defaultdict
from collections.abc import Iterator, Set
from string import ascii_letters, digits

from hub.day import events, people_events
from simulator.evidence import Evidence, Shown
from wire import topics
from wire.messages import CheckInRequest, Count, Event, Job, PrintSlip, TicketRequest
from wire.topics import Leaf

TOKEN_LETTERS = 22
"""Tickets' addresses end in a word of so many letters; so do other names that are not secret."""
LETTERS = f"{ascii_letters}{digits}_-".encode()
"""Of such words."""
SHAPE = bytes(ord("x" if it in LETTERS else " ") for it in range(256))
"""What tells words from what stands between them: each letter becomes an x, every other byte a space."""
ROOM = b"x" * TOKEN_LETTERS
"""What the shortest word has for a shape that has room for a token."""
STUCK = "chance-repeats"
"""The mishap in which new names are those of before."""
CALM_S = 10.0
"""At the end, so that the newest totals have arrived."""


def wire_violations(it: Evidence) -> Iterator[str]:
    """Messages that nobody should have sent, or not then."""
    yield from _order(it)
    yield from _terms(it)
    yield from _boots(it)
    yield from _secrets(it)
    yield from _totals(it)


def _order(it: Evidence) -> Iterator[str]:
    """What the broker keeps for a device never goes back behind what it kept before."""
    newest: dict[str, tuple[int, int]] = {}
    for heard, show in it.each(Shown):
        place, before = (show.term, show.seq), newest.get(heard.device, (0, 0))
        if place < before:
            yield f"{heard.device} was shown row {show.seq} of term {show.term} after row {before[1]} of {before[0]}"
        newest[heard.device] = max(place, before)


def _terms(it: Evidence) -> Iterator[str]:
    """The hub speaks as the owner that it was at that place of the journal."""
    term, terms = 0, [0]
    for row in it.entries:
        if isinstance(row.event, events.TookOver):
            term = row.event.term
        terms.append(term)
    told: set[str] = set()
    for at_s, topic, message in it.from_hub:
        if message.seq < len(terms) and terms[message.seq] != message.term and str(topic) not in told:
            told.add(str(topic))
            yield f"{topic} spoke at {at_s:.3f} s for term {message.term}, and row {message.seq} is of another"


def _boots(it: Evidence) -> Iterator[str]:
    """Each run of the hub has a name of its own, or presses of one would pass for those of another."""
    for life in it.hubs:
        began = [at_s for at_s in it.record.starts_s if life.began_s < at_s <= life.ended_s]
        if began and not any(trouble.kind == STUCK for trouble in it.record.troubles):
            yield f"the hub that started at {began[0]:.1f} s has the name of the one before"


def _secrets(it: Evidence) -> Iterator[str]:
    """A ticket's address is for its visitor: it travels to the printer of the slip, to a kiosk that says that it shows
    tickets, and nowhere else."""
    jobs = (job for _, job in it.each(Job))
    addresses = (job.body.ticket_url for job in jobs if isinstance(job.body, PrintSlip))
    given = (asked.answer.headers.get("location", "") for asked in it.record.asked if asked.answer is not None)
    tokens = {address.rpartition("/")[2].encode() for address in (*addresses, *given) if "/t/" in address}
    asked = [(heard.topic, event.body) for heard, event in it.each(Event)]
    shown = {
        topics.receipt(topic.site, topic.node, topic.device)
        for topic, body in asked
        if isinstance(body, TicketRequest | CheckInRequest) and body.shows
    }
    spoken: defaultdict[str, list[bytes]] = defaultdict(list)
    for said in it.record.said:
        spoken[said.topic].append(said.payload)
    for topic, payloads in spoken.items():
        # The hub's clock has no room for anybody's name.
        if topic.endswith(f"/{Leaf.JOB}") or topic in shown or topics.is_hub_time(topic):
            continue
        if _is_private(b"\n".join(payloads), tokens):
            first = next(payload for payload in payloads if _is_private(payload, tokens))
            yield f"{topic} carries what is a visitor's own: {first[:80]!r}"


def _is_private(said: bytes, tokens: Set[bytes]) -> bool:
    """Whether there is an address in it, or a word that has the token of a ticket in it."""
    if b"/t/" in said or b"@" in said:
        return True
    return any(
        word[at : at + TOKEN_LETTERS] in tokens
        for word in _long_words(said)
        for at in range(len(word) - TOKEN_LETTERS + 1)
    )


def _long_words(said: bytes) -> set[bytes]:
    """Those that have room for a token."""
    shape, words, end = said.translate(SHAPE) + b" ", set[bytes](), 0
    while (begin := shape.find(ROOM, end)) >= 0:
        end = shape.find(b" ", begin)
        words.add(said[begin:end])
    return words


def _totals(it: Evidence) -> Iterator[str]:
    """The journal holds what counters said, in the order of their totals, and at the end all of it."""
    said: set[tuple[str, str, int, int]] = set()
    last: dict[str, Count] = {}
    for heard, count in it.each(Count):
        said.add((heard.device, count.epoch, count.entered, count.left))
        last[heard.device] = count
    newest: dict[tuple[str, str], tuple[int, int]] = {}
    current: dict[str, people_events.PeopleCounted] = {}
    for row in it.entries:
        event = row.event
        if not isinstance(event, people_events.PeopleCounted):
            continue
        totals, before = (event.entered, event.left), newest.get((event.device, event.epoch), (0, 0))
        if (event.device, event.epoch, *totals) not in said:
            yield f"{event.device} never said that {event.entered} came and {event.left} went"
        if totals[0] < before[0] or totals[1] < before[1]:
            yield f"{event.device} was believed that {totals} came and went, after {before}"
        newest[event.device, event.epoch], current[event.device] = totals, event
    fell_back = {row.event.device for row in it.entries if isinstance(row.event, people_events.TotalsFellBack)}
    for device, count in last.items():
        counted = current.get(device)
        if device in fell_back or not it.record.is_calm(device, it.ends_s - CALM_S, it.ends_s):
            continue
        if counted is None or (counted.epoch, counted.entered, counted.left) != (
            count.epoch,
            count.entered,
            count.left,
        ):
            yield f"{device} says at the end that {count.entered} came and {count.left} went, and nobody counted them"
