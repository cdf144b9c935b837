"""Bugs in the nodes: lanes, what they remember, what they send, what they believe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import edge.roles.board
import edge.roles.counter
import edge.roles.printer
from edge.agent import Agent
from edge.display import Moment
from edge.hub_clock import HubClock
from edge.job_memory import JobMemory
from edge.kiosk_face import Asked
from edge.lane import Condition, WorkLane
from edge.node import Node
from edge.roles.board import BoardPicture
from edge.roles.kiosk import Kiosk
from edge.roles.panel import Panel
from edge.roles.printer import Printer
from edge.slip import Slip, slip_of
from hub.outbox import Outbox
from tests.planted.plant import Plant, swapped
from wire.messages import Heard, PanelState, PanelView, PrintSlip, Receipt, Show

_begin = JobMemory.begin
_send_job = Outbox._send
_board_picture = edge.roles.board.board_picture
_stamp = HubClock.stamp
_show = Panel.show
_send_one = Node._send_one
_settle = Node.settle
_kiosk_ask = Kiosk._ask
_print = Printer._print


def _never(*_: object) -> bool:
    return False


def _always(*_: object) -> bool:
    return True


def _nothing(*_: object) -> None:
    pass


def _no_copy(job: PrintSlip, columns: int, spell: Callable[[str], str], *, is_copy: bool = False, **_: bool) -> Slip:
    return slip_of(job, columns, spell)


def _always_current(view: Any, moment: Moment) -> BoardPicture:
    picture = _board_picture(view, moment)
    return _board_picture(view, Moment(moment.now_s, moment.now_at, moment.news_at, False)) if view else picture


def _stamp_whatever(clock: HubClock) -> Heard | None:
    heard = clock._link.hub_time(clock._site)
    age_s = clock.age_s
    if heard is None or age_s is None:
        return None
    return Heard(boot=heard.time.boot, ms=heard.time.ms, since_ms=round(age_s * 1_000))


def _stamp_without_age(clock: HubClock) -> Heard | None:
    heard = _stamp(clock)
    return None if heard is None else Heard(boot=heard.boot, ms=heard.ms, since_ms=0)


async def _send_one_fresh(node: Node) -> bool:
    """What is sent again is stamped again, as if it had just been pressed."""
    import msgspec

    for pending in node._events.values():
        heard = node.hub_clock.stamp()
        if heard is not None and pending.event.heard is not None:
            pending.event = msgspec.structs.replace(pending.event, heard=heard)
    return await _send_one(node)


async def _send_one_renumbered(node: Node) -> bool:
    """What is sent again has a name of its own."""
    import msgspec

    for seq, pending in list(node._events.items()):
        if pending.resend_s > 0.6:
            node._seq += 1
            pending.event = msgspec.structs.replace(pending.event, seq=node._seq)
            pending.resend_s = 0.5
            node._events[node._seq] = node._events.pop(seq)
    return await _send_one(node)


async def _send_once(node: Node) -> bool:
    for pending in node._events.values():
        if pending.resend_s > 0.5:
            pending.due_at_s = float("inf")
    return await _send_one(node)


def _settle_nothing(node: Node, receipt: Receipt) -> bool:
    """The answer is seen, and the event is sent again."""
    return receipt.session == node.session and receipt.event_seq in node._events


def _old_view(panel: Panel, show: Show) -> bool:
    """The panel keeps the sequence that it heard first."""
    before = panel._view
    if not _show(panel, show):
        return False
    if before is not None and panel._view is not None and before.state is panel._view.state:
        panel._view = PanelView(
            desk=panel._view.desk,
            desk_seq=before.desk_seq,
            state=panel._view.state,
            waiting=panel._view.waiting,
            number=panel._view.number,
        )
    return True


def _lit_while_called(panel: Panel, show: Show) -> bool:
    if not _show(panel, show):
        return False
    assert panel._view is not None
    panel._lamp.rest(panel._view.state is not PanelState.CLOSED and panel._view.waiting > 0)
    return True


def _impatient(kiosk: Kiosk, asked: Asked) -> None:
    """A second press of a key is a second wish."""
    kiosk._wishes.pop(asked.key, None)
    _kiosk_ask(kiosk, asked)


@contextmanager
def _dropped_for_good() -> Iterator[None]:
    """The hub asks again for a slip of which it hears nothing, and that heals it: this takes both away."""
    with swapped(WorkLane, "put", _put_when_idle), swapped(Outbox, "_send", _asked_once):
        yield


async def _asked_once(outbox: Outbox, pending: Any) -> None:
    await _send_job(outbox, pending)
    pending.next_at_s = float("inf")


def _put_when_idle(lane: "WorkLane[Any]", piece: Any) -> bool:
    """A piece that has to wait is dropped, and its sender told that it was taken."""
    if not lane._pieces:
        lane._pieces.append(piece)
        lane._arrived.set()
    return True


def _loses_sessions(agent: Agent) -> None:
    """A connection that stands again is not announced."""


def _any_term(agent: Agent, topic: str, parsed: Any, message: Any) -> bool:
    return True


async def _print_first(printer: Printer, slip_id: str, request: str, slip: Callable[[bool], Slip]) -> str:
    """The slip comes, and then it is noted that it was begun."""
    begin, finish = printer._memory.begin, printer._memory.finish
    noted: list[str] = []

    def later(name: str) -> bool:
        noted.append(name)
        return False

    with swapped(printer._memory, "begin", later):
        why = await _print(printer, slip_id, request, slip)
    if noted and why:
        begin(slip_id)
    elif noted:
        finish(slip_id)
    return why


def _blank(memory: JobMemory) -> None:
    memory.is_whole = True


EDGE = [
    Plant(
        name="slip-noted-after-printing",
        room="lanes",
        breaks="A printer that loses its power in the midst of a slip does not know that it had begun.",
        plant=lambda: swapped(Printer, "_print", _print_first),
    ),
    Plant(
        name="job-memory-lost-with-the-power",
        room="lanes",
        breaks="A printer that starts again has forgotten what it has printed.",
        plant=lambda: swapped(JobMemory, "load", _blank),
    ),
    Plant(
        name="job-memory-forgotten",
        room="lanes",
        breaks="A printer that is asked again for a slip prints it again.",
        plant=lambda: swapped(edge.roles.printer, "JobMemory", _Forgetful),
    ),
    Plant(
        name="copy-mark-dropped",
        room="lanes",
        breaks="A slip that may have been printed before does not say so.",
        plant=lambda: swapped(edge.roles.printer, "slip_of", _no_copy),
    ),
    Plant(
        name="lower-term-accepted",
        room="nodes",
        breaks="A view that comes late takes the place of a newer one.",
        plant=lambda: swapped(Agent, "_is_current", _any_term),
    ),
    Plant(
        name="stale-shown-as-current",
        room="nodes",
        breaks="A board that does not hear the hub goes on as if nothing were the matter.",
        plant=lambda: swapped(edge.roles.board, "board_picture", _always_current),
    ),
    Plant(
        name="silence-of-the-hub-ignored",
        room="nodes",
        breaks="A panel sends presses though the hub has long not been heard.",
        plant=lambda: swapped(HubClock, "stamp", _stamp_whatever),
    ),
    Plant(
        name="stamped-without-age",
        room="nodes",
        breaks="A press says that it is as old as the newest word of the hub.",
        plant=lambda: swapped(HubClock, "stamp", _stamp_without_age),
    ),
    Plant(
        name="stamped-when-sent",
        room="nodes",
        breaks="A press that is sent again is made young again.",
        plant=lambda: swapped(Node, "_send_one", _send_one_fresh),
    ),
    Plant(
        name="repeated-event-gets-a-fresh-name",
        room="nodes",
        breaks="A press that is sent again has another number, and is another press.",
        plant=lambda: swapped(Node, "_send_one", _send_one_renumbered),
    ),
    Plant(
        name="sent-once",
        room="nodes",
        breaks="A press that got lost is not sent again.",
        plant=lambda: swapped(Node, "_send_one", _send_once),
    ),
    Plant(
        name="seen-not-followed",
        room="nodes",
        breaks="A panel goes on saying what it saw of its desk some views ago.",
        plant=lambda: swapped(Panel, "show", _old_view),
    ),
    Plant(
        name="lamp-lies",
        room="nodes",
        breaks="The lamp asks for a press while somebody is at the desk.",
        plant=lambda: swapped(Panel, "show", _lit_while_called),
    ),
    Plant(
        name="second-press-second-ticket",
        room="nodes",
        breaks="An impatient visitor at the kiosk gets a second ticket.",
        plant=lambda: swapped(Kiosk, "_ask", _impatient),
    ),
    Plant(
        name="slips-dropped-in-a-queue",
        room="lanes",
        breaks="A slip that has to wait for another is dropped, and the hub asks only once.",
        plant=_dropped_for_good,
    ),
    Plant(
        name="counts-not-repeated",
        room="nodes",
        breaks="A counter tells its totals once and never again.",
        plant=lambda: swapped(edge.roles.counter, "REPEAT_EVERY_S", 1e9),
    ),
    Plant(
        name="fault-never-over",
        room="lanes",
        breaks="A device that was mended is told of as broken for ever.",
        plant=lambda: swapped(Condition, "worked", lambda condition: None),
    ),
    Plant(
        name="fault-kept-to-itself",
        room="nodes",
        breaks="A node does not tell what its devices need.",
        plant=lambda: swapped(Node, "set_fault", lambda node, device, needs, part="": None),
    ),
]
"""In the order of the table."""


class _Forgetful(JobMemory):
    def is_done(self, job: str) -> bool:
        return False

    def begin(self, job: str) -> bool:
        _begin(self, job)
        return False
