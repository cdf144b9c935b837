"""What visitors and staff ask for, as inputs: one place for pages and API, so that both ask in the same way.

Every wish has a request id, which becomes its mark: asking twice for the same wish changes nothing twice.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

from hub.day.inputs import (
    By,
    CallNext,
    CancelTicket,
    Channel,
    CheckIn,
    CloseDesk,
    CorrectPeople,
    DeskInput,
    Finish,
    IssueTicket,
    NoShow,
    OpenDesk,
    Recall,
    Start,
)
from hub.day.refusal import Code, Refusal
from hub.keyring import token_hash
from hub.site import Answer, Site
from hub.web import readings
from hub.web.context import Web
from wire.messages import Key

Why = Literal["counted", "empty"]
"""Somebody has counted a room, or knows that nobody is in it."""

REQUEST_ID = r"^[A-Za-z0-9_-]{16,64}$"
"""Long enough to be nobody else's: whoever repeats a request id is handed the same ticket."""

_REQUEST_ID = re.compile(REQUEST_ID)

DESK_ACTIONS: dict[Key, Callable[..., DeskInput]] = {
    Key.NEXT: CallNext,
    Key.RECALL: Recall,
    Key.NO_SHOW: NoShow,
    Key.START: Start,
    Key.FINISH: Finish,
    Key.OPEN: OpenDesk,
    Key.CLOSE: CloseDesk,
}


def is_request_id(text: str) -> bool:
    """Whether `text` may name a wish."""
    return _REQUEST_ID.fullmatch(text) is not None


async def issue_ticket(
    web: Web,
    site: Site,
    *,
    service: str,
    language: str,
    channel: Channel,
    party_people: int = 1,
    printer: str = "",
    request_id: str = "",
) -> Answer:
    """Join the line of a service. Without a request id the wish is a new one."""
    ticket = web.new_token()
    issue = IssueTicket(
        ticket=ticket,
        token_hash=token_hash(web.keyring.token(ticket)),
        service=service,
        language=language,
        channel=channel,
        party_people=party_people,
        printer=printer,
    )
    return await site.submit(issue, mark=_mark(request_id))


async def check_in(
    web: Web,
    site: Site,
    *,
    code: str,
    language: str,
    channel: Channel,
    printer: str = "",
    room: str = "",
    request_id: str = "",
) -> Answer:
    """A ticket for somebody with an appointment. `code` is as typed; `room` is where the visitor is known to be."""
    code_hash = web.keyring.code_hash(code)
    # Codes can be tried out by anybody: a wrong one costs a look, and leaves no trace in the journal.
    if not await site.read(partial(readings.is_invited, code_hash)):
        return Answer.of(Refusal(code=Code.UNKNOWN_CODE))
    ticket = web.new_token()
    wish = CheckIn(
        code_hash=code_hash,
        ticket=ticket,
        token_hash=token_hash(web.keyring.token(ticket)),
        language=language,
        channel=channel,
        printer=printer,
        room=room,
    )
    return await site.submit(wish, mark=_mark(request_id, "check-in", code_hash[:16]))


async def cancel_ticket(site: Site, ticket: str, request_id: str = "") -> Answer:
    """Give a ticket back."""
    return await site.submit(CancelTicket(ticket=ticket), mark=_mark(request_id, "cancel", ticket))


async def press(site: Site, desk: str, action: Key, *, seen: int | None, by: By, request_id: str = "") -> Answer:
    """A button of a desk. `seen` is the desk's sequence as staff saw it."""
    mark = _mark(request_id, action, desk)
    return await site.submit(DESK_ACTIONS[action](desk=desk, seen=seen, by=by), mark=mark)


async def correct_people(site: Site, room: str, people: int, *, why: Why, request_id: str = "") -> Answer:
    """Say how many people are in a room."""
    return await site.submit(CorrectPeople(room=room, people=people, why=why), mark=_mark(request_id, "correct", room))


def _mark(request_id: str, *what: str) -> str:
    """The name of a wish: its request id and, but for a new ticket, what is asked of whom. So an id that is used for
    something else is another wish, and is not answered "done" for what was never done."""
    return "/".join(("request", request_id, *what)) if request_id else ""
