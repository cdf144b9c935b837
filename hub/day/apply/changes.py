"""What somebody changes for the rest of the day."""

from datetime import datetime

from hub.day import change_events
from hub.day.apply.effect import Effect
from hub.day.model import Day, Notice


def _limit_changed(day: Day, event: change_events.LimitChanged, at: datetime) -> None:
    day.rooms[event.room].limit_by_hand = event.limit_people


def _limit_scheduled(day: Day, event: change_events.LimitScheduled, at: datetime) -> None:
    day.rooms[event.room].limit_by_schedule = event.limit_people


def _service_paused(day: Day, event: change_events.ServicePaused, at: datetime) -> None:
    day.paused[event.service] = event.until_at


def _service_resumed(day: Day, event: change_events.ServiceResumed, at: datetime) -> None:
    del day.paused[event.service]


def _notice_posted(day: Day, event: change_events.NoticePosted, at: datetime) -> None:
    day.notices[event.room] = Notice(text=event.text, until_at=event.until_at)


def _notice_withdrawn(day: Day, event: change_events.NoticeWithdrawn, at: datetime) -> None:
    del day.notices[event.room]


EFFECTS: dict[type, Effect] = {
    change_events.LimitChanged: _limit_changed,
    change_events.LimitScheduled: _limit_scheduled,
    change_events.ServicePaused: _service_paused,
    change_events.ServiceResumed: _service_resumed,
    change_events.NoticePosted: _notice_posted,
    change_events.NoticeWithdrawn: _notice_withdrawn,
}
