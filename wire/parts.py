"""What messages are made of: names, figures, instants. `wire.messages` has them all; read there first."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
"""A site, node, device, desk, service or room: what may stand in a topic."""
Token = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
"""An opaque random name: a session, an epoch, a boot, a request, a job."""
Millis = Annotated[int, Meta(ge=0, le=2**53)]
Natural = Annotated[int, Meta(ge=0, le=2**53)]
People = Annotated[int, Meta(ge=0, le=1_000_000)]
Text = Annotated[str, Meta(max_length=400)]
Instant = Annotated[datetime, Meta(tz=True)]
Language = Annotated[str, Meta(pattern="^[a-z]{2}$")]
Letter = Annotated[str, Meta(pattern="^[A-Z]$")]
"""A series of numbers."""
Label = dict[Annotated[str, Meta(min_length=2, max_length=2)], Text]
"""Its codes are measured, not matched: a view holds dozens, and one that is no language is never asked for."""


class GateState(StrEnum):
    """How a room stands, the same on every display and page. An older reader does not know the field, and goes by what
    it knows."""

    OPEN = "open"
    NEARLY_FULL = "nearly-full"
    """The warning level of the room is reached."""
    FULL = "full"
    """Nobody is let in who has not been invited."""
    EVACUATE = "evacuate"
    """Everybody is to leave the building."""
    UNKNOWN = "unknown"
    """Nobody knows how many are inside, and the room holds everybody back."""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anything that travels."""


class Heard(Message, frozen=True, kw_only=True):
    """When something happened, told by the newest HubTime heard, fixed at that moment."""

    boot: Token
    ms: Millis
    since_ms: Millis
    """From hearing that HubTime to the event, by the node's monotonic clock."""
