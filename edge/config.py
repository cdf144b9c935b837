"""The agent's one file: which node this is, where its broker is, and which devices hang on it.

Every fault of the file is found at once and told in a line of its own: where, what, and what to write instead. This
room knows the node's own settings; each device's stand in its file of `edge/devices/`. Whether a device is really there
is for its driver to find out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Union
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import AfterValidator, ConfigDict, Discriminator, Tag, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from edge import devices
from edge.config_faults import TOO_DEEP, TOO_LONG, cross_faults, sentence, variant
from edge.errors import ConfigError
from edge.settings import STRICT, DeviceSettings, Id, between
from wire import topics
from wire.mqtt import Broker


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


if TYPE_CHECKING:
    Device = DeviceSettings
else:
    Device = Annotated[
        Union[tuple(Annotated[known, Tag(name)] for name, known in devices.known().items())],  # noqa: UP007 - built
        Discriminator(variant, custom_error_type="variant", custom_error_message="use another"),
    ]


@dataclass(frozen=True, kw_only=True)
class Screens:
    """Where the pages of boards and signs are served."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    host: str = "127.0.0.1"
    port: Annotated[int, between(1, 65_535, "a port")] = 8090


@dataclass(frozen=True, kw_only=True)
class AgentConfig:
    """A node and its devices."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    site: Id
    node: Annotated[Id, AfterValidator(_not_hub)]
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
