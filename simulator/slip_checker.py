"""Whoever asked for a slip has it, in time and once; a second one says that it is a copy.

It holds what printers cut against the journal's tickets, the outbox's jobs and what the printers answered.
"""

from collections import defaultdict
from collections.abc import Iterator

from edge.drivers.fake_printer import PrintedCode
from hub.day import events
from hub.keyring import token_hash
from simulator.evidence import Evidence
from simulator.hall import slip_of
from simulator.record import Printed
from wire.messages import Done, DoneOutcome

WAIT_S = 120.0
"""So long is a slip worth printing; declared in `docs/operations.md`."""
PRINTED_S = 20.0
"""So soon it comes, in calm."""
LATE_S = 2.0
"""The printer asks the hub's clock before it begins."""
SETTLE_S = 12.0
FINAL = (DoneOutcome.DONE, DoneOutcome.EXPIRED, DoneOutcome.REFUSED)
"""What a printer says of a job that it will not be asked for again."""


def slip_violations(it: Evidence) -> Iterator[str]:
    """Slips that never came, came twice or too late, and jobs that were taken for done."""
    printed: dict[tuple[str, str], list[tuple[Printed, bool]]] = defaultdict(list)
    for cut in it.record.printed:
        slip = slip_of(cut.printer, cut.slip)
        printed[cut.printer, slip.number].append((cut, slip.is_copy))
    yield from _tickets(it, printed)
    yield from _jobs(it, printed)


def _tickets(it: Evidence, printed: dict[tuple[str, str], list[tuple[Printed, bool]]]) -> Iterator[str]:
    issued: dict[tuple[str, str], list[float]] = defaultdict(list)
    """Printer and number to when it was issued: once a day."""
    for row in it.entries:
        if isinstance(row.event, events.TicketIssued):
            issued[row.event.printer, it.numbers[row.event.ticket]].append(it.row_s(row))
    for row in it.entries:
        event = row.event
        if not isinstance(event, events.TicketIssued) or not event.printer:
            continue
        number, issued_s = it.numbers[event.ticket], it.row_s(row)
        again_s = next((at_s for at_s in issued[event.printer, number] if at_s > issued_s), float("inf"))
        slips = [(cut, is_copy) for cut, is_copy in printed[event.printer, number] if issued_s <= cut.at_s < again_s]
        to_s = issued_s + PRINTED_S
        was_calm = to_s <= it.ends_s and it.record.is_calm(event.printer, issued_s - SETTLE_S, to_s)
        if not slips and was_calm:
            yield f"{event.printer} did not print {number} within {PRINTED_S:g} s of {issued_s:.1f} s, in calm"
        for cut, is_copy in slips:
            if cut.at_s > issued_s + WAIT_S + LATE_S:
                yield f"{event.printer} printed {number} {cut.at_s - issued_s:.0f} s after it was asked for"
            if is_copy and it.record.is_calm(event.printer, issued_s - SETTLE_S, cut.at_s):
                yield f"{event.printer} printed {number} as a copy, in calm"
            codes = [part.payload for part in cut.slip.rows if isinstance(part, PrintedCode)]
            if any(token_hash(code.rpartition("/")[2]) != event.token_hash for code in codes):
                yield f"{event.printer} printed on the slip of {number} the address of another ticket"


def _jobs(it: Evidence, printed: dict[tuple[str, str], list[tuple[Printed, bool]]]) -> Iterator[str]:
    """A job is done when the printer says so, and then there is a slip."""
    said = {(heard.device, done.id, done.outcome.value) for heard, done in it.each(Done) if done.outcome in FINAL}
    wanted = {
        row.event.ticket: row.event.printer
        for row in it.entries
        if isinstance(row.event, events.TicketIssued) and row.event.printer
    }
    for job in it.jobs:
        number = it.numbers.get(job.ticket, "nobody")
        if wanted.pop(job.ticket, None) != job.device:
            yield f"{job.device} is to print {number}, which was not asked of it, or twice"
        if job.state != "answered":
            continue
        if (job.device, job.id, job.outcome) not in said:
            yield f"the slip of {number} counts as {job.outcome}, and {job.device} never said so"
        if job.outcome == "done" and (job.device, number) not in printed:
            yield f"{job.device} says that it printed {number}, and did not"
    for ticket, printer in wanted.items():
        yield f"the slip of {it.numbers[ticket]} was never asked of {printer}"
