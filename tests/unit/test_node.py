"""What a node says and how long it goes on saying it, on a network that loses, cuts and floods."""

import msgspec

from edge.node import EVENTS_MAX, OUTGOING_MAX
from tests.edge_stage import DOOR, NODE, PANEL, SITE, Stage, on_stage, receipt
from wire import topics
from wire.messages import Done, DoneOutcome, Event, Key, NodeState, Outcome, Paper, PaperChanged, Press


def a_press(seen: int) -> Press:
    return Press(key=Key.NEXT, seen=seen)


def test_on_a_network_that_loses_half_every_press_arrives_and_none_is_sent_for_ever() -> None:
    async def scene(stage: Stage) -> None:
        stage.lose(0.5)
        for n in range(20):
            stage.node.send_event("panel", a_press(n), 30.0)
            await stage.wait(0.5)
        await stage.wait(40)
        assert stage.node.queue_length == 0

    stage = on_stage(scene, [DOOR, PANEL])
    arrived = {event.seq: event.body for event in stage.heard(Event, "panel")}
    assert sorted(arrived.values(), key=str) == sorted((a_press(n) for n in range(20)), key=str)


def test_too_many_unanswered_presses_are_refused_at_once() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        seqs = [stage.node.send_event("panel", a_press(n), 8.0) for n in range(EVENTS_MAX + 2)]
        assert seqs[EVENTS_MAX:] == [None, None]
        assert None not in seqs[:EVENTS_MAX]
        await stage.wait(10)
        assert stage.node.queue_length == 0

    on_stage(scene, [PANEL])


def test_a_state_never_goes_stale_and_only_the_newest_of_a_device_is_kept() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        for paper in (Paper.NEAR_END, Paper.OUT):
            assert stage.node.send_event("panel", PaperChanged(paper=paper), None) is not None
        await stage.wait(3600)
        stage.heal()
        await stage.wait(10)

    stage = on_stage(scene, [PANEL])
    (event,) = stage.heard(Event)
    assert event.body == PaperChanged(paper=Paper.OUT)
    assert event.heard is None


def test_answers_that_cannot_be_sent_are_bounded_and_the_oldest_go_first() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        for n in range(OUTGOING_MAX + 10):
            stage.node.send_done("panel", Done(id=f"job-{n}", outcome=DoneOutcome.DONE))
        assert stage.node.queue_length == OUTGOING_MAX
        stage.heal()
        await stage.wait(10)

    stage = on_stage(scene, [PANEL])
    ids = [done.id for done in stage.heard(Done)]
    assert ids[-1] == f"job-{OUTGOING_MAX + 9}"
    assert "job-0" not in ids
    assert isinstance(stage.messages[0][1], NodeState)


def test_an_answer_to_another_session_settles_nothing() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        stage.node.send_event("panel", a_press(1), 8.0)
        await stage.wait(0.1)
        (event,) = stage.heard(Event)
        foreign = msgspec.structs.replace(receipt(event, Outcome.DONE), session="another")
        stage.say(topics.receipt(SITE, NODE, "panel"), foreign)
        await stage.wait(0.1)
        assert stage.node.queue_length == 1
        stage.say(topics.receipt(SITE, NODE, "panel"), receipt(event, Outcome.DONE))
        await stage.wait(0.1)
        assert stage.node.queue_length == 0

    on_stage(scene, [PANEL])
