"""Hardware fails in a lobby that is well: nodes say so, the lobby goes on, and then nobody says so any more."""

import pytest

from simulator.mayhem.plan import DayKind, Plan, draw
from simulator.mayhem.run import live_through, lobby
from simulator.mishaps import HARDWARE, Mishap

PLACES = {
    "key-stuck": "desk-1",
    "leds-fail": "board-2/board",
    "browser-killed": "door-1/sign",
    "lamp-broken": "desk-2/panel",
    "printer-mute": "kiosk-1/printer",
    "printer-dark": "kiosk-2/printer",
    "power-cut-at-write": "kiosk-1",
}


def plan(*mishaps: Mishap) -> Plan:
    return Plan(seed=1, day=DayKind.ORDINARY, mishaps=mishaps, indices=tuple(range(len(mishaps))))


def test_all_hardware_may_fail_one_after_the_other_and_the_lobby_goes_on() -> None:
    assert PLACES.keys() == HARDWARE.keys()
    mishaps = [
        Mishap(kind=kind, at_s=300.0 + 500.0 * i, lasts_s=200.0, where=where, amount=5.0)
        for i, (kind, where) in enumerate(PLACES.items())
    ]
    outcome = live_through(plan(*mishaps))
    assert outcome.violations == []
    assert outcome.events["TicketServed"] >= 10


@pytest.mark.parametrize("kind", ["leds-fail", "key-stuck"])
def test_a_node_that_lost_its_power_meanwhile_need_not_have_said_it(kind: str) -> None:
    where = PLACES[kind]
    cut = Mishap(kind="power-cut", at_s=410.0, lasts_s=100.0, where=where.partition("/")[0])
    outcome = live_through(plan(Mishap(kind=kind, at_s=300.0, lasts_s=150.0, where=where), cut))
    assert outcome.violations == []


@pytest.mark.parametrize("seed", range(5))
def test_what_befalls_hardware_stands_behind_all_else_that_a_seed_has(seed: int) -> None:
    kinds = [it.kind in HARDWARE for it in draw(seed, lobby()).mishaps]
    assert kinds == sorted(kinds)


def test_a_slip_that_a_kiosk_could_not_finish_by_itself_comes_out_as_the_hubs_copy() -> None:
    """Its printer loses its power in the midst of it, while the hub has heard of the wish."""
    outcome = live_through(draw(654, lobby()).only([6, 8]))
    assert outcome.plan.told() != []
    assert outcome.violations == []
