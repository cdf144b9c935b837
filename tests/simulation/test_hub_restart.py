"""The hub dies in the middle of the day and starts again: nothing that was promised is lost."""

import asyncio

from hub.day.model import Day, Ticket
from hub.day.views import device_views
from simulator.lobby_run import PUBLIC_URL
from tests.simulation.stage import TownHall, in_town_hall
from wire.messages import BoardView, Key

BOARDS_RIGHT_S = 5.0


async def tickets(it: TownHall) -> dict[str, tuple[str, str, str]]:
    """Ticket to number, state and desk."""

    def told(ticket: Ticket) -> tuple[str, str, str]:
        return ticket.number, ticket.state.value, ticket.desk

    def look(day: Day) -> dict[str, tuple[str, str, str]]:
        return {name: told(ticket) for name, ticket in day.tickets.items()}

    return await it.run.site.read(lambda day, now: look(day))


async def a_morning(it: TownHall) -> None:
    for service in ("residents", "passports", "residents", "civil-status", "passports", "residents"):
        await it.take_ticket(service)
    for desk in ("desk-1", "desk-6"):
        for key in (Key.OPEN, Key.NEXT):
            it.press(desk, key)
            await asyncio.sleep(1)


async def boards_are_right(it: TownHall) -> bool:
    views = await it.run.site.read(lambda day, now: device_views(day, now, PUBLIC_URL, it.run.door_secret))
    for post in it.run.posts.values():
        for board in post.boards:
            view = views[f"{post.name}/{board.info.id}"]
            assert isinstance(view, BoardView)
            drawn = [call.number for call in board.picture.calls] if board.picture else []
            is_stale = board.picture is None or board.picture.is_stale
            if is_stale or board.view != view or not set(drawn) <= {call.number for call in view.calls}:
                return False
    return True


def test_tickets_and_numbers_are_the_same_and_boards_are_right_within_five_seconds() -> None:
    async def act(it: TownHall) -> None:
        await a_morning(it)
        before = await tickets(it)
        assert [number for number, state, _ in before.values() if state == "called"] == ["C001", "A001"]
        await it.run.kill_hub()
        await asyncio.sleep(60)
        boards = [board for post in it.run.posts.values() for board in post.boards]
        assert all(board.picture is not None and board.picture.is_stale for board in boards)
        await it.run.start_hub()
        await asyncio.sleep(BOARDS_RIGHT_S)
        assert await tickets(it) == before
        assert await boards_are_right(it)

    in_town_hall(act)


def test_numbers_go_on_where_they_were() -> None:
    async def act(it: TownHall) -> None:
        await a_morning(it)
        await it.run.kill_hub()
        await it.run.start_hub()
        assert await it.take_ticket("residents") == "C004"
        assert await it.take_ticket("social-help") == "D001"

    in_town_hall(act)


def test_a_hub_that_died_with_a_slip_unprinted_prints_it_after_all() -> None:
    async def act(it: TownHall) -> None:
        hands = it.run.posts["kiosk-1"].devices.hands
        assert hands is not None
        it.run.broker.cut("guichet-kiosk-1")
        path = f"/api/v1/sites/{it.run.lobby.site.id}/tickets"
        wish = {"service": "residents", "printer": "kiosk-1/printer"}
        assert (await it.run.web.post(path, json_body=wish)).status == 201
        await it.run.kill_hub()
        await it.run.start_hub()
        it.run.broker.heal("guichet-kiosk-1")
        await asyncio.sleep(20)
        assert len(hands.slips("printer")) == 1

    in_town_hall(act)
