"""Bugs as they come in by the way: an edge that is off by one, a thing done twice, a case that was not thought of."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from edge.lane import LatestLane
from edge.node import Node
from edge.offline import Offline
from hub.day import change_events, events, inputs, number_events, occupancy, people_events
from hub.day.apply import lines
from hub.day.decide import desks, tickets
from hub.day.model import Day, Ticket
from hub.day.refusal import Code, Refusal
from hub.displays import Displays
from hub.intake import Intake
from hub.journal import Batch
from hub.nodes import Nodes
from hub.outbox import Outbox
from hub.writer import Writer
from tests.planted.plant import Decision, Plant, applied, decided, swapped, without_effect
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import NodeState, NodeStatus, Receipt

_ticket = tickets._ticket
_consume = occupancy._consume_reservations
_age_ms = Intake._age_ms
_mark = Intake._mark
_free_reservation = lines.free_reservation
_send_newest = Node.send_newest
_disconnect = InProcessLink._disconnect
_take_state = Nodes.take_state
_hear_view = Offline.hear_view
_apply = Writer._apply


def _nothing(*_: object) -> None:
    pass


def _one_recall_more(day: Day, an_input: Any, now: datetime) -> Decision:
    decision = desks.RULES[inputs.Recall](day, an_input, now)
    if isinstance(decision, Refusal) and decision.code is Code.RECALLED_ENOUGH:
        assert day.lobby is not None
        desk = day.desks[an_input.desk]
        if decision.facts["times"] == day.lobby.site.recall_times_max:
            return [events.TicketRecalled(ticket=desk.ticket, desk=desk.desk.id)]
    return decision


def _priority_twice(*args: Any, **fields: Any) -> Decision:
    if fields.get("earlier_s"):
        fields["due_at"] -= timedelta(seconds=fields["earlier_s"])
    return _ticket(*args, **fields)


def _party_is_one(room: Any, entered: int) -> None:
    """Each entry is the whole party of the oldest reservation."""
    for _ in range(entered):
        if room.reservations:
            room.reservations.pop(0)


def _frees_another_too(day: Day, ticket: Ticket, room: str = "") -> None:
    """What is freed is freed twice: the next one loses its place as well."""
    for state in [day.rooms[room]] if room else day.rooms.values():
        if any(kept.ticket == ticket.id for kept in state.reservations):
            _free_reservation(day, ticket, state.room.id)
            del state.reservations[:1]


def _any_device(intake: Intake, device: Any, event: Any) -> str:
    mark = _mark(intake, device, event)
    return mark if mark.startswith(("request/", "offline/")) else f"{event.session[:1]}/{event.seq}"


def _without_since(intake: Intake, heard: Any) -> int | None:
    return _age_ms(intake, msgspec.structs.replace(heard, since_ms=0))


def _boot_by_prefix(intake: Intake, heard: Any) -> int | None:
    if heard.boot[:1] <= intake._boot[:1]:
        heard = msgspec.structs.replace(heard, boot=intake._boot)
    return _age_ms(intake, heard)


def _any_will(nodes: Nodes, name: str, state: NodeState, now: datetime) -> bool:
    """A will of an earlier connection counts."""
    node = nodes.by_name[name]
    if state.status is NodeStatus.LOST and node.status is not None:
        node.status = NodeStatus.LOST
        return False
    return _take_state(nodes, name, state, now)


async def _never_expires(outbox: Outbox, pending: Any) -> None:
    pending.job = pending.job._replace(expires_at=pending.job.expires_at + timedelta(hours=1))
    await _send_job(outbox, pending)


_send_job = Outbox._send


def _outgoing_newest(node: Node, topic: str, message: Any, *, key: str = "") -> None:
    """What is unsent stays, what is newer is dropped."""
    if (topic, key) not in node._outgoing:
        _send_newest(node, topic, message, key=key)


def _settle_any(node: Node, receipt: Receipt) -> bool:
    """A receipt for another session settles the event of the same number."""
    return node._events.pop(receipt.event_seq, None) is not None


def _keeps_inbox(link: InProcessLink) -> bool:
    kept = list(link._inbox)
    was = _disconnect(link)
    link._inbox.extend(kept)
    return was


def _forget_retained(broker: InProcessBroker, link: InProcessLink) -> None:
    pass


def _helped_all_the_same(offline: Offline, request: str) -> bool:
    return False


def _old_lease(offline: Offline, view: Any) -> bool:
    """A lease of before takes the place of a newer one."""
    is_news = _hear_view(offline, view)
    if view.cut_off and view.cut_off.lease and is_news:
        offline.kept.next = view.cut_off.lease.first
    return is_news


def _newest_lost(lane: "LatestLane[Any]", wish: Any) -> None:
    if lane._wish is None:
        lane._wish = (wish,)
        lane._arrived.set()


def _one_job_less(writer: Writer, event: Any, batch: Batch) -> None:
    """Two slips of one commit: the second is forgotten."""
    _apply(writer, event, batch)
    del batch.jobs[1:]


def _no_new_epoch(day: Day, event: Any, at: datetime) -> None:
    """A counter that begins anew is taken for one that is new: what it says is its beginning."""
    known = day.counters.get(event.device)
    if known is not None and event.epoch not in known.totals:
        known.totals[event.epoch] = (event.entered, event.left)
    occupancy.count(day, event, at)


def _paused_all_the_same(day: Day, an_input: inputs.IssueTicket, now: datetime) -> Decision:
    paused, day.paused = day.paused, {}
    try:
        return tickets.RULES[inputs.IssueTicket](day, an_input, now)
    finally:
        day.paused = paused


def _again_and_again(day: Day, an_input: inputs.CheckIn, now: datetime) -> Decision:
    known = day.appointments.get(day.by_code.get(an_input.code_hash, ""))
    if known is None or not known.ticket:
        return tickets.RULES[inputs.CheckIn](day, an_input, now)
    before, known.ticket = known.ticket, ""
    try:
        return tickets.RULES[inputs.CheckIn](day, an_input, now)
    finally:
        known.ticket = before


def _party_counts_one(room: Any) -> int:
    return len(room.reservations)


def _grace_counts_from_call(day: Day, an_input: Any, now: datetime) -> Decision:
    decision = desks.RULES[inputs.NoShow](day, an_input, now)
    if isinstance(decision, Refusal):
        return decision
    called_at = day.tickets[day.desks[an_input.desk].ticket].called_at
    assert called_at is not None
    late = now - called_at
    return [
        msgspec.structs.replace(it, back_at=it.back_at - late) if isinstance(it, events.TicketMissed) else it
        for it in decision
    ]


def _unknown_is_empty(day: Day, room: Any, known: Any) -> int | None:
    return 0 if known.upper is None else known.upper


STRANGERS = [
    Plant(
        name="one-recall-more",
        room="rules",
        breaks="A call is repeated once more than the lobby allows.",
        plant=lambda: decided(inputs.Recall, lambda rule: _one_recall_more),
    ),
    Plant(
        name="grace-begins-at-the-call",
        room="rules",
        breaks="The grace of whoever missed a call is counted from the call.",
        plant=lambda: decided(inputs.NoShow, lambda rule: _grace_counts_from_call),
    ),
    Plant(
        name="priority-counts-twice",
        room="rules",
        breaks="A priority makes a ticket due earlier by twice its minutes.",
        plant=lambda: swapped(tickets, "_ticket", _priority_twice),
    ),
    Plant(
        name="paused-service-gives-tickets",
        room="rules",
        breaks="A service that is paused goes on giving tickets.",
        plant=lambda: decided(inputs.IssueTicket, lambda rule: _paused_all_the_same),
    ),
    Plant(
        name="appointment-used-twice",
        room="rules",
        breaks="The code of an invitation brings a second ticket.",
        plant=lambda: decided(inputs.CheckIn, lambda rule: _again_and_again),
    ),
    Plant(
        name="party-comes-in-as-one",
        room="rules",
        breaks="The first of a party who comes in uses up the places of all.",
        plant=lambda: swapped(occupancy, "_consume_reservations", _party_is_one),
    ),
    Plant(
        name="party-kept-one-place",
        room="rules",
        breaks="A party on its way is counted as one person.",
        plant=lambda: swapped(occupancy, "reserved_people", _party_counts_one),
    ),
    Plant(
        name="reservation-freed-twice",
        room="rules",
        breaks="With a reservation that ends, that of the next visitor ends as well.",
        plant=lambda: swapped(lines, "free_reservation", _frees_another_too),
    ),
    Plant(
        name="unknown-room-is-empty",
        room="rules",
        breaks="A room of which nothing is known counts as empty.",
        plant=lambda: swapped(occupancy, "gate_upper", _unknown_is_empty),
    ),
    Plant(
        name="epoch-taken-for-a-new-counter",
        room="rules",
        breaks="What a counter has counted since it began anew is not counted.",
        plant=lambda: applied(people_events.PeopleCounted, lambda effect: _no_new_epoch),
    ),
    Plant(
        name="limit-change-ignored",
        room="rules",
        breaks="A limit that is lowered during the day stays as it was.",
        plant=lambda: without_effect(change_events.LimitChanged),
    ),
    Plant(
        name="alias-forgotten",
        room="rules",
        breaks="The number on a slip that a cut off kiosk gave is not known.",
        plant=lambda: without_effect(number_events.TicketAliased),
    ),
    Plant(
        name="second-job-of-a-commit-lost",
        room="writer",
        breaks="Of two slips that one commit wants the second is forgotten.",
        plant=lambda: swapped(Writer, "_apply", _one_job_less),
    ),
    Plant(
        name="mark-of-another-device",
        room="intake",
        breaks="A press is answered with what another device was told under the same number.",
        plant=lambda: swapped(Intake, "_mark", _any_device),
    ),
    Plant(
        name="age-without-the-wait",
        room="intake",
        breaks="What passed between the hub's clock and the finger is added to no press's age.",
        plant=lambda: swapped(Intake, "_age_ms", _without_since),
    ),
    Plant(
        name="boot-by-its-first-letter",
        room="intake",
        breaks="Two runs of the hub whose names begin alike are one.",
        plant=lambda: swapped(Intake, "_age_ms", _boot_by_prefix),
    ),
    Plant(
        name="old-will-believed",
        room="intake",
        breaks="The last will of an earlier connection makes a node lost that is there.",
        plant=lambda: swapped(Nodes, "take_state", _any_will),
    ),
    Plant(
        name="slips-never-expire",
        room="outbox",
        breaks="A slip comes out an hour after anybody waited for it.",
        plant=lambda: swapped(Outbox, "_send", _never_expires),
    ),
    Plant(
        name="lost-views-not-said-again",
        room="displays",
        breaks="Views that were lost on the way are not said again.",
        plant=lambda: swapped(Displays, "told", _nothing),
    ),
    Plant(
        name="newest-dropped",
        room="lanes",
        breaks="While something waits to be drawn, what is newer is dropped.",
        plant=lambda: swapped(LatestLane, "put", _newest_lost),
    ),
    Plant(
        name="newer-totals-dropped",
        room="nodes",
        breaks="While totals wait to be sent, newer ones are dropped.",
        plant=lambda: swapped(Node, "send_newest", _outgoing_newest),
    ),
    Plant(
        name="receipt-of-another-session",
        room="nodes",
        breaks="A receipt for an earlier life of the node settles an event of this one.",
        plant=lambda: swapped(Node, "settle", _settle_any),
    ),
    Plant(
        name="two-slips-for-one-wish",
        room="nodes",
        breaks="A kiosk that has helped its visitor prints the hub's slip as well.",
        plant=lambda: swapped(Offline, "is_helped", _helped_all_the_same),
    ),
    Plant(
        name="old-range-believed",
        room="nodes",
        breaks="A kiosk begins its range anew with every view that brings one.",
        plant=lambda: swapped(Offline, "hear_view", _old_lease),
    ),
    Plant(
        name="retained-not-delivered",
        room="link",
        breaks="Who connects is not told what is retained.",
        plant=lambda: swapped(InProcessBroker, "deliver_retained", _forget_retained),
    ),
    Plant(
        name="inbox-outlives-the-connection",
        room="link",
        breaks="What was under way when a connection broke comes in the next one.",
        plant=lambda: swapped(InProcessLink, "_disconnect", _keeps_inbox),
    ),
]
"""In the order of the table."""
