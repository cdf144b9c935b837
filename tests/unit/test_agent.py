"""The agent: what it says of its node, what it hears, and what it does not believe."""

from tests.edge_stage import DOOR, NODE, PANEL, PRINTER, SITE, Stage, on_stage
from wire import topics
from wire.messages import (
    BoardView,
    Done,
    DoneOutcome,
    Event,
    Health,
    Identify,
    Key,
    NodeState,
    NodeStatus,
    Outcome,
    PanelState,
    PanelView,
    Press,
)


def a_panel(desk_seq: int = 7, state: PanelState = PanelState.FREE, waiting: int = 3) -> PanelView:
    return PanelView(desk="1", desk_seq=desk_seq, state=state, waiting=waiting)


def presses(stage: Stage) -> list[Press]:
    return [event.body for event in stage.heard(Event, "panel") if isinstance(event.body, Press)]


def test_a_node_says_who_it_is_before_anything_else_and_again_at_every_connection() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        stage.heal()
        await stage.wait(10)

    stage = on_stage(scene, [DOOR, PANEL])
    states = stage.heard(NodeState)
    assert [state.status for state in states] == [NodeStatus.ONLINE, NodeStatus.LOST, NodeStatus.ONLINE]
    assert {state.session for state in states} == {stage.node.session}
    assert [device.id for device in states[0].devices] == ["door", "panel"]
    assert all(device.fake for device in states[0].devices)
    assert isinstance(stage.messages[0][1], NodeState)


def test_a_node_says_again_that_it_is_there_in_case_nobody_heard() -> None:
    async def scene(stage: Stage) -> None:
        await stage.wait(130)

    states = on_stage(scene, [DOOR]).heard(NodeState)
    assert [state.status for state in states] == [NodeStatus.ONLINE] * 3


def test_a_node_that_is_stopped_says_goodbye() -> None:
    async def scene(stage: Stage) -> None:
        stage.agent.stop()
        await stage.wait(1)

    assert on_stage(scene, [PANEL]).heard(NodeState)[-1].status is NodeStatus.LOST


def test_health_is_told_every_minute_with_what_does_not_work() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").unplug()
        await stage.wait(130)

    healths = on_stage(scene, [PRINTER]).heard(Health)
    assert [health.uptime_s for health in healths] == [0, 60, 120]
    assert healths[0].faults == {}
    assert "check its cable and power" in healths[2].faults["printer"]


def test_malformed_and_misplaced_messages_are_counted_and_the_agent_goes_on() -> None:
    async def scene(stage: Stage) -> None:
        panel = topics.show(SITE, NODE, "panel")
        for payload in (b"", b"{", b"\xff\xfe", b'{"term":1}', b"x" * 20_000):
            stage.broker.inject(panel, payload)
        stage.broker.inject(topics.show(SITE, NODE, "nobody"), b"{}")
        stage.show("panel", BoardView(title={}, languages=["en"], calls=[], lines=[]))
        stage.show("panel", a_panel())
        await stage.wait(60)
        stage.hands.press("panel", "next")
        await stage.wait(1)

    stage = on_stage(scene, [PANEL])
    assert stage.heard(Health)[-1].dropped == 7
    assert presses(stage) == [Press(key=Key.NEXT, seen=7)]


def test_an_older_view_is_ignored_an_equal_one_is_newer_content() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel(desk_seq=5), term=2, seq=10)
        stage.show("panel", a_panel(desk_seq=6), term=2, seq=10)
        stage.show("panel", a_panel(desk_seq=1), term=2, seq=9)
        stage.show("panel", a_panel(desk_seq=2), term=1, seq=99)
        await stage.wait(0.1)
        stage.hands.press("panel", "next")
        await stage.wait(1)

    assert presses(on_stage(scene, [PANEL])) == [Press(key=Key.NEXT, seen=6)]


def test_a_job_that_a_device_cannot_do_is_refused() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("door", Identify(), job="find-me")
        await stage.wait(1)

    (done,) = on_stage(scene, [DOOR]).heard(Done)
    assert (done.id, done.outcome) == ("find-me", DoneOutcome.REFUSED)


# --- presses -------------------------------------------------------------------------------------------------


def test_a_press_carries_what_the_panel_showed_and_when_it_was_pressed() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel())
        await stage.wait(0.25)
        stage.hands.press("panel", "recall")
        await stage.wait(1)

    (event,) = on_stage(scene, [PANEL]).heard(Event, "panel")
    assert event.body == Press(key=Key.RECALL, seen=7)
    assert event.heard is not None
    assert (event.heard.boot, event.heard.ms, event.heard.since_ms) == ("boot-1", 1000, 250)


def test_a_press_is_repeated_unchanged_until_its_receipt_comes() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel())
        stage.answer = lambda event: None
        await stage.wait(0.1)
        stage.hands.press("panel", "next")
        await stage.wait(2)
        stage.answer = lambda event: (Outcome.DONE, "")
        await stage.wait(20)

    stage = on_stage(scene, [PANEL])
    repeats = stage.heard(Event, "panel")
    assert len(repeats) == 4
    assert all(repeat == repeats[0] for repeat in repeats)


def test_a_press_that_nobody_answers_goes_stale_and_the_lamp_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel(waiting=0))
        stage.answer = lambda event: None
        await stage.wait(0.1)
        stage.hands.press("panel", "next")
        await stage.wait(8.3)
        assert stage.hands.is_lit("panel"), "the long flash of a press that came to nothing"
        await stage.wait(30)
        assert not stage.hands.is_lit("panel")

    stage = on_stage(scene, [PANEL])
    sent_at_s = [at_s for who, message, at_s in stage.messages if who == "panel" and isinstance(message, Event)]
    assert 5 <= len(sent_at_s) <= 9
    assert sent_at_s[-1] - sent_at_s[0] < 8


def test_a_panel_refuses_by_itself_while_the_hub_is_silent() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel(waiting=0))
        stage.is_telling_time = False
        await stage.wait(3)
        stage.hands.press("panel", "next")
        await stage.wait(0.5)
        assert stage.hands.is_lit("panel")
        stage.is_telling_time = True
        await stage.wait(10)
        stage.hands.press("panel", "recall")
        await stage.wait(1)

    assert presses(on_stage(scene, [PANEL])) == [Press(key=Key.RECALL, seen=7)]


def test_a_panel_without_a_view_refuses_by_itself() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.press("panel", "next")
        await stage.wait(1)

    assert presses(on_stage(scene, [PANEL])) == []


def test_a_press_during_a_cut_arrives_afterwards_with_its_true_age() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel())
        await stage.wait(0.5)
        stage.cut()
        stage.hands.press("panel", "next")
        await stage.wait(1)
        stage.heal()
        await stage.wait(10)

    (event,) = on_stage(scene, [PANEL]).heard(Event, "panel")
    assert event.heard is not None
    assert event.heard.since_ms == 500


def test_at_rest_the_lamp_tells_a_free_desk_that_someone_waits() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_panel(waiting=2))
        await stage.wait(0.5)
        assert stage.hands.is_lit("panel")
        stage.show("panel", a_panel(waiting=2, state=PanelState.SERVING))
        await stage.wait(0.5)
        assert not stage.hands.is_lit("panel")

    on_stage(scene, [PANEL])
