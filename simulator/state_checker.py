"""Whether signs, boards, kiosks and panels say of a room what is so, all the same thing, and no sign lets anybody in
while the gate is full.

Every view that the hub published names the row of the journal after which it was made. The rows up to it are reckoned
through once more (`gate_checker.Gates`), and what the view says is held against that.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from hub.day import events
from hub.day.lobby import Device, DeviceKind
from simulator.evidence import Evidence, Shown
from simulator.gate_standing import Standing

SHUT = ("full", "unknown", "evacuate")


class _Service(msgspec.Struct, frozen=True):
    id: str
    room_state: str = ""


class _Said(msgspec.Struct, frozen=True):
    """As much of a view as is asked of it here."""

    gate: str = ""
    invited: list[str] = []
    room_state: str = ""
    services: list[_Service] = []


_said = msgspec.json.Decoder(_Said)


def state_violations(it: Evidence) -> Iterator[str]:
    """Views that say of a room what is not so."""
    shows = sorted(it.each(Shown), key=lambda heard: heard[1].seq)
    gates, rows = Standing(None), iter(it.entries)
    row: Any = next(rows, None)
    devices = {device.address: device for device in it.lobby.devices}
    began = False
    for heard, shown in shows:
        while row is not None and row.seq <= shown.seq:
            began |= isinstance(row.event, events.DayOpened)
            list(gates.take(row))
            row = next(rows, None)
        device = devices.get(heard.device)
        if not began or device is None or shown.seq > (it.entries[-1].seq if it.entries else 0):
            continue
        said = _said.decode(shown.view)
        for what, expected, found in _told(gates, device, said):
            if found != expected:
                said_it = f"{heard.device} said after row {shown.seq}"
                yield f"{said_it} that {what} is {found or 'nothing'}, and it is {expected or 'nothing'}"
        if said.gate == "come-in" and not said.invited and gates.words()[device.room] in SHUT:
            yield f"{heard.device} said after row {shown.seq} to come in, and {device.room} lets nobody in"


def _told(gates: Standing, device: Device, said: _Said) -> Iterator[tuple[str, str, str]]:
    """Of what a view speaks, what is so, and what it says."""
    words = gates.words()
    if device.kind is DeviceKind.PANEL:
        room = gates.room_of_desk(device.desk)
        yield room, words[room], said.room_state
    elif device.kind is DeviceKind.KIOSK:
        for service in said.services:
            room = gates.room_before(service.id)
            yield f"the room before {service.id}", words.get(room, ""), service.room_state
    elif device.room in words:
        yield device.room, words[device.room], said.room_state
