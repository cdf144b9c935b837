"""What visitors and staff ask for, as inputs: one place for pages and API, so that both ask in the same way.

Every wish has a request id, which becomes its mark: asking twice for the same wish changes nothing twice.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Literal

from hub.day.inputs import (
    AnyInput,
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
    MergeTickets,
    NoShow,
    OpenDesk,
    Park,
    Recall,
    ResumeTicket,
    Start,
    UndoCall,
)
from hub.day.page_views import TicketView
from hub.day.refusal import Code, Refusal
from hub.keyring import token_hash
from hub.site import Answer, Site
from hub.web import readings
from hub.web.context import Web

Why = Literal["counted", "empty"]
"""Somebody has counted a room, or knows that nobody is in it."""

REQUEST_ID = r"^[A-Za-z0-9_-]{16,64}$"
"""Long enough to be nobody else's: whoever repeats a request id is handed the same ticket."""

_REQUEST_ID = re.compile(REQUEST_ID)


class Action(StrEnum):
    """A button of a desk: the keys of a panel, and more than a panel has room for."""

    NEXT = "next"
    RECALL = "recall"
    NO_SHOW = "no-show"
    START = "start"
    FINISH = "finish"
    PARK = "park"
    UNDO = "undo"
    OPEN = "open"
    CLOSE = "close"


DESK_ACTIONS: dict[Action, Callable[..., DeskInput]] = {
    Action.NEXT: CallNext,
    Action.RECALL: Recall,
    Action.NO_SHOW: NoShow,
    Action.START: Start,
    Action.FINISH: Finish,
    Action.PARK: Park,
    Action.UNDO: UndoCall,
    Action.OPEN: OpenDesk,
    Action.CLOSE: CloseDesk,
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
    then: tuple[str, ...] | None = None,
    priority: str = "",
    printer: str = "",
    room: str = "",
    door_code: str = "",
    request_id: str = "",
) -> tuple[Answer, TicketView | None]:
    """Join the line of a service, and how the ticket stands then: None if there is none, or if it is of another day.
    Without a request id the wish is a new one."""
    ticket = web.new_token()
    issue = IssueTicket(
        ticket=ticket,
        token_hash=token_hash(web.keyring.token(ticket)),
        service=service,
        language=language,
        channel=channel,
        party_people=party_people,
        then=then,
        priority=priority,
        printer=printer,
        room=room,
        door_code=door_code,
    )
    return await site.submit_and_read(issue, readings.ticket_of, mark=_mark(request_id))


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
) -> tuple[Answer, TicketView | None]:
    """A ticket for somebody with an appointment, as for who joins a line. `code` is as typed; `room` is where the
    visitor is known to be."""
    code_hash = web.keyring.code_hash(code)
    # Codes can be tried out by anybody: a wrong one costs a look, and leaves no trace in the journal.
    if not await site.read(partial(readings.is_invited, code_hash)):
        return Answer.of(Refusal(code=Code.UNKNOWN_CODE)), None
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
    return await site.submit_and_read(wish, readings.ticket_of, mark=_mark(request_id, "check-in", code_hash[:16]))


async def cancel_ticket(site: Site, ticket: str, request_id: str = "") -> Answer:
    """Give a ticket back."""
    return await site.submit(CancelTicket(ticket=ticket), mark=_mark(request_id, "cancel", ticket))


async def resume_ticket(site: Site, ticket: str, request_id: str = "") -> Answer:
    """A parked visitor says that she is back."""
    return await site.submit(ResumeTicket(ticket=ticket), mark=_mark(request_id, "resume", ticket))


async def about_ticket(site: Site, number: str, what: str, ask: Callable[[str], AnyInput], request_id: str) -> Answer:
    """What `ask` makes of the ticket that people call `number`; `what` is the wish in one word."""
    ticket = await site.read(partial(readings.ticket_numbered, number))
    if not ticket:
        return Answer.of(Refusal(code=Code.UNKNOWN_TICKET))
    return await site.submit(ask(ticket), mark=_mark(request_id, what, ticket))


async def merge_tickets(site: Site, number: str, duplicate: str, request_id: str) -> Answer:
    """Two tickets, by their numbers, are of one visitor."""
    other = await site.read(partial(readings.ticket_numbered, duplicate))
    if not other:
        return Answer.of(Refusal(code=Code.UNKNOWN_TICKET))
    return await about_ticket(
        site, number, f"merge/{other}", lambda ticket: MergeTickets(ticket=ticket, duplicate=other), request_id
    )


async def press(site: Site, desk: str, action: Action, *, seen: int | None, by: By, request_id: str = "") -> Answer:
    """A button of a desk. `seen` is the desk's sequence as staff saw it."""
    return await ask_at_desk(site, action, DESK_ACTIONS[action](desk=desk, seen=seen, by=by), request_id)


async def ask_at_desk(site: Site, what: str, an_input: DeskInput, request_id: str) -> Answer:
    """What staff want at a desk; `what` is the wish in one word."""
    return await site.submit(an_input, mark=_mark(request_id, what, an_input.desk))


async def correct_people(site: Site, room: str, people: int, *, why: Why, request_id: str = "") -> Answer:
    """Say how many people are in a room."""
    return await site.submit(CorrectPeople(room=room, people=people, why=why), mark=_mark(request_id, "correct", room))


async def change(site: Site, what: str, place: str, an_input: AnyInput, request_id: str = "") -> Answer:
    """What a manager wants otherwise for the day; `what` is the wish in one word, `place` the room or service."""
    return await site.submit(an_input, mark=_mark(request_id, what, place))


def _mark(request_id: str, *what: str) -> str:
    """The name of a wish: its request id and, but for a new ticket, what is asked of whom. So an id that is used for
    something else is another wish, and is not answered "done" for what was never done."""
    return "/".join(("request", request_id, *what)) if request_id else ""
