"""What nodes say, and what the hub makes of it: receipts, views, jobs, and things put aside."""

import asyncio
from datetime import timedelta
from zlib import crc32

import msgspec

from hub.day.inputs import OpenDesk
from hub.day.refusal import Code
from hub.hub import Hub
from hub.intake import EVENTS_MAX
from tests.given import a_lobby
from tests.hubs import Node, Stage, issue, run
from wire import codec, topics
from wire.messages import (
    BoardView,
    Count,
    Done,
    DoneOutcome,
    Event,
    Health,
    Heard,
    HubTime,
    Job,
    Key,
    NodeState,
    NodeStatus,
    Outcome,
    PanelView,
    Paper,
    PaperChanged,
    Press,
    PrintSlip,
    Receipt,
    Show,
    SignView,
    TicketRequest,
)
from wire.topics import Leaf

PANEL = topics.event("hall", "desk-1", "panel")
KIOSK = topics.event("hall", "kiosk-1", "kiosk")
PRINTER = topics.event("hall", "kiosk-1", "printer")
COUNTER = topics.count("hall", "door-1", "counter")


def heard_now(node: Node, *, since_ms: int = 0) -> Heard:
    """A stamp of this moment, by the hub's own clock."""
    return Heard(boot=node.hub_time.boot, ms=round(asyncio.get_running_loop().time() * 1_000), since_ms=since_ms)


def panel_view(node: Node) -> PanelView:
    view = node.of(Show, Leaf.SHOW)[-1].view
    assert isinstance(view, PanelView)
    return view


def press(node: Node, seq: int, *, key: Key = Key.NEXT, heard: Heard | None = None) -> Event:
    """A key of the panel, pressed by somebody who sees what it shows."""
    body = Press(key=key, seen=panel_view(node).desk_seq)
    return Event(session="s", seq=seq, body=body, heard=heard or heard_now(node))


async def a_panel(stage: Stage, hub: Hub) -> Node:
    """Desk 1, open, with two people waiting, and its panel."""
    site = hub.sites["hall"]
    await site.submit(OpenDesk(desk="1", by="page"))
    await site.submit(issue(1))
    await site.submit(issue(2))
    panel = Node(stage, "desk-1")
    await asyncio.sleep(2)
    return panel


async def calls(hub: Hub) -> int:
    return await hub.sites["hall"].read(lambda day, now: day.services["passports"].tickets_called)


def test_a_press_calls_and_is_receipted() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        await panel.say(PANEL, press(panel, 1))
        (receipt,) = panel.of(Receipt, Leaf.RECEIPT)
        assert (receipt.session, receipt.event_seq, receipt.outcome) == ("s", 1, Outcome.DONE)
        assert panel_view(panel).number == "A001"

    run(story)


def test_one_press_delivered_three_times_calls_once_and_gets_the_same_receipt() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        echo = press(panel, 1)
        for _ in range(3):
            await panel.say(PANEL, echo)
        assert await calls(hub) == 1
        assert [receipt.outcome for receipt in panel.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE] * 3

    run(story)


def test_two_presses_call_two_people() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        await panel.say(PANEL, press(panel, 1))
        await panel.say(PANEL, press(panel, 2))
        assert await calls(hub) == 2

    run(story)


def test_a_press_older_than_eight_seconds_is_expired_and_stays_so() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        await panel.say(PANEL, press(panel, 1, heard=heard_now(panel, since_ms=0)))
        stale = press(panel, 2)
        await asyncio.sleep(8.1)
        await panel.say(PANEL, stale)
        young = press(panel, 3, heard=heard_now(panel, since_ms=0))
        await asyncio.sleep(7.5)
        await panel.say(PANEL, young)
        outcomes = [receipt.outcome for receipt in panel.of(Receipt, Leaf.RECEIPT)]
        assert outcomes == [Outcome.DONE, Outcome.EXPIRED, Outcome.DONE]

    run(story)


def test_a_repeat_that_is_stale_by_now_still_gets_its_answer() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        event = press(panel, 1)
        await panel.say(PANEL, event)
        await asyncio.sleep(60)
        await panel.say(PANEL, event)
        assert [receipt.outcome for receipt in panel.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE, Outcome.DONE]
        assert await calls(hub) == 1

    run(story)


def test_presses_stamped_by_another_hub_the_future_or_nobody_are_expired() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        now = heard_now(panel)
        for seq, heard in enumerate((Heard(boot="other", ms=now.ms, since_ms=0), heard_of(now, 1_500), None), start=1):
            event = press(panel, seq)
            await panel.say(PANEL, Event(session="s", seq=seq, body=event.body, heard=heard))
        receipts = panel.of(Receipt, Leaf.RECEIPT)
        assert [(receipt.outcome, receipt.facts) for receipt in receipts] == [(Outcome.EXPIRED, {})] * 3
        assert await calls(hub) == 0

    run(story)


def heard_of(now: Heard, ahead_ms: int) -> Heard:
    return Heard(boot=now.boot, ms=now.ms + ahead_ms, since_ms=0)


def test_a_press_after_a_hub_restart_is_expired() -> None:
    async def story(stage: Stage) -> None:
        panel = await a_panel(stage, await stage.hub())
        event = press(panel, 1)
        await stage.stop()
        hub = await stage.hub()
        panel = Node(stage, "desk-1")
        await asyncio.sleep(2)
        await panel.say(PANEL, event)
        (receipt,) = panel.of(Receipt, Leaf.RECEIPT)
        assert (receipt.outcome, receipt.code) == (Outcome.EXPIRED, Code.EXPIRED)
        assert await calls(hub) == 0

    run(story)


def test_no_receipt_leaves_while_the_journal_cannot_be_written() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        event = press(panel, 1)
        stage.alter("PRAGMA query_only = ON")
        await panel.say(PANEL, event)
        assert panel.of(Receipt, Leaf.RECEIPT) == []
        assert hub.health().status == "failing"
        stage.alter("PRAGMA query_only = OFF")
        await panel.say(PANEL, event)
        assert [receipt.outcome for receipt in panel.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE]

    run(story)


def test_a_kiosk_gets_a_ticket_and_its_printer_the_slip_until_it_is_done() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub()
        kiosk = Node(stage, "kiosk-1")
        await asyncio.sleep(2)
        wish = TicketRequest(request="wish", service="permits", language="fr")
        for seq in (1, 2):
            await kiosk.say(KIOSK, Event(session="s", seq=seq, body=wish, heard=heard_now(kiosk)))
        receipts = kiosk.of(Receipt, Leaf.RECEIPT)
        assert [receipt.facts for receipt in receipts] == [{"number": "B001"}] * 2, "one wish, one ticket"
        await asyncio.sleep(10)
        jobs = kiosk.of(Job, Leaf.JOB)
        assert len({job.id for job in jobs}) == 1
        assert len(jobs) == 3, "sent at once, after 2 s and after 4 more"
        slip = jobs[0].body
        assert isinstance(slip, PrintSlip)
        assert slip.number == "B001"
        assert slip.ticket_url.startswith("http://hub.test/t/")
        await kiosk.say(topics.done("hall", "kiosk-1", "printer"), Done(id=jobs[0].id, outcome=DoneOutcome.DONE))
        await asyncio.sleep(200)
        assert len(kiosk.of(Job, Leaf.JOB)) == 3
        assert stage.column("SELECT state || ' ' || outcome FROM outbox") == ["answered done"]

    run(story)


def test_a_slip_that_nobody_prints_expires() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await hub.sites["hall"].submit(issue(1, printer="kiosk-1/printer"))
        await asyncio.sleep(130)
        assert stage.column("SELECT state FROM outbox") == ["expired"]

    run(story)


def test_a_printer_that_comes_back_gets_its_slip_at_once_and_keeps_the_id_over_a_hub_restart() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await hub.sites["hall"].submit(issue(1, printer="kiosk-1/printer"))
        await asyncio.sleep(20)
        kiosk = Node(stage, "kiosk-1")
        await asyncio.sleep(0.1)
        state = NodeState(status=NodeStatus.ONLINE, session="new")
        await kiosk.say(topics.state("hall", "kiosk-1"), state)
        first = [job.id for job in kiosk.of(Job, Leaf.JOB)]
        await stage.stop()
        await stage.hub()
        kiosk = Node(stage, "kiosk-1")
        await asyncio.sleep(5)
        assert first == ["t1-3"]
        assert {job.id for job in kiosk.of(Job, Leaf.JOB)} == {"t1-3"}

    run(story)


def test_paper_never_goes_stale() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        printer = Node(stage, "kiosk-1")
        await asyncio.sleep(1.5)
        await printer.say(PRINTER, Event(session="s", seq=1, body=PaperChanged(paper=Paper.OUT)))
        assert await hub.sites["hall"].read(lambda day, now: day.paper) == {"kiosk-1/printer": Paper.OUT}

    run(story)


# --- counts and doors ----------------------------------------------------------------------------------------


def people_shown(node: Node) -> list[int | None]:
    return [show.view.people for show in node.of(Show, Leaf.SHOW) if isinstance(show.view, SignView)]


def test_counts_are_journalled_once_a_second_but_at_once_near_the_limit() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub(a_lobby(limit_people=20))
        door = Node(stage, "door-1")
        await asyncio.sleep(1.5)
        rows = "SELECT count(*) FROM journal WHERE body LIKE '%PeopleCounted%'"
        await door.say(COUNTER, Count(epoch="e", entered=0, left=0))
        for entered in range(1, 16):
            await door.say(COUNTER, Count(epoch="e", entered=entered, left=0))
        assert stage.column(rows) == [1], "within a second of the first"
        await asyncio.sleep(1)
        assert stage.column(rows) == [2]
        assert people_shown(door)[-1] == 15
        for entered in range(18, 22):
            await door.say(COUNTER, Count(epoch="e", entered=entered, left=0))
        assert stage.column(rows) == [5], "19, 20 and 21 at once"
        await asyncio.sleep(2)
        assert people_shown(door)[-1] == 21

    run(story)


# --- nodes ---------------------------------------------------------------------------------------------------


def test_a_late_will_of_an_older_session_says_nothing() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        node = Node(stage, "board-1")
        state = topics.state("hall", "board-1")
        await asyncio.sleep(0.1)
        await node.say(state, NodeState(status=NodeStatus.ONLINE, session="new", version="1"))
        await node.say(state, NodeState(status=NodeStatus.LOST, session="old"))
        await node.say(topics.health("hall", "board-1"), Health(session="new", uptime_s=1, faults={"board": "power"}))
        board = next(node for node in hub.health().sites[0].nodes if node.name == "board-1")
        assert (board.status, board.version, board.faults) == ("online", "1", {"board": "power"})
        await node.say(state, NodeState(status=NodeStatus.LOST, session="new"))
        assert "site hall: node board-1 is lost" in hub.health().reasons

    run(story)


def test_a_node_that_speaks_in_the_session_of_another_is_ignored() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        thief = Node(stage, "kiosk-1")
        await asyncio.sleep(2)
        of_panel = NodeState(status=NodeStatus.ONLINE, session="s")
        await panel.say(topics.state("hall", "desk-1"), of_panel)
        wish = TicketRequest(service="passports", request="r" * 22, language="en")
        replayed = Event(session="s", seq=1, body=wish, heard=heard_now(thief))

        await thief.say(topics.state("hall", "kiosk-1"), of_panel)
        await thief.say(KIOSK, replayed)
        assert thief.of(Receipt, Leaf.RECEIPT) == []
        assert [node.name for node in hub.health().sites[0].nodes if node.status == "online"] == ["desk-1"]
        assert b'reason="foreign-session"} 2.0' in hub.metrics.render()

        await panel.say(PANEL, press(panel, 1))
        assert [it.outcome for it in panel.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE]
        await thief.say(topics.state("hall", "kiosk-1"), NodeState(status=NodeStatus.ONLINE, session="its-own"))
        await thief.say(KIOSK, msgspec.structs.replace(replayed, session="its-own"))
        assert [it.outcome for it in thief.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE]

    run(story)


def test_a_view_that_was_lost_on_the_way_is_said_again_and_no_other() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub()
        node = Node(stage, "desk-1")
        await asyncio.sleep(10)
        health = topics.health("hall", "desk-1")
        (first,) = node.of(Show, Leaf.SHOW)
        await node.say(health, Health(session="s", uptime_s=1))
        await node.say(health, Health(session="s", uptime_s=2, views={"panel": crc32(codec.encode(first))}))
        assert node.of(Show, Leaf.SHOW) == [first], "nothing was said of it, or the newest is there"
        await node.say(health, Health(session="s", uptime_s=3, views={}))
        await node.say(health, Health(session="s", uptime_s=4, views={"panel": 7}))
        assert node.of(Show, Leaf.SHOW) == [first] * 2, "said again once, and now on its way"
        await asyncio.sleep(6)
        await node.say(health, Health(session="s", uptime_s=5, views={"panel": 7}))
        assert node.of(Show, Leaf.SHOW) == [first] * 3

    run(story)


def test_health_is_red_while_the_wall_clock_cannot_be_believed() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        assert (hub.health().clock_ok, hub.health().status) == (True, "degraded"), "no node was heard yet"
        stage.leap = timedelta(seconds=6)
        assert hub.health().reasons[0] == "the wall clock leapt; correct it and restart the hub"
        assert hub.health().status == "failing"
        stage.leap = timedelta(seconds=-4)
        assert hub.health().clock_ok

    run(story)


def test_every_display_is_told_again_when_the_broker_has_lost_everything() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub()
        board = Node(stage, "board-1")
        await asyncio.sleep(1)
        before = board.of(Show, Leaf.SHOW)
        stage.broker.restart(keep_retained=False)
        await asyncio.sleep(10)
        assert board.of(Show, Leaf.SHOW) == [*before, before[-1]]

    run(story)


def test_changes_in_a_rush_are_shown_seldom_but_the_last_always() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        board = Node(stage, "board-1")
        await asyncio.sleep(1)
        before = len(board.of(Show, Leaf.SHOW))
        for n in range(100):
            await hub.sites["hall"].submit(issue(n))
        took_s = asyncio.get_running_loop().time() - 1
        await asyncio.sleep(0.2)
        shown = board.of(Show, Leaf.SHOW)[before:]
        assert 2 <= len(shown) <= took_s / 0.05 + 2
        view = shown[-1].view
        assert isinstance(view, BoardView)
        assert view.lines[0].waiting == 100

    run(story)


# --- strangers and nonsense ----------------------------------------------------------------------------------


def test_what_nobody_understands_is_counted_and_put_aside_and_the_hub_goes_on() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        nonsense = [
            (PANEL, b"{"),
            (PANEL, b'{"session":"s","seq":-1,"body":{"type":"press","key":"next","seen":0}}'),
            (topics.state("hall", "desk-1"), b"\xff\xfe"),
            (topics.state("hall", "stranger"), b'{"status":"online","session":"s"}'),
            (topics.count("hall", "desk-1", "panel"), b'{"epoch":"e","entered":1,"left":0}'),
            (topics.done("hall", "desk-1", "nothing"), b'{"id":"x","outcome":"done"}'),
            ("guichet/1/hall/Desk 1/panel/event", b"{}"),
        ]
        for topic, payload in nonsense:
            stage.broker.inject(topic, payload)
        await panel.say(PANEL, press(panel, 7))
        await asyncio.sleep(1)
        value = hub.metrics.registry.get_sample_value
        reasons = ("bad-message", "unknown-node", "wrong-kind", "unknown-device", "unknown-topic")
        counted = [value("guichet_messages_bad_total", {"reason": reason}) for reason in reasons]
        assert counted == [3.0, 1.0, 1.0, 1.0, 1.0]
        assert stage.column("SELECT topic FROM quarantine ORDER BY id") == [topic for topic, _ in nonsense]
        assert [receipt.outcome for receipt in panel.of(Receipt, Leaf.RECEIPT)] == [Outcome.DONE]

    run(story)


def test_a_flood_of_nonsense_is_counted_but_kept_in_small_part() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await asyncio.sleep(1)
        for _ in range(500):
            stage.broker.inject(PANEL, b"x" * 5_000)
        await asyncio.sleep(1)
        assert hub.metrics.registry.get_sample_value("guichet_messages_bad_total", {"reason": "bad-message"}) == 500
        assert stage.column("SELECT count(*) FROM quarantine") == [60]
        assert stage.column("SELECT max(length(payload)) FROM quarantine") == [2_048]

    run(story)


def test_events_beyond_the_queue_are_dropped_and_counted() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel = await a_panel(stage, hub)
        body = press(panel, 1).body
        for seq in range(EVENTS_MAX + 50):
            stage.broker.inject(PANEL, codec.encode(Event(session="s", seq=seq, body=body, heard=heard_now(panel))))
        await asyncio.sleep(5)
        assert hub.metrics.registry.get_sample_value("guichet_messages_bad_total", {"reason": "overflow"}) == 50
        assert await calls(hub) == 1, "the others had seen a desk that has moved on"

    run(story)


def test_hub_time_comes_every_second_and_carries_the_boot() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        node = Node(stage, "board-1")
        seen: list[HubTime] = []
        for _ in range(5):
            await asyncio.sleep(1)
            seen.append(node.hub_time)
        assert [time.ms for time in seen] == [1_000, 2_000, 3_000, 4_000, 5_000]
        assert {time.boot for time in seen} == {hub.boot}

    run(story)
