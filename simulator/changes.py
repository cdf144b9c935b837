"""A lobby as a scenario wants it: more desks than its file has, other limits, rooms that learn. Knows no people."""

from dataclasses import replace

from hub.day.lobby import Desk, Device, DeviceKind, Lobby
from simulator.scenario import MoreDesk, Scenario


def changed(lobby: Lobby, scenario: Scenario) -> Lobby:
    """`lobby` with what the scenario changes of it, which is without faults."""
    desks = {desk.id: desk for desk in lobby.desks}
    more = [_like(desks[it.like], it) for it in scenario.more_desks]
    rooms = (
        replace(
            room,
            limit_people=scenario.limits.get(room.id, room.limit_people),
            gate_confidence=scenario.gate_confidence.get(room.id, room.gate_confidence),
        )
        for room in lobby.rooms
    )
    panels = [_panel(it) for it in scenario.more_desks]
    return replace(lobby, rooms=tuple(rooms), desks=(*lobby.desks, *more), devices=(*lobby.devices, *panels))


def change_faults(lobby: Lobby, scenario: Scenario) -> list[str]:
    """Changes that cannot be made; a line each."""
    found = []
    ids, names = {desk.id for desk in lobby.desks}, {desk.name for desk in lobby.desks}
    nodes = {device.node for device in lobby.devices}
    rooms = {room.id for room in lobby.rooms}
    old = frozenset(ids)
    for i, it in enumerate(scenario.more_desks):
        if it.id in ids or it.id in nodes:
            found.append(f"more_desks.{i}.id: {it.id!r} is taken; choose another")
        if it.name in names:
            found.append(f"more_desks.{i}.name: {it.name!r} is taken; choose another")
        if it.like not in old:
            found.append(f"more_desks.{i}.like: the lobby has no desk {it.like!r}")
        ids.add(it.id)
        names.add(it.name)
    for name, said in (("limits", scenario.limits), ("gate_confidence", scenario.gate_confidence)):
        found += [f"{name}: the lobby has no room {room!r}" for room in said if room not in rooms]
    return found


def _like(desk: Desk, it: MoreDesk) -> Desk:
    return replace(desk, id=it.id, name=it.name)


def _panel(it: MoreDesk) -> Device:
    """On a node of its own, with the desk's name."""
    return Device(node=it.id, id="panel", kind=DeviceKind.PANEL, desk=it.id)
