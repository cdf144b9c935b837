"""What boards show of a day."""

from hub.day.inputs import CallNext, Start
from hub.day.views import device_views
from tests.given import Story, a_lobby
from wire.messages import BoardView


def on_the_board(story: Story) -> list[tuple[str, str]]:
    """(number, desk), from the top."""
    view = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
    assert isinstance(view, BoardView)
    return [(call.number, call.desk) for call in view.calls]


def with_calls(desks: int) -> Story:
    """Each desk has called somebody, one after the other."""
    story = Story(a_lobby(desks=desks))
    for n in range(1, desks + 1):
        story.with_open_desk(str(n)).with_ticket()
        story.after(1).when(CallNext(desk=str(n), seen=None, by="page"))
    return story


def test_the_newest_call_stands_at_the_top() -> None:
    assert on_the_board(with_calls(3)) == [("A003", "3"), ("A002", "2"), ("A001", "1")]


def test_who_has_not_come_yet_is_not_pushed_off_a_full_board_by_who_has() -> None:
    story = with_calls(7)
    assert [number for number, _ in on_the_board(story)] == ["A007", "A006", "A005", "A004", "A003", "A002"]

    for desk in ("2", "5", "7"):
        story.when(Start(desk=desk, seen=None, by="page"))

    assert [number for number, _ in on_the_board(story)] == ["A007", "A006", "A005", "A004", "A003", "A001"]
