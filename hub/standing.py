"""What each part of a lobby is doing, in one word: for those who keep it, count it or pass it on. It knows the day."""

from collections.abc import Iterator
from typing import NamedTuple

from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.day.page_views import panel_state
from wire.messages import CountQuality, PanelState, Paper

SILENT, UNHEARD = "silent", "unheard"

DESK_STATES = tuple(state.value for state in PanelState)
DEVICE_STATES: dict[DeviceKind, tuple[str, ...]] = {
    DeviceKind.COUNTER: (*(quality.value for quality in CountQuality), SILENT, UNHEARD),
    DeviceKind.PRINTER: tuple(paper.value for paper in Paper),
}
"""All words that can be said of a device; of other kinds the day knows nothing."""


class Stands(NamedTuple):
    """A device and its word."""

    device: str
    """`node/device`."""
    kind: DeviceKind
    state: str


def desks(day: Day) -> Iterator[tuple[str, str]]:
    """(desk, one of `DESK_STATES`) of each that the lobby has."""
    for desk, state in day.desks.items():
        if not state.withdrawn:
            yield desk, panel_state(day, state).value


def devices(day: Day) -> Iterator[Stands]:
    """Counters and printers, as they last spoke of themselves."""
    for address, device in day.devices.items():
        if device.kind is DeviceKind.COUNTER:
            yield Stands(address, device.kind, counter(day, address))
        elif device.kind is DeviceKind.PRINTER:
            yield Stands(address, device.kind, day.paper.get(address, Paper.UNKNOWN).value)


def counter(day: Day, address: str) -> str:
    """What a people counter says."""
    known = day.counters.get(address)
    if known is None:
        return UNHEARD
    return SILENT if known.is_silent else known.quality.value
