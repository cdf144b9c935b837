"""Visitors with appointments: who has one, when they come, and the file that their office writes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from hub.book.read_csv import read_csv
from hub.config import load_lobby
from hub.day import events
from hub.day.events import AnyEvent
from hub.journal import Entry
from simulator.booked import AppointmentFigures, Booking, book, everybody, figures, file_of
from simulator.crowd import Character, crowd
from simulator.scenario import Appointments, Scenario, Setting, faults_with, read

SETTING: Setting = read(Path("town-hall.toml"))
LOBBY = load_lobby(SETTING.lobby_path)
PARIS = "Europe/Paris"
APPOINTMENTS = Appointments(
    share=0.3, begins=time(9), ends=time(12), services=("passports",), late=0.2, late_s=(60, 600), never=0.1
)
SCENARIO: Scenario = replace(
    SETTING.scenario, appointments=APPOINTMENTS, visitors=replace(SETTING.scenario.visitors, count=2_000)
)
PEOPLE: list[Character] = crowd(SCENARIO.visitors, seed=1)
BOOKINGS: list[Booking] = book(PEOPLE, SCENARIO, PARIS, seed=1)


def test_as_many_have_an_appointment_as_the_scenario_says_and_for_these_services() -> None:
    assert len(BOOKINGS) / 2_000 == pytest.approx(0.3, abs=0.03)
    assert {it.visitor.service for it in BOOKINGS} == {"passports"}


def test_slots_lie_within_the_hours_and_where_the_clock_says() -> None:
    slots = sorted({it.slot_at for it in BOOKINGS})
    assert len(slots) == 18
    assert slots[0] == datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
    assert slots[-1] == datetime(2026, 3, 4, 10, 50, tzinfo=UTC)
    in_summer = replace(SCENARIO, date=date(2026, 3, 29))
    assert min(it.slot_at for it in book(PEOPLE, in_summer, PARIS, seed=1)) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_they_come_a_little_early_or_late_or_never() -> None:
    early_s: list[float] = []
    late_s: list[float] = []
    for it in BOOKINGS:
        midnight = datetime(2026, 3, 3, 23, tzinfo=UTC)
        after_slot_s = it.visitor.comes_at_s - (it.slot_at - midnight).total_seconds()
        (late_s if after_slot_s > 0 else early_s).append(after_slot_s)
    assert all(-900 <= it <= -60 for it in early_s)
    assert all(60 <= it <= 600 for it in late_s)
    assert len(late_s) / len(BOOKINGS) == pytest.approx(0.2, abs=0.05)
    assert sum(not it.comes for it in BOOKINGS) / len(BOOKINGS) == pytest.approx(0.1, abs=0.04)


def test_the_hub_reads_the_file_of_the_office_without_a_fault() -> None:
    reading = read_csv(file_of(BOOKINGS), LOBBY)
    assert (reading.faults, reading.notes) == ((), ())
    assert [(it.uid, it.slot_at, it.party_people) for it in reading.entries] == [
        (it.visitor.name, it.slot_at, it.visitor.party_people) for it in BOOKINGS
    ]


def test_who_has_an_appointment_comes_once_and_in_order() -> None:
    come = everybody(PEOPLE, BOOKINGS, [it.visitor for it in BOOKINGS if it.comes])
    assert len(come) == 2_000 - sum(not it.comes for it in BOOKINGS)
    assert len({it.name for it in come}) == len(come)
    assert [it.comes_at_s for it in come] == sorted(it.comes_at_s for it in come)


def test_a_scenario_without_appointments_has_none() -> None:
    assert book(PEOPLE, replace(SCENARIO, appointments=None), PARIS, seed=1) == []


def test_appointments_that_cannot_be_are_told() -> None:
    wrong = replace(SCENARIO, appointments=replace(APPOINTMENTS, ends=time(8), services=("taxes",)))
    found = faults_with(wrong, services=SCENARIO.visitors.services, desks=[it.id for it in LOBBY.desks])
    assert found == [
        "appointments.services: the visitors do not come for 'taxes'",
        "appointments: ends at 08:00:00, not after it begins at 09:00:00",
    ]


def test_the_figures_tell_what_became_of_the_appointments() -> None:
    at = datetime(2026, 3, 4, 8, tzinfo=UTC)
    late_at = at + timedelta(seconds=LOBBY.site.late_s + 1)
    known: list[AnyEvent] = [
        events.AppointmentKnown(appointment=name, service="passports", slot_at=at, code_hash=name) for name in "abcd"
    ]
    issued: list[AnyEvent] = [
        events.TicketIssued(
            ticket=f"ticket-{name}",
            token_hash="",
            service="passports",
            series="A",
            number=number,
            language="fr",
            channel="phone",
            due_at=at,
            appointment=name,
        )
        for number, name in enumerate(["a", "b", ""], 1)
    ]
    calls: list[AnyEvent] = [
        events.TicketCalled(ticket=f"ticket-{name}", desk="desk-6", rule="earliest-due", due_at=at)
        for name in ("a", "", "a")
    ]
    entries = [
        Entry(seq, "2026-03-04", late_at if getattr(event, "appointment", "") == "b" else at, event)
        for seq, event in enumerate([*known, *issued, *calls, events.AppointmentCancelled(appointment="d")], 1)
    ]
    assert figures(entries, LOBBY) == AppointmentFigures(known=3, checked_in=2, late=1, called=1)
