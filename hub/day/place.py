"""A place in an admitted room, as the journal keeps what it took."""

from msgspec import Struct


class PlaceTaken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in an admitted room that a call needs, and the facts: with `upper_people` at most inside and
    `reserved_people` on their way, the party fits into the limit."""

    room: str
    upper_people: int
    reserved_people: int
    limit_people: int
    confidence: float | None = None
    """With which `upper_people` holds (0.5 to 1); None where no filter says so."""
