"""How rooms stand after a row of the journal, reckoned as in `gate_checker`: for checkers of displays and alarms."""

from simulator.gate_checker import Gates

EVACUATE = "evacuate"


class Standing(Gates):
    """The journal's events, one after the other, and what is so after the newest."""

    def room_of_desk(self, desk: str) -> str:
        """Where a desk stands."""
        return self._rooms.desk_rooms[desk]

    def room_before(self, service: str) -> str:
        """The admitted room before which its visitors wait; empty if they may wait inside."""
        return self._gate_of(service)

    def rooms(self) -> list[str]:
        """All that were described today."""
        return list(self._rooms.states)

    def people_and_limit(self, room: str) -> tuple[int | None, int]:
        """Of a room; None while nobody knows."""
        return self._rooms.people(room, self._tickets.values()), self._rooms.states[room].limit_people

    def words(self) -> dict[str, str]:
        """Each room to what displays are to say of it now; see `CountedRooms.word`."""
        if self._is_evacuated:
            return dict.fromkeys(self._rooms.states, EVACUATE)
        return {room: self._rooms.word(room, self._tickets.values()) for room in self._rooms.states}
