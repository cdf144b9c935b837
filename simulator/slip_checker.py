"""Whoever asked for a slip has it, in time and once; a second one says that it is a copy.

It holds what printers cut against the journal's tickets, the outbox's jobs and what the printers answered.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from edge.drivers.fake_printer import PrintedCode
from hub.day import events, number_events
from hub.keyring import token_hash
from simulator.evidence import Evidence, JobRow
from simulator.hall import slip_of
from wire.messages import Done, DoneOutcome

WAIT_S = 120.0
"""So long is a slip worth printing; declared in `docs/operations.md`."""
CLOCK_S = 0.001
"""Instants of the database are whole microseconds."""
PRINTED_S = 20.0
"""So soon it comes, in calm."""
LATE_S = 2.0
"""The printer asks the hub's clock before it begins."""
SETTLE_S = 12.0
ASKED_EVERY_S = 31.0
"""So often at least a printer is asked for a slip that it has not printed."""
FINAL = (DoneOutcome.DONE, DoneOutcome.EXPIRED, DoneOutcome.REFUSED)
"""What a printer says of a job that it will not be asked for again."""


class _Wanted(NamedTuple):
    """A ticket whose slip was asked for."""

    ticket: str
    number: str
    printer: str
    """`node/device`."""
    issued_s: float
    token_hash: str
    handed_in_s: float | None
    """When the hub heard that its kiosk had printed it while it was cut off; None if the hub asked for it."""
    is_job: bool


class _Cut(NamedTuple):
    """A slip, and whom it is for."""

    at_s: float
    is_copy: bool
    token_hashes: list[str]
    """Of the addresses in its codes."""


def slip_violations(it: Evidence) -> Iterator[str]:
    """Slips that never came, came twice or too late or for nobody, and jobs that were taken for done."""
    handed_in_s = {
        row.event.ticket: it.row_s(row)
        for row in it.entries
        if isinstance(row.event, events.TicketIssued | number_events.TicketAliased) and row.event.offline
    }
    wanted = [
        _Wanted(
            row.event.ticket,
            it.numbers[row.event.ticket],
            row.event.printer,
            it.row_s(row),
            row.event.token_hash,
            handed_in_s.get(row.event.ticket),
            not row.event.offline,
        )
        for row in it.entries
        if isinstance(row.event, events.TicketIssued) and row.event.printer
    ]
    printed: dict[str, list[_Cut]] = defaultdict(list)
    yield from _cuts(it, wanted, printed)
    for one in wanted:
        yield from _slips_of(it, one, printed.get(one.ticket, []))
    yield from _jobs(it, wanted, printed)


def _cuts(it: Evidence, wanted: list[_Wanted], printed: dict[str, list[_Cut]]) -> Iterator[str]:
    """Sort slips by their tickets. A number is that of the newest ticket that has it: each day begins with 1."""
    by_number: dict[tuple[str, str], list[_Wanted]] = defaultdict(list)
    for one in wanted:
        by_number[one.printer, one.number].append(one)
    leased_s: dict[tuple[str, str], list[float]] = defaultdict(list)
    for printer, number, at_s in _leased(it):
        leased_s[printer, number].append(at_s)
    for cut in it.record.printed:
        slip = slip_of(cut.printer, cut.slip)
        if not slip.number:
            continue  # it says that there is none, and where to go
        candidates = by_number[cut.printer, slip.number]
        named = [one for one in candidates if _is_of_its_lease(one, cut.at_s, leased_s[cut.printer, slip.number])][:1]
        named += [one for one in candidates if one.handed_in_s is None and one.issued_s <= cut.at_s]
        if not named and leased_s[cut.printer, slip.number]:
            continue  # the day turned before it was handed in, or it never was
        if not named:
            yield f"{cut.printer} printed a slip for {slip.number or 'nobody'}, which was not asked of it"
            continue
        codes = [part.payload for part in cut.slip.rows if isinstance(part, PrintedCode)]
        hashes = [token_hash(code.rpartition("/")[2]) for code in codes]
        printed[named[-1].ticket].append(_Cut(cut.at_s, slip.is_copy, hashes))


def _is_of_its_lease(one: _Wanted, cut_s: float, leased_s: list[float]) -> bool:
    """Whether a slip that was cut then can be the ticket's, which was handed in later. A number is leased once a day:
    what was cut before that is of the day before, and was never handed in."""
    if one.handed_in_s is None or cut_s > one.handed_in_s:
        return False
    own_lease_s = max((at_s for at_s in leased_s if at_s <= one.handed_in_s), default=cut_s)
    return own_lease_s <= cut_s


def _leased(it: Evidence) -> Iterator[tuple[str, str, float]]:
    """Printer and number of what a kiosk may give by itself, and from when on."""
    printers = {device.address: device.printer for device in it.lobby.devices}
    for row in it.entries:
        if isinstance(row.event, number_events.RangeLeased):
            for number in range(row.event.first, row.event.last + 1):
                yield printers[row.event.device], f"{row.event.series}{number:03d}", it.row_s(row)


def _slips_of(it: Evidence, one: _Wanted, slips: list[_Cut]) -> Iterator[str]:
    to_s = one.issued_s + PRINTED_S
    was_calm = to_s <= it.ends_s and it.record.is_calm(one.printer, one.issued_s - SETTLE_S, to_s)
    if not slips and one.handed_in_s is None and not was_calm and _had_time(it, one):
        yield f"{one.printer} never printed {one.number}, and had the time to after trouble"
    if not slips and was_calm and one.handed_in_s is None:
        yield f"{one.printer} did not print {one.number} within {PRINTED_S:g} s of {one.issued_s:.1f} s, in calm"
    if (originals := sum(not cut.is_copy for cut in slips)) > 1:
        yield f"{one.printer} printed {one.number} {originals} times without marking a copy"
    if one.handed_in_s is not None:
        return
    for cut in slips:
        if cut.at_s > one.issued_s + WAIT_S + LATE_S:
            yield f"{one.printer} printed {one.number} {cut.at_s - one.issued_s:.0f} s after it was asked for"
        if cut.is_copy and it.record.is_calm(one.printer, one.issued_s - SETTLE_S, cut.at_s):
            yield f"{one.printer} printed {one.number} as a copy, in calm"
        if any(found != one.token_hash for found in cut.token_hashes):
            yield f"{one.printer} printed on the slip of {one.number} the address of another ticket"


def _was_said(said: dict[tuple[str, str, str], float], job: JobRow) -> bool:
    """Whether its printer gave that answer, and before it was noted."""
    at_s = said.get((job.device, job.id, job.outcome), float("inf"))
    return at_s < float("inf") and at_s <= job.answered_s + CLOCK_S


def _had_time(it: Evidence, one: _Wanted) -> bool:
    """Whether the printer was well for long enough while the slip was worth printing, and the day went on."""
    to_s = one.issued_s + WAIT_S
    turned = any(
        isinstance(row.event, events.DayClosed) and one.issued_s <= it.row_s(row) <= to_s for row in it.entries
    )
    spells = it.record.calm_spells(one.printer, one.issued_s, min(to_s, it.ends_s), SETTLE_S)
    return not turned and any(ends_s - begins_s > ASKED_EVERY_S for begins_s, ends_s in spells)


def _jobs(it: Evidence, wanted: list[_Wanted], printed: dict[str, list[_Cut]]) -> Iterator[str]:
    """A job is done when the printer says so, and then there is a slip."""
    said: dict[tuple[str, str, str], float] = {}
    for heard, done in it.each(Done):
        if done.outcome in FINAL:
            said.setdefault((heard.device, done.id, done.outcome.value), heard.at_s)
    unasked = {one.ticket: one for one in wanted if one.is_job}
    for job in it.jobs:
        number, one = it.numbers.get(job.ticket, "nobody"), unasked.pop(job.ticket, None)
        if one is not None and job.state == "waiting" and one.issued_s + WAIT_S + ASKED_EVERY_S < it.ends_s:
            yield f"the slip of {number} still waits, and it is long too late"
        if one is None or one.printer != job.device:
            yield f"{job.device} is to print {number}, which was not asked of it, or twice"
        if job.state == "answered" and not _was_said(said, job):
            yield f"the slip of {number} counts as {job.outcome}, and {job.device} never said so"
        if job.state == "answered" and job.outcome == "done" and job.ticket not in printed:
            yield f"{job.device} says that it printed {number}, and did not"
    for one in unasked.values():
        yield f"the slip of {one.number} was never asked of {one.printer}"
