"""Pins through gpiozero: what every pin factory must give us, shown on the one that is moved by hand."""

import pytest

from edge.drivers.gpio import FakePins, Inputs, Lamps
from edge.errors import DeviceFault


@pytest.fixture
def pins() -> FakePins:
    return FakePins()


def listening(pins: FakePins, named: dict[str, int]) -> tuple[Inputs, list[tuple[str, bool]]]:
    edges: list[tuple[str, bool]] = []
    inputs = Inputs(named, pins.factory)
    inputs.listen(lambda name, is_active: edges.append((name, is_active)))
    return inputs, edges


def test_a_pressed_key_tells_both_edges_by_its_name(pins: FakePins) -> None:
    inputs, edges = listening(pins, {"next": 17, "recall": 27})
    pins.press(17)
    assert inputs.is_active("next")
    assert not inputs.is_active("recall")
    pins.release(17)
    assert edges == [("next", True), ("next", False)]
    inputs.close()


def test_bouncing_contacts_tell_every_edge(pins: FakePins) -> None:
    inputs, edges = listening(pins, {"next": 17})
    for _ in range(5):
        pins.press(17)
        pins.release(17)
    assert len(edges) == 10
    inputs.close()


def test_a_closed_input_is_silent_and_its_pin_is_free(pins: FakePins) -> None:
    inputs, edges = listening(pins, {"next": 17})
    inputs.close()
    pins.press(17)
    assert edges == []
    Lamps({"lamp": 17}, pins.factory).close()


def test_a_lamp_is_lit_and_dark_as_told(pins: FakePins) -> None:
    lamps = Lamps({"lamp": 22}, pins.factory)
    assert not pins.is_lit(22)
    lamps.light("lamp", True)
    assert pins.is_lit(22)
    lamps.light("lamp", False)
    assert not pins.is_lit(22)
    lamps.close()


def test_a_lamp_that_is_watched_tells_when_it_goes_on_or_off(pins: FakePins) -> None:
    seen: list[bool] = []
    pins.watch(22, lambda: seen.append(pins.is_lit(22)))
    lamps = Lamps({"lamp": 22}, pins.factory)
    for is_lit in (True, True, False):
        lamps.light("lamp", is_lit)
    assert seen == [True, False]
    lamps.close()


def test_a_lamp_that_is_lit_by_a_low_pin_is_dark_at_first(pins: FakePins) -> None:
    lamps = Lamps({"green": 22}, pins.factory, active_low=True)
    assert pins.is_lit(22), "the level is high"
    lamps.light("green", True)
    assert not pins.is_lit(22)
    lamps.light("green", False)
    assert pins.is_lit(22)
    lamps.close()


def test_a_pin_that_does_not_take_its_level_is_a_fault_that_names_it(pins: FakePins) -> None:
    lamps = Lamps({"green": 22}, pins.factory)
    pins.break_down(22)
    with pytest.raises(DeviceFault, match=r"lamp 'green' at GPIO 22 does not switch .*check its wiring"):
        lamps.light("green", True)
    pins.break_down(22, is_broken=False)
    lamps.light("green", True)
    assert pins.is_lit(22)
    lamps.close()


def test_of_lamps_that_cannot_all_be_had_none_is_kept(pins: FakePins) -> None:
    taken = Inputs({"next": 17}, pins.factory)
    with pytest.raises(DeviceFault):
        Lamps({"green": 22, "red": 17}, pins.factory)
    Lamps({"green": 22}, pins.factory).close()
    taken.close()


def test_a_pin_that_is_in_use_is_a_fault_that_names_it(pins: FakePins) -> None:
    inputs = Inputs({"next": 17}, pins.factory)
    with pytest.raises(DeviceFault, match=r"GPIO 17 cannot be the lamp 'lamp'.*choose another pin"):
        Lamps({"lamp": 17}, pins.factory)
    inputs.close()
