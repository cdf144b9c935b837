"""What a lobby leaves behind beside its journal: what was drawn, pressed, asked, printed and said, and what went wrong.

It keeps and judges nothing: checkers do, afterwards. All instants are the loop's, in seconds.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from msgspec import Struct

from edge.drivers.fake_printer import PrintedSlip
from edge.roles.board import Board, BoardPicture
from hub.journal import Batch
from simulator.asgi_client import Response
from simulator.fleet import Post

EVERYWHERE = ""
"""Where a trouble is that touches every device: the hub, the broker, the network between all."""


class Drawing(NamedTuple):
    """What of a picture checkers ask for, from when a board showed it until it showed another."""

    at_s: float
    numbers: tuple[str, ...]
    in_view: tuple[str, ...]
    """All numbers of the view that the board had then; one that shows one call at a time draws one of them."""
    is_current: bool
    """False while it says that it hears nothing."""


class Pressed(NamedTuple):
    """A finger on a key of a panel or a kiosk."""

    at_s: float
    device: str
    """`node/device`."""
    key: str


class Asked(NamedTuple):
    """A request that changes something, as the browser saw it."""

    began_s: float
    ended_s: float
    """When the answer had come, or was given up."""
    path: str
    body: bytes
    answer: Response | None
    """None if none came."""


class Printed(NamedTuple):
    """A slip that a printer has cut."""

    at_s: float
    printer: str
    """`node/device`."""
    slip: PrintedSlip


class Said(Struct, frozen=True, gc=False):
    """A message that the broker took."""

    at_s: float
    topic: str
    payload: bytes


HARMLESS = frozenset({"old-press", "old-owner", "repetition", "chance-repeats"})
"""Kinds of trouble through which everything goes on as ever."""


class Trouble(Struct):
    """Something that went wrong for a while."""

    kind: str
    where: str
    """`node/device`, a node, or `EVERYWHERE`."""
    began_s: float
    ended_s: float = float("inf")

    def touches(self, address: str) -> bool:
        """Whether the device at `address` may suffer from it."""
        is_there = self.where in (EVERYWHERE, address) or address.startswith(f"{self.where}/")
        return is_there and self.kind not in HARMLESS


class Record:
    """All that is kept of one run."""

    def __init__(self) -> None:
        self.drawings: dict[str, list[Drawing]] = {}
        """By `node/device`, oldest first, like all lists here."""
        self.pictures: dict[str, BoardPicture] = {}
        """By `node/device`: what each board shows now, which may be less than it should."""
        self.starts_s: list[float] = []
        """When hubs began to start."""
        self.presses: list[Pressed] = []
        self.asked: list[Asked] = []
        self.printed: list[Printed] = []
        self.said: list[Said] = []
        self.troubles: list[Trouble] = []
        self.rows_s: dict[int, float] = {}
        """When each row of the journal was committed."""
        self.marks_s: dict[str, float] = {}
        """When each answer was."""
        self.decided_again: list[str] = []
        """Marks that stood in the journal already when they were written."""
        self.found: list[str] = []
        """What was wrong at once, where only the moment could tell."""
        self.moved = asyncio.Event()
        """A trouble began or ended."""
        self._loop = asyncio.get_running_loop()

    # --- what happens ------------------------------------------------------------------------------------------

    def attach(self, post: Post) -> None:
        """Watch the boards, keys and printers of a node. Again after a power cut: its devices are others then."""
        for board in post.boards:
            board.watch = partial(self._drawn, f"{post.name}/{board.info.id}", board)
        hands = post.devices.hands
        assert hands is not None, "a simulated node has fakes"
        hands.told = partial(self._pressed, post.name)
        for device in hands.printers:
            hands.printer(device).cut = partial(self._cut, f"{post.name}/{device}")

    def message(self, topic: str, payload: bytes, at_s: float) -> None:
        """The broker took this message."""
        self.said.append(Said(at_s, topic, payload))

    def committed(self, batch: Batch) -> None:
        """The journal has taken this."""
        now_s = self._loop.time()
        self.rows_s |= {entry.seq: now_s for entry in batch.entries}
        self.decided_again += [mark.mark for mark in batch.marks if mark.mark in self.marks_s]
        self.marks_s |= {mark.mark: now_s for mark in batch.marks}

    def asked_for(self, path: str, body: bytes, began_s: float, answer: Response | None) -> None:
        """A browser sent a request that changes something, and this came of it."""
        self.asked.append(Asked(began_s, self._loop.time(), path, body, answer))

    def _drawn(self, address: str, board: Board, picture: BoardPicture) -> None:
        self.pictures[address] = picture
        if not picture.is_lit or picture.name:
            return  # a call flashes, or somebody looks for the board: a moment
        in_view = () if board.view is None else tuple([call.number for call in board.view.calls])
        numbers = tuple([call.number for call in picture.calls])
        drawings, drawing = self.drawings.setdefault(address, []), (numbers, in_view, not picture.is_stale)
        if not drawings or drawings[-1][1:] != drawing:
            drawings.append(Drawing(self._loop.time(), *drawing))

    def _pressed(self, node: str, device: str, key: str) -> None:
        self.presses.append(Pressed(self._loop.time(), f"{node}/{device}", key))

    def _cut(self, printer: str, slip: PrintedSlip) -> None:
        self.printed.append(Printed(self._loop.time(), printer, slip))

    # --- what goes wrong ---------------------------------------------------------------------------------------

    def begin(self, kind: str, where: str = EVERYWHERE) -> Trouble:
        """Something begins to go wrong at `where`; give what is returned to `end`."""
        trouble = Trouble(kind, where, self._loop.time())
        self.troubles.append(trouble)
        self.moved.set()
        return trouble

    def end(self, trouble: Trouble) -> None:
        """It goes wrong no more. What it left behind may still have to heal."""
        trouble.ended_s = self._loop.time()
        self.moved.set()

    @contextmanager
    def trouble(self, kind: str, where: str = EVERYWHERE) -> Iterator[None]:
        """Something goes wrong while the block lasts."""
        trouble = self.begin(kind, where)
        try:
            yield
        finally:
            self.end(trouble)

    @property
    def calm_since_s(self) -> float | None:
        """When the last trouble ended, 0 before the first; None while there is one."""
        since_s = max((it.ended_s for it in self.troubles), default=0.0)
        return None if since_s == float("inf") else since_s

    def is_calm(self, address: str, from_s: float, to_s: float) -> bool:
        """Whether nothing that touches the device went wrong between two instants."""
        return not any(it.began_s <= to_s and it.ended_s >= from_s for it in self.troubles if it.touches(address))

    def calm_spells(self, address: str, from_s: float, to_s: float, settle_s: float) -> list[tuple[float, float]]:
        """The parts of a time in which nothing that touches the device went wrong, nor had within `settle_s` before."""
        spells, begins_s = [], from_s
        for it in sorted(self.troubles, key=lambda it: it.began_s):
            if it.ended_s + settle_s <= begins_s or not it.touches(address):
                continue
            if it.began_s >= to_s:
                break
            if it.began_s > begins_s:
                spells.append((begins_s, it.began_s))
            begins_s = it.ended_s + settle_s
        return [*spells, (begins_s, to_s)] if begins_s < to_s else spells
