"""Whoever got a number from a kiosk that was cut off, and lost her place by it, is found."""

from datetime import date, timedelta

import pytest

from hub.day import events, number_events
from hub.journal import Mark
from hub.site import Answer
from simulator.arrival_checker import arrival_violations
from simulator.record import Pressed
from tests.simulation.evidence_stage import LOBBY, SITE, Scene, at
from wire import topics
from wire.messages import Event, Heard, Outcome, TicketGiven

KIOSK = "kiosk-1/kiosk"
DAY = date(2026, 3, 4)


def told(scene: Scene, number: int, pressed_s: float, told_s: float) -> str:
    """The kiosk tells of a number that it gave; its request."""
    request = f"request-{number:03}"
    given = TicketGiven(
        request=request, service="residents", language="fr", day=DAY, series="K", number=number,
        pressed=Heard(boot="boot-1", ms=round(pressed_s * 1_000), since_ms=0), pressed_at=at(pressed_s),
    )  # fmt: skip
    scene.said(told_s, topics.event(SITE, "kiosk-1", "kiosk"), Event(session="k", seq=number, body=given))
    return request


def gave(scene: Scene, number: int, pressed_s: float, told_s: float, came_s: float) -> None:
    """A finger, its slip, and what the hub made of them: she came at `came_s`."""
    scene.record.presses.append(Pressed(pressed_s, KIOSK, "residents"))
    scene.printed(pressed_s + 10, f"K{number:03}")
    scene.row(
        told_s,
        events.TicketIssued(
            ticket=f"t{number}", token_hash="", service="residents", series="K", number=number, language="fr",
            channel="kiosk", due_at=at(came_s), offline=KIOSK, printer="kiosk-1/printer", arrived_at=at(came_s),
            request=told(scene, number, pressed_s, told_s),
        ),
    )  # fmt: skip


@pytest.fixture
async def scene() -> Scene:
    """A day in which the kiosk has three numbers."""
    scene = Scene()
    scene.row(1, events.DayOpened(day=DAY, lobby=LOBBY, totals=(), rooms=(), paper={}, appointments=()))
    scene.row(2, number_events.RangeLeased(device=KIOSK, holder="h", series="K", first=1, last=3))
    return scene


def found(scene: Scene) -> list[str]:
    return list(arrival_violations(scene.evidence))


async def test_who_is_in_line_as_of_her_finger_is_no_breach(scene: Scene) -> None:
    gave(scene, 1, 30, 100, 30)
    gave(scene, 2, 40, 101, 40)
    assert found(scene) == []


async def test_who_is_in_line_as_of_the_moment_in_which_the_hub_heard_of_her_is_found(scene: Scene) -> None:
    gave(scene, 1, 30, 100, 100)
    assert found(scene) == ["K001 was asked for at 09:00:30, and is in line as of 09:01:40"]


async def test_who_came_before_the_kiosk_had_her_number_came_when_the_hub_heard_of_her(scene: Scene) -> None:
    gave(scene, 1, 1.5, 100, 100)
    assert found(scene) == []


async def test_a_number_that_nobody_asked_for_is_found(scene: Scene) -> None:
    gave(scene, 1, 30, 100, 30)
    scene.record.presses.clear()
    assert found(scene) == [f"{KIOSK} says that K001 was asked for at 30.000 s, and nobody did"]


async def test_numbers_that_are_handed_in_out_of_order_are_found(scene: Scene) -> None:
    gave(scene, 2, 40, 100, 40)
    gave(scene, 1, 30, 101, 30)
    assert found(scene) == [f"{KIOSK} handed in K001 after K002, which it gave later"]


async def test_a_slip_of_which_the_hub_never_hears_is_found_once_its_kiosk_could_tell(scene: Scene) -> None:
    scene.printed(40, "K001")
    assert found(scene) == [f"{KIOSK} gave K001 at 40.0 s, and the hub does not know of it"]
    trouble = scene.record.begin("cut", "kiosk-1")
    trouble.began_s, trouble.ended_s = 30.0, 180.0
    assert found(scene) == []


async def test_a_slip_of_a_day_that_is_over_is_no_breach(scene: Scene) -> None:
    scene.printed(40, "K001")
    request = told(scene, 1, 30, 100)
    scene.marks[f"offline/{request}"] = Mark(
        f"offline/{request}", Answer(outcome=Outcome.REFUSED, code="other-day"), at(100) + timedelta(seconds=1)
    )
    assert found(scene) == []
