"""Visitors, passers-by and staff of a bare lobby: the same people as in a whole one, with the same habits.

They do what `simulator.people` and `simulator.staff` do with boards, kiosks, phones and panels, as far as it takes time
or asks something of the day. A test holds the two against each other.
"""

import random
from collections import Counter
from collections.abc import Sequence

from edge.beams import Crossing
from hub.day import hours, inputs
from hub.day.events import TicketIssued
from hub.day.lobby import OUTSIDE, DeviceKind
from hub.day.model import ENDED, TicketState
from hub.day.refusal import Refusal
from simulator.crowd import Character
from simulator.hall import SLIP_LOOK_S
from simulator.passers_by import PasserBy
from simulator.people import CLOSED_MAX_S, DOOR_LOOK_S, GONE_S, JOSTLE_S
from simulator.scenario import Staff
from simulator.staff import FINISH_FIRST, LAMP_LOOK_S, START_KEY, service_s
from simulator.what_if.bare_lobby import BareLobby
from simulator.what_if.timeline import Process, Wait

HELP_LOOK_S = 60.0
"""How often a desk that helps out looks whether another line is overdue: nothing happens when it becomes so."""
GIVES_BACK = 0.5
"""The share of those with a phone who say that they leave."""

SERVED = "served"
STAYED = frozenset({SERVED, "lost patience", "gave up before the door", "turned away"})
"""Fates of visitors who wanted to be served to the end."""


class Notes:
    """What becomes of the people."""

    def __init__(self) -> None:
        self.fates: Counter[str] = Counter()
        """How the visits ended, in a word or two."""
        self.held_people = 0
        """Who came and were not let in at once."""
        self.before_ticket_s: dict[str, float] = {}
        """Ticket to the time between coming and getting it."""


class Visitor:
    """One party on its way through the lobby."""

    def __init__(self, character: Character, lobby: BareLobby, notes: Notes, seed: int | str) -> None:
        self.character = character
        self.ticket = ""
        self._lobby = lobby
        self._timeline = lobby.timeline
        self._notes = notes
        self._chance = random.Random(f"{seed}/{character.name}/visit")
        self._people = character.party_people
        """Who of the party come in."""
        self._room = OUTSIDE
        entrance = lobby.entrance
        self._is_by_invitation = any(room.admitted for room in lobby.lobby.rooms if room.id == entrance)

    def visit(self) -> Process[None]:
        """From the street and back. The fate is noted."""
        fate = yield from self._come_and_go()
        self._notes.fates[fate] += 1

    def _come_and_go(self) -> Process[str]:
        opening = hours.opens_at(self._lobby.lobby, self._lobby.now)
        wait_s = CLOSED_MAX_S + 1 if opening is None else (opening - self._lobby.now).total_seconds()
        if wait_s > CLOSED_MAX_S:
            return "found it closed"
        if wait_s > 0:
            yield wait_s + self._chance.uniform(0, JOSTLE_S)
        self._came_s = self._timeline.now_s
        deadline_s = self._came_s + self.character.patience_s
        if (self.character.has_phone or self.character.code) and not self._join():
            return "turned away"
        kiosk = self._kiosk()
        if not self.ticket and kiosk == OUTSIDE and not (yield from self._take_slip(kiosk)):
            return "turned away"
        if self._is_by_invitation and self.character.is_no_show:
            return "did not stay"
        if not (yield from self._come_in(deadline_s)):
            return "gave up before the door"
        fate = "turned away"
        if self.ticket or (yield from self._take_slip(kiosk)):
            fate = yield from self._wait_and_be_served(deadline_s)
        yield from self._go(OUTSIDE)
        return fate

    # --- joining ---------------------------------------------------------------------------------------------

    def _join(self, room: str = "", *, is_kiosk: bool = False) -> bool:
        """Ask for a ticket, or check in; False when that is refused."""
        who = self.character
        ticket, token_hash = f"ticket-{who.name}", f"token-{who.name}"
        wish: inputs.AnyInput = inputs.IssueTicket(
            ticket=ticket,
            token_hash=token_hash,
            service=who.service,
            language=who.language,
            channel="kiosk" if is_kiosk else "phone",
            party_people=1 if is_kiosk else who.party_people,
            room=room,
        )
        if who.code:
            wish = inputs.CheckIn(
                code_hash=who.code, ticket=ticket, token_hash=token_hash, language=who.language, channel="phone"
            )
        decided = self._lobby.ask(wish)
        if isinstance(decided, Refusal):
            return False
        self.ticket = next(event.ticket for event in decided if isinstance(event, TicketIssued))
        self._notes.before_ticket_s[self.ticket] = self._timeline.now_s - self._came_s
        return True

    def _kiosk(self) -> str:
        """The room of the kiosk to which one goes without a phone; outside, if there is one before the door."""
        rooms = [it.room for it in self._lobby.lobby.devices if it.kind is DeviceKind.KIOSK]
        return OUTSIDE if OUTSIDE in rooms or not rooms else rooms[0]

    def _take_slip(self, room: str) -> Process[bool]:
        has_slip = self._join("" if room == OUTSIDE else room, is_kiosk=True)
        yield SLIP_LOOK_S
        if self._is_by_invitation:
            self._people = 1  # a key asks for one place: the others wait outside
        return has_slip

    # --- the door --------------------------------------------------------------------------------------------

    def _come_in(self, deadline_s: float) -> Process[bool]:
        """Wait until one may come in; False when that takes too long, or there is no use."""
        is_held = False
        while not self._may_come_in():
            if not is_held:
                is_held = True
                self._notes.held_people += self._people
            rest_s = deadline_s - self._timeline.now_s
            if rest_s <= 0 or self._is_over():
                return False
            if self.ticket and self._is_by_invitation:
                yield Wait(self._lobby.told(self.ticket), rest_s)
                yield self._chance.uniform(0, DOOR_LOOK_S)
            else:
                yield DOOR_LOOK_S
        yield from self._go(self._lobby.entrance)
        return True

    def _may_come_in(self) -> bool:
        """In by invitation: who is invited; to the kiosk inside, when nobody is. Else when there is a place."""
        lobby, entrance = self._lobby, self._lobby.entrance
        if self._is_by_invitation and self.ticket:
            return not lobby.day.tickets[self.ticket].is_outside and not self._is_over()
        if self._is_by_invitation and lobby.day.rooms[entrance].reservations:
            return False
        return lobby.gate_is_open(entrance)

    def _is_over(self) -> bool:
        return bool(self.ticket) and self._lobby.day.tickets[self.ticket].state in ENDED

    def _go(self, room: str) -> Process[None]:
        yield from self._lobby.walk(self._room, room, self._people, self._chance)
        self._room = room

    # --- waiting ---------------------------------------------------------------------------------------------

    def _wait_and_be_served(self, deadline_s: float) -> Process[str]:
        if self.character.is_no_show:
            yield self._chance.uniform(*GONE_S)
            return "did not stay"
        ticket = self._lobby.day.tickets[self.ticket]
        told = self._lobby.told(self.ticket)
        while True:
            while ticket.state is not TicketState.CALLED:
                rest_s = deadline_s - self._timeline.now_s
                if rest_s <= 0 or not (yield Wait(told, rest_s)):
                    self._give_back()
                    return "lost patience"
                if self._is_over():
                    return "turned away"
            desk = ticket.desk
            yield self.character.look_up_s + self.character.walk_s
            yield from self._go(self._lobby.day.desks[desk].desk.room)
            if self._lobby.day.desks[desk].ticket == self.ticket:
                goes_on = bool(ticket.then)
                yield from self._sit_down(desk)
                if not goes_on:
                    return SERVED
                deadline_s = self._timeline.now_s + self.character.patience_s
            # Sent on to the next step, or away: too late, or too early. The board calls again.

    def _sit_down(self, desk: str) -> Process[None]:
        place = self._lobby.desks[desk]
        place.visitor = self.character
        self._timeline.ring(place.arrived)
        yield Wait(place.dismissed)

    def _give_back(self) -> None:
        """Who leaves and has the ticket on the phone may say so."""
        if self.character.has_phone and self._chance.random() < GIVES_BACK:
            self._lobby.ask(inputs.CancelTicket(ticket=self.ticket))


class Clerk:
    """Whoever staffs one desk."""

    def __init__(self, desk: str, lobby: BareLobby, habits: Staff, seed: int | str) -> None:
        self._desk = desk
        self._lobby = lobby
        self._timeline = lobby.timeline
        self._habits = habits
        self._place = lobby.desks[desk]
        self._chance = random.Random(f"{seed}/{desk}/staff")

    def work(self, shifts: Sequence[tuple[float, float]]) -> Process[None]:
        """All shifts of the day, each from and to an instant of the timeline; whoever is at the desk is served to the
        end."""
        for begins_s, ends_s in shifts:
            if self._timeline.now_s < begins_s:
                yield begins_s - self._timeline.now_s
            self._press(inputs.OpenDesk)
            while (yield from self._has_work(ends_s)):
                yield self._pause_s()
                yield from self._serve_in_turn(ends_s)
            self._press(inputs.CloseDesk)

    def _has_work(self, until_s: float) -> Process[bool]:
        """Look at the lamp now and then until it is lit; False when the shift is over."""
        helps = bool(self._lobby.day.desks[self._desk].desk.helps)
        while (rest_s := until_s - self._timeline.now_s) > 0:
            if self._lobby.waits_for(self._desk):
                return True
            yield Wait(self._place.news, min(rest_s, HELP_LOOK_S) if helps else rest_s)
            yield self._chance.uniform(0, LAMP_LOOK_S)
        return False

    def _serve_in_turn(self, until_s: float) -> Process[None]:
        """Call and serve, one after another, as long as somebody is called."""
        while True:
            if not self._press(inputs.CallNext):
                yield LAMP_LOOK_S
                return
            if not self._has_called():
                return
            if not (yield from self._receive()):
                return
            yield from self._serve()
            is_last = self._timeline.now_s > until_s or self._chance.random() < FINISH_FIRST
            if is_last:
                self._press(inputs.Finish)
            yield self._pause_s()
            if is_last:
                return

    def _receive(self) -> Process[bool]:
        """Wait for whoever was called; call once more; False when nobody comes."""
        habits = self._habits
        if (yield Wait(self._place.arrived, habits.recall_after_s)):
            return True
        self._press(inputs.Recall)
        if (yield Wait(self._place.arrived, max(habits.no_show_after_s - habits.recall_after_s, 0.0))):
            return True
        self._press(inputs.NoShow)
        return False

    def _serve(self) -> Process[None]:
        if self._chance.random() < START_KEY:
            self._press(inputs.Start)
        day = self._lobby.day
        service = day.services[day.tickets[day.desks[self._desk].ticket].service].service
        visitor = self._place.visitor
        assert visitor is not None, "somebody has arrived"
        yield service_s(service, visitor, self._habits.service_spread)
        self._timeline.ring(self._place.dismissed)

    def _has_called(self) -> bool:
        """Whether somebody is expected now, not just gone."""
        state = self._lobby.day.desks[self._desk]
        return bool(state.ticket) and self._lobby.day.tickets[state.ticket].state is TicketState.CALLED

    def _press(self, key: type[inputs.DeskKey]) -> bool:
        """Press a key on the desk as it stands; False when that is refused."""
        return not isinstance(self._lobby.ask(key(desk=self._desk, seen=None, by="panel")), Refusal)

    def _pause_s(self) -> float:
        return self._chance.uniform(*self._habits.reaction_s)


def pass_by(who: PasserBy, lobby: BareLobby, door: str, starts_s: float, chance: random.Random) -> Process[None]:
    """Somebody without a ticket comes in and goes again. The timeline's 0 is `starts_s` after midnight."""
    yield from lobby.go_through(door, Crossing.ENTERED, 1, chance)
    yield max(who.leaves_at_s - starts_s - lobby.timeline.now_s, 0.0)
    if who.is_seen_leaving:
        yield from lobby.go_through(door, Crossing.LEFT, 1, chance)
    else:
        lobby.crossed(door, Crossing.LEFT, is_counted=False)
