"""What every device should show now: pure, level-triggered, whole. Losing a view is harmless, the next holds all."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import replace

from hub.day import admission, changes, closing, dispatch, estimates, gate_state, hours, occupancy
from hub.day.lobby import Device, DeviceKind, Lobby
from hub.day.model import CALLED, Day, DeskState, ServiceState
from hub.day.page_views import panel_state
from wire.messages import (
    BoardCall,
    BoardLine,
    BoardView,
    CutOff,
    DoorCode,
    Gate,
    KioskService,
    KioskView,
    Lease,
    Notice,
    PanelView,
    SignView,
    View,
)

INVITED_SHOWN = 12
"""More numbers than this nobody reads on a door sign; the rest follows as people come in."""

MINUTE_S = 60

PANEL_WAITING_MAX = 10
"""A panel says whether people wait, not how many in a crowd: or each ticket would send a view to every desk."""

KIOSK_WAITING_MAX = 1
"""A kiosk says how long the wait is, not how many wait: or each ticket would send a view to every kiosk."""


Waits = Mapping[str, int | None]
"""Service to the wait of who joins now, in seconds; None where it cannot be said."""

DoorSecret = Callable[[str, date], str]
"""Of the sign at `node/device` on a service day."""


def device_views(day: Day, now: datetime, public_url: str, door_secret: DoorSecret | None = None) -> dict[str, View]:
    """`node/device` to its view, for every device that shows something.

    `public_url` is where visitors' phones reach the hub, without a slash at the end. Without `door_secret` signs have
    nothing to make codes of. While no day is open there is nothing to show.
    """
    waits = waits_told(day, now)
    return inside_views(day, now, waits) | sign_views(day, now, waits, public_url, door_secret)


def is_waited_for(view: View, before: View) -> bool:
    """Whether somebody stands there for what is new in `view`: a call on a board, a panel's answer to its key. What
    else changes is counts, for the most part."""
    match view, before:
        case BoardView(), BoardView():
            return view.calls != before.calls
        case PanelView(), PanelView():
            return view.desk_seq != before.desk_seq
        case _:
            return False


def inside_views(day: Day, now: datetime, waits: Waits) -> dict[str, View]:
    """Those of boards, speakers (which say what a board shows), panels and kiosks. They change with news
    (`Day.news_seq`), the minutes and `waits`."""
    lobby = day.lobby
    if lobby is None or not day.is_open:
        return {}
    lengths = _lengths(day)
    lines = _lines(day, lengths)
    closes = _closes(day, lobby, lengths, now)
    kiosk = _kiosk(lobby, day, now, lengths, waits)
    panel, board, speaker = DeviceKind.PANEL, DeviceKind.BOARD, DeviceKind.SPEAKER
    calls = _calls(day, max([it.calls for it in lobby.devices if it.kind is board or it.kind is speaker], default=0))
    boards: dict[tuple[str, int], BoardView] = {}
    callable_in: dict[str, dict[str, int]] = {}
    views: dict[str, View] = {}
    for address, device in day.devices.items():
        kind = device.kind
        if kind is panel:
            views[address] = _panel(day, device, callable_in, now)
        elif kind is board or (kind is speaker and device.says == "calls"):
            alike = (device.room, device.calls)
            if alike not in boards:
                boards[alike] = _board(lobby, day, device, calls, lines, closes)
            views[address] = boards[alike]
        elif kind is DeviceKind.KIOSK:
            views[address] = _with_own_numbers(replace(kiosk, printer=device.printer), lobby, day, device)
    return views


def sign_views(
    day: Day, now: datetime, waits: Waits, public_url: str, door_secret: DoorSecret | None = None
) -> dict[str, View]:
    """Those of signs, and of lights and speakers before a door, which say the same in their own ways; see
    `device_views`."""
    lobby = day.lobby
    if lobby is None or not day.is_open:
        return {}
    is_open_now = closing.opening_ends_at(day, now) is not None
    lengths = _lengths(day)
    sign, light = DeviceKind.SIGN, DeviceKind.LIGHT
    rooms = {
        address: it.room
        for address, it in day.devices.items()
        if it.kind is sign or it.kind is light or it.says == "invitations"
    }
    alike = {
        room: _sign(lobby, day, room, is_open_now, public_url, lengths, waits) for room in dict.fromkeys(rooms.values())
    }
    if door_secret is None or lobby.site.door_code == "printed":
        return {address: alike[room] for address, room in rooms.items()}
    return {
        # What shows no code is not given the secret of one.
        address: replace(alike[room], door=_door_code(lobby, day, door_secret, address))
        if day.devices[address].kind is sign
        else alike[room]
        for address, room in rooms.items()
    }


def _door_code(lobby: Lobby, day: Day, door_secret: DoorSecret, sign: str) -> DoorCode:
    """What the codes of a sign are made of."""
    assert day.day is not None
    assert day.ends_at is not None
    return DoorCode(
        secret=door_secret(sign, day.day),
        step_s=lobby.site.door_code_s,
        alone_s=lobby.site.door_code_alone_s,
        until_at=day.ends_at,
    )


def _lengths(day: Day) -> dict[str, int]:
    """Service to how many wait."""
    return {service: state.waiting for service, state in day.services.items()}


class _Call(Struct, frozen=True, gc=False):
    """The newest call of an open desk."""

    room: str
    """Of the desk."""
    is_awaited: bool
    """The visitor has not come to the desk yet."""
    shown: BoardCall


def _calls(day: Day, places: int) -> list[_Call]:
    """Newest first; each open desk once. Of the visitors who have come no more than `places`."""
    tickets, desks = day.tickets, day.desks
    awaiting = len([it for it in desks.values() if it.ticket and it.is_open and tickets[it.ticket].state is CALLED])
    calls: list[_Call] = []
    seen: set[str] = set()
    for ticket_id in reversed(day.recent_calls):
        if not (awaiting or places):
            break
        ticket = tickets[ticket_id]
        if ticket.desk in seen:
            continue
        seen.add(ticket.desk)
        desk = desks[ticket.desk]
        is_awaited = ticket.state is CALLED
        if not desk.is_open or not (is_awaited or places):
            continue
        if is_awaited:
            awaiting -= 1
        else:
            places -= 1
        assert ticket.called_at is not None
        shown = BoardCall(
            number=ticket.number, desk=desk.desk.name, called_at=ticket.called_at, times=ticket.times_called
        )
        calls.append(_Call(desk.desk.room, is_awaited, shown))
    return calls


def _fitting(calls: list[_Call], places: int) -> list[_Call]:
    """Those for which a board has a place, in their order. Whoever has not come yet is left out last."""
    if len(calls) <= places:
        return calls
    for_others = places - len([call for call in calls if call.is_awaited])
    fitting = []
    for call in calls:
        if call.is_awaited:
            fitting.append(call)
        elif for_others > 0:
            for_others -= 1
            fitting.append(call)
    return fitting[:places]


def _lines(day: Day, lengths: Mapping[str, int]) -> list[BoardLine]:
    return [
        BoardLine(letter=state.service.letter, name=state.service.name, waiting=lengths[service])
        for service, state in day.services.items()
        if not state.withdrawn
    ]


def _closes(day: Day, lobby: Lobby, lengths: Mapping[str, int], now: datetime) -> str:
    """When the lobby closes, as its clocks say it; empty while that is far, or nobody waits."""
    closes_at = closing.told_at(day, now)
    return f"{hours.local(lobby, closes_at):%H:%M}" if closes_at and any(lengths.values()) else ""


def _board(
    lobby: Lobby, day: Day, device: Device, calls: list[_Call], lines: list[BoardLine], closes: str
) -> BoardView:
    shown = [
        call.shown if call.room == device.room else _with_room(call.shown, day.rooms[call.room].room.name)
        for call in _fitting([] if day.evacuation else calls, device.calls)
    ]
    return BoardView(
        title=lobby.site.name,
        languages=list(lobby.site.languages),
        calls=shown,
        lines=lines,
        closes=closes,
        serves_all=closing.serves_all(day) and not closing.turns_while_open(day),
        notices=_notices(day, device.room),
        room_state=gate_state.state_of(day, day.rooms[device.room]),
    )


def _notices(day: Day, room: str) -> list[Notice]:
    return [Notice(text=text) for text in changes.notices(day, room)]


def _with_room(call: BoardCall, room: dict[str, str]) -> BoardCall:
    return BoardCall(number=call.number, desk=call.desk, called_at=call.called_at, times=call.times, room=room)


def waits_told(day: Day, now: datetime) -> Waits:
    """Service to the wait of who joins now, in seconds, in whole minutes rounded up as people are told it: to the
    second it would move all the time, and nobody would see it."""
    waits: dict[str, int | None] = {}
    for service, state in day.services.items():
        wait_s = estimates.wait_s(day, service, state.waiting, now)
        waits[service] = None if wait_s is None else -(-wait_s // MINUTE_S) * MINUTE_S
    return waits


def _sign(
    lobby: Lobby,
    day: Day,
    room_id: str,
    is_open_now: bool,
    public_url: str,
    lengths: Mapping[str, int],
    waits: Waits,
) -> SignView:
    room = day.rooms[room_id]
    known = occupancy.estimate(day, room_id)
    taken_people = None if known.upper is None else known.upper + occupancy.reserved_people(room)
    services = [service for service, state in day.services.items() if not state.withdrawn]
    said = [wait_s for service in services if (wait_s := waits[service]) is not None]
    return SignView(
        title=lobby.site.name,
        languages=list(lobby.site.languages),
        join_url=f"{lobby.site.public_url or public_url}/{lobby.site.id}/join",
        gate=admission.gate(day, room, known) if is_open_now or day.evacuation else Gate.CLOSED,
        quality=known.quality,
        people=known.value,
        limit=room.limit_people,
        # Promised as the gate reckons: who may be inside, and who is on the way, may need the place.
        free=None if taken_people is None or day.evacuation else max(0, room.limit_people - taken_people),
        waiting=sum(lengths[service] for service in services),
        # The longest of the services: whoever is told less would be told wrong.
        wait_s=max(said, default=None),
        outside=admission.tickets_outside(day, room_id),
        invited=[] if day.evacuation else [day.tickets[it.ticket].number for it in room.reservations[:INVITED_SHOWN]],
        notices=_notices(day, room_id),
        room_state=gate_state.gate_state(day, room, known),
    )


def _panel(day: Day, device: Device, callable_in: dict[str, dict[str, int]], now: datetime) -> PanelView:
    """`callable_in`: room to service to the tickets that desks there can call; found once for all of them."""
    desk = day.desks[device.desk]
    waiting = _callable(day, desk, desk) if desk.line else 0
    found = callable_in.setdefault(desk.desk.room, {})
    for service in desk.desk.serves:
        if service not in found:
            found[service] = _callable(day, desk, day.services[service])
        if service not in desk.desk.helps or dispatch.calls_now(day, desk, service, now):
            waiting += found[service]
    return PanelView(
        desk=desk.desk.name,
        desk_seq=desk.seq,
        state=panel_state(day, desk),
        # The lamp promises that pressing the key helps.
        waiting=0 if day.evacuation else min(waiting, PANEL_WAITING_MAX),
        number=day.tickets[desk.ticket].number if desk.ticket else "",
        room_state=gate_state.state_of(day, day.rooms[desk.desk.room]),
    )


def _callable(day: Day, desk: DeskState, of: DeskState | ServiceState) -> int:
    """Tickets in the line of that desk or service, where nobody waits to be invited, without those for whom the room of
    the desk has no place. A lamp promises that pressing the key helps."""
    if of.parts is None or not day.ways.get(desk.desk.room):
        return len(of.line)
    return of.parts.count(lambda key: admission.places_for(day, day.tickets[key[2]], desk.desk) is not None)


def _kiosk(lobby: Lobby, day: Day, now: datetime, lengths: Mapping[str, int], waits: Waits) -> KioskView:
    closing_at = closing.opening_ends_at(day, now)
    desks = _desks_for(day)
    services = [
        KioskService(
            id=service,
            letter=state.service.letter,
            name=state.service.name,
            open=closing_at is not None
            and day.evacuation is None
            and service not in day.paused
            and now < hours.last_ticket_at(lobby, state.service, closing_at),
            waiting=min(lengths[service], KIOSK_WAITING_MAX),
            wait_s=waits[service],
            desk=desks.get(service, ""),
            bring=state.service.bring,
            room_state=gate_state.state_before(day, state),
        )
        for service, state in day.services.items()
        if not state.withdrawn
    ]
    return KioskView(
        title=lobby.site.name,
        languages=list(lobby.site.languages),
        services=services,
        evacuates=day.evacuation is not None,
    )


def _desks_for(day: Day) -> dict[str, str]:
    """Service to the desk to which somebody without a number is sent: the first that is staffed, if any is."""
    able: dict[str, str] = {}
    staffed: dict[str, str] = {}
    for state in (it for it in day.desks.values() if not it.withdrawn):
        for service in state.desk.services:
            able.setdefault(service, state.desk.name)
            if state.is_open:
                staffed.setdefault(service, state.desk.name)
    return able | staffed


def _with_own_numbers(view: KioskView, lobby: Lobby, day: Day, device: Device) -> KioskView:
    """`view` with what a kiosk needs while it is cut off, if it may help itself then."""
    if not device.offline_letter:
        return view
    assert day.day is not None
    assert day.ends_at is not None
    newest = next((it for it in reversed(day.leases) if it.device == device.address), None)
    lease = None
    if newest is not None:
        lease = Lease(
            holder=newest.holder,
            day=day.day,
            series=newest.series,
            first=newest.first,
            last=newest.last,
            until_at=day.closes_at or day.ends_at,
        )
    cut_off = CutOff(printer=device.printer.partition("/")[2], time_zone=lobby.site.time_zone, day=day.day, lease=lease)
    return replace(view, cut_off=cut_off)
