"""Keeps a site's book: what a file changes goes through the site's writer, so that the book and the open day agree.

One import at a time. It does not know where files come from, nor what the day makes of an appointment.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import structlog
from msgspec.structs import replace

from hub.book import rows
from hub.book.book import SOURCE_CHARS_MAX, BookedView, BookView, Changed, ImportReport, LeftAlone
from hub.book.entries import RETENTION_H, Fault
from hub.book.plan import Booked, Change, Kind, Plan, day_input, plan
from hub.book.reading import read
from hub.day.hours import service_day, turns_at
from hub.day.model import Day
from hub.day.refusal import Code
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from hub.site import Answer
from hub.writer import Writer
from wire.messages import Fact, Outcome

CHANGES_AT_ONCE = 100
"""So many wait in the writer's queue together: visitors' wishes come in between."""

log = structlog.get_logger()


class Keeper:
    """A `hub.book.book.Book`."""

    def __init__(
        self,
        writer: Writer,
        thread: JournalThread,
        now: Callable[[], datetime],
        new_token: Callable[[], str],
        keyring: Keyring,
        *,
        retention_h: int = RETENTION_H,
    ) -> None:
        self._writer = writer
        self._thread = thread
        self._now = now
        self._new_token = new_token
        self._keyring = keyring
        self._retention = timedelta(hours=retention_h)
        self._one_at_a_time = asyncio.Lock()

    async def import_file(self, data: bytes, *, source: str, keep_missing: bool = False) -> ImportReport:
        """See `hub.book.book.Book.import_file`."""
        source = source[:SOURCE_CHARS_MAX]
        async with self._one_at_a_time:
            # Seconds of work for the largest files.
            reading = await asyncio.to_thread(read, data, self._writer.lobby)
            book = await self._thread.call(self._rows)
            planned = plan(
                book,
                reading,
                source=source,
                lobby=self._writer.lobby,
                now=self._now(),
                retention=self._retention,
                checked_in=await self._writer.read(_checked_in),
                keep_missing=keep_missing,
            )
            report = await self._carry_out(planned, book, source)
        log.info("book imported", site=self._writer.id, accepted=report.accepted, refused=len(report.refused))
        return report

    async def view(self, day: date | None = None) -> BookView:
        """See `hub.book.book.Book.view`."""
        lobby = self._writer.lobby
        first = day or service_day(lobby, self._now())
        begin = turns_at(lobby, first - timedelta(days=1))
        booked = await self._thread.call(self._rows, begin, turns_at(lobby, day) if day else None)
        numbers = await self._writer.read(_checked_in)
        views = tuple(
            BookedView(
                uid=one.uid,
                source=one.source,
                service=one.service,
                slot_at=one.slot_at,
                party_people=one.party_people,
                is_cancelled=one.is_cancelled,
                number=numbers.get(one.id, ""),
                code=self._keyring.code(one.id),
                contact=one.contact,
            )
            for one in booked
        )
        return BookView(site=lobby.site.id, time_zone=lobby.site.time_zone, appointments=views)

    async def _carry_out(self, planned: Plan, book: Sequence[Booked], source: str) -> ImportReport:
        changes = list(self._named(planned.changes, book))
        answers: list[Answer] = []
        for first in range(0, len(changes), CHANGES_AT_ONCE):
            together = changes[first : first + CHANGES_AT_ONCE]
            answers += await asyncio.gather(*(self._change(change.after) for change in together))
        done: dict[Kind, list[Changed]] = {kind: [] for kind in Kind}
        left = [LeftAlone(uid=one.uid, line=one.line, number=one.number) for one in planned.left]
        refused = list(planned.faults)
        for change, answer in zip(changes, answers, strict=True):
            after, line = change.after, change.line
            if answer.outcome is Outcome.DONE:
                done[change.kind].append(
                    Changed(uid=after.uid, line=line, service=after.service, slot_at=after.slot_at)
                )
            elif answer.code == Code.CHECKED_IN:
                left.append(LeftAlone(uid=after.uid, line=line, number=_text(answer.facts.get("number"))))
            else:
                what = f"the hub did not take it ({answer.code})"
                refused.append(Fault(line=line, uid=after.uid, what=what, do="import the file again"))
        lobby = self._writer.lobby
        return ImportReport(
            site=lobby.site.id,
            time_zone=lobby.site.time_zone,
            source=source,
            added=tuple(done[Kind.ADDED]),
            moved=tuple(done[Kind.MOVED]),
            contacts=tuple(done[Kind.CONTACT]),
            cancelled=tuple(done[Kind.CANCELLED]),
            left=tuple(left),
            refused=tuple(refused),
            unchanged=planned.unchanged,
            notes=planned.notes,
        )

    def _named(self, changes: Sequence[Change], book: Sequence[Booked]) -> Iterator[Change]:
        """`changes` with an id and a code for each appointment that is new."""
        taken = {booked.code_hash for booked in book}
        for change in changes:
            after = change.after
            if not after.id:
                name, code_hash = self._new_name()
                while code_hash in taken:
                    name, code_hash = self._new_name()
                taken.add(code_hash)
                after = replace(after, id=name, code_hash=code_hash)
            yield replace(change, after=after)

    def _new_name(self) -> tuple[str, str]:
        name = self._new_token()
        return name, self._keyring.code_hash(self._keyring.code(name))

    async def _change(self, after: Booked) -> Answer:
        write = partial(rows.write, self._writer.id, after, after.slot_at + self._retention, self._now())
        return await self._writer.submit_beside(partial(day_input, after), write)

    def _rows(self, begin: datetime | None = None, end: datetime | None = None) -> list[Booked]:
        """The book, or what it has between two instants; on the journal's thread."""
        with self._thread.journal.transaction() as connection:
            return rows.booked(self._writer.id, connection, begin, end)


def _checked_in(day: Day, now: datetime) -> dict[str, str]:
    """A question: the appointments of today that have a ticket, and its number."""
    known = day.appointments.values()
    return {one.id: day.tickets[one.ticket].number for one in known if one.ticket}


def _text(fact: Fact) -> str:
    return str(fact or "")
