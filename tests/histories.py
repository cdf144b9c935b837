"""Weeks of history for tests: a town hall, open from Monday to Friday, made by a formula and always the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import pi, sin

from hub.day.lobby import Lobby
from hub.history.points import Crossing, DeviceState, Occupancy, Point, Visit
from hub.history.sql_store import SqlStore
from hub.journal import Journal
from hub.journal_thread import JournalThread
from tests.hubs import an_engine

QUARTER = timedelta(minutes=15)
OPEN_H = (8, 18)
PEOPLE = 24
"""In the busiest quarter of an hour of a Monday."""


@contextmanager
def a_history(site: str, points: Sequence[Point]) -> Iterator[SqlStore]:
    """A store in memory that holds `points`."""
    engine = an_engine()
    thread = JournalThread(Journal(engine))
    store = SqlStore(thread)
    try:
        with thread.journal.transaction():
            pass
        store._write(site, points, 1)  # noqa: SLF001  # before there is a loop to wait on
        yield store
    finally:
        thread.close()
        engine.dispose()


def weeks_until(now: datetime, lobby: Lobby, weeks: int = 9) -> list[Point]:
    """A point of every room for each quarter of an hour of the weeks before `now`, its crossings and a visit."""
    first = (now - timedelta(weeks=weeks)).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Point] = []
    at = first
    while at < now:
        found += _quarter(at, lobby, (at - first).days)
        at += QUARTER
    return found


def people_at(at: datetime, nth_day: int) -> int:
    """Two waves a day, fewer people from day to day of the week, and no day quite like another."""
    hour = at.hour + at.minute / 60
    if at.weekday() > 4 or not OPEN_H[0] <= hour < OPEN_H[1]:
        return 0
    wave = sin(pi * (hour - OPEN_H[0]) / (OPEN_H[1] - OPEN_H[0])) * (1 + 0.35 * sin(2 * pi * hour / 5))
    return round(PEOPLE * max(0.0, wave) * (1 - 0.11 * at.weekday()) * (0.8 + 0.05 * (nth_day * 7 % 9)))


def _quarter(at: datetime, lobby: Lobby, nth_day: int) -> Iterator[Point]:
    site, n = lobby.site.id, people_at(at, nth_day)
    for room in lobby.rooms:
        yield Occupancy(
            at=at,
            site=site,
            room=room.id,
            people=n,
            lower_people=max(0, n - 2),
            upper_people=n + 2,
            limit_people=room.limit_people,
            quality="live",
        )
    if not n:
        return
    for door in lobby.doors:
        yield Crossing(at=at, site=site, door=door.id, entered=n, left=n // 2)
    for service in lobby.services:
        yield Visit(
            at=at,
            site=site,
            service=service.id,
            desk="1",
            outcome="served",
            wait_s=60 * n,
            service_s=300,
            party_people=1,
        )
    for device in lobby.devices:
        if device.door:
            yield DeviceState(at=at, site=site, device=device.address, state="ok")
