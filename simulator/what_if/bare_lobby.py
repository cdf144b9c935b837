"""A lobby without hub, wire and web: the day's own rules, doors that are counted, desks to sit down at.

Whatever is asked goes through `decide` and `apply`, and what is due by itself happens when it is due, as the hub's
writer lets it. Nothing is late, lost or broken here. Who asks what is decided elsewhere.
"""

import random
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from edge.beams import Crossing
from hub.day import admission, hours, occupancy
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.dispatch import calls_now
from hub.day.due import due
from hub.day.event import OfTicket
from hub.day.events import (
    AnyEvent,
    CallUndone,
    DeskClosed,
    TicketAdmitted,
    TicketCalled,
    TicketClosed,
    TicketIssued,
    TicketMerged,
    TicketRecalled,
    TicketResumed,
    TicketReturned,
    TicketTransferred,
)
from hub.day.inputs import AnyInput, CountPeople, Elapse, KnowAppointment, OpenDay
from hub.day.lobby import OUTSIDE, DeviceKind, Lobby
from hub.day.model import Day
from hub.day.refusal import Refusal
from hub.journal import Entry
from simulator.crowd import Character
from simulator.hall import STEP_S
from simulator.what_if.timeline import Bell, Process, Timeline, Wait
from wire.messages import Gate

FOR_THE_VISITOR = (TicketCalled, TicketRecalled, TicketAdmitted, TicketClosed)
"""What the visitor of a ticket is told, by a board, a sign or a phone."""
FOR_STAFF = (
    TicketIssued,
    TicketAdmitted,
    TicketReturned,
    TicketResumed,
    TicketTransferred,
    TicketMerged,
    CallUndone,
    DeskClosed,
)
"""After which somebody may wait whom an idle desk can call."""
EPOCH = "bare"


def entrance(lobby: Lobby) -> str:
    """The room that one comes into from outside; the first room of a lobby without a door."""
    return next((door.to_room for door in lobby.doors if door.from_room == OUTSIDE), lobby.rooms[0].id)


class DeskPlace:
    """A desk's two chairs."""

    def __init__(self) -> None:
        self.news = Bell()
        """Somebody may wait for this desk."""
        self.arrived = Bell()
        """The called visitor sits down."""
        self.dismissed = Bell()
        self.visitor: Character | None = None
        """Who sat down last."""


class BareLobby:
    """One service day."""

    def __init__(
        self,
        lobby: Lobby,
        timeline: Timeline,
        starts_at: datetime,
        appointments: Sequence[KnowAppointment] = (),
        lasts_s: float = float("inf"),
    ) -> None:
        """The timeline's 0 is `starts_at`. Gates are watched for `lasts_s`."""
        self.lobby = lobby
        self.entrance = entrance(lobby)
        self.timeline = timeline
        self.day = Day()
        self.entries: list[Entry] = []
        self.desks = {desk.id: DeskPlace() for desk in lobby.desks}
        self.people: dict[str, int] = dict.fromkeys((OUTSIDE, *(room.id for room in lobby.rooms)), 0)
        self.highest_people = dict(self.people)
        self.closed_gate_s = dict.fromkeys((room.id for room in lobby.rooms), 0.0)
        """By room: how long nobody more was let in, of the time in `watched_s`."""
        self._starts_at = starts_at
        self._told: dict[str, Bell] = {}
        self._due_changed = Bell()
        self._due_at: datetime | None = None
        self._gate_closed_s: dict[str, float] = {}
        self._serving = {it.id: [desk.id for desk in lobby.desks if it.id in desk.serves] for it in lobby.services}
        self._counters: defaultdict[str, list[str]] = defaultdict(list)
        for device in lobby.devices:
            if device.kind is DeviceKind.COUNTER:
                self._counters[device.door].append(device.address)
        self._doors = {door.id: door for door in lobby.doors}
        self._totals = {door.id: [0, 0] for door in lobby.doors}
        self._door_free_s = dict.fromkeys(self._totals, 0.0)
        self._ways: dict[tuple[str, str], list[tuple[str, Crossing]]] = {}
        today = hours.service_day(lobby, starts_at)
        self.watched_s = self._opening_s(today, lasts_s)
        """From when to when on the timeline gates are watched: opening hours, as far as they are lived through."""
        self.ask(OpenDay(day=today, lobby=lobby, appointments=tuple(appointments)))
        for door in self._totals:
            self._count(door)
        timeline.start(self._keep_time())

    @property
    def now(self) -> datetime:
        return self._starts_at + timedelta(seconds=self.timeline.now_s)

    # --- asking the day --------------------------------------------------------------------------------------

    def ask(self, an_input: AnyInput) -> list[AnyEvent] | Refusal:
        """What is decided, and has happened; then whatever is due at once."""
        now = self.now
        decided = decide(self.day, an_input, now)
        if not isinstance(decided, Refusal):
            for event in decided:
                self._happens(event, now)
            self._let_due_happen(now)
            self._watch_gates()
        return decided

    def told(self, ticket: str) -> Bell:
        """Rings when the visitor of `ticket` is told something."""
        return self._told.setdefault(ticket, Bell())

    def waits_for(self, desk_id: str) -> bool:
        """Whether the lamp of the desk's panel is lit: somebody waits whom it can call."""
        state = self.day.desks[desk_id]
        desk, services = state.desk, self.day.services
        return (
            bool(state.line)
            or any(services[it].line for it in desk.services)
            or any(services[it].line and calls_now(self.day, state, it, self.now) for it in desk.helps)
        )

    def gate_is_open(self, room: str) -> bool:
        """What a sign before the room says to who has no ticket."""
        return admission.gate(self.day, self.day.rooms[room], occupancy.estimate(self.day, room)) is Gate.COME_IN

    def _happens(self, event: AnyEvent, at: datetime) -> None:
        day = self.day
        apply(day, event, at, day.seq + 1)
        self.entries.append(Entry(day.seq, str(day.day), at, event))
        if isinstance(event, FOR_THE_VISITOR) and (bell := self._told.get(event.ticket)) is not None:
            self.timeline.ring(bell)
        if isinstance(event, FOR_STAFF):
            able = self._serving[day.tickets[event.ticket].service] if isinstance(event, OfTicket) else self.desks
            for desk in able:
                self.timeline.ring(self.desks[desk].news)

    def _let_due_happen(self, now: datetime) -> None:
        ends_at = self.day.ends_at
        while (at := due(self.day, now)) is not None and at <= now and at != ends_at:
            decided = decide(self.day, Elapse(), now)
            assert isinstance(decided, list), f"time was refused: {decided}"
            assert decided, f"due at {at}, yet nothing happens"
            for event in decided:
                self._happens(event, now)
        if at != self._due_at:
            self._due_at = at
            self.timeline.ring(self._due_changed)

    def _keep_time(self) -> Process[None]:
        """What is due happens, though nobody asks for anything, until the service day turns."""
        while self._due_at is not None and self.now != self.day.ends_at:
            yield Wait(self._due_changed, (self._due_at - self.now).total_seconds())
            self._let_due_happen(self.now)
            self._watch_gates()

    # --- doors -----------------------------------------------------------------------------------------------

    def walk(self, start: str, goal: str, people: int, chance: random.Random) -> Process[None]:
        """`people` go from one room to another, through every door on the way, one by one."""
        for door, way in self._way(start, goal):
            yield from self.go_through(door, way, people, chance)

    def go_through(self, door: str, way: Crossing, people: int, chance: random.Random) -> Process[None]:
        """`people` pass one door, one by one, after who came to it before."""
        for _ in range(people):
            step_s, begins_s = chance.uniform(*STEP_S), max(self.timeline.now_s, self._door_free_s[door])
            self._door_free_s[door] = begins_s + step_s
            yield begins_s - self.timeline.now_s
            self.crossed(door, way)
            yield step_s

    def crossed(self, door_id: str, way: Crossing, *, is_counted: bool = True) -> None:
        """One person went through that door now."""
        door = self._doors[door_id]
        has_entered = way is Crossing.ENTERED
        entered, left = (door.to_room, door.from_room) if has_entered else (door.from_room, door.to_room)
        self.people[entered] += 1
        self.people[left] -= 1
        self.highest_people[entered] = max(self.highest_people[entered], self.people[entered])
        if is_counted:
            self._totals[door_id][0 if has_entered else 1] += 1
            self._count(door_id)

    def _count(self, door: str) -> None:
        entered, left = self._totals[door]
        for counter in self._counters[door]:
            self.ask(CountPeople(device=counter, epoch=EPOCH, entered=entered, left=left))

    def _way(self, start: str, goal: str) -> list[tuple[str, Crossing]]:
        """The doors from one room to another, the fewest; empty when there is no way but through the walls."""
        known = self._ways.get((start, goal))
        if known is not None:
            return known
        ways: dict[str, list[tuple[str, Crossing]]] = {start: []}
        queue = deque([start])
        while queue and goal not in ways:
            room = queue.popleft()
            for door in self.lobby.doors:
                if room == door.from_room and door.to_room not in ways:
                    ways[door.to_room] = [*ways[room], (door.id, Crossing.ENTERED)]
                    queue.append(door.to_room)
                elif room == door.to_room and door.from_room not in ways:
                    ways[door.from_room] = [*ways[room], (door.id, Crossing.LEFT)]
                    queue.append(door.from_room)
        return self._ways.setdefault((start, goal), ways.get(goal, []))

    # --- gates -----------------------------------------------------------------------------------------------

    def _watch_gates(self) -> None:
        """Add up how long each room took nobody more, as far as it was open then."""
        begins_s, ends_s = self.watched_s
        now_s = self.timeline.now_s
        for name, room in self.day.rooms.items():
            since_s = self._gate_closed_s.pop(name, now_s)
            self.closed_gate_s[name] += max(0.0, min(now_s, ends_s) - max(since_s, begins_s))
            if now_s < ends_s and not admission.takes_more(self.day, room, occupancy.estimate(self.day, name)):
                self._gate_closed_s[name] = now_s

    def _opening_s(self, today: date, lasts_s: float) -> tuple[float, float]:
        """From the first opening to the last closing, but not before 0 or after `lasts_s`; nothing on a closed day."""
        span = hours.opening_span(self.lobby, today)
        if span is None:
            return 0.0, 0.0
        opens_s, closes_s = ((at - self._starts_at).total_seconds() for at in span)
        return max(opens_s, 0.0), max(min(closes_s, lasts_s), 0.0)
