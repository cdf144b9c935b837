"""What the hub makes of the settings that a lobby file wishes of devices."""

import asyncio
from dataclasses import replace

from hub.day.lobby import Lobby
from hub.desired import revision_of
from hub.fleet import Standing, Wished
from hub.hub import Hub
from tests.given import a_lobby
from tests.hubs import Node, Stage, run
from wire import topics
from wire.messages import Config, Done, DoneOutcome, Health
from wire.topics import Leaf

BOARD = "board-1/board"
DONE = topics.done("hall", "board-1", "board")
HEALTH = topics.health("hall", "board-1")
BRIGHT: dict[str, str | int | float | bool] = {"contrast": 200}
REVISION = revision_of(BRIGHT)


def wishing(lobby: Lobby) -> Lobby:
    devices = [replace(it, settings=BRIGHT) if it.address == BOARD else it for it in lobby.devices]
    return replace(lobby, devices=tuple(devices))


async def a_board(stage: Stage) -> tuple[Hub, Node]:
    hub = await stage.hub(wishing(a_lobby()))
    node = Node(stage, "board-1")
    await asyncio.sleep(1)
    return hub, node


def wished(hub: Hub) -> Wished:
    return hub.fleets["hall"].wished[BOARD]


def said(node: Node) -> list[tuple[int, dict[str, object]]]:
    return [(it.revision, dict(it.settings)) for it in node.of(Config, Leaf.CONFIG)]


def health(**revisions: int) -> Health:
    return Health(session="s", uptime_s=1, revisions=revisions)


def test_the_same_settings_have_the_same_revision_and_none_has_zero() -> None:
    assert revision_of({}) == 0
    assert revision_of({"a": 1, "b": 2}) == revision_of({"b": 2, "a": 1}) != revision_of({"a": 1, "b": 3})


def test_what_the_lobby_file_wishes_is_said_retained_and_waits_for_an_answer() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        assert said(node) == [(REVISION, BRIGHT)]
        assert wished(hub).standing is Standing.WAITING
        await node.say(DONE, Done(id=f"config-{REVISION}", outcome=DoneOutcome.DONE))
        assert (wished(hub).standing, wished(hub).reported) == (Standing.IN_FORCE, REVISION)

    run(story)


def test_what_a_device_refuses_is_told_with_its_words_and_not_said_again() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        why = "contrast: 200 is above 100"
        await node.say(DONE, Done(id=f"config-{REVISION}", outcome=DoneOutcome.REFUSED, why=why))
        await node.say(HEALTH, health())
        assert (wished(hub).standing, wished(hub).why, wished(hub).reported) == (Standing.REFUSED, why, 0)
        assert len(said(node)) == 1

    run(story)


def test_what_was_lost_on_the_way_is_said_again_when_the_node_says_what_is_in_force() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        await node.say(HEALTH, health(board=5))
        assert said(node) == [(REVISION, BRIGHT)] * 2
        assert (wished(hub).standing, wished(hub).reported) == (Standing.WAITING, 5)
        await node.say(HEALTH, health(board=REVISION))
        assert wished(hub).standing is Standing.IN_FORCE
        assert len(said(node)) == 2

    run(story)


def test_settings_that_no_file_wishes_any_more_are_taken_back() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub(a_lobby())
        node = Node(stage, "board-1")
        await asyncio.sleep(1)
        assert said(node) == []
        await node.say(HEALTH, health(board=REVISION))
        assert said(node) == [(0, {})]
        assert hub.fleets["hall"].wished == {}

    run(story)


def test_a_node_of_before_says_nothing_of_revisions_and_is_not_asked() -> None:
    async def story(stage: Stage) -> None:
        _, node = await a_board(stage)
        await node.say(HEALTH, Health(session="s", uptime_s=1))
        assert len(said(node)) == 1

    run(story)


def test_an_answer_to_something_else_is_not_taken_for_one() -> None:
    async def story(stage: Stage) -> None:
        hub, node = await a_board(stage)
        for done in ("config-", "config-x", "config-1", "job-7"):
            await node.say(DONE, Done(id=done, outcome=DoneOutcome.REFUSED, why="no"))
        assert (wished(hub).standing, wished(hub).why) == (Standing.WAITING, "")

    run(story)
