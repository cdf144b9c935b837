"""Answers go out in as few pieces as they can, and never wait for what may not come."""

import asyncio
from collections.abc import Callable

from hub.web.server import Answers


class Wire(asyncio.Transport):
    """Notes each piece that is given to the operating system."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.is_closed
        self.pieces.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


def pieces(*turns: Callable[[Answers], None]) -> list[bytes]:
    """What goes out when each of these happens in a turn of its own."""

    async def scene() -> list[bytes]:
        wire = Wire()
        answers = Answers(wire, asyncio.get_running_loop())
        for turn in turns:
            turn(answers)
            await asyncio.sleep(0)
        assert answers.is_closing() is wire.is_closed
        return wire.pieces

    return asyncio.run(scene())


def both(answers: Answers) -> None:
    answers.write(b"head")
    answers.write(b"body")


def all_and_end(answers: Answers) -> None:
    answers.write(b"head")
    answers.close()


def test_the_head_of_an_answer_and_its_body_are_one_piece() -> None:
    assert pieces(both, both) == [b"headbody", b"headbody"]


def test_what_nothing_follows_goes_out_by_itself() -> None:
    def line(answers: Answers) -> None:
        answers.write(b"line")

    assert pieces(line, line, line) == [b"line"] * 3


def test_nothing_is_lost_when_the_connection_ends_with_the_answer() -> None:
    assert pieces(all_and_end) == [b"head"]


def test_an_answer_without_a_body_is_its_head() -> None:
    def head_alone(answers: Answers) -> None:
        answers.write(b"head")
        answers.write(b"")

    assert pieces(head_alone) == [b"head"]
