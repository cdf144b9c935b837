"""Terabee People Occupancy Counting: how many are in its view, and in each of up to eight zones, over LoRaWAN. It does
not see who comes and goes."""

from typing import Any

from edge.counters.frame import Frame, exactly
from edge.counters.readings import Kind, Reading, Said
from edge.counters.terabee import PORT_AREA, PORT_REJOIN, PORT_SETTINGS, Command, Commands, answer, status, u8
from edge.dialects import FrameDialect
from edge.dialects.terabee_pcm import ABOUT

PORT = 83
ZONES = range(8)
RECTANGLE = 2
NOT_SET = 0xFF
"""Of a zone: there is none. It is not a number of people."""

BITS = {0: "STOPPED", 1: "STUCK", 2: "WIFI_ACCESS_POINT_ON", 3: "WARMUP"}

_USES = ("open space", "installation mode", "meeting room", "waiting lounge", "work office", "point of sale")


def _use(frame: Frame) -> str:
    number = u8(frame)
    return _USES[number] if number < len(_USES) else "not recognized"


def _zone(frame: Frame) -> dict[str, Any]:
    """Four bits of type, three of the zone, and two corners of ten bits a coordinate. Nobody knows how long a zone of
    another type is."""
    head = frame.take(1)
    sort, zone = head[0] >> 4, head[0] >> 1 & 7
    if sort != RECTANGLE:
        frame.rest()
        return {"type": "not supported", "zone_id": zone}
    bits = int.from_bytes(head + frame.take(5), "big") >> 1
    corners = [bits >> shift & 0x3FF for shift in (30, 20, 10, 0)]
    return {"type": "rectangle", "zone_id": zone, "point_1": corners[:2], "point_2": corners[2:]}


COMMANDS: Commands = {
    **ABOUT,
    (PORT_REJOIN, 1): Command("CMD_FORCE_REJOIN"),
    (PORT_SETTINGS, 5): Command("CMD_GET_DEVICE_USE_CASE", {"device_use_case": _use}),
    (PORT_SETTINGS, 133): Command("CMD_SET_DEVICE_USE_CASE"),
    (PORT_AREA, 1): Command("CMD_GET_ACTIVE_ZONES"),
    (PORT_AREA, 129): Command("CMD_SET_OCCUPANCY_ZONE"),
    (PORT_AREA, 130): Command("CMD_SET_EXCLUDING_ZONE"),
    (PORT_AREA, 131): Command("CMD_DELETE_OCCUPANCY_ZONE"),
    (PORT_AREA, 2): Command("CMD_GET_OCCUPANCY_ZONE_COORDINATES", {"zone": _zone}),
    (PORT_AREA, 3): Command("CMD_GET_EXCLUDING_ZONE_COORDINATES", {"zone": _zone}),
}


def read(frame: bytes, port: int | None) -> Said:
    if port == PORT_AREA and frame[0] == 1:
        return _active_zones(frame)
    if port not in (None, PORT):
        return _flat(answer(frame, port, COMMANDS))
    reader = exactly(frame, 10, "a frame of occupancy")
    said = Said()
    said.fields["flags"] = status(said, u8(reader), BITS)
    everybody = u8(reader)
    said.fields["zone_global"] = everybody
    said.read([_people("", everybody)])
    for zone in ZONES:
        people = u8(reader)
        said.fields[f"zone_{zone}"] = "not set" if people == NOT_SET else people
        said.read([_people(f"zone-{zone}", people)] if people != NOT_SET else [])
    return said


def _people(register: str, people: int) -> Reading:
    return Reading(kind=Kind.OCCUPANCY, register=register, people=people, unsaid=("instant",))


def _active_zones(frame: bytes) -> Said:
    """The numbers of the zones that there are. The maker's decoder takes their places for their numbers."""
    active = frame[1:]
    value = {f"zone_{zone}": zone in active for zone in ZONES}
    said = Said(fields={"cmd": {"name": "CMD_GET_ACTIVE_ZONES", "id": 1, "success": True, "value": value}})
    said.flag("settings-answer")
    return said


def _flat(said: Said) -> Said:
    told = said.fields["cmd"].get("value", {})
    if "zone" in told:
        said.fields["cmd"]["value"] = told["zone"]
    return said


DIALECT = FrameDialect(
    family="terabee-poc",
    names=("terabee-people-occupancy", "people-occupancy-counting"),
    what="Terabee People Occupancy Counting over LoRaWAN: how many are there, and in which zones",
    ports=(PORT,),
    read=read,
)
