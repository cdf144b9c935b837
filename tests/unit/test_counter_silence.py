"""A counter that is not heard makes its room unknown; heard again, its totals come before its good name."""

import asyncio

from edge.beams import Crossing
from edge.roles.counter import REPEAT_EVERY_S
from hub.day import occupancy
from hub.day.occupancy import SILENT_AFTER_S
from hub.hub import Hub
from hub.writer import Writer
from tests.edge_stage import DOOR, on_stage
from tests.edge_stage import Stage as EdgeStage
from tests.given import a_lobby
from tests.hubs import Node, Stage, run
from wire import topics
from wire.messages import Count, Event, Heard, NodeState, NodeStatus, RoomQuality, TicketRequest

COUNTER = topics.count("hall", "door-1", "counter")
STATE = topics.state("hall", "door-1")
KINDS = "select json_extract(body, '$.type') from journal order by seq"


def totals(entered: int, left: int = 0) -> Count:
    return Count(epoch="e1", entered=entered, left=left)


def state(status: NodeStatus, session: str = "s") -> NodeState:
    return NodeState(status=status, session=session)


async def a_counter(stage: Stage) -> Node:
    """The node of the front door, online, with a counter that has seen nobody."""
    door = Node(stage, "door-1")
    await asyncio.sleep(1)
    await door.say(STATE, state(NodeStatus.ONLINE))
    await door.say(COUNTER, totals(0))
    return door


async def room(hub: Hub) -> tuple[RoomQuality, int | None]:
    known = await hub.sites["hall"].read(lambda day, now: occupancy.estimate(day, "main"))
    return known.quality, known.value


def test_a_counter_that_says_nothing_for_ninety_seconds_makes_its_room_unknown() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await a_counter(stage)
        await asyncio.sleep(SILENT_AFTER_S - 1)
        assert await room(hub) == (RoomQuality.LIVE, 0)
        await asyncio.sleep(2)
        assert await room(hub) == (RoomQuality.UNKNOWN, None)
        await asyncio.sleep(3_600)
        assert stage.column(KINDS)[2:] == ["PeopleCounted", "CounterSilenced"], "it is said once"

    run(story)


def test_repeated_totals_keep_a_counter_heard_and_write_nothing() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        door = await a_counter(stage)
        seq = await hub.sites["hall"].changed(-1)
        for _ in range(100):
            await asyncio.sleep(REPEAT_EVERY_S)
            await door.say(COUNTER, totals(0))
        assert await room(hub) == (RoomQuality.LIVE, 0)
        assert await hub.sites["hall"].changed(-1) == seq, "no journal row"

    run(story)


def test_figures_say_what_the_count_is_worth() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub(a_lobby(margin_per_crossing=0.1))
        door = await a_counter(stage)
        await asyncio.sleep(1)
        await door.say(COUNTER, totals(12, 4))
        await asyncio.sleep(2)
        figures = (await hub.figures()).decode()
        assert 'guichet_room_people{room="main",site="hall"} 8.0' in figures
        assert 'guichet_room_people_upper{room="main",site="hall"} 10.0' in figures
        assert 'guichet_room_quality{quality="live",room="main",site="hall"} 1.0' in figures
        await door.say(STATE, state(NodeStatus.LOST))
        await asyncio.sleep(2)
        figures = (await hub.figures()).decode()
        assert 'guichet_room_people_upper{room="main",site="hall"} NaN' in figures
        assert 'guichet_room_quality{quality="live",room="main",site="hall"} 0.0' in figures
        assert 'guichet_room_quality{quality="unknown",room="main",site="hall"} 1.0' in figures

    run(story)


def test_figures_do_not_hang_with_a_journal() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await hub.figures()
        writer = hub.sites["hall"]
        assert isinstance(writer, Writer)
        writer._readers.hold()  # noqa: SLF001  # a commit that does not end
        async with asyncio.timeout(2):
            assert b'guichet_tickets_waiting{service="passports",site="hall"} 0.0' in await hub.figures()

    run(story)


def test_a_lost_node_silences_its_counter_at_once() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        door = await a_counter(stage)
        await door.say(STATE, state(NodeStatus.LOST, session="an older one"))
        assert await room(hub) == (RoomQuality.LIVE, 0), "an old will says nothing"
        await door.say(STATE, state(NodeStatus.LOST))
        assert await room(hub) == (RoomQuality.UNKNOWN, None)

    run(story)


def test_a_counter_that_is_heard_again_brings_its_totals_first() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        door = await a_counter(stage)
        await door.say(STATE, state(NodeStatus.LOST))
        await door.say(STATE, state(NodeStatus.ONLINE, session="t"))
        assert await room(hub) == (RoomQuality.UNKNOWN, None), "a node is not yet its counter"
        await door.say(COUNTER, totals(7, 2))
        await asyncio.sleep(1)
        assert await room(hub) == (RoomQuality.LIVE, 5)
        assert stage.column(KINDS)[-3:] == ["CounterSilenced", "PeopleCounted", "CounterHeard"]

    run(story)


def test_totals_of_a_node_that_is_not_there_are_taken_but_not_believed_for_long() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        door = Node(stage, "door-1")
        await asyncio.sleep(1)
        await door.say(STATE, state(NodeStatus.LOST))
        await door.say(COUNTER, totals(4))
        await asyncio.sleep(1)
        assert stage.column(KINDS)[2:] == ["PeopleCounted", "CounterSilenced"]
        assert await room(hub) == (RoomQuality.UNKNOWN, None)

    run(story)


def test_after_a_restart_a_known_counter_has_ninety_seconds_to_speak() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub()
        await a_counter(stage)
        await stage.stop()
        stage.broker.restart(keep_retained=False)
        hub = await stage.hub()
        await asyncio.sleep(SILENT_AFTER_S - 1)
        assert await room(hub) == (RoomQuality.LIVE, 0)
        await asyncio.sleep(2)
        assert await room(hub) == (RoomQuality.UNKNOWN, None)

    run(story)


def test_a_counter_that_was_silent_before_a_restart_stays_so_until_it_speaks() -> None:
    async def story(stage: Stage) -> None:
        await stage.hub()
        door = await a_counter(stage)
        await door.say(STATE, state(NodeStatus.LOST))
        await stage.stop()
        stage.broker.restart(keep_retained=False)
        hub = await stage.hub()
        await asyncio.sleep(10)
        assert await room(hub) == (RoomQuality.UNKNOWN, None)
        await a_counter(stage)
        assert await room(hub) == (RoomQuality.LIVE, 0)

    run(story)


def test_a_silence_that_cannot_be_written_is_noted_when_it_can() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await a_counter(stage)
        await asyncio.sleep(SILENT_AFTER_S - 2)
        stage.alter("create trigger full before insert on journal begin select raise(abort, 'disk full'); end")
        await asyncio.sleep(10)
        stage.alter("drop trigger full")
        await asyncio.sleep(2)
        assert await room(hub) == (RoomQuality.UNKNOWN, None)

    run(story)


def test_a_counter_tells_its_totals_every_thirty_seconds() -> None:
    async def scene(stage: EdgeStage) -> None:
        await stage.wait(REPEAT_EVERY_S * 2)
        stage.hands.cross("door", Crossing.ENTERED)
        await stage.wait(REPEAT_EVERY_S + 1)

    stage = on_stage(scene, [DOOR])
    assert [count.entered for count in stage.heard(Count)] == [0, 0, 0, 1, 1]


def test_a_blocked_counter_repeats_itself_too() -> None:
    async def scene(stage: EdgeStage) -> None:
        stage.hands.block("door")
        await stage.wait(REPEAT_EVERY_S * 3 + 16)

    counts = on_stage(scene, [DOOR]).heard(Count)
    assert [count.quality.value for count in counts] == ["ok", "blocked", "blocked", "blocked", "blocked"]


def test_a_ticket_of_a_kiosk_belongs_to_the_room_of_the_kiosk() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub(a_lobby(admitted=True))
        kiosk = Node(stage, "kiosk-1")
        await asyncio.sleep(2)
        heard = Heard(boot=kiosk.hub_time.boot, ms=round(asyncio.get_running_loop().time() * 1_000), since_ms=0)
        body = TicketRequest(request="a-wish", service="passports", language="en")
        await kiosk.say(topics.event("hall", "kiosk-1", "kiosk"), Event(session="s", seq=1, body=body, heard=heard))
        places = await hub.sites["hall"].read(lambda day, now: [ticket.is_outside for ticket in day.tickets.values()])
        assert places == [False], "who stands at a kiosk inside waits inside"

    run(story)
