"""Bugs in the hub around the day: its writer, its intake, what it sends to displays and printers."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import hub.displays
import hub.intake
from hub.day.apply import apply
from hub.day.inputs import Expire
from hub.day.model import Day
from hub.displays import Displays
from hub.hub import Hub
from hub.intake import Intake
from hub.journal import Batch, Journal
from hub.nodes import Nodes
from hub.outbox import ANSWERED, Outbox
from hub.readers import Readers
from hub.site import Answer
from hub.writer import Writer
from tests.planted.plant import Plant, entry, swapped
from wire.messages import Done, DoneOutcome, Key, NodeState, NodeStatus, Outcome

_answer = Writer._answer
_replay = Writer._replay
_commit = Journal.commit
_input = Intake._input
_send = Outbox._send
_take_state = Nodes.take_state
_answered = Outbox.answered
_send_receipt = Intake._send_receipt


def _forgetful(writer: Writer, wish: Any, batch: Batch) -> Answer:
    """Each repeat is decided anew."""
    return _answer(writer, wish._replace(mark=""), batch)


def _refusals_forgotten(writer: Writer, wish: Any, batch: Batch) -> Answer:
    answer = _answer(writer, wish, batch)
    if answer.outcome is not Outcome.DONE:
        writer._marks.pop(wish.mark, None)
        batch.marks[:] = [mark for mark in batch.marks if mark.mark != wish.mark]
    return answer


def _marks_not_kept(writer: Writer, wish: Any, batch: Batch) -> Answer:
    answer = _answer(writer, wish, batch)
    batch.marks.clear()
    return answer


async def _hasty_write(writer: Writer, wishes: Sequence[Any]) -> None:
    """Callers are told, and then it is written down."""
    batch = Batch(writer.id, writer.term, writer._now())
    writer._readers.hold()
    for wish in wishes:
        writer._queue.reply(wish, writer._answer(wish, batch))
    if batch.entries or batch.marks or batch.beside:
        await writer._thread.call(writer._journal.commit, batch)
    if batch.jobs:
        writer.take_jobs(batch.jobs)
    writer._readers.show(writer._day, is_news=bool(batch.entries))


async def _replay_twice(writer: Writer, day: Day) -> None:
    """What counts is applied once more after a restart."""
    await _replay(writer, day)
    loaded = await writer._thread.call(writer._journal.load, writer.id)
    for row in loaded.entries:
        if type(row.event).__name__ in ("PeopleCounted", "TicketRecalled", "DeskOpened"):
            apply(day, row.event, row.at, day.seq)


async def _replay_without_marks(writer: Writer, day: Day) -> None:
    await _replay(writer, day)
    writer._marks = {}


async def _replay_without_jobs(writer: Writer, day: Day) -> None:
    take, writer.take_jobs = writer.take_jobs, lambda jobs: None
    await _replay(writer, day)
    writer.take_jobs = take


async def _shrugging(writer: Writer, wishes: Sequence[Any], error: Exception) -> None:
    """The commit failed, and the pending day is taken for what happened."""
    for wish in wishes:
        writer._queue.reply(wish, Answer(outcome=Outcome.DONE))
    await _replay(writer, Day(term=writer.term))
    writer._readers.show(writer._day, is_news=True)


def _commit_without_jobs(journal: Journal, batch: Batch) -> None:
    jobs, batch.jobs = batch.jobs, []
    _commit(journal, batch)
    batch.jobs = jobs


def _any_boot(intake: Intake, heard: Any, stale_ms: int) -> Any:
    if heard is None:
        return Expire(age_ms=None)
    age_ms = round(asyncio.get_running_loop().time() * 1_000) - heard.ms - heard.since_ms
    return Expire(age_ms=age_ms) if age_ms > stale_ms else None


async def _no_second_receipt(intake: Intake, device: Any, event: Any, answer: Answer) -> None:
    """A refusal is not worth a word."""
    if answer.outcome is not Outcome.REFUSED:
        await _send_receipt(intake, device, event, answer)


def _lost_for_ever(nodes: Nodes, name: str, state: NodeState, now: datetime) -> bool:
    return nodes.by_name[name].status is not NodeStatus.LOST and _take_state(nodes, name, state, now)


async def _settled_when_sent(outbox: Outbox, pending: Any) -> None:
    await _send(outbox, pending)
    outbox._settle(pending.job, ANSWERED, DoneOutcome.DONE.value)


def _failed_is_final(outbox: Outbox, address: str, done: Done) -> None:
    pending = outbox._pending.get(done.id)
    if pending is not None and done.outcome is DoneOutcome.FAILED:
        outbox._settle(pending.job, ANSWERED, done.outcome.value)
    else:
        _answered(outbox, address, done)


def _nothing(*_: object) -> None:
    pass


@contextmanager
def _held_back() -> Iterator[None]:
    """Calls, too, come when counts may."""
    with (
        swapped(hub.displays, "DEVICE_GAP_S", 10.0),
        swapped(hub.displays, "is_waited_for", lambda view, before: False),
    ):
        yield


async def _publish_half(displays: Displays, waiting: "deque[Any]", generations: int, group: Any) -> None:
    """Of many views that change at once the last is forgotten."""
    if len(waiting) > 2:
        waiting.pop()
    await _publish_all(displays, waiting, generations, group)


_publish_all = Displays._publish_all


def _many() -> AbstractContextManager[None]:
    return swapped(hub.intake, "PRESS_STALE_MS", 3_600_000)


def _mark_without_session(intake: Intake, device: Any, event: Any) -> str:
    return f"{device.address}/{event.seq}"


class _SameBoot:
    """An attribute that is the same in every hub."""

    def __get__(self, hub: object, kind: type) -> str:
        return "the-same-boot"

    def __set__(self, hub: object, boot: str) -> None: ...


HUB = [
    Plant(
        name="drop-the-dedup-mark",
        room="writer",
        breaks="A wish that is repeated is decided anew.",
        plant=lambda: swapped(Writer, "_answer", _forgetful),
    ),
    Plant(
        name="refusals-not-remembered",
        room="writer",
        breaks="A press that was refused once may be done when it is heard again.",
        plant=lambda: swapped(Writer, "_answer", _refusals_forgotten),
    ),
    Plant(
        name="marks-lost-at-a-restart",
        room="writer",
        breaks="A hub that starts again does not know what it has answered.",
        plant=lambda: swapped(Writer, "_replay", _replay_without_marks),
    ),
    Plant(
        name="marks-not-written",
        room="writer",
        breaks="What was answered is remembered, and not written down.",
        plant=lambda: swapped(Writer, "_answer", _marks_not_kept),
    ),
    Plant(
        name="receipt-before-commit",
        room="writer",
        breaks="Callers are answered before what they did is durable.",
        plant=lambda: swapped(Writer, "_write", _hasty_write),
    ),
    Plant(
        name="apply-events-twice-on-replay",
        room="writer",
        breaks="A hub that starts again counts what happened once more.",
        plant=lambda: swapped(Writer, "_replay", _replay_twice),
    ),
    Plant(
        name="failed-commit-is-done",
        room="writer",
        breaks="What could not be written is answered as done.",
        plant=lambda: swapped(Writer, "_start_over", _shrugging),
    ),
    Plant(
        name="view-before-commit",
        room="writer",
        breaks="Displays are shown what is not durable yet.",
        plant=lambda: swapped(Readers, "hold", _nothing),
    ),
    Plant(
        name="jobs-not-written",
        room="writer",
        breaks="A slip that is to be printed is forgotten when the hub dies.",
        plant=lambda: swapped(Journal, "commit", _commit_without_jobs),
    ),
    Plant(
        name="jobs-lost-at-a-restart",
        room="writer",
        breaks="A hub that starts again prints no slip that still waited.",
        plant=lambda: swapped(Writer, "_replay", _replay_without_jobs),
    ),
    Plant(
        name="accept-a-foreign-boot",
        room="intake",
        breaks="A press is believed that was stamped by an earlier run of the hub.",
        plant=lambda: swapped(Intake, "_unless_stale", _any_boot),
    ),
    Plant(
        name="old-presses-accepted",
        room="intake",
        breaks="A press calls somebody long after the finger.",
        plant=_many,
    ),
    Plant(
        name="old-wishes-at-kiosks-accepted",
        room="intake",
        breaks="A kiosk's key brings a ticket when its visitor has long gone.",
        plant=lambda: swapped(hub.intake, "REQUEST_STALE_MS", 3_600_000),
    ),
    Plant(
        name="marks-without-session",
        room="intake",
        breaks="A node that starts again gets the answers of before.",
        plant=lambda: swapped(Intake, "_mark", _mark_without_session),
    ),
    Plant(
        name="keys-mixed-up",
        room="intake",
        breaks="The key for a recall tells that nobody came.",
        plant=lambda: entry(hub.intake.KEYS, Key.RECALL, hub.intake.KEYS[Key.NO_SHOW]),
    ),
    Plant(
        name="every-run-has-the-same-boot",
        room="intake",
        breaks="A hub that starts again cannot be told from the one before.",
        plant=lambda: swapped(Hub, "boot", _SameBoot()),
    ),
    Plant(
        name="refusals-not-answered",
        room="intake",
        breaks="A press that is refused gets no receipt.",
        plant=lambda: swapped(Intake, "_send_receipt", _no_second_receipt),
    ),
    Plant(
        name="lost-for-ever",
        room="intake",
        breaks="A node that was lost once is not believed to be there again.",
        plant=lambda: swapped(Nodes, "take_state", _lost_for_ever),
    ),
    Plant(
        name="views-held-back",
        room="displays",
        breaks="A view comes ten seconds after the one before.",
        plant=_held_back,
    ),
    Plant(
        name="views-not-said-again",
        room="displays",
        breaks="After a reconnection the broker keeps what it has, or nothing.",
        plant=lambda: swapped(Displays, "connected", _nothing),
    ),
    Plant(
        name="one-view-in-a-crowd-forgotten",
        room="displays",
        breaks="When many views change at once, one is not sent.",
        plant=lambda: swapped(Displays, "_publish_all", _publish_half),
    ),
    Plant(
        name="job-done-when-sent",
        room="outbox",
        breaks="A slip counts as printed as soon as it was asked for.",
        plant=lambda: swapped(Outbox, "_send", _settled_when_sent),
    ),
    Plant(
        name="failed-job-given-up",
        room="outbox",
        breaks="A printer without paper is not asked again.",
        plant=lambda: swapped(Outbox, "answered", _failed_is_final),
    ),
    Plant(
        name="health-not-heard",
        room="intake",
        breaks="What nodes say of their devices is passed over.",
        plant=lambda: swapped(Nodes, "take_health", lambda nodes, name, health, now: None),
    ),
]
"""In the order of the table."""
