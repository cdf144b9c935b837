"""What a manager may change for the rest of the day: limits of rooms, pauses of services, and notices."""

from datetime import datetime

from hub.day import change_events, inputs
from hub.day.decide.decision import Decision, Rule
from hub.day.lobby import Lobby
from hub.day.model import Day, Notice
from hub.day.refusal import Code, Refusal

LIMIT_PEOPLE_MAX = 100_000
"""As much as a lobby file may say. 0 lets nobody in."""

NOTICE_CHARACTERS_MAX = 120
"""Of each language: what is read from a board in passing."""


def _change_limit(day: Day, an_input: inputs.ChangeLimit, now: datetime) -> Decision:
    room = day.rooms.get(an_input.room)
    if room is None:
        return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": an_input.room})
    limit_people = an_input.limit_people
    if limit_people is not None and not 0 <= limit_people <= LIMIT_PEOPLE_MAX:
        return Refusal(code=Code.BAD_LIMIT, facts={"limit_people": limit_people, "max": LIMIT_PEOPLE_MAX})
    if room.limit_by_hand == limit_people:
        return []
    return [change_events.LimitChanged(room=an_input.room, limit_people=limit_people, why=an_input.why)]


def _pause_service(day: Day, an_input: inputs.PauseService, now: datetime) -> Decision:
    state = day.services.get(an_input.service)
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    if an_input.until_at is not None and an_input.until_at <= now:
        return Refusal(code=Code.UNTIL_PAST, facts={"until_at": an_input.until_at.isoformat()})
    if an_input.service in day.paused and day.paused[an_input.service] == an_input.until_at:
        return []
    return [change_events.ServicePaused(service=an_input.service, until_at=an_input.until_at)]


def _resume_service(day: Day, an_input: inputs.ResumeService, now: datetime) -> Decision:
    if an_input.service not in day.services:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    return [change_events.ServiceResumed(service=an_input.service)] if an_input.service in day.paused else []


def _post_notice(day: Day, an_input: inputs.PostNotice, now: datetime) -> Decision:
    assert day.lobby is not None
    if an_input.room and an_input.room not in day.rooms:
        return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": an_input.room})
    if an_input.until_at is not None and an_input.until_at <= now:
        return Refusal(code=Code.UNTIL_PAST, facts={"until_at": an_input.until_at.isoformat()})
    text = {language: " ".join(said.split()) for language, said in an_input.text.items() if said.strip()}
    if not _can_be_posted(day.lobby, text):
        return Refusal(code=Code.BAD_NOTICE, facts={"max": NOTICE_CHARACTERS_MAX})
    if day.notices.get(an_input.room) == Notice(text=text, until_at=an_input.until_at):
        return []
    return [change_events.NoticePosted(room=an_input.room, text=text, until_at=an_input.until_at)]


def _can_be_posted(lobby: Lobby, text: dict[str, str]) -> bool:
    is_spoken = text.keys() <= set(lobby.site.languages)
    return bool(text) and is_spoken and max(len(said) for said in text.values()) <= NOTICE_CHARACTERS_MAX


def _withdraw_notice(day: Day, an_input: inputs.WithdrawNotice, now: datetime) -> Decision:
    if an_input.room and an_input.room not in day.rooms:
        return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": an_input.room})
    return [change_events.NoticeWithdrawn(room=an_input.room)] if an_input.room in day.notices else []


RULES: dict[type, Rule] = {
    inputs.ChangeLimit: _change_limit,
    inputs.PauseService: _pause_service,
    inputs.ResumeService: _resume_service,
    inputs.PostNotice: _post_notice,
    inputs.WithdrawNotice: _withdraw_notice,
}
