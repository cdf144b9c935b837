"""The agent file: what it may say, and how it is told what is wrong."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from edge import config, devices
from edge.devices.board_matrix import BoardMatrix
from edge.devices.panel_gpio import PanelGpio
from edge.errors import ConfigError
from edge.hands import Hands
from edge.role import Role
from edge.roles.panel import PanelKey
from edge.settings import DeviceSettings
from edge.toolbox import Toolbox

GOOD = """
site = "hall"
node = "desk-1"
broker = "mqtt://127.0.0.1:1883"
time_zone = "Europe/Paris"

[[devices]]
id = "panel"
kind = "panel"
pins = { next = 17, recall = 27 }
lamp = 22

[[devices]]
id = "leds"
kind = "board"
driver = "matrix"
modules = 12
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.parse(tomllib.loads(text))
    return list(caught.value.faults)


def test_a_good_file_becomes_typed_devices() -> None:
    agent = config.parse(tomllib.loads(GOOD))
    panel, leds = agent.devices
    assert panel == PanelGpio(id="panel", kind="panel", pins={PanelKey.NEXT: 17, PanelKey.RECALL: 27}, lamp=22)
    assert leds == BoardMatrix(id="leds", kind="board", driver="matrix", modules=12)
    assert agent.screens.port == 8090


def test_all_faults_are_told_at_once_each_in_a_line_that_says_what_to_write() -> None:
    bad = GOOD.replace("desk-1", "hub").replace("next = 17", 'next = 99, start = "17"').replace("modules", "module")
    assert faults(bad) == [
        "node: 'hub' is the hub's own name; choose another for this node",
        "devices[0].pins.next: 99 is above 27; use a GPIO number from 0 to 27",
        "devices[0].pins.start: '17' is no whole number; write it without quotes or fraction",
        "devices[1].module: no such setting; check its spelling or remove it",
    ]


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ('site = "hall"', "", "site: missing; it must be given"),
        ('"hall"', '"Hall"', "site: the name 'Hall' may hold only a-z, 0-9 and '-'"),
        ("mqtt:", "http:", "broker: the broker's address must look like mqtt://host:1883"),
        ("Europe/Paris", "Europe", "time_zone: 'Europe' is no time zone; write one like 'Europe/Paris'"),
        ("next =", "nxt =", "devices[0].pins.nxt: 'nxt' is unknown; use 'next', 'recall', 'no-show', "),
        ('"matrix"', '"serial"', "devices[1].driver: 'serial' is none for a board; use page"),
        (
            '"board"',
            '"toaster"',
            "devices[1].kind: 'toaster' is unknown; use board, counter, kiosk, light, panel, printer, sign or speaker",
        ),
        ('kind = "board"', "kind = [3]", "devices[1].kind: [3] is unknown; use board, "),
        ('kind = "board"\n', "", "devices[1].kind: missing; it must be given"),
        (
            "{ next = 17, recall = 27 }",
            "{}",
            "devices[0].pins: there is none; give at least one push button its GPIO number",
        ),
        (
            'kind = "panel"\npins = { next = 17, recall = 27 }\nlamp = 22',
            'kind = "kiosk"\npins = {}',
            "devices[0].pins: there is none; give at least one push button its GPIO number",
        ),
        ('"leds"', '"panel"', "devices[1].id: name 'panel' is used by devices[0].id already; choose another"),
        ("lamp = 22", "lamp = 17", "devices[0].lamp: pin 17 is used by devices[0].pins.next already; choose another"),
        ("lamp = 22", "lamp = 10", "devices[1].spi_port: pin 10 is used by devices[0].lamp already; choose another"),
    ],
)
def test_each_fault_says_where_it_is(written: str, instead: str, fault: str) -> None:
    (told,) = faults(GOOD.replace(written, instead))
    assert told.startswith(fault)


def test_contradictions_are_told_beside_other_faults() -> None:
    bad = GOOD.replace('"leds"', '"panel"').replace("modules = 12", "modules = 64")
    assert faults(bad) == [
        "devices[1].modules: 64 is above 32; use a number of modules from 1 to 32",
        "devices[1].id: name 'panel' is used by devices[0].id already; choose another",
    ]


def test_two_led_boards_may_share_a_bus_but_not_a_chip_select() -> None:
    second = '[[devices]]\nid = "more"\nkind = "board"\ndriver = "matrix"\n'
    assert len(config.parse(tomllib.loads(GOOD + second + "spi_device = 1\n")).devices) == 3
    assert faults(GOOD + second) == [
        "devices[2].spi_device: pin 8 is used by devices[1].spi_device already; choose another"
    ]


def test_a_file_that_is_not_there_or_not_toml_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory; give the path of an agent file"):
        config.load(tmp_path / "agent.toml")
    (tmp_path / "agent.toml").write_text("site = ")
    with pytest.raises(ConfigError, match="not TOML"):
        config.load(tmp_path / "agent.toml")


def test_a_device_that_is_no_table_is_told_as_that() -> None:
    head, _, _ = GOOD.partition("[[devices]]")
    assert faults(f"{head}devices = [3]") == ["devices[0]: 3 is no table"]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("9" * 5_000, "a number has thousands of digits"),
        ("0x" + "f" * 5_000, "a number has thousands of digits"),
        ("[" * 3_000 + "]" * 3_000, "brackets or dotted names are nested too deep"),
        ("[" * 300 + "]" * 300, "brackets or dotted names are nested too deep"),
        ("{" + ".".join("a" * 3_000) + " = 1}", "brackets or dotted names are nested too deep"),
    ],
    ids=["digits", "hexadecimal", "brackets", "fewer brackets", "dots"],
)
def test_what_no_reader_can_hold_is_told_in_one_line(tmp_path: Path, written: str, what: str) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(f"x = {written}\n{GOOD}")
    with pytest.raises(ConfigError) as caught:
        config.load(file)
    assert caught.value.faults == (f"{file}: not TOML that can be read: {what}",)


def test_each_fault_of_a_file_begins_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(GOOD.replace("desk-1", "hub").replace('"leds"', '"panel"'))
    with pytest.raises(ConfigError) as caught:
        config.load(file)
    assert caught.value.faults == (
        f"{file}: node: 'hub' is the hub's own name; choose another for this node",
        f"{file}: devices[1].id: name 'panel' is used by devices[0].id already; choose another",
    )


def test_a_fault_of_the_broker_does_not_repeat_its_password() -> None:
    (fault,) = faults(GOOD.replace("mqtt://127", "http://me:secret@127"))
    assert "secret" not in fault


def test_where_pins_alone_are_fakes_leds_and_printers_are_real() -> None:
    printer = '[[devices]]\nid = "slips"\nkind = "printer"\nport = "/dev/ttyUSB0"\n'
    agent = config.parse(tomllib.loads(GOOD + printer))
    hands = Hands(agent, pins_only=True)

    assert [device for device in ("panel", "leds", "slips") if hands.hold(device)] == ["panel"]
    assert hands.printers == []
    assert Hands(agent).printers == ["slips"]


def test_two_printers_that_name_no_device_file_mean_the_same_one() -> None:
    printer = '[[devices]]\nid = "slips{}"\nkind = "printer"\ndriver = "usb"\n'
    (fault,) = faults(GOOD + printer.format(1) + printer.format(2))
    assert "port '/dev/usb/lp0' is used by" in fault
    other = printer.format(2) + 'file = "/dev/usb/lp1"\n'
    assert len(config.parse(tomllib.loads(GOOD + printer.format(1) + other)).devices) == 4


def test_each_file_of_a_device_is_found_and_each_kind_has_one_usual_driver() -> None:
    files = {file.stem for file in Path(devices.__path__[0]).glob("*.py")} - {"__init__"}

    assert {variant.replace("/", "_") for variant in devices.known()} == files
    usual = [it.__name__ for it in devices.known().values() if "driver" in vars(it)]
    assert len(usual) == len(devices.drivers())
    assert all(devices.usual_driver(kind) == drivers[0] for kind, drivers in devices.drivers().items())


def test_a_device_that_names_no_driver_is_told_what_to_write() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Nameless(DeviceSettings):
        kind: Literal["board"]

        def build(self, toolbox: Toolbox) -> Role:
            raise AssertionError("it never comes to that")

    with pytest.raises(TypeError, match="Nameless names no kind and driver; write both"):
        devices.variant_of(Nameless)
