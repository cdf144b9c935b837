"""What was acknowledged, held against what is left: each ticket, call, booking and slip is found exactly once.

The other way round, too: nothing is left that nobody asked for. It reads, and decides nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.drivers.fake_printer import PrintedCode, PrintedSlip
from hub.chain import Entry
from hub.day import events, number_events
from hub.journal import Mark
from hub.keyring import token_hash
from simulator.checkers import journal_violations, number_of
from simulator.hall import slip_of
from simulator.rule_checker import rule_violations
from tests.chaos.ledger import Kind, Ledger
from tests.chaos.people import IMPORTED
from tests.chaos.stage import DESKS, PRINTER
from tests.chaos.watch import Booked, JobRow

SETTLES = timedelta(seconds=12)
"""So long after a blow nodes, broker and hub have found each other, on a slow machine too."""
ASKED_EVERY = timedelta(seconds=31)
"""So often at least a printer is asked for a slip that it has not printed."""

PRESSES: dict[type, str] = {
    events.DeskOpened: "open",
    events.TicketCalled: "next",
    events.TicketRecalled: "recall",
    events.ServiceStarted: "start",
    events.TicketServed: "finish",
}
"""What a button leaves in the journal."""


@dataclass(kw_only=True)
class Left:
    """What a run has left behind."""

    entries: Sequence[Entry]
    marks: Mapping[str, Mark]
    jobs: Sequence[JobRow]
    booked: Sequence[Booked]
    down: Sequence[tuple[datetime, datetime]]
    """From and to when no hub served."""
    kills: Sequence[datetime]
    """Of whomever."""


@dataclass(kw_only=True)
class Verdict:
    """What was verified, and what is wrong."""

    tickets: int = 0
    calls: int = 0
    presses: int = 0
    """Calls among them."""
    bookings: int = 0
    slips: int = 0
    copies: int = 0
    """Slips that say that they are one."""
    expired: int = 0
    """Slips that nobody waited for any more: blows had fallen too fast."""
    own_numbers: int = 0
    """Tickets that the kiosk gave while it was cut off."""
    asked_again: int = 0
    """Wishes that were asked more than once."""
    answers_lost: int = 0
    """Of these, committed when they were asked the last time: the answer had got lost on its way."""
    rows: int = 0
    violations: list[str]


def judge(ledger: Ledger, left: Left) -> Verdict:
    """All of it."""
    its = _Judge(ledger, left)
    violations = [*ledger.faults, *its.violations()]
    done = [wish for wish in ledger.wishes if wish.is_done]
    return Verdict(
        tickets=len([it for it in done if it.kind in (Kind.TICKET, Kind.CHECK_IN)]),
        calls=len([it for it in done if it.action == "next" and it.answer["number"]]),
        presses=len(ledger.done(Kind.PRESS)),
        bookings=len(its.uids),
        slips=sum(len(cut) for cut in its.slips.values()),
        copies=sum(cut.count(True) for cut in its.slips.values()),
        expired=len(its.expired),
        own_numbers=its.own_numbers,
        asked_again=sum(wish.attempts > 1 for wish in done),
        answers_lost=its.answers_lost(),
        rows=len(left.entries),
        violations=violations,
    )


def strangers(slips: Sequence[PrintedSlip], entries: Sequence[Entry]) -> set[str]:
    """Numbers on slips that the journal does not know, or not yet: the kiosk hands in one after the other."""
    given = (row.event for row in entries if isinstance(row.event, events.TicketIssued | number_events.TicketAliased))
    printed = {slip_of(PRINTER, it).number for it in slips}
    return printed - {number_of(it) for it in given} - {""}


class _Judge:
    def __init__(self, ledger: Ledger, left: Left) -> None:
        self._ledger, self._left = ledger, left
        self.issued = [row.event for row in left.entries if isinstance(row.event, events.TicketIssued)]
        aliases: list[number_events.TicketAliased] = []
        aliases += [row.event for row in left.entries if isinstance(row.event, number_events.TicketAliased)]
        self.own_numbers = len(aliases) + sum(bool(it.offline) for it in self.issued)
        self._aliased = {it.ticket for it in aliases}
        """Issued by the hub, but its slip is the kiosk's own."""
        self.number_of_ticket = {it.ticket: number_of(it) for it in self.issued}
        self.uids = [f"{wish.request}-{n}" for wish in ledger.done(Kind.IMPORT) for n in range(IMPORTED)]
        self.slips: defaultdict[str, list[bool]] = defaultdict(list)
        """Ticket to the slips that were printed for it: whether each says that it is a copy."""
        self.expired = {job.ticket for job in left.jobs if job.has_expired and not self._had_time(job)}
        """Tickets whose slip could not be had while it was worth printing."""
        self._ticket_of_number = {number_of(it): it.ticket for it in self.issued}
        self._ticket_of_number |= {number_of(it): it.ticket for it in aliases}

    def violations(self) -> Iterator[str]:
        yield from self._answers()
        yield from self._tickets()
        yield from self._at_kiosk()
        for desk in DESKS:
            yield from self._presses(desk)
        yield from self._bookings()
        yield from self._check_ins()
        yield from self._slips_read()
        yield from self._slips_printed()
        yield from journal_violations(self._left.entries)
        yield from rule_violations(self._left.entries, down=self._left.down)

    def answers_lost(self) -> int:
        """Wishes that were done before they were asked the last time."""
        marks = {name.split("/")[1]: mark for name, mark in self._left.marks.items() if name.startswith("request/")}
        asked = [it for it in self._ledger.wishes if it.attempts > 1 and it.request in marks]
        return sum(it.last_asked_at is not None and marks[it.request].at < it.last_asked_at for it in asked)

    # --- wishes ------------------------------------------------------------------------------------------------

    def _answers(self) -> Iterator[str]:
        for it in self._ledger.wishes:
            if it.is_open:
                yield f"{it.path} ({it.request}) was never answered"
            elif it.status >= 400 and it.answer.get("code") != "nobody-waiting":
                yield f"{it.path} ({it.request}) was answered with {it.status} {it.answer}"

    # --- tickets -----------------------------------------------------------------------------------------------

    def _tickets(self) -> Iterator[str]:
        issued: defaultdict[str, list[str]] = defaultdict(list)
        for it in self.issued:
            issued[it.token_hash].append(number_of(it))
        promised: dict[str, str] = {}
        for wish in (*self._ledger.done(Kind.TICKET), *self._ledger.done(Kind.CHECK_IN)):
            number, its_hash = wish.answer["number"], token_hash(wish.answer["token"])
            if issued[its_hash] != [number]:
                yield f"{wish.request} was promised {number}, and the journal has {issued[its_hash] or 'no ticket'}"
            if its_hash in promised:
                yield f"{wish.request} and {promised[its_hash]} were promised the same ticket, {number}"
            promised[its_hash] = wish.request
        for it in self.issued:
            if it.channel == "api" and it.token_hash not in promised:
                yield f"{number_of(it)} was issued over the API, and nobody knows of it"

    def _at_kiosk(self) -> Iterator[str]:
        at_kiosk = [it for it in self.issued if it.channel == "kiosk"]
        if len(at_kiosk) > self._ledger.keys_pressed:
            yield f"the kiosk's keys were pressed {self._ledger.keys_pressed} times, for {len(at_kiosk)} tickets"
        for request, tickets in Counter(it.request for it in at_kiosk).items():
            if request and tickets > 1:
                yield f"one wish of the kiosk was given {tickets} tickets"

    # --- calls -------------------------------------------------------------------------------------------------

    def _presses(self, desk: str) -> Iterator[str]:
        """The journal has what the staff of the desk did, press by press in their order, and nothing else."""
        there = [row.event for row in self._left.entries if getattr(row.event, "desk", "") == desk]
        has = [
            (PRESSES[type(it)], self.number_of_ticket.get(getattr(it, "ticket", ""), ""))
            for it in there
            if type(it) in PRESSES
        ]
        done = [it for it in self._ledger.done(Kind.PRESS) if it.about == desk]
        promised = [(it.action, it.answer["number"]) for it in done]
        if has == promised:
            return
        differs = [n for n, (ours, theirs) in enumerate(zip(has, promised, strict=False)) if ours != theirs]
        at = min([*differs, len(has), len(promised)])
        yield (
            f"press {at + 1} of {len(promised)} at desk {desk} was {_shown(promised, at)}, "
            f"and the journal, which has {len(has)}, says {_shown(has, at)}"
        )

    # --- bookings ----------------------------------------------------------------------------------------------

    def _bookings(self) -> Iterator[str]:
        for wish in self._ledger.done(Kind.IMPORT):
            if wish.answer["refused"] or wish.answer["cancelled"]:
                yield f"{wish.request} was not taken whole: {wish.answer['refused']} {wish.answer['cancelled']}"
        rows = Counter(it.uid for it in self._left.booked if not it.is_cancelled)
        yield from (f"{uid} was booked, and the book has it {rows[uid]} times" for uid in self.uids if rows[uid] != 1)
        known = Counter(
            row.event.appointment for row in self._left.entries if isinstance(row.event, events.AppointmentKnown)
        )
        for opened in (row.event for row in self._left.entries if isinstance(row.event, events.DayOpened)):
            known.update(it.appointment for it in opened.appointments)
        asked_for = set(self.uids)
        for one in self._left.booked:
            if one.uid not in asked_for:
                yield f"the book has {one.uid}, and nobody was told"
            if known[one.id] != 1:
                yield f"{one.uid} is in the book, and the day knows it {known[one.id]} times"

    def _check_ins(self) -> Iterator[str]:
        tickets = Counter(it.appointment for it in self.issued if it.appointment)
        ids = {one.uid: one.id for one in self._left.booked}
        for wish in self._ledger.done(Kind.CHECK_IN):
            if (times := tickets[ids.get(wish.about, "")]) != 1:
                yield f"{wish.about} came once, and has {times} tickets"

    # --- slips -------------------------------------------------------------------------------------------------

    def _slips_read(self) -> Iterator[str]:
        """Whose each slip is."""
        hashes = {it.token_hash: it.ticket for it in self.issued}
        for printed in self._ledger.slips:
            slip = slip_of(PRINTER, printed)
            if not slip.number:
                continue  # it says that there is none, and where to go
            codes = [part.payload for part in printed.rows if isinstance(part, PrintedCode)]
            if (ticket := self._ticket_of_number.get(slip.number)) is None:
                yield f"a slip says {slip.number}, which nobody was given"
            else:
                self.slips[ticket].append(slip.is_copy)
                if any(hashes.get(token_hash(code.rpartition("/")[2])) != ticket for code in codes):
                    yield f"the slip of {slip.number} has the address of another ticket"

    def _slips_printed(self) -> Iterator[str]:
        """Each once, and each job is done."""
        for it in self.issued:
            originals = self.slips[it.ticket].count(False)
            if it.printer and not self.slips[it.ticket] and it.ticket not in self.expired:
                yield f"{number_of(it)} was to be printed, and was not"
            if originals > 1:
                yield f"{number_of(it)} was printed {originals} times without a word that it is a copy"
        asked = Counter(job.ticket for job in self._left.jobs)
        for job in self._left.jobs:
            number = self.number_of_ticket.get(job.ticket, "nobody")
            if asked[job.ticket] > 1:
                yield f"the slip of {number} was asked for {asked[job.ticket]} times"
            if not job.is_printed and job.ticket not in self._aliased | self.expired:
                yield f"the slip of {number} is {job.state} {job.outcome}".strip()

    def _had_time(self, job: JobRow) -> bool:
        """Whether all worked for long enough while the slip was worth printing."""
        busy = [(at, at + SETTLES) for at in self._left.kills] + [
            (begin, end + SETTLES) for begin, end in self._left.down
        ]
        well_at = job.created_at
        for begin, end in sorted(busy):
            if min(begin, job.expires_at) - well_at > ASKED_EVERY:
                return True
            well_at = max(well_at, end)
        return job.expires_at - well_at > ASKED_EVERY


def _shown(presses: Sequence[tuple[str, str]], at: int) -> str:
    return " ".join(presses[at]).strip() if at < len(presses) else "nothing"
