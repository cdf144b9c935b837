"""The words of an agent file: names, pins, ranges, and what every device's table has in common.

Each file of `edge/devices/` describes one device with these. Nothing here knows a device, a driver or a link.
"""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict
from pydantic_core import PydanticCustomError

from wire import topics
from wire.errors import UnknownTopic

if TYPE_CHECKING:
    from edge.role import Role
    from edge.toolbox import Toolbox

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
STRICT = ConfigDict(extra="forbid", strict=True)


def between(low: int, high: int, what: str) -> AfterValidator:
    """Refuses a number outside of `low` to `high`, and names it as `what`."""

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


def _language(value: str) -> str:
    if len(value) != 2 or not value.isascii() or not value.islower():
        raise PydanticCustomError("language", f"{value!r} is no language; write two letters like 'fr'")
    return value


def _clock(value: str) -> str:
    if not _CLOCK.match(value):
        raise PydanticCustomError("clock", f"{value!r} is no time of day; write one like '07:30'")
    return value


def _not_empty(pins: dict[Any, int]) -> dict[Any, int]:
    if not pins:
        raise PydanticCustomError("no_pins", "there is none; give at least one push button its GPIO number")
    return pins


Id = Annotated[str, AfterValidator(_id)]
Pin = Annotated[int, between(0, 27, "a GPIO number")]
Language = Annotated[str, AfterValidator(_language)]
Clock = Annotated[str, AfterValidator(_clock)]
"""A time of day at the site, `hh:mm`."""
NOT_EMPTY = AfterValidator(_not_empty)

Uses = Iterator[tuple[str, str | int]]
"""Settings, such as `pins.next`, and what each takes for its device alone: a GPIO number, the path of a port."""

SPI_PINS = {0: (9, 10, 11), 1: (19, 20, 21)}
"""MISO, MOSI and clock of each SPI port, shared by the devices on it."""
SPI_SELECT_PIN = {(0, 0): 8, (0, 1): 7, (1, 0): 18, (1, 1): 17}
"""Chip select of each SPI port and device."""


@dataclass(frozen=True, kw_only=True)
class DeviceSettings:
    """One `[[devices]]` table of the agent file. A subclass says in `kind` and `driver` which tables it reads; where
    `driver` has a default, that is the usual driver of its kind."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    pin_settings: ClassVar[tuple[str, ...]] = ()
    """Its settings that are GPIO numbers, or tables of them. A device that has any hangs on pins."""
    port_settings: ClassVar[tuple[str, ...]] = ()
    """Its settings that name what one device alone can open."""
    tunable: ClassVar[tuple[str, ...]] = ()
    """Its settings that the hub may wish otherwise while the agent runs: never a pin or a port. `build` says to the
    toolbox what becomes of them (`when_tuned`)."""
    has_spi: ClassVar[bool] = False
    """It hangs on the SPI bus that `spi_port` and `spi_device` name."""

    id: Id
    kind: str
    driver: str

    def warnings(self) -> Iterator[str]:
        """What is allowed and yet will not do, a sentence each."""
        return iter(())

    @abstractmethod
    def build(self, toolbox: "Toolbox") -> "Role":
        """The device's role with its driver, real or fake.

        Raises:
            DeviceFault: the hardware cannot be had and will not come by itself.
        """

    @classmethod
    def pins_used(cls, table: Mapping[str, Any]) -> Uses:
        """The GPIO numbers in a table as it was written, which may be wrong in other ways."""
        for name in cls.pin_settings:
            given = table.get(name)
            for key, pin in given.items() if isinstance(given, Mapping) else ():
                if isinstance(pin, int):
                    yield f"{name}.{key}", pin
            if isinstance(given, int):
                yield name, given

    @classmethod
    def ports_used(cls, table: Mapping[str, Any]) -> Uses:
        """The ports in a table as it was written."""
        for name in cls.port_settings:
            if isinstance(table.get(name), str):
                yield name, table[name]
