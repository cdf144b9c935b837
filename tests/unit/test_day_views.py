"""What boards and door signs show of a day."""

from dataclasses import replace

from msgspec import structs

from hub.day.inputs import CallNext, Recall, Start
from hub.day.lobby import Device, DeviceKind, Lobby
from hub.day.views import device_views
from tests.given import Story, a_lobby
from wire.messages import BoardView, SignView


def board_of(story: Story) -> BoardView:
    view = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
    assert isinstance(view, BoardView)
    return view


def on_the_board(story: Story) -> list[tuple[str, str]]:
    """(number, desk), from the top."""
    return [(call.number, call.desk) for call in board_of(story).calls]


def with_calls(desks: int, lobby: Lobby | None = None) -> Story:
    """Each desk has called somebody, one after the other."""
    story = Story(lobby or a_lobby(desks=desks))
    for n in range(1, desks + 1):
        story.with_open_desk(str(n)).with_ticket()
        story.after(1).when(CallNext(desk=str(n), seen=None, by="page"))
    return story


def test_the_newest_call_stands_at_the_top() -> None:
    assert on_the_board(with_calls(3)) == [("A003", "3"), ("A002", "2"), ("A001", "1")]


def test_a_repeated_call_stands_on_the_boards_as_a_new_one() -> None:
    story = with_calls(3)
    story.after(30).when(Recall(desk="1", seen=None, by="page"))
    assert on_the_board(story) == [("A001", "1"), ("A003", "3"), ("A002", "2")]
    repeated, *others = board_of(story).calls
    assert (repeated.called_at, repeated.times) == (story.now, 2)
    assert all(call.called_at < story.now and call.times == 1 for call in others)


def test_who_has_not_come_yet_is_not_pushed_off_a_full_board_by_who_has() -> None:
    story = with_calls(7)
    assert [number for number, _ in on_the_board(story)] == ["A007", "A006", "A005", "A004", "A003", "A002"]

    for desk in ("2", "5", "7"):
        story.when(Start(desk=desk, seen=None, by="page"))

    assert [number for number, _ in on_the_board(story)] == ["A007", "A006", "A005", "A004", "A003", "A001"]


def test_a_light_is_told_what_the_sign_of_its_room_says_without_the_secret_of_its_codes() -> None:
    lobby = a_lobby(door_code="rotating")
    light = Device(node="door-1", id="light", kind=DeviceKind.LIGHT, room="main")
    story = Story(replace(lobby, devices=(*lobby.devices, light)))
    views = device_views(story.day, story.now, "http://hub.test", lambda sign, day: "A" * 32)
    sign, shown = views["door-1/sign"], views["door-1/light"]
    assert isinstance(sign, SignView)
    assert isinstance(shown, SignView)
    assert sign.door is not None
    assert shown == structs.replace(sign, door=None)


def test_a_speaker_before_a_door_is_told_what_the_sign_says_without_the_secret_of_its_codes() -> None:
    lobby = a_lobby(door_code="rotating")
    speaker = Device(node="door-1", id="speaker", kind=DeviceKind.SPEAKER, room="main", says="invitations")
    story = Story(replace(lobby, devices=(*lobby.devices, speaker)))
    views = device_views(story.day, story.now, "http://hub.test", lambda sign, day: "A" * 32)
    sign = views["door-1/sign"]
    assert isinstance(sign, SignView)
    assert views["door-1/speaker"] == structs.replace(sign, door=None)


def test_a_speaker_is_told_what_a_board_beside_it_shows() -> None:
    lobby = a_lobby(desks=3)
    speaker = Device(node="board-1", id="speaker", kind=DeviceKind.SPEAKER, room="main", calls=2)
    story = with_calls(3, replace(lobby, devices=(*lobby.devices, speaker)))
    views = device_views(story.day, story.now, "http://hub.test")
    board, told = views["board-1/board"], views["board-1/speaker"]
    assert isinstance(board, BoardView)
    assert told == structs.replace(board, calls=board.calls[:2])


def test_a_sign_promises_only_the_places_that_the_gate_reckons_with() -> None:
    story = Story(a_lobby(limit_people=20, admitted=True, margin_per_crossing=0.1)).counted(0, 0).counted(10, 0)
    story.with_ticket(party_people=3)

    def shown() -> tuple[int | None, int | None]:
        view = device_views(story.day, story.now, "http://hub.test")["door-1/sign"]
        assert isinstance(view, SignView)
        return view.people, view.free

    assert shown() == (10, 9), "of ten people one is uncertain"
    story.elapsed()
    assert shown() == (10, 6), "three are on their way"
    story.counted(30, 0)
    assert shown() == (30, 0)
