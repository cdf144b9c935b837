"""`/{site}/devices`: all nodes and devices, what they need, which settings they go by.

Whoever is there may have one make itself seen, or say from afar what it shows.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.day.hours import local
from hub.day.lobby import DeviceKind, Lobby
from hub.fleet import Fleet, NodeView, Shown, Wished
from hub.self_tests import Against
from hub.web import forms
from hub.web.device_faults import Fault, faults_against, machine_faults_of
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from wire.messages import DoneOutcome

router = PageRouter(Right.HEALTH)

DISPLAYS = frozenset({DeviceKind.BOARD, DeviceKind.SIGN, DeviceKind.KIOSK, DeviceKind.COUNTER})
"""What shows something that can be read from afar, or may: a kiosk of push buttons says that it does not. A counter
tells its totals, and the bytes of what it did not understand."""
WITHOUT_SIGNAL = frozenset({DeviceKind.COUNTER})
"""What has nothing to blink or sound with."""


class DeviceShown(Struct, frozen=True, kw_only=True):
    """A device as the page has it."""

    address: str
    kind: DeviceKind
    needs: str
    """In its own words; empty if it works, or if its node is not heard."""
    faults: tuple[Fault, ...]
    """A people counter's: what its own counts say against it."""
    wished: Wished | None
    is_display: bool
    has_signal: bool


class NodeShown(Struct, frozen=True, kw_only=True):
    """A node as the page has it; its time is the lobby's own."""

    view: NodeView
    since_at: datetime | None
    faults: tuple[Fault, ...]
    devices: tuple[DeviceShown, ...]


@dataclass(frozen=True)
class Asked:
    """What was asked of a device, and its answer."""

    device: str
    what: str
    """`identify` or `picture`."""
    answer: Shown | None
    """None: it has not answered in time."""

    @property
    def is_done(self) -> bool:
        return self.answer is not None and self.answer.outcome is DoneOutcome.DONE


@router.get("/{site}/devices")
async def show_devices(request: Request, site: str) -> Response:
    """The fleet of this lobby as it stands."""
    reader, fleet = _fleet_of(request, site)
    return await _page(reader, fleet)


@router.post("/{site}/devices")
async def ask_device(request: Request, site: str) -> Response:
    """Have a device make itself seen, or say what it shows."""
    reader, fleet = _fleet_of(request, site)
    form = await request.form()
    device, what = forms.text(form, "device"), forms.text(form, "do")
    asks = {"identify": fleet.identify, "picture": fleet.take_picture}
    if what not in asks:
        raise HTTPException(400)
    if device not in {it.address for it in reader.site.lobby.devices}:
        raise HTTPException(404)
    return await _page(reader, fleet, Asked(device, what, await asks[what](device)))


def _fleet_of(request: Request, site: str) -> tuple[Reader, Fleet]:
    reader = reader_of(request, site)
    fleet = reader.web.fleets.get(reader.site.id)
    if fleet is None:
        raise HTTPException(404)
    return reader, fleet


async def _page(reader: Reader, fleet: Fleet, asked: Asked | None = None) -> Response:
    lobby = reader.site.lobby
    against = await reader.site.read(reader.against_counters)
    nodes = tuple(_node_shown(lobby, fleet, node, against) for node in fleet.nodes)
    return reader.page("devices.html", here=f"/{reader.site.id}/devices", nodes=nodes, asked=asked)


def _node_shown(lobby: Lobby, fleet: Fleet, node: NodeView, against: Against) -> NodeShown:
    is_online = node.status == "online"
    wished = fleet.wished
    faults = sorted(machine_faults_of(node.name, node.machine), key=lambda fault: fault.is_mild)
    return NodeShown(
        view=node,
        since_at=None if node.since_at is None else local(lobby, node.since_at),
        faults=tuple(faults) if is_online else (),
        devices=tuple(
            DeviceShown(
                address=device.address,
                kind=device.kind,
                needs=node.faults.get(device.id, "") if is_online else "",
                faults=tuple(fault for fault in faults_against(against) if fault.where == device.address),
                wished=wished.get(device.address),
                is_display=device.kind in DISPLAYS,
                has_signal=device.kind not in WITHOUT_SIGNAL,
            )
            for device in lobby.devices
            if device.node == node.name
        ),
    )
