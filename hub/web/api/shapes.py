"""What the API takes and answers, beyond the views of the day.

What comes in is pydantic, which FastAPI checks and describes. What goes out are the day's own msgspec views: their
schemas are put into the OpenAPI document as they are, and they are encoded without being copied.
"""

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Header
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic.json_schema import SkipJsonSchema
from starlette.responses import Response

from hub.day.inputs import CancelReason, EvacuatedBy, LimitReason
from hub.day.lobby import Label
from hub.day.page_views import DeskView, TicketView
from hub.day.people.checks import Fault
from hub.web.wishes import REQUEST_ID, Why

PARTY_PEOPLE_MAX = 50
ID_CHARACTERS_MAX = 64
NUMBER_CHARACTERS_MAX = 12
STEPS_MAX = 10
SEEN_MAX = 2**53
PEOPLE_MAX = 100_000
NOTICE_CHARACTERS_MAX = 120
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d([Tt ]|$)")
STRICT = ConfigDict(extra="forbid", strict=True)
"""A misspelt key is told, and a number is a number: nobody means a party of `true`."""

RequestId = Annotated[str, Field(pattern=REQUEST_ID, examples=["p7WmRZ0o4nq2dJ9sXbTy1A"])]
IdempotencyKey = Annotated[
    # There is no header that says `null`.
    RequestId | SkipJsonSchema[None],
    Header(description="The same as `request_id`, which wins. Random, 16 to 64 characters."),
]


class NewTicket(BaseModel):
    """A visitor wants to join a line."""

    model_config = STRICT

    service: str = Field(max_length=ID_CHARACTERS_MAX, examples=["passports"])
    language: str = Field(default="", max_length=8, examples=["fr"], description="The lobby's own when empty.")
    party_people: int = Field(default=1, ge=1, le=PARTY_PEOPLE_MAX)
    then: tuple[Annotated[str, Field(max_length=ID_CHARACTERS_MAX)], ...] | None = Field(
        default=None,
        max_length=STEPS_MAX,
        strict=False,
        examples=[["cashier"]],
        description="Services that the visit goes on to, one after the other; what the service says itself when null.",
    )
    priority: str = Field(
        default="", max_length=ID_CHARACTERS_MAX, description="Why the visitor is to be called earlier; empty for none."
    )
    printer: str = Field(
        default="",
        max_length=2 * ID_CHARACTERS_MAX + 1,
        examples=["kiosk-1/printer"],
        description="`node/device` of the printer that shall print a slip; empty for none.",
    )
    request_id: RequestId | None = Field(
        default=None, description="Names this wish: asking again with the same id gives the same ticket."
    )


class NewCheckIn(BaseModel):
    """A visitor comes to an appointment."""

    model_config = STRICT

    code: str = Field(
        max_length=ID_CHARACTERS_MAX,
        examples=["K7QF-2M9X"],
        description="The code of the invitation. Blanks, capitals, and O or 0 and I or 1 do not matter.",
    )
    language: str = Field(default="", max_length=8, examples=["fr"], description="The lobby's own when empty.")
    printer: str = Field(
        default="",
        max_length=2 * ID_CHARACTERS_MAX + 1,
        description="`node/device` of the printer that shall print a slip; empty for none.",
    )
    request_id: RequestId | None = Field(
        default=None, description="Names this wish: asking again with the same id gives the same ticket."
    )


class DeskPress(BaseModel):
    """A button of a desk."""

    model_config = STRICT

    seen: int | None = Field(
        default=None,
        ge=0,
        le=SEEN_MAX,
        description="The `desk_seq` that was seen when deciding to press; refused with `moved-on` if it has changed.",
    )
    request_id: RequestId | None = Field(
        default=None, description="Names this press: sending it again does nothing more, and is answered the same."
    )


class NewTransfer(DeskPress):
    """Where the visitor at a desk goes on to."""

    service: str = Field(default="", max_length=ID_CHARACTERS_MAX, description="The same as now when empty.")
    to_desk: str = Field(
        default="", max_length=ID_CHARACTERS_MAX, description="The only desk that may call her; any when empty."
    )


class TicketWish(BaseModel):
    """What staff want of one ticket."""

    model_config = STRICT

    request_id: RequestId | None = Field(
        default=None, description="Names this wish: sending it again does nothing more, and is answered the same."
    )


class NewCancellation(TicketWish):
    """Staff end a ticket without serving it."""

    reason: CancelReason = Field(description="The visitor has left, it was for another service, or issued by mistake.")


class NewMerge(TicketWish):
    """Another ticket of the same visitor."""

    duplicate: str = Field(max_length=NUMBER_CHARACTERS_MAX, examples=["A043"])


class NewCorrection(BaseModel):
    """How many people are in a room, as somebody has seen."""

    model_config = STRICT

    people: int = Field(ge=0, le=PEOPLE_MAX, examples=[12])
    why: Why = Field(default="counted", description="`counted` by somebody, or `empty` because nobody can be inside.")
    request_id: RequestId | None = Field(
        default=None, description="Names this correction: sending it again does nothing more."
    )


class EndedEvacuation(BaseModel):
    """People may come back."""

    model_config = STRICT

    people: dict[Annotated[str, Field(max_length=ID_CHARACTERS_MAX)], Annotated[int, Field(ge=0, le=PEOPLE_MAX)]] = (
        Field(
            default_factory=dict,
            max_length=200,
            examples=[{"hall": 2}],
            description="Room to the people who are in it all the same; the others are empty.",
        )
    )
    request_id: RequestId | None = Field(
        default=None, description="Names this order: sending it again does nothing more."
    )


class EvacuationView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether everybody is to leave the building."""

    evacuated_since_at: datetime | None
    """None while nobody has to leave."""
    by: EvacuatedBy | None
    """Whose order it was, by role."""


def written_out(value: object) -> object:
    """
    Raises:
        ValueError: a number, which would be taken for seconds since 1970.
    """
    if isinstance(value, str) and _DATE_TIME.match(value):
        return value
    raise ValueError("write it like 2026-03-02, with a time like 2026-03-02T11:00:00+01:00")


UntilAt = Annotated[
    Annotated[AwareDatetime, Strict(False), BeforeValidator(written_out)] | None,
    Field(description="When it ends by itself; null for not before somebody says so, or the day turns."),
]


class DayChange(BaseModel):
    """What is to be otherwise until the day turns."""

    model_config = STRICT

    request_id: RequestId | None = Field(
        default=None, description="Names this change: sending it again does nothing more, and is answered the same."
    )


class NewLimit(DayChange):
    """How many people a room may hold."""

    limit_people: int = Field(ge=0, le=PEOPLE_MAX, examples=[12], description="0 lets nobody in.")
    why: LimitReason = Field(default="other", description="Kept with the number; nobody's name is.")


class NewPause(DayChange):
    """No more tickets for a service."""

    until_at: UntilAt = None


class NewNotice(DayChange):
    """What all visitors should know. Everybody reads it: it names nobody."""

    text: dict[Annotated[str, Field(max_length=2)], Annotated[str, Field(max_length=NOTICE_CHARACTERS_MAX)]] = Field(
        examples=[{"en": "The lift is out of order", "fr": "L’ascenseur est en panne"}],
        description="Language to text, in languages of the lobby.",
    )
    until_at: UntilAt = None


class SiteSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A site of this hub."""

    id: str
    name: Label
    languages: tuple[str, ...]
    join_url: str
    """Where a visitor takes a ticket."""


class IssuedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that was just issued, or issued earlier for the same request id."""

    number: str
    token: str
    """Opens this ticket and no other; it is stored nowhere."""
    url: str
    """The ticket's own page."""
    ticket: TicketView


class DeskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a button did, and the desk after it."""

    number: str
    """Of the ticket that was called or changed; empty if none was."""
    desk: DeskView


class CounterView(msgspec.Struct, frozen=True, kw_only=True):
    """A people counter."""

    device: str
    """`node/device`."""
    door: str
    state: str
    """As it says itself: `ok` or `blocked`; `silent` if it is not heard, `unheard` if it never was."""
    faults: tuple[Fault, ...]
    """What its own counts say against it, of these days or of the last two weeks: `swapped`, `stuck`, `drifting`,
    `differing`."""


def answer(body: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`body`, any msgspec structure, as JSON that nobody keeps."""
    told = {"cache-control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(body), status_code=status_code, headers=told, media_type="application/json")
