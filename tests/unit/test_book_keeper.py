"""The book behind a running hub: what a file changes reaches the open day in the same transaction, or not at all."""

import asyncio
from datetime import datetime, timedelta
from random import Random

from structlog.testing import capture_logs

from hub.book.book import Book, ImportReport
from hub.book.retention import PERIOD_S
from hub.book.rows import erase_due
from hub.day.inputs import CheckIn, OpenDesk
from hub.day.model import Day
from hub.hub import Hub
from hub.keyring import Keyring
from hub.site import Site
from tests.given import MONDAY_9H
from tests.hubs import Stage, run
from wire.in_process import InProcessBroker
from wire.messages import Outcome

KEYRING = Keyring(b"0123456789abcdef")
HEADER = "uid,service,start,name,phone,email\n"
ZOE = "Zoé Martin,+33612345678,zoe@example.org"
SECRETS = ("Zoé", "Zo\\u00e9", "Martin", "33612345678", "zoe@example")
DAY_S = 86_400.0


def a_file(*lines: str) -> bytes:
    return (HEADER + "\n".join(lines)).encode()


def a_line(uid: str, slot_at: datetime, service: str = "A") -> str:
    return f"{uid},{service},{slot_at:%Y-%m-%dT%H:%M},{ZOE}"


def at(minutes: int) -> datetime:
    """So many minutes after nine on Monday."""
    return MONDAY_9H + timedelta(minutes=minutes)


def counts(report: ImportReport) -> tuple[int, ...]:
    changes = (report.added, report.moved, report.contacts, report.cancelled, report.left, report.refused)
    return (*map(len, changes), report.unchanged)


def appointments(day: Day, now: datetime) -> list[tuple[str, datetime]]:
    """A question: what the open day knows."""
    return [(known.service, known.slot_at) for known in day.appointments.values()]


def parts(hub: Hub) -> tuple[Site, Book]:
    return hub.sites["hall"], hub.books["hall"]


async def check_in(site: Site, book: Book, uid: str) -> str:
    """The visitor types the code; the number of the ticket."""
    (code,) = [one.code for one in (await book.view()).appointments if one.uid == uid]
    wish = CheckIn(
        code_hash=KEYRING.code_hash(code), ticket=f"t-{uid}", token_hash=f"h-{uid}", language="en", channel="phone"
    )
    answer = await site.submit(wish)
    assert answer.outcome is Outcome.DONE, answer
    return str(answer.facts["number"])


def test_a_file_reaches_the_open_day_and_again_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        file = a_file(a_line("1", at(60)), a_line("2", at(90), "B"), a_line("3", at(60 * 30)), "4,A,never")
        assert counts(await book.import_file(file, source="f")) == (3, 0, 0, 0, 0, 1, 0)
        assert await site.read(appointments) == [("passports", at(60)), ("permits", at(90))]
        rows = stage.column("SELECT seq FROM journal")
        assert counts(await book.import_file(file, source="f")) == (0, 0, 0, 0, 0, 1, 3)
        assert stage.column("SELECT seq FROM journal") == rows

    run(story)


def test_a_changed_file_moves_and_cancels_and_leaves_who_is_here() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        await book.import_file(a_file(*(a_line(uid, at(60)) for uid in "1234")), source="f")
        assert await check_in(site, book, "1") == "A001"
        changed = a_file(a_line("1", at(120)), a_line("2", at(120)), a_line("3", at(60 * 30)))
        report = await book.import_file(changed, source="f")
        assert counts(report) == (0, 2, 0, 1, 1, 0, 0)
        assert (report.left[0].uid, report.left[0].number, report.cancelled[0].uid) == ("1", "A001", "4")
        assert await site.read(appointments) == [("passports", at(60)), ("passports", at(120))]
        slots = {one.uid: (one.slot_at, one.is_cancelled, one.number) for one in (await book.view()).appointments}
        assert slots == {
            "1": (at(60), False, "A001"),
            "2": (at(120), False, ""),
            "3": (at(60 * 30), False, ""),
            "4": (at(60), True, ""),
        }

    run(story)


def test_the_next_day_opens_with_its_appointments() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        tuesday, wednesday = at(24 * 60), at(48 * 60)
        await book.import_file(a_file(a_line("1", at(60)), a_line("2", tuesday), a_line("3", wednesday)), source="f")
        await asyncio.sleep(DAY_S)
        assert await site.read(appointments) == [("passports", tuesday)]
        assert await check_in(site, book, "2") == "A001"

    run(story)


def test_a_restart_knows_the_same_appointments_and_codes() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        await book.import_file(a_file(a_line("1", at(60))), source="f")
        view = await book.view()
        await stage.stop()
        site, book = parts(await stage.hub())
        assert await book.view() == view
        assert await check_in(site, book, "1") == "A001"

    run(story)


def test_the_book_and_the_day_change_together_or_not_at_all() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        stage.alter("CREATE TRIGGER full BEFORE INSERT ON contact BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        report = await book.import_file(a_file(a_line("1", at(60))), source="f")
        assert [fault.what for fault in report.refused] == ["the hub did not take it (unavailable)"]
        assert await site.read(appointments) == []
        assert (await book.view()).appointments == ()
        stage.alter("DROP TRIGGER full")
        assert counts(await book.import_file(a_file(a_line("1", at(60))), source="f")) == (1, 0, 0, 0, 0, 0, 0)
        assert await site.read(appointments) == [("passports", at(60))]

    run(story)


def test_a_book_change_that_the_day_refuses_changes_no_row() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        done: list[object] = []
        answer = await writer.submit_beside(lambda day: OpenDesk(desk="99", by="api"), done.append)
        assert (answer.code, done) == ("unknown-desk", [])
        answer = await writer.submit_beside(lambda day: None, done.append)
        assert (answer.outcome, len(done)) == (Outcome.DONE, 1)

    run(story)


def test_two_imports_at_once_are_done_one_after_the_other() -> None:
    async def story(stage: Stage) -> None:
        _, book = parts(await stage.hub())
        file = a_file(*(a_line(str(n), at(60)) for n in range(250)))
        reports = await asyncio.gather(*(book.import_file(file, source="f") for _ in "12"))
        assert [counts(report) for report in reports] == [(250, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 250)]

    run(story)


def test_a_day_of_the_book_can_be_asked_for() -> None:
    async def story(stage: Stage) -> None:
        _, book = parts(await stage.hub())
        await book.import_file(a_file(*(a_line(str(n), at(n * 24 * 60 + 60)) for n in range(3))), source="f")
        tuesday = (MONDAY_9H + timedelta(days=1)).date()
        assert [one.uid for one in (await book.view(tuesday)).appointments] == ["1"]

    run(story)


def test_who_came_is_forgotten_in_time_and_what_happened_is_not() -> None:
    async def story(stage: Stage) -> None:
        site, book = parts(await stage.hub())
        await book.import_file(a_file(a_line("1", at(60)), a_line("2", at(60 * 30))), source="f")
        await check_in(site, book, "1")
        events = stage.column("SELECT body FROM journal")
        await asyncio.sleep(3_600 + DAY_S - 60)
        assert len(stage.column("SELECT name FROM contact")) == 2
        await asyncio.sleep(PERIOD_S + 60)
        assert stage.column("SELECT appointment FROM contact") == stage.column(
            "SELECT id FROM appointment WHERE uid = '2'"
        )
        assert len(stage.column("SELECT id FROM appointment")) == 2
        assert stage.column("SELECT body FROM journal")[: len(events)] == events

    run(story)


def test_a_cancelled_appointments_contact_is_erased_at_once() -> None:
    async def story(stage: Stage) -> None:
        _, book = parts(await stage.hub())
        await book.import_file(a_file(a_line("1", at(60)), a_line("2", at(60))), source="f")
        await book.import_file(a_file(a_line("1", at(60))), source="f")
        assert len(stage.column("SELECT name FROM contact")) == 1

    run(story)


def test_an_appointment_is_forgotten_a_month_later() -> None:
    async def story(stage: Stage) -> None:
        _, book = parts(await stage.hub())
        await book.import_file(a_file(a_line("1", at(60)), a_line("2", at(40 * 24 * 60))), source="f")
        with stage.engine.begin() as connection:
            assert erase_due(at(33 * 24 * 60), connection) == 1, "the contact of the first"
        assert stage.column("SELECT uid FROM appointment") == ["2"]

    run(story)


def test_personal_data_is_in_the_book_and_nowhere_else() -> None:
    async def story(stage: Stage) -> None:
        told: list[str] = []
        stage.broker = InProcessBroker(
            Random(1), observe=lambda topic, payload, _: told.append(f"{topic} {payload!r} {payload.decode()}")
        )
        with capture_logs() as logs:
            site, book = parts(await stage.hub())
            await book.import_file(a_file(a_line("1", at(60)), f"2,A,{ZOE}", f"3,{ZOE},A"), source="f")
            await check_in(site, book, "1")
            await site.submit(OpenDesk(desk="1", by="api"))
            await asyncio.sleep(5)
        tables = stage.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'contact'")
        for table in tables:
            with stage.engine.connect() as connection:
                told += [repr(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
        told += map(repr, logs)
        assert len(tables) > 5
        assert any("t-1" in line for line in told), "the ticket is told of"
        assert [line for line in told if any(secret in line for secret in SECRETS)] == []
        assert stage.column("SELECT name FROM contact") == ["Zoé Martin"]

    run(story)
