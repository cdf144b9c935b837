"""Who did what: acts as they come of inputs, and the table in which they stay."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert

from hub import schema
from hub.accounts.records import Act
from hub.day.inputs import AnyInput

PLACES = ("desk", "room", "service")
"""What an input may name that is a place; the first it has counts."""


def act_of(who: str, an_input: AnyInput | None, site: str, at: datetime, seq: int) -> Act:
    """That `who` has asked for this, and it was done; `seq` is the newest event that came of it."""
    place = next((found for name in PLACES if (found := getattr(an_input, name, ""))), "")
    return Act(at=at, who=who, what=type(an_input).__name__, site=site, place=place, seq=seq)


def note(connection: Connection, acts: Sequence[Act]) -> None:
    """Add `acts`, in the transaction in which they are done."""
    if acts:
        connection.execute(insert(schema.act), [msgspec.structs.asdict(act) for act in acts])
