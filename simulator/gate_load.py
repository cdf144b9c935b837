"""How full a room is, as the checker of the gate reckons it and as the journal has recorded it."""

from collections.abc import Iterator
from typing import NamedTuple

from hub.day.events import TicketAdmitted
from hub.day.place import PlaceTaken


class Load(NamedTuple):
    """How full a room is."""

    upper: int | None
    """Who may be inside; None if nobody knows, and the room then holds everybody."""
    reserved: int
    limit: int
    is_shut: bool = False
    """It was full, and has not emptied far enough since."""
    confidence: float | None = None
    """With which `upper` holds; None where it is a sum of margins, or of the people of tickets."""

    def takes(self, party: int) -> bool:
        """Whether there is a place for so many people."""
        return self.upper is not None and not self.is_shut and self.upper + self.reserved + party <= self.limit

    def told(self, party: int) -> str:
        """Why there is a place, or none, in words."""
        return (
            f"{self.upper} inside at most{f' (at a confidence of {self.confidence:g})' if self.confidence else ''}, "
            f"{self.reserved} on their way and a party of {party}, where {self.limit} are allowed"
            f"{', and it stays shut until more have left' if self.is_shut else ''}"
        )

    def violations(
        self, who: str, party: int, recorded: TicketAdmitted | PlaceTaken | None, *, full: str
    ) -> Iterator[str]:
        """What is wrong with letting that party in, for which the journal has `recorded` why. `who` begins the
        sentence, and `full` goes on if there was no place."""
        if self.upper is None:
            yield f"{who} while nobody knew how many people were in it, and then it holds everybody"
        elif not self.takes(party):
            yield f"{who}{full}: {self.told(party)}"
        elif recorded is None:
            yield f"{who} without a reason, and there is one: {self.told(party)}"
        else:
            its = recorded_load(recorded)
            if recorded.upper_people < self.upper or its[1:] != self[1:]:
                yield f"{who} with a wrong reason: {its.told(party)}, but {self.told(party)}"


def recorded_load(recorded: TicketAdmitted | PlaceTaken) -> Load:
    """How full the room was by what the journal has kept."""
    return Load(recorded.upper_people, recorded.reserved_people, recorded.limit_people, confidence=recorded.confidence)
