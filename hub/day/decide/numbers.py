"""Numbers that kiosks give by themselves while they are cut off: leased ahead, and handed in afterwards."""

from datetime import datetime, timedelta

from hub.day import events, inputs, number_events
from hub.day.closing import opens_first_at
from hub.day.decide.decision import Decision, Rule
from hub.day.decide.tickets import PARTY_PEOPLE_MAX
from hub.day.gates import is_before
from hub.day.lobby import DeviceKind
from hub.day.model import Day, Leased, Ticket, TicketState, written
from hub.day.refusal import Code, Refusal

NUMBER_MAX = 9_999
"""The longest that is still read from the back of the room."""

GIVEN_UP = frozenset({"no-show", "cancelled", "parked"})
"""Ends of tickets whose visitors are thought to be gone."""


def _lease_range(day: Day, an_input: inputs.LeaseRange, now: datetime) -> Decision:
    device = day.devices.get(an_input.device)
    if device is None or device.kind is not DeviceKind.KIOSK or not device.offline_letter:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    series = device.offline_letter
    newest = next((it for it in reversed(day.leases) if it.device == device.address), None)
    if newest and (newest.holder, newest.series) == (an_input.holder, series):
        left = newest.last + 1 - max(newest.first, an_input.next)
        if 2 * left >= device.offline_numbers:
            return []
    first = day.last_number(series) + 1
    last = min(first + device.offline_numbers - 1, NUMBER_MAX)
    if first > last:
        return Refusal(code=Code.NO_NUMBERS, facts={"series": series})
    leased = number_events.RangeLeased(
        device=device.address, holder=an_input.holder, series=series, first=first, last=last
    )  # fmt: skip
    return [leased]


def _hand_in(day: Day, an_input: inputs.HandInTicket, now: datetime) -> Decision:
    number = written(an_input.series, an_input.number)
    if an_input.day != day.day:
        return Refusal(code=Code.OTHER_DAY, facts={"number": number})
    leased = next((it for it in day.leases if _holds(it, an_input)), None)
    if leased is None:
        return Refusal(code=Code.NOT_LEASED, facts={"number": number})
    issued = day.tickets.get(day.by_request.get(an_input.request, ""))
    if issued and issued.merged_into:
        issued = day.tickets[issued.merged_into]
    if number in day.by_number:
        is_hers = issued is not None and day.by_number[number] == issued.id
        return [] if is_hers else Refusal(code=Code.NUMBER_TAKEN, facts={"number": number})
    if issued and not _was_given_up(issued):
        aliased = number_events.TicketAliased(
            ticket=issued.id, offline=an_input.device, series=an_input.series, number=an_input.number
        )
        return [aliased]
    return _issued(day, an_input, _arrived_at(day, an_input, leased, now))


def _holds(leased: Leased, an_input: inputs.HandInTicket) -> bool:
    is_its_kiosk = leased.device == an_input.device and leased.series == an_input.series
    return is_its_kiosk and leased.first <= an_input.number <= leased.last


def _was_given_up(ticket: Ticket) -> bool:
    """Whether the ticket has ended because nobody came: she could not know its number, and still waits."""
    return ticket.state is TicketState.CLOSED and ticket.ended_why in GIVEN_UP


def _arrived_at(day: Day, an_input: inputs.HandInTicket, leased: Leased, now: datetime) -> datetime:
    """An arrival that cannot have been counts as one of now: no clock puts anybody before those who came when the lobby
    opened, or before the kiosk had numbers to give."""
    opens_at = opens_first_at(day)
    is_possible = opens_at is not None and max(opens_at, leased.at) <= an_input.arrived_at <= now
    return an_input.arrived_at if is_possible else now


def _issued(day: Day, an_input: inputs.HandInTicket, arrived_at: datetime) -> Decision:
    """The ticket that the kiosk gave, whatever the hours say now: its visitor has been promised a place."""
    state, lobby = day.services.get(an_input.service), day.lobby
    assert lobby is not None
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    if not 1 <= an_input.party_people <= PARTY_PEOPLE_MAX:
        return Refusal(code=Code.BAD_PARTY, facts={"party_people": an_input.party_people, "max": PARTY_PEOPLE_MAX})
    assert an_input.ticket not in day.tickets, "ticket ids are 128 random bits"
    kiosk, languages = day.devices.get(an_input.device), lobby.site.languages
    place = kiosk.room if kiosk else ""
    issued = events.TicketIssued(
        ticket=an_input.ticket,
        token_hash=an_input.token_hash,
        service=state.service.id,
        series=an_input.series,
        number=an_input.number,
        language=an_input.language if an_input.language in languages else languages[0],
        channel="kiosk",
        due_at=arrived_at + timedelta(seconds=state.service.target_wait_s),
        party_people=an_input.party_people,
        printer=kiosk.printer if kiosk else "",
        outside=is_before(day.gates, state.admitted_room, place),
        room=day.ways[place][-1] if day.ways.get(place) else "",
        then=tuple(step for step in state.service.then if step in day.services and not day.services[step].withdrawn),
        request=an_input.request,
        offline=an_input.device,
        arrived_at=arrived_at,
    )
    return [issued]


RULES: dict[type, Rule] = {
    inputs.LeaseRange: _lease_range,
    inputs.HandInTicket: _hand_in,
}
