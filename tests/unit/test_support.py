"""Support from afar: a question to one device, answered while somebody waits, and never kept."""

import asyncio

from hub.fleet import Shown
from hub.hub import Hub
from hub.support import ANSWER_S, ASKED_MAX
from tests.hubs import Node, Stage, run
from wire import topics
from wire.messages import Done, DoneOutcome, Health, Identify, Job, Machine, NodeState, NodeStatus, TakePicture
from wire.topics import Leaf

BOARD = "board-1/board"
DONE = topics.done("hall", "board-1", "board")


async def a_board(stage: Stage) -> tuple[Hub, Node]:
    hub = await stage.hub()
    node = Node(stage, "board-1")
    await asyncio.sleep(1)
    return hub, node


async def asked(node: Node) -> Job:
    await asyncio.sleep(0.1)
    return node.of(Job, Leaf.JOB)[-1]


def test_a_picture_is_asked_for_and_handed_over() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        answer = asyncio.create_task(hub.fleets["hall"].take_picture(BOARD))
        job = await asked(node)
        assert isinstance(job.body, TakePicture)
        await node.say(DONE, Done(id=job.id, outcome=DoneOutcome.DONE, picture=["A042", "3"]))
        assert await answer == Shown(outcome=DoneOutcome.DONE, picture=("A042", "3"))

    run(story)


def test_a_device_that_cannot_says_why() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        answer = asyncio.create_task(hub.fleets["hall"].identify(BOARD))
        job = await asked(node)
        assert isinstance(job.body, Identify)
        await node.say(DONE, Done(id=job.id, outcome=DoneOutcome.ACCEPTED))
        await node.say(DONE, Done(id=job.id, outcome=DoneOutcome.REFUSED, why="it has no lamp"))
        assert await answer == Shown(outcome=DoneOutcome.REFUSED, why="it has no lamp")

    run(story)


def test_nobody_waits_longer_than_a_few_seconds_and_a_late_answer_says_nothing() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        began_s = asyncio.get_running_loop().time()
        assert await hub.fleets["hall"].identify(BOARD) is None
        assert asyncio.get_running_loop().time() - began_s <= ANSWER_S + 0.1
        await node.say(DONE, Done(id=node.of(Job, Leaf.JOB)[-1].id, outcome=DoneOutcome.DONE))
        assert await hub.fleets["hall"].identify("board-1/nobody") is None

    run(story)


def test_another_device_cannot_answer_in_its_place() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        thief = Node(stage, "kiosk-1")
        answer = asyncio.create_task(hub.fleets["hall"].take_picture(BOARD))
        job = await asked(node)
        stolen = Done(id=job.id, outcome=DoneOutcome.DONE, picture=["a lie"])
        await thief.say(topics.done("hall", "kiosk-1", "printer"), stolen)
        assert await answer is None

    run(story)


def test_a_crowd_of_questions_is_not_asked() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        fleet = hub.fleets["hall"]
        answers = [asyncio.create_task(fleet.identify(BOARD)) for _ in range(ASKED_MAX + 5)]
        assert set(await asyncio.gather(*answers)) == {None}
        assert len(node.of(Job, Leaf.JOB)) == ASKED_MAX

    run(story)


def test_nodes_are_told_as_they_last_spoke_of_themselves() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        online = NodeState(status=NodeStatus.ONLINE, session="s", version="0.1.0")
        await node.say(topics.state("hall", "board-1"), online)
        health = Health(
            session="s", uptime_s=1, temperature_c=51.0, faults={"board": "power"}, machine=Machine(undervoltage=True)
        )
        await node.say(topics.health("hall", "board-1"), health)
        views = {view.name: view for view in hub.fleets["hall"].nodes}
        board = views["board-1"]
        assert (board.status, board.version, board.temperature_c) == ("online", "0.1.0", 51.0)
        assert (board.faults, board.machine) == ({"board": "power"}, {"machine-undervoltage": ""})
        assert views["kiosk-1"].status == "unheard"

    run(story)
