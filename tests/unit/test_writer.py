"""The writer: durable before it is told, committed before it is seen, the same answer to the same wish."""

import asyncio
from datetime import datetime, timedelta

import pytest

from hub.day.inputs import CallNext, NoShow, OpenDesk
from hub.day.model import Day, TicketState
from hub.input_queue import BATCH_INPUTS_MAX, QUEUE_INPUTS_MAX
from hub.journal import Journal
from hub.site import Answer
from tests.given import MONDAY_9H, a_lobby
from tests.hubs import Stage, issue, run
from wire.messages import Outcome


def tickets(day: Day, now: datetime) -> list[str]:
    """A question: the numbers that were issued."""
    return [ticket.number for ticket in day.tickets.values()]


def journal_rows(stage: Stage) -> int:
    return len(stage.column("SELECT seq FROM journal"))


def test_an_answer_comes_after_the_journal_has_it() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        before = journal_rows(stage)
        answer = await writer.submit(issue(1))
        assert answer == Answer(outcome=Outcome.DONE, ticket="t1", facts={"number": "A001"})
        assert journal_rows(stage) == before + 1

    run(story)


def test_what_waits_together_is_committed_together() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        renewals = "SELECT count(*) FROM journal GROUP BY at ORDER BY at"
        await asyncio.gather(*(writer.submit(issue(n)) for n in range(BATCH_INPUTS_MAX + 10)))
        assert stage.column(renewals)[1:] == [BATCH_INPUTS_MAX, 10]

    run(story)


def test_who_asked_first_is_answered_first() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        answers = await asyncio.gather(*(writer.submit(issue(n)) for n in range(1, BATCH_INPUTS_MAX + 10)))
        assert [it.facts["number"] for it in answers] == [f"A{n:03}" for n in range(1, BATCH_INPUTS_MAX + 10)]

    run(story)


def test_a_repeat_gets_the_stored_answer_and_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        first, echo = await asyncio.gather(writer.submit(issue(1), "request/x"), writer.submit(issue(2), "request/x"))
        late = await writer.submit(issue(3), "request/x")
        assert first == echo == late
        assert await writer.read(tickets) == ["A001"]

    run(story)


def test_a_refusal_is_remembered_as_well() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        closed = await writer.submit(CallNext(desk="1", seen=None, by="panel"), "desk-1/panel/s/1")
        await writer.submit(OpenDesk(desk="1", by="page"))
        assert closed.code == "desk-closed"
        assert await writer.submit(CallNext(desk="1", seen=None, by="panel"), "desk-1/panel/s/1") == closed

    run(story)


def test_who_asks_and_reads_sees_the_day_as_her_own_commit_left_it() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        rows_seen: list[int] = []

        def numbers(answer: Answer, day: Day, now: datetime) -> list[str]:
            rows_seen.append(journal_rows(stage))
            return [answer.ticket, *tickets(day, now)]

        before = journal_rows(stage)
        first, second = await asyncio.gather(*(writer.submit_and_read(issue(n), numbers) for n in (1, 2)))
        await writer.submit(issue(3))
        assert (first[1], second[1]) == (["t1", "A001", "A002"], ["t2", "A001", "A002"])
        assert rows_seen == [before + 2] * 2

    run(story)


def test_who_is_refused_reads_nothing_and_whose_question_stumbles_is_told_so() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()

        def stumble(answer: Answer, day: Day, now: datetime) -> None:
            raise LookupError("no such thing")

        refused = await writer.submit_and_read(CallNext(desk="1", seen=None, by="panel"), stumble)
        assert (refused[0].code, refused[1]) == ("desk-closed", None)
        with pytest.raises(LookupError):
            await writer.submit_and_read(issue(1), stumble)
        assert await writer.read(tickets) == ["A001"]

    run(story)


def test_readers_see_committed_state_only() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        issuing = asyncio.create_task(writer.submit(issue(1)))
        await asyncio.sleep(0)  # the input is in the queue
        await asyncio.sleep(0)  # and now decided, while its commit is under way
        seen = await writer.read(lambda day, now: (tickets(day, now), journal_rows(stage), day.seq))
        assert seen == (["A001"], 3, 3), "the read waited for the commit"
        assert (await issuing).ticket == "t1"

    run(story)


def test_a_reader_who_fails_hurts_nobody_else() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        issuing = asyncio.create_task(writer.submit(issue(1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        wrong, right = await asyncio.gather(
            writer.read(lambda day, now: day.tickets["nobody"].number), writer.read(tickets), return_exceptions=True
        )
        assert isinstance(wrong, KeyError)
        assert right == ["A001"]
        await issuing

    run(story)


def test_followers_wake_with_every_commit_and_with_every_minute() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        loop = asyncio.get_running_loop()
        following = asyncio.create_task(writer.changed(writer.seq))
        await writer.submit(issue(1))
        assert await following == writer.seq
        assert await writer.changed(0) == writer.seq, "what has changed already is told at once"
        await writer.changed(writer.seq)
        assert round(loop.time(), 1) == 60.0

    run(story)


def test_an_input_that_makes_the_rules_stumble_is_put_aside_alone() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(issue(1))
        again, other = await asyncio.gather(writer.submit(issue(1), "request/y"), writer.submit(issue(2)))
        assert (again.outcome, again.code) == (Outcome.REFUSED, "poison")
        assert other.outcome is Outcome.DONE
        assert await writer.submit(issue(5), "request/y") == again
        await asyncio.sleep(1)
        assert stage.column("SELECT reason FROM quarantine") == ["AssertionError('ticket ids are 128 random bits')"]

    run(story)


def test_a_full_queue_refuses_at_once() -> None:
    async def story(stage: Stage) -> None:
        writer = stage.writer_at_rest()
        waiting = [asyncio.create_task(writer.submit(issue(n))) for n in range(QUEUE_INPUTS_MAX)]
        await asyncio.sleep(0)
        assert (await writer.submit(issue(0))).code == "unavailable"
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run(story)


def test_a_database_that_takes_nothing_means_that_nothing_happened() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(issue(1))
        stage.alter("PRAGMA query_only = ON")
        refused = await asyncio.gather(*(writer.submit(issue(n), f"request/{n}") for n in (2, 3)))
        assert [answer.code for answer in refused] == ["unavailable", "unavailable"]
        assert "readonly" in writer.fault
        assert await writer.read(tickets) == ["A001"]
        stage.alter("PRAGMA query_only = OFF")
        answer = await writer.submit(issue(2), "request/2")
        assert (answer.outcome, answer.facts) == (Outcome.DONE, {"number": "A002"})
        assert writer.fault == ""

    run(story)


def test_a_newer_owner_ends_the_older_one() -> None:
    async def story(stage: Stage) -> None:
        writer = stage.writer_at_rest()
        ended: list[str] = []

        async def until_conflict() -> None:
            try:
                await writer.run()
            except Exception as error:
                ended.append(str(error))
                raise asyncio.CancelledError from error

        stage.start(until_conflict())
        await writer.started.wait()
        Journal(stage.engine).claim("hall", "another hub", MONDAY_9H)
        stuck = asyncio.create_task(writer.submit(issue(1)))
        await asyncio.sleep(1)
        assert ended == ["site 'hall' has a newer owner than term 1; this hub must stop"]
        assert journal_rows(stage) == 2, "the older one wrote nothing any more"
        stuck.cancel()

    run(story)


# --- what happens by itself ----------------------------------------------------------------------------------


def test_a_missed_visitor_is_back_in_line_when_the_grace_ends() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(OpenDesk(desk="1", by="page"))
        await writer.submit(issue(1))
        await writer.submit(CallNext(desk="1", seen=None, by="page"))
        await writer.submit(NoShow(desk="1", seen=None, by="page"))
        back_at = await writer.read(lambda day, now: day.tickets["t1"].back_at)
        assert back_at is not None
        seq = writer.seq
        while writer.seq == seq:
            await writer.changed(seq)
        state, at = await writer.read(lambda day, now: (day.tickets["t1"].state, day.at))
        assert state is TicketState.WAITING
        assert at is not None
        assert timedelta() <= at - back_at < timedelta(milliseconds=1)

    run(story)


def test_the_day_turns_at_four_and_old_answers_are_forgotten_a_day_later() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(issue(1), "request/monday")
        days = [str(await writer.read(lambda day, now: day.day))]
        for _ in range(2):
            await asyncio.sleep(24 * 3_600)
            days.append(str(await writer.read(lambda day, now: day.day)))
            days.append(f"{len(stage.column('SELECT mark FROM mark'))} mark")
        assert days == ["2026-03-02", "2026-03-03", "1 mark", "2026-03-04", "0 mark"]
        in_the_journal = stage.column("SELECT DISTINCT day FROM journal ORDER BY day")
        assert in_the_journal == ["", "2026-03-02", "2026-03-03", "2026-03-04"], "empty before the first"
        opened = "SELECT at FROM journal WHERE body LIKE '%DayOpened%' ORDER BY seq"
        four = datetime.fromisoformat("2026-03-03T04:00:00+00:00").timestamp()
        assert [round(int(str(at)) / 1e6 - four, 1) for at in stage.column(opened)[1:]] == [0.0, 86_400.0]

    run(story)


def test_a_wall_clock_that_leaps_turns_no_day() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(issue(1))
        stage.leap = timedelta(days=400)
        await asyncio.sleep(300)
        await writer.submit(issue(2))
        day, numbers, at = await writer.read(lambda day, now: (str(day.day), tickets(day, now), day.at))
        assert (day, numbers) == ("2026-03-02", ["A001", "A002"])
        assert at is not None
        assert at - MONDAY_9H < timedelta(minutes=6), "events carry the time that the leap interrupted"
        stage.leap = timedelta()
        await asyncio.sleep(24 * 3_600)
        assert str(await writer.read(lambda day, now: day.day)) == "2026-03-03"

    run(story)


# --- restarts ------------------------------------------------------------------------------------------------


def test_a_restart_replays_to_an_equal_day() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        for n in range(5):
            await writer.submit(issue(n), f"request/{n}")
        await writer.submit(OpenDesk(desk="1", by="page"))
        await writer.submit(CallNext(desk="1", seen=None, by="page"))
        before = await writer.read(lambda day, now: day)
        await stage.stop()
        again = await stage.writer()
        after = await again.read(lambda day, now: day)
        assert (before.term, after.term) == (1, 2)
        assert (before.seq + 1, before.at) == (after.seq, before.at), "one row more: it took over"
        before.term, before.seq, before.news_seq, before.at = after.term, after.seq, after.seq, after.at
        before.listens_since_at = after.listens_since_at
        assert after == before
        assert (await again.submit(issue(9), "request/1")).facts == {"number": "A002"}

    run(story)


def test_a_hub_that_was_down_over_night_closes_the_old_day_first() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(issue(1))
        await stage.stop()
        await asyncio.sleep(24 * 3_600)
        writer = await stage.writer()
        kinds = stage.column("SELECT json_extract(body, '$.type') || ' ' || day FROM journal ORDER BY seq")
        assert kinds[-4:] == [
            "TookOver 2026-03-02",
            "TicketClosed 2026-03-02",
            "DayClosed 2026-03-02",
            "DayOpened 2026-03-03",
        ]
        assert await writer.read(tickets) == []

    run(story)


def test_a_changed_lobby_file_changes_the_open_day() -> None:
    async def story(stage: Stage) -> None:
        await stage.writer(a_lobby(desks=1))
        await stage.stop()
        writer = await stage.writer(a_lobby(desks=3))
        assert await writer.read(lambda day, now: list(day.desks)) == ["1", "2", "3"]
        changed = "SELECT count(*) FROM journal WHERE json_extract(body, '$.type') = 'LobbyChanged'"
        assert stage.column(changed) == [1]
        await stage.stop()
        await stage.writer(a_lobby(desks=3))
        assert stage.column(changed) == [1], "the same file again changes nothing"

    run(story)


def test_jobs_are_told_when_durable_and_again_after_a_restart() -> None:
    async def story(stage: Stage) -> None:
        writer = stage.writer_at_rest()
        told: list[str] = []
        writer.take_jobs = lambda jobs: told.extend(job.id for job in jobs)
        stage.start(writer.run())
        await writer.submit(issue(1, printer="kiosk-1/printer"))
        assert told == stage.column("SELECT id FROM outbox") == ["t1-3"]
        await stage.stop()
        writer = stage.writer_at_rest()
        writer.take_jobs = lambda jobs: told.extend(job.id for job in jobs)
        stage.start(writer.run())
        await writer.started.wait()
        assert told == ["t1-3", "t1-3"]

    run(story)


def test_next_with_nobody_waiting_serves_the_visitor_and_names_nobody() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(OpenDesk(desk="1", by="api"))
        await writer.submit(issue(1))
        called = await writer.submit(CallNext(desk="1", seen=None, by="api"))
        last = await writer.submit(CallNext(desk="1", seen=None, by="api"))
        assert called.facts == {"number": "A001"}
        assert last == Answer(outcome=Outcome.DONE)
        assert await writer.read(lambda day, _: day.tickets["t1"].state) is TicketState.SERVED

    run(story)
