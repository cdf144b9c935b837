"""The printer's driver on all of its boundaries: the port in memory, pyserial on a real pseudo-terminal, a device file,
and the network; each with printers of both dialects, that draw codes or are sent pictures."""

import os
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from edge.drivers import printer_status as says
from edge.drivers.fake_printer import FakePrinter, FakeSerial, Fault
from edge.drivers.printer_ports import FilePort, OpenPort, Port, file_port, network_port, serial_port
from edge.drivers.printer_status import PrinterStatus
from edge.drivers.slip_printer import EscposPrinter
from edge.errors import DeviceFault
from edge.slip import Code, Line, Slip, Space
from tests.network_printer import NetworkPrinter, on_network
from tests.pty_printer import PtyPrinter, on_pty
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


@pytest.fixture(params=["epson", "custom"])
def printer(request: pytest.FixtureRequest) -> FakePrinter:
    return FakePrinter(dialect=request.param)


@pytest.fixture(params=["in memory", "serial line", "device file", "network"])
def bench(request: pytest.FixtureRequest, printer: FakePrinter) -> Iterator[Bench]:
    with ExitStack() as stack:
        hands: FakePrinter | PtyPrinter | NetworkPrinter = printer
        open_port: OpenPort = lambda: FakeSerial(printer)  # noqa: E731 - one of four ways
        if request.param == "network":
            hands = cable = stack.enter_context(on_network(printer))
            open_port = network_port("127.0.0.1", cable.port)
        elif request.param != "in memory":
            hands = line = stack.enter_context(on_pty(printer))

            def open_port() -> Port:
                if not printer.is_plugged_in:
                    raise OSError("no such device")
                way = serial_port(line.path, BAUD) if request.param == "serial line" else file_port(line.path)
                return way()

        driver = EscposPrinter(open_port, columns=printer.columns, baud=BAUD, dialect=printer.dialect)
        stack.callback(driver.close)
        yield Bench(printer, driver, hands.unplug, hands.plug_in)


def test_a_slip_is_printed_and_cut_with_commands_that_its_printer_knows(bench: Bench) -> None:
    status = bench.driver.print(SLIP)
    assert status[:3] == (Paper.OK, True, "")
    (slip,) = bench.printer.slips
    assert slip.text == TEXT
    assert slip.is_cut
    assert len(slip.images) == 1
    assert not bench.printer.unknown


def test_a_code_is_there_whether_it_is_sent_or_drawn(printer: FakePrinter, draws_codes: bool) -> None:
    driver = EscposPrinter(lambda: FakeSerial(printer), columns=42, draws_codes=draws_codes, dialect=printer.dialect)
    driver.print(SLIP)
    assert len(printer.slips[0].images) == 1
    assert not printer.unknown


@pytest.mark.parametrize(
    ("paper", "needs"), [(Paper.OK, ""), (Paper.NEAR_END, says.NEAR_END), (Paper.OUT, says.NO_PAPER)]
)
def test_the_paper_is_told_as_the_sensors_say(bench: Bench, paper: Paper, needs: str) -> None:
    bench.printer.paper = paper
    assert bench.driver.status()[:3] == (paper, paper is not Paper.OUT, needs)


def test_an_open_cover_is_offline_and_not_a_lack_of_paper(bench: Bench) -> None:
    bench.printer.is_cover_open = True
    assert bench.driver.status()[:3] == (Paper.OK, False, says.CLOSE_COVER)


@pytest.mark.parametrize(
    ("fault", "needs"), [(Fault.CUTTER, says.CUTTER), (Fault.BROKEN, says.BROKEN), (Fault.HOT, says.HOT)]
)
def test_each_fault_is_told_in_a_sentence(bench: Bench, fault: Fault, needs: str) -> None:
    bench.printer.faults = {fault}
    assert bench.driver.status()[:3] == (Paper.OK, False, needs)
    bench.printer.faults = set()
    assert bench.driver.status()[:3] == (Paper.OK, True, "")


@pytest.mark.parametrize(("fault", "needs"), [(Fault.JAM, says.JAMMED), (Fault.POWER, says.POWER)])
def test_a_kiosk_printer_tells_of_jams_and_of_its_voltage_too(fault: Fault, needs: str) -> None:
    printer = FakePrinter(dialect="custom")
    printer.faults = {fault}
    driver = EscposPrinter(lambda: FakeSerial(printer), columns=42, dialect="custom")
    assert driver.status()[:3] == (Paper.OK, False, needs)


def test_a_silent_printer_is_unknown_and_never_good(bench: Bench) -> None:
    bench.printer.is_on = False
    assert bench.driver.status() == says.SILENT


def test_an_answer_that_makes_no_sense_is_unknown(bench: Bench) -> None:
    bench.printer.answers_garbage = True
    assert bench.driver.status() == says.SILENT


def test_paper_that_ends_within_a_slip_is_told_after_it(bench: Bench) -> None:
    bench.printer.lines_left = 2
    assert bench.driver.print(SLIP).paper is Paper.OUT
    assert not bench.printer.slips


def test_power_that_goes_within_a_slip_is_not_taken_for_a_slip(bench: Bench) -> None:
    bench.printer.lines_of_power = 2
    assert bench.driver.print(SLIP) == says.SILENT
    assert not bench.printer.slips
    bench.printer.switch_on()
    assert bench.driver.print(SLIP)[:2] == (Paper.OK, True)
    (slip,) = bench.printer.slips
    assert slip.text.endswith(TEXT)  # behind what stood on the paper already


def test_half_a_slip_is_a_fault_and_the_next_one_is_whole(printer: FakePrinter) -> None:
    driver = EscposPrinter(lambda: FakeSerial(printer), columns=42, dialect=printer.dialect)
    printer.bytes_left = 100
    with pytest.raises(DeviceFault, match="write timeout"):
        driver.print(SLIP)
    assert not printer.slips
    printer.bytes_left = None
    driver.print((Space(), *SLIP))
    assert printer.slips[-1].text.endswith("A042")


def test_a_device_file_that_takes_no_more_is_given_up_and_says_how_far_it_came() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(theirs, False)
    port = FilePort(theirs, write_timeout_s=0.05)
    with pytest.raises(TimeoutError, match=r"after \d+ of 100000 bytes"):
        port.write(b"x" * 100_000)
    port.timeout = 0.01
    assert port.read(1) == b""
    port.close()
    os.close(ours)


def test_printed_is_not_taken(bench: Bench) -> None:
    status = bench.driver.print(SLIP)
    if bench.printer.dialect == "epson":
        assert status.is_taken is None
        return
    assert status.is_taken is False
    bench.printer.tear_off()
    assert bench.driver.status().is_taken is True


def test_a_slip_that_nobody_takes_is_drawn_in_where_that_is_possible(bench: Bench) -> None:
    bench.driver.print(SLIP)
    bench.driver.take_back()
    assert bench.driver.status().is_taken is (True if bench.printer.dialect == "custom" else None)
    assert len(bench.printer.taken_back) == (1 if bench.printer.dialect == "custom" else 0)
    assert not bench.printer.unknown


def test_an_unplugged_printer_is_a_fault_and_works_again_when_it_is_back(bench: Bench) -> None:
    assert bench.driver.status().paper is Paper.OK
    bench.unplug()
    for _ in range(2):
        with pytest.raises(DeviceFault, match="check its cable and power"):
            bench.driver.print(SLIP)
    bench.plug_in()
    assert bench.driver.print(SLIP)[:2] == (Paper.OK, True)
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
    gone = str(tmp_path / "ttyUSB0")
    for way in (serial_port(gone, BAUD), file_port(gone), network_port("127.0.0.1", 9)):
        with pytest.raises(DeviceFault, match="check its cable and power"):
            EscposPrinter(way, columns=42).status()


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


def told(answers: dict[bytes, bytes], dialect: str = "epson") -> PrinterStatus:
    return EscposPrinter(lambda: Parrot(answers), columns=42, baud=BAUD, dialect=dialect).status()


def test_every_byte_that_is_no_status_is_unknown() -> None:
    for byte in range(256):
        paper, is_online, *_ = told({b"\x10\x04\x01": bytes([byte]), b"\x10\x04\x04": bytes([byte])})
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
    assert told({b"\x10\x04\x01": b"\x12", b"\x10\x04\x04": bytes([answer])}).paper is paper


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("10 0f 00 00 00 00", PrinterStatus(Paper.OK, True, "", True)),
        ("10 0f 04 00 00 00", PrinterStatus(Paper.NEAR_END, True, says.NEAR_END, True)),
        ("10 0f 40 00 00 00", PrinterStatus(Paper.NEAR_END, True, says.NEAR_END, True)),
        ("10 0f 05 00 00 00", PrinterStatus(Paper.OUT, False, says.NO_PAPER, True)),
        ("10 0f 20 08 00 00", PrinterStatus(Paper.OK, True, "", False)),
        ("10 0f 00 01 00 00", PrinterStatus(Paper.OK, False, says.CLOSE_COVER, True)),
        ("10 0f 01 02 40 01", PrinterStatus(Paper.OUT, False, says.CLOSE_COVER, True)),
        ("10 0f 00 00 40 00", PrinterStatus(Paper.OK, False, says.JAMMED, True)),
        ("10 0f 00 00 00 08", PrinterStatus(Paper.OK, False, says.BROKEN, True)),
        ("10 0f 80 14 a2 f0", PrinterStatus(Paper.OK, True, "", True)),  # what is reserved says nothing
        ("10 0e 00 00 00 00", says.SILENT),
        ("10 0f 00 00 00", says.SILENT),
        ("", says.SILENT),
    ],
)
def test_kiosk_printers_say_everything_in_six_bytes(answer: str, status: PrinterStatus) -> None:
    assert told({b"\x10\x04\x14": bytes.fromhex(answer)}, "custom") == status
