"""The printer's driver on both of its boundaries, the port in memory and pyserial on a real pseudo-terminal, and with
both kinds of printers: those that draw codes and those that are sent pictures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from edge.drivers.escpos import EscposPrinter, SerialPort, serial_port
from edge.drivers.fake_printer import FakePrinter, FakeSerial
from edge.errors import DeviceFault
from edge.slip import Code, Line, Slip, Space
from tests.pty_printer import on_pty
from wire.messages import Paper

SLIP: Slip = (
    Line("Hôtel de ville", is_bold=True),
    Space(),
    Line("A042", 6, is_bold=True),
    Code("https://example.org/t/1"),
)
TEXT = "Hôtel de ville\nA042"
CODE_BYTES = (
    b"\x1d(k\x04\x001A2\x00"  # model 2
    b"\x1d(k\x03\x001C\x07"  # dots of a module
    b"\x1d(k\x03\x001E1"  # error correction M
    b"\x1d(k\x1a\x001P0https://example.org/t/1"
    b"\x1d(k\x03\x001Q0"  # draw it
)
"""As Epson's reference for GS ( k has it, functions 165, 167, 169, 180 and 181."""
BAUD = 115_200


class Bench(NamedTuple):
    """A printer, its driver, and hands on its cable."""

    printer: FakePrinter
    driver: EscposPrinter
    unplug: Callable[[], None]
    plug_in: Callable[[], None]


@pytest.fixture(params=[False, True], ids=["codes as pictures", "codes drawn"])
def draws_codes(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=["in memory", "pseudo-terminal"])
def bench(request: pytest.FixtureRequest, draws_codes: bool) -> Iterator[Bench]:
    printer = FakePrinter()
    columns = printer.columns
    if request.param == "in memory":
        driver = EscposPrinter(lambda: FakeSerial(printer), columns=columns, baud=BAUD, draws_codes=draws_codes)
        yield Bench(printer, driver, printer.unplug, printer.plug_in)
        driver.close()
        return
    with on_pty(printer) as cable:

        def open_port() -> SerialPort:
            if not printer.is_plugged_in:
                raise OSError("no such device")
            return serial_port(cable.path, BAUD)()

        driver = EscposPrinter(open_port, columns=columns, baud=BAUD, draws_codes=draws_codes)
        yield Bench(printer, driver, cable.unplug, cable.plug_in)
        driver.close()


def test_a_slip_is_printed_and_cut_with_commands_that_every_printer_knows(bench: Bench) -> None:
    status = bench.driver.print(SLIP)
    assert status == (Paper.OK, True)
    (slip,) = bench.printer.slips
    assert slip.text == TEXT
    assert slip.is_cut
    assert len(slip.images) == 1
    assert not bench.printer.unknown


@pytest.mark.parametrize("paper", [Paper.OK, Paper.NEAR_END, Paper.OUT])
def test_the_paper_is_told_as_the_sensors_say(bench: Bench, paper: Paper) -> None:
    bench.printer.paper = paper
    assert bench.driver.status() == (paper, paper is not Paper.OUT)
    assert bench.driver.paper() is paper


def test_an_open_cover_is_offline_and_not_a_lack_of_paper(bench: Bench) -> None:
    bench.printer.is_cover_open = True
    assert bench.driver.status() == (Paper.OK, False)


def test_a_silent_printer_is_unknown_and_never_good(bench: Bench) -> None:
    bench.printer.is_on = False
    assert bench.driver.status() == (Paper.UNKNOWN, None)


def test_an_answer_that_makes_no_sense_is_unknown(bench: Bench) -> None:
    bench.printer.answers_garbage = True
    assert bench.driver.status() == (Paper.UNKNOWN, None)


def test_paper_that_ends_within_a_slip_is_told_after_it(bench: Bench) -> None:
    bench.printer.lines_left = 2
    assert bench.driver.print(SLIP).paper is Paper.OUT
    assert not bench.printer.slips


def test_an_unplugged_printer_is_a_fault_and_works_again_when_it_is_back(bench: Bench) -> None:
    assert bench.driver.status().paper is Paper.OK
    bench.unplug()
    for _ in range(2):
        with pytest.raises(DeviceFault, match="check its cable and power"):
            bench.driver.print(SLIP)
    bench.plug_in()
    assert bench.driver.print(SLIP) == (Paper.OK, True)
    assert [slip.text for slip in bench.printer.slips] == [TEXT]


def test_a_drawn_code_is_asked_for_in_bytes_that_printers_in_the_field_know() -> None:
    printer = FakePrinter()
    said: list[bytes] = []

    class Port(FakeSerial):
        def write(self, data: bytes, /) -> int:
            said.append(data)
            return super().write(data)

    EscposPrinter(lambda: Port(printer), columns=42, baud=BAUD, draws_codes=True).print(SLIP)
    assert CODE_BYTES in said[0]
    assert len(said[0]) < 150, "a slip is not to wait for its code on a slow line"


def test_a_port_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    driver = EscposPrinter(serial_port(str(tmp_path / "ttyUSB0"), BAUD), columns=42, baud=BAUD)
    with pytest.raises(DeviceFault, match="check its cable and power"):
        driver.status()


class Parrot:
    """A port behind which every question has one answer."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.timeout: float | None = None
        self._answers = answers
        self._answer = b""

    def write(self, data: bytes, /) -> int:
        self._answer = self._answers.get(data, b"")
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        answer, self._answer = self._answer[:size], self._answer[size:]
        return answer

    def reset_input_buffer(self) -> None:
        self._answer = b""

    def close(self) -> None:
        pass


def told(answers: dict[bytes, bytes]) -> tuple[Paper, bool | None]:
    return EscposPrinter(lambda: Parrot(answers), columns=42, baud=BAUD).status()


def test_every_byte_that_is_no_status_is_unknown() -> None:
    for byte in range(256):
        paper, is_online = told({b"\x10\x04\x01": bytes([byte]), b"\x10\x04\x04": bytes([byte])})
        is_status = f"{byte:08b}"[0] == "0" and f"{byte:08b}"[3] == "1" and f"{byte:08b}"[6:] == "10"
        assert (paper is not Paper.UNKNOWN) == is_status
        assert (is_online is not None) == is_status


@pytest.mark.parametrize(
    ("answer", "is_online"), [(0x12, True), (0x16, True), (0x1A, False), (0x1E, False)],
    ids=["online", "online, drawer open", "offline", "offline, drawer open"],
)  # fmt: skip
def test_printers_in_the_field_say_whether_they_are_online(answer: int, is_online: bool) -> None:
    assert told({b"\x10\x04\x01": bytes([answer])})[1] is is_online


@pytest.mark.parametrize(
    ("answer", "paper"), [(0x12, Paper.OK), (0x1E, Paper.NEAR_END), (0x72, Paper.OUT), (0x7E, Paper.OUT)],
    ids=["adequate", "near end", "end", "end and near end"],
)  # fmt: skip
def test_printers_in_the_field_say_how_much_paper_they_have(answer: int, paper: Paper) -> None:
    assert told({b"\x10\x04\x04": bytes([answer])})[0] is paper
