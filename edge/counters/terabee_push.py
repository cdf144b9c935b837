"""What a Terabee People Counting L or XL pushes over Wi-Fi or Ethernet: the same totals, as JSON.

Older firmware sends its two counts with a user and a password, which are read over; newer firmware names the time
since its counts were last reset. An installer may have written another format into the device; that is not known here.
Source: what reads both: Akenza's device types, and jamesryancoleman/terabee, which keeps a message of a device.
"""

from collections.abc import Mapping

from edge.counters.instants import unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.counters.terabee import NOT_TRUSTED


def pushed(told: Table) -> Said | None:
    """None if it is no such push."""
    if "count_in" in told and "count_out" in told:
        return _counts(told)
    if "serial_number" in told and "value" in told:
        return _counters(told)
    return None


def _counts(told: Table) -> Said:
    at = unix(told.digits("timestamp"), "timestamp") if told.content.get("timestamp") is not None else None
    entered, left = told.natural("count_in"), told.natural("count_out")
    unsaid = () if at is not None else ("instant",)
    said = Said(device=told.maybe_text("device_id").lower())
    said.read([Reading(kind=Kind.TOTAL, entered=entered, left=left, at=at, unsaid=unsaid)])
    if isinstance(bits := told.content.get("flags"), Mapping):
        found = {name for name, is_set in bits.items() if is_set} & NOT_TRUSTED
        said.flag(*(name.lower().replace("_", "-") for name in sorted(found)), *(["not-trusted"] if found else []))
    return said


def _counters(told: Table) -> Said:
    if (sort := told.maybe_text("type")) not in ("", "counters"):
        raise Refuse("not-a-count", f"a message of {sort!r} counts nobody")
    value, at = told.table("value"), unix(told.get("at"), "at")
    entered, left, epoch = value.natural("in"), value.natural("out"), value.maybe_text("reset_period")
    said = Said(device=told.text("serial_number").lower())
    said.read([Reading(kind=Kind.TOTAL, entered=entered, left=left, epoch=epoch, at=at)])
    return said
