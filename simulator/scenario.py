"""A scenario: which lobby, which day, how many people with which habits, and what goes wrong.

Read from one TOML file, or from one that says what is other than in another; every fault is listed at once. This room
knows the file, not what people then do.
"""

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Ge, Gt, Le, Len
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from simulator import door_counts
from simulator.door_counts import CountsError, DoorCounts
from simulator.scenario_file import ScenarioError, found, said
from wire.faults import Faults

STRICT = ConfigDict(extra="forbid")
Share = Annotated[float, Ge(0), Le(1)]
Seconds = Annotated[float, Ge(0), Le(86_400)]
Weight = Annotated[float, Gt(0)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Visitors:
    """Who comes, when, and how they behave."""

    count: Annotated[int, Ge(0), Le(100_000)]
    curve: Annotated[dict[time, Annotated[float, Ge(0)]], Len(2, 200)]
    """Local time to the rate of arrivals there, in any unit; straight lines in between, nobody outside."""
    services: Annotated[dict[str, Weight], Len(1, 64)]
    """What they come for."""
    languages: Annotated[dict[str, Weight], Len(1, 8)]
    party_people: Annotated[dict[int, Weight], Len(1, 50)] = field(default_factory=lambda: {1: 85, 2: 12, 3: 3})
    phone: Share = 0.6
    """Join with their phone; the others press a kiosk's key."""
    phone_live: Share = 0.1
    """Of those with a phone: keep the ticket's page open, instead of a look now and then."""
    no_show: Share = 0.03
    """Are not there when their number is called, and do not come back."""
    patience_s: tuple[Seconds, Seconds] = (2_700, 7_200)
    """Leave when they have waited this long: least and most, evenly."""
    priority: Share = 0.0
    """Of those who join with their phone: choose a priority, if the lobby offers one."""
    second_ticket: Share = 0.0
    """Take another ticket for the same, and say so at the desk."""
    comes_back: Share = 0.0
    """Of those who are not there when called: are back some minutes later."""
    without_ticket: Share = 0.0
    """Walk in, look around and leave, and ask nobody."""
    walk_s: tuple[Seconds, Seconds] = (6, 25)
    """From seeing their number to standing at the desk."""
    look_up_s: tuple[Seconds, Seconds] = (0.5, 12)
    """From a call on the board to seeing it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Appointments:
    """Some of the visitors have one: they are in the book before the day begins, and hold the code of an invitation."""

    share: Share
    """Of the visitors."""
    begins: time
    ends: time
    """Slots lie in between, in local time; the last one begins before."""
    every_s: Annotated[int, Gt(0), Le(86_400)] = 600
    """From one slot to the next."""
    services: tuple[str, ...] = ()
    """Of the visitors', those that give appointments; all when empty."""
    early_s: tuple[Seconds, Seconds] = (60, 900)
    """How long before the slot they come: least and most, evenly."""
    late: Share = 0.1
    """Of those who come: after the slot."""
    late_s: tuple[Seconds, Seconds] = (60, 1_500)
    never: Share = 0.05
    """Of all: do not come."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PassersBy:
    """People without tickets come and go as real counts say; see `simulator.door_counts` for the file."""

    file: str
    """Seen from the folder of the scenario's file."""
    week: date
    """A day of the file. Its week becomes the week of the scenario's day; a Tuesday stays a Tuesday."""
    door: str
    """Through which they come, from outside."""
    share: Share = 1.0
    """Of the file's people, those who come here."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Shift:
    """When some desks are staffed, in local time."""

    desks: Annotated[tuple[str, ...], Len(1, 500)]
    begins: time
    ends: time
    """Nobody is called after; whoever is at the desk is served to the end."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Staff:
    """Who works, and how."""

    shifts: Annotated[tuple[Shift, ...], Len(1, 1_000)]
    reaction_s: tuple[Seconds, Seconds] = (2, 8)
    """From being free to pressing the key."""
    recall_after_s: Seconds = 45
    """A called visitor who is not there yet is called again."""
    no_show_after_s: Seconds = 90
    """A called visitor who is not there yet is given up."""
    twice: Share = 0.0
    """Of key presses: once more, for good measure."""
    undo: Share = 0.0
    """Of calls: taken back at once."""
    pick: Share = 0.0
    """Of calls: somebody whom staff choose."""
    park: Share = 0.0
    """Of visits: the visitor is sent for what is missing."""
    transfer: Share = 0.0
    """Of visits: the visitor is sent on to another service."""
    service_spread: Annotated[float, Ge(0), Le(2)] = 0.5
    """Sigma of the lognormal distribution around a service's nominal time."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Cut:
    """A node without network for a while."""

    node: str
    begins: time
    lasts_s: Annotated[float, Gt(0), Le(86_400)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Mishap:
    """Something that goes wrong for a while."""

    what: str
    """By its name in `simulator.mishaps`."""
    where: str = ""
    """A node, `node/device` or a door; empty for what concerns the whole lobby."""
    amount: float = 0.0
    """How bad it is, in the unit of its kind."""
    begins: time
    lasts_s: Annotated[float, Gt(0), Le(86_400)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LimitChange:
    """A manager lets a room hold another number of people from then on."""

    room: str
    at: time
    people: Annotated[int, Ge(0), Le(100_000)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Network:
    """What the network does to messages, while the lobby is at work. The last `Scenario.calm_s` are always calm."""

    loss: Share = 0.0
    repeat: Share = 0.0
    reorder: Share = 0.0
    delay_ms: tuple[Annotated[float, Ge(0)], Annotated[float, Ge(0)]] = (1.0, 5.0)
    cuts: tuple[Cut, ...] = ()

    @property
    def faults(self) -> Faults:
        return Faults(loss=self.loss, repeat=self.repeat, reorder=self.reorder, delay_ms=self.delay_ms)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MoreDesk:
    """A desk that the lobby has not."""

    id: str
    name: Annotated[str, Len(1, 8)]
    """As it stands above the desk."""
    like: str
    """The desk beside which it stands: same room, same services, same shifts."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Scenario:
    """A day, or a part of one."""

    title: str = ""
    """In a few words, for tables and pictures; empty for the file's name."""
    lobby: str
    """The lobby's file, seen from the folder of the scenario's file."""
    agents: str = ""
    """The folder with a file for each node, likewise. Empty: nodes as the lobby's devices need them."""
    date: date
    starts: time
    ends: time
    """Local times of the lobby."""
    visitors: Visitors
    staff: Staff
    appointments: Appointments | None = None
    passers_by: PassersBy | None = None
    network: Network = field(default_factory=Network)
    mishaps: tuple[Mishap, ...] = ()
    limit_changes: tuple[LimitChange, ...] = ()
    calm_s: Seconds = 30
    """The end of the day, in which the network is calm and everything must come right."""
    more_desks: tuple[MoreDesk, ...] = ()
    limits: dict[str, Annotated[int, Gt(0), Le(100_000)]] = field(default_factory=dict)
    """Room to the limit that it has here, whatever the lobby's file says."""
    gate_confidence: dict[str, Annotated[float, Ge(0.5), Le(0.9999)]] = field(default_factory=dict)
    """Room to the confidence of its bounds here: its people are estimated by the filter that learns."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A scenario and where its files lie."""

    name: str
    """The scenario's title, or the name of its file."""
    scenario: Scenario
    lobby_path: Path
    agents_path: Path | None
    """None: nodes as the lobby's devices need them."""
    door_counts: DoorCounts | None = None
    """Of the scenario's passers-by; None if there are none."""


def read(path: Path) -> Setting:
    """The scenario of the file at `path`, or of the shipped one of that name (`town-hall.toml`) if there is no file.

    Raises:
        ScenarioError: no such file, not TOML, or faults in it or in the file of door counts that it names.
    """
    path = found(path)
    try:
        scenario = TypeAdapter(Scenario).validate_python(said(path))
    except ValidationError as error:
        raise ScenarioError("\n".join(f"{path}: {fault}" for fault in _faults(error))) from None
    return Setting(
        name=scenario.title or path.stem,
        scenario=replace(scenario, staff=_with_more_desks(scenario.staff, scenario.more_desks)),
        lobby_path=Path(scenario.lobby),
        agents_path=Path(scenario.agents) if scenario.agents else None,
        door_counts=_door_counts(scenario.passers_by) if scenario.passers_by else None,
    )


def _with_more_desks(staff: Staff, more: Collection[MoreDesk]) -> Staff:
    """Every new desk is staffed whenever the desk is which it is like."""
    shifts = staff.shifts
    for desk in more:
        shifts = tuple(
            replace(it, desks=(*it.desks, desk.id)) if desk.like in it.desks and desk.id not in it.desks else it
            for it in shifts
        )
    return replace(staff, shifts=shifts)


def _door_counts(who: PassersBy) -> DoorCounts:
    try:
        return door_counts.read(Path(who.file))
    except CountsError as error:
        raise ScenarioError(str(error)) from None


def _faults(error: ValidationError) -> list[str]:
    return [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]


def faults_with(
    scenario: Scenario,
    *,
    services: Collection[str],
    desks: Collection[str],
    doors: Collection[str] = (),
    rooms: Collection[str] = (),
    mishaps: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """What the scenario asks of its lobby that the lobby does not have; a line each. `doors` are those to outside,
    `mishaps` says of each kind where it can happen."""
    found = [
        f"visitors.services: the lobby has no service {it!r}" for it in scenario.visitors.services if it not in services
    ]
    found += _appointment_faults(scenario)
    if scenario.passers_by is not None and scenario.passers_by.door not in doors:
        found.append(f"passers_by.door: the lobby has no door {scenario.passers_by.door!r} from outside")
    for i, shift in enumerate(scenario.staff.shifts):
        found += [f"staff.shifts.{i}.desks: the lobby has no desk {it!r}" for it in shift.desks if it not in desks]
        if shift.begins >= shift.ends:
            found.append(f"staff.shifts.{i}: ends at {shift.ends}, not after it begins at {shift.begins}")
    found += [
        f"limit_changes.{i}.room: the lobby has no room {limit.room!r}"
        for i, limit in enumerate(scenario.limit_changes)
        if limit.room not in rooms
    ]
    found += _mishap_faults(scenario, mishaps or {})
    if scenario.starts >= scenario.ends:
        found.append(f"ends: {scenario.ends} is not after starts {scenario.starts}")
    if not sum(scenario.visitors.curve.values()):
        found.append("visitors.curve: nobody ever comes; one of its rates must be above 0")
    return found


def _appointment_faults(scenario: Scenario) -> list[str]:
    it = scenario.appointments
    if it is None:
        return []
    found = [
        f"appointments.services: the visitors do not come for {service!r}"
        for service in it.services
        if service not in scenario.visitors.services
    ]
    if it.begins >= it.ends:
        found.append(f"appointments: ends at {it.ends}, not after it begins at {it.begins}")
    return found


def _mishap_faults(scenario: Scenario, places: Mapping[str, Collection[str]]) -> list[str]:
    """`places` says of each kind where it can happen."""
    found = []
    lasting: list[tuple[str, Cut | Mishap]] = [(f"network.cuts.{i}", it) for i, it in enumerate(scenario.network.cuts)]
    for i, mishap in enumerate(scenario.mishaps):
        what, where = mishap.what, mishap.where
        lasting.append((f"mishaps.{i}", mishap))
        if what not in places:
            found.append(f"mishaps.{i}.what: nothing is known of {what!r}; known are {', '.join(places)}")
        elif where not in places[what]:
            found.append(f"mishaps.{i}.where: {what} does not happen at {where!r}; it does at {places[what]}")
    calm_at = datetime.combine(scenario.date, scenario.ends) - timedelta(seconds=scenario.calm_s)
    for name, it in lasting:
        if datetime.combine(scenario.date, it.begins) + timedelta(seconds=it.lasts_s) > calm_at:
            found.append(f"{name}: must be over before the calm at the end, {calm_at:%H:%M:%S}")
    return found


def instant(scenario: Scenario, at: time, time_zone: str) -> datetime:
    """The local time `at` of the scenario's day, aware UTC."""
    return datetime.combine(scenario.date, at, ZoneInfo(time_zone)).astimezone(UTC)
