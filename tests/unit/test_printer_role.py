"""What a printer's role makes of what its printer says: sentences in health, and slips that nobody takes."""

from typing import Any

import pytest

from edge.drivers import printer_status as says
from edge.drivers.fake_printer import FakePrinter, Fault
from edge.roles.printer import TAKE_MAX_S, Printer
from tests.edge_stage import PRINTER, Stage, on_stage
from tests.unit.test_kiosk_cut_off import print_slip
from wire.messages import Done, DoneOutcome, Health, Paper

CUSTOM = PRINTER | {"dialect": "custom"}


def at_printer(scene: Any, device: dict[str, Any] = PRINTER) -> Stage:
    return on_stage(scene, [device])


def printer_role(stage: Stage) -> Printer:
    (role,) = stage.devices.roles
    assert isinstance(role, Printer)
    return role


async def faults(stage: Stage) -> dict[str, str]:
    """What health says some time later."""
    await stage.wait(75)
    return stage.heard(Health)[-1].faults


@pytest.mark.parametrize("device", [PRINTER, CUSTOM], ids=["epson", "custom"])
@pytest.mark.parametrize(
    ("trouble", "needs"),
    [
        (lambda it: setattr(it, "paper", Paper.NEAR_END), says.NEAR_END),
        (lambda it: setattr(it, "paper", Paper.OUT), says.NO_PAPER),
        (lambda it: setattr(it, "is_cover_open", True), says.CLOSE_COVER),
        (lambda it: it.faults.add(Fault.CUTTER), says.CUTTER),
        (lambda it: it.faults.add(Fault.HOT), says.HOT),
        (lambda it: it.faults.add(Fault.BROKEN), says.BROKEN),
        (lambda it: setattr(it, "is_on", False), says.SILENT.needs),
        (lambda it: setattr(it, "answers_garbage", True), says.SILENT.needs),
    ],
)
def test_health_says_in_a_sentence_what_the_printer_needs_until_it_has_it(
    device: dict[str, Any], trouble: Any, needs: str
) -> None:
    async def scene(stage: Stage) -> None:
        assert await faults(stage) == {}
        printer = stage.hands.printer("printer")
        trouble(printer)
        assert await faults(stage) == {"printer": needs}
        well = FakePrinter()
        for name in ("paper", "is_cover_open", "faults", "is_on", "answers_garbage"):
            setattr(printer, name, getattr(well, name))
        assert await faults(stage) == {}

    at_printer(scene, device)


def test_what_a_printer_needs_is_told_also_when_it_was_unplugged_meanwhile() -> None:
    async def scene(stage: Stage) -> None:
        printer = stage.hands.printer("printer")
        printer.paper = Paper.OUT
        assert await faults(stage) == {"printer": says.NO_PAPER}
        printer.unplug()
        assert "check its cable" in (await faults(stage))["printer"]
        printer.plug_in()
        assert await faults(stage) == {"printer": says.NO_PAPER}

    at_printer(scene)


def test_a_slip_that_was_taken_is_told_from_one_that_hangs_there() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", print_slip("wish"))
        await stage.wait(2)
        role = printer_role(stage)
        assert role.is_slip_waiting
        stage.hands.tear_off("printer")
        await stage.wait(2)
        assert not role.is_slip_waiting

    assert not at_printer(scene, CUSTOM).hands.printer("printer").taken_back


def test_a_slip_that_nobody_takes_is_taken_back_so_that_nobody_else_reads_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", print_slip("wish"))
        await stage.wait(TAKE_MAX_S - 2)
        assert not stage.hands.printer("printer").taken_back
        await stage.wait(6)
        assert len(stage.hands.printer("printer").taken_back) == 1
        assert not printer_role(stage).is_slip_waiting

    at_printer(scene, CUSTOM)


def test_the_next_slip_is_not_pushed_out_with_one_that_hangs_there() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", print_slip("wish"), job="job-1")
        await stage.wait(5)
        stage.job("printer", print_slip("other"), job="job-2")
        await stage.wait(5)

    stage = at_printer(scene, CUSTOM)
    printer = stage.hands.printer("printer")
    assert len(printer.slips) == 2
    assert len(printer.taken_back) == 1
    assert [it.outcome for it in stage.heard(Done, "printer")] == [DoneOutcome.DONE] * 2


def test_half_a_slip_is_printed_again_as_a_copy() -> None:
    async def scene(stage: Stage) -> None:
        printer = stage.hands.printer("printer")
        printer.bytes_left = 80
        stage.job("printer", print_slip("wish"))
        await stage.wait(5)
        assert stage.heard(Done, "printer")[-1].outcome is DoneOutcome.FAILED
        printer.bytes_left = None
        stage.job("printer", print_slip("wish"))
        await stage.wait(5)

    stage = at_printer(scene)
    assert stage.heard(Done, "printer")[-1].outcome is DoneOutcome.DONE
    assert "Copy" in stage.hands.slips("printer")[-1].text


def test_large_letters_may_be_the_rule() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", print_slip("wish"))
        await stage.wait(2)

    (slip,) = at_printer(scene, PRINTER | {"large": True}).hands.slips("printer")
    assert max(getattr(row, "height", 0) for row in slip.rows) == 8
