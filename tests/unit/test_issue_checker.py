"""The checker of issued tickets knows which numbers belong to kiosks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day import inputs, number_events
from hub.day.lobby import Device, DeviceKind, Lobby
from simulator.rule_checker import rule_violations
from tests.told import Breaches, Spoil, Told, assert_named, lobby_with, take

KIOSK = "hall-1/kiosk"

breach = Breaches()


def lobby_of(letter: str, offline_letter: str = "K") -> Lobby:
    """Numbers of passports begin with `letter`; a kiosk may give nine by itself, which begin with `offline_letter`."""
    lobby = lobby_with()
    first, *others = lobby.services
    kiosk = Device(
        node="hall-1",
        id="kiosk",
        kind=DeviceKind.KIOSK,
        room="main",
        printer="hall-1/printer",
        offline_letter=offline_letter,
        offline_numbers=9,
    )
    return replace(lobby, services=(replace(first, letter=letter), *others), devices=(*lobby.devices, kiosk))


def with_range(told: Told) -> Told:
    """The kiosk has K001 to K009."""
    told.when(inputs.ChangeLobby(lobby=lobby_of("A")))
    told.when(inputs.LeaseRange(device=KIOSK, holder="one-memory", next=0))
    return told


def test_a_service_that_takes_over_the_letter_of_a_kiosk_goes_on_behind_its_range() -> None:
    told = with_range(Told())
    told.when(inputs.ChangeLobby(lobby=lobby_of("K", offline_letter="Q")))

    assert [told.with_ticket().number, told.with_ticket().number] == ["K010", "K011"]
    assert list(rule_violations(told.entries)) == []


@breach("number K001 was issued after K009")
def number_that_belongs_to_a_kiosk(told: Told) -> None:
    with_range(told).when(inputs.ChangeLobby(lobby=lobby_of("K", offline_letter="Q")))
    told.says_otherwise(take(), number=1)


@breach("numbers from A002 on were leased to hall-1/kiosk after A002")
def range_that_begins_before_the_newest_number(told: Told) -> None:
    told.with_ticket()
    told.with_ticket()
    told.when(inputs.ChangeLobby(lobby=lobby_of("B", offline_letter="A")))
    told.says_otherwise(inputs.LeaseRange(device=KIOSK, holder="one-memory", next=0), first=2)


def handed_in(told: Told, **otherwise: object) -> None:
    wish = inputs.HandInTicket(
        ticket="x", token_hash="h-x", request="wish", device=KIOSK, service="passports", language="en",
        day=told.now.date(), series="K", number=1, arrived_at=told.now,
    )  # fmt: skip
    told.says_otherwise(wish, **otherwise)


@breach("K001 was given by hall-1/kiosk at 08:59:59, when it could not have been")
def ticket_of_somebody_who_came_before_the_kiosk_had_numbers(told: Told) -> None:
    with_range(told).after(60)
    earlier_at = told.now - timedelta(seconds=61)
    handed_in(told, arrived_at=earlier_at, due_at=earlier_at + timedelta(seconds=900))


@breach("K001 was given by hall-1/kiosk at 09:09:59, when it could not have been")
def ticket_of_somebody_who_came_before_the_lobby_opened(told: Told) -> None:
    with_range(told).when(inputs.ChangeLobby(lobby=replace(lobby_of("A"), hours={"mon": ("09:10-18:00",)})))
    earlier_at = told.after(1_200).now - timedelta(seconds=601)
    handed_in(told, arrived_at=earlier_at, due_at=earlier_at + timedelta(seconds=900))


@breach("K010 was given by hall-1/kiosk, and no kiosk has that number today")
def ticket_with_a_number_that_no_kiosk_has(told: Told) -> None:
    with_range(told)
    handed_in(told, number=10)


@breach("K001 became a number of A001, which had ended (cancelled): nobody calls it")
def slip_whose_ticket_was_given_up(told: Told) -> None:
    with_range(told).when(take(request="wish"))
    told.when(inputs.CancelTicket(ticket="x"))
    told.says(number_events.TicketAliased(ticket="x", offline=KIOSK, series="K", number=1))


@breach("A001 was had by phone without a code of a sign", door_code="rotating")
def ticket_of_somebody_who_is_not_here(told: Told) -> None:
    told.when(take())


@breach("A002 is ticket 2 for one code of a sign, which is good for 1", door_code="rotating", door_code_joins_max=1)
def code_that_is_good_for_too_many(told: Told) -> None:
    told.when(take(door_code="door-1/sign/59072040"))
    told.says_otherwise(take("y", door_code="door-1/sign/59072041"), door_code="door-1/sign/59072040")


@pytest.mark.parametrize(("sentence", "spoil", "site"), breach.cases)
def test_a_breach_is_named(sentence: str, spoil: Spoil, site: dict[str, object]) -> None:
    assert_named(sentence, spoil, site)
