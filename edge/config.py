"""The agent's one file: which node this is, where its broker is, and which devices hang on it.

Every fault of the file is found at once and told in a line of its own: where, what, and what to write instead. This
room knows shapes and ranges; whether a device is really there is for its driver to find out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import AfterValidator, ConfigDict, Discriminator, Tag, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from edge.config_faults import TOO_DEEP, TOO_LONG, cross_faults, sentence
from edge.errors import ConfigError
from wire import topics
from wire.errors import UnknownTopic
from wire.messages import Key
from wire.mqtt import Broker

STRICT = ConfigDict(extra="forbid", strict=True)


def _between(low: int, high: int, what: str) -> AfterValidator:
    def check(value: int) -> int:
        if low <= value <= high:
            return value
        side = "above" if value > high else "below"
        limit = high if value > high else low
        raise PydanticCustomError("range", f"{value} is {side} {limit}; use {what} from {low} to {high}")

    return AfterValidator(check)


def _id(value: str) -> str:
    try:
        return topics.check_id("the name", value)
    except UnknownTopic as error:
        raise PydanticCustomError("id", "{error}", {"error": str(error)}) from None


def _not_hub(value: str) -> str:
    if value == topics.HUB:
        raise PydanticCustomError("node", "'hub' is the hub's own name; choose another for this node")
    return value


def _broker(value: str) -> str:
    try:
        Broker.parse(value)
    except ValueError as error:
        raise PydanticCustomError("broker", "{error}", {"error": str(error)}) from None
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone", f"{value!r} is no time zone; write one like 'Europe/Paris'") from None
    return value


def _language(value: str) -> str:
    if len(value) != 2 or not value.isascii() or not value.islower():
        raise PydanticCustomError("language", f"{value!r} is no language; write two letters like 'fr'")
    return value


def _not_empty(pins: dict[Any, int]) -> dict[Any, int]:
    if not pins:
        raise PydanticCustomError("no_pins", "there is none; give at least one push button its GPIO number")
    return pins


Id = Annotated[str, AfterValidator(_id)]
Pin = Annotated[int, _between(0, 27, "a GPIO number")]
Language = Annotated[str, AfterValidator(_language)]


@dataclass(frozen=True, kw_only=True)
class PanelGpio:
    """Push buttons of a desk, each between its pin and ground, and one lamp."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["panel"]
    driver: Literal["gpio"] = "gpio"
    pins: Annotated[dict[Key, Pin], AfterValidator(_not_empty)]
    lamp: Pin | None = None


@dataclass(frozen=True, kw_only=True)
class KioskGpio:
    """Push buttons of a ticket dispenser, one per service, and a lamp for each that has one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["kiosk"]
    driver: Literal["gpio"] = "gpio"
    pins: Annotated[dict[Id, Pin], AfterValidator(_not_empty)]
    lamps: dict[Id, Pin] = field(default_factory=dict)
    language: Language = "en"


@dataclass(frozen=True, kw_only=True)
class CounterGpio:
    """Two light beams across a door, whose receivers pull their pin low while dark."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["counter"]
    driver: Literal["gpio"] = "gpio"
    outer: Pin
    inner: Pin


@dataclass(frozen=True, kw_only=True)
class PrinterSerial:
    """An ESC/POS printer on a serial line."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["printer"]
    driver: Literal["serial"] = "serial"
    port: str
    baud: Annotated[int, _between(1200, 921_600, "a speed in bit/s")] = 19_200
    columns: Annotated[int, _between(24, 64, "a number of letters")] = 42
    draws_codes: bool = False
    """It makes QR codes by itself (GS ( k), as nearly all of today do: a slip is then there at once. To others a code
    is sent as a picture."""


@dataclass(frozen=True, kw_only=True)
class BoardMatrix:
    """A call board of LED modules on SPI."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["board"]
    driver: Literal["matrix"]
    modules: Annotated[int, _between(1, 32, "a number of modules")] = 8
    turned_deg: Literal[0, 90, -90, 180] = 0
    reversed: bool = False
    contrast: Annotated[int, _between(0, 255, "a brightness")] = 112
    spi_port: Annotated[int, _between(0, 1, "an SPI port")] = 0
    spi_device: Annotated[int, _between(0, 1, "a chip select")] = 0


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    """A call board as a page for the browser beside the agent."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["board"]
    driver: Literal["page"] = "page"


@dataclass(frozen=True, kw_only=True)
class SignPage:
    """A door sign as a page for the browser beside the agent."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    kind: Literal["sign"]
    driver: Literal["page"] = "page"


DEFAULT_DRIVER = {
    "panel": "gpio", "kiosk": "gpio", "counter": "gpio", "printer": "serial", "board": "page", "sign": "page",
}  # fmt: skip


def _variant(device: Any) -> str:
    if not isinstance(device, Mapping):
        return ""
    kind = device.get("kind")
    return f"{kind}/{device.get('driver', DEFAULT_DRIVER.get(str(kind)))}"


Device = Annotated[
    Annotated[PanelGpio, Tag("panel/gpio")]
    | Annotated[KioskGpio, Tag("kiosk/gpio")]
    | Annotated[CounterGpio, Tag("counter/gpio")]
    | Annotated[PrinterSerial, Tag("printer/serial")]
    | Annotated[BoardMatrix, Tag("board/matrix")]
    | Annotated[BoardPage, Tag("board/page")]
    | Annotated[SignPage, Tag("sign/page")],
    Discriminator(
        _variant,
        custom_error_type="variant",
        custom_error_message="use panel, kiosk or counter with gpio, printer with serial, board with page or matrix, "
        "sign with page",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Screens:
    """Where the pages of boards and signs are served."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    host: str = "127.0.0.1"
    port: Annotated[int, _between(1, 65_535, "a port")] = 8090


@dataclass(frozen=True, kw_only=True)
class AgentConfig:
    """A node and its devices."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    site: Id
    node: Annotated[str, AfterValidator(_id), AfterValidator(_not_hub)]
    broker: Annotated[str, AfterValidator(_broker)]
    ca_file: Path | None = None
    """The authority that signed the broker's certificate, if the operating system does not know it."""
    identity_dir: Path | None = None
    """Where `guichet-edge enrol` keeps the node's certificate, and whom it believes. Without it the broker asks for
    none."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    data_dir: Path | None = None
    """Where the node keeps what must survive a restart; without it a restart forgets."""
    screens: Screens = field(default_factory=Screens)
    devices: list[Device]


_adapter = TypeAdapter(AgentConfig)


def load(file: Path) -> AgentConfig:
    """The agent file, validated.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; all of it is told.
    """
    try:
        return parse(_read(file))
    except ConfigError as error:
        raise ConfigError([f"{file}: {fault}" for fault in error.faults]) from None


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError([f"{error.strerror}; give the path of an agent file"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"not TOML: {error}"]) from error
    except RecursionError:
        raise ConfigError([TOO_DEEP]) from None
    except ValueError:  # from Python, which bounds the digits of a number
        raise ConfigError([TOO_LONG]) from None
    return table


def parse(table: Mapping[str, Any]) -> AgentConfig:
    """An agent file that has been read.

    Raises:
        ConfigError: something in it is wrong; all of it is told.
    """
    faults: list[str] = []
    config: AgentConfig | None = None
    try:
        # As JSON, so that strictness means TOML's types: no "17" for 17, and yet a table for a dataclass.
        config = _adapter.validate_json(msgspec.json.encode(table))
    except ValidationError as error:
        faults = [sentence(fault) for fault in error.errors()]
    except RecursionError:
        raise ConfigError([TOO_DEEP]) from None
    except ValueError:  # from Python, which bounds the digits of a number
        raise ConfigError([TOO_LONG]) from None
    faults += cross_faults(table)
    if config is None or faults:
        raise ConfigError(faults)
    return config
