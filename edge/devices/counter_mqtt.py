"""A people counter of another maker, whose messages are on a broker."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from edge.foreign_settings import ForeignSettings
from edge.toolbox import Toolbox
from wire.mqtt import Broker

if TYPE_CHECKING:
    from edge.counters.source import Source

TOPIC_BYTES_MAX = 65_535


def _filter(value: str) -> str:
    levels = value.split("/")
    is_sound = all(level in ("+", "#") or not set(level) & set("+#") for level in levels) and "#" not in levels[:-1]
    if not value or not is_sound or "\0" in value or len(value.encode()) > TOPIC_BYTES_MAX:
        raise PydanticCustomError("topic", f"{value!r} is no topic filter; write one like 'zigbee2mqtt/door'")
    return value


def _broker(value: str) -> str:
    try:
        Broker.parse(value)
    except ValueError as error:
        raise PydanticCustomError("broker", "{error}", {"error": str(error)}) from None
    return value


@dataclass(frozen=True, kw_only=True)
class CounterMqtt(ForeignSettings):
    """A people counter of another maker, or the network server of its radio, that speaks on MQTT topics."""

    kind: Literal["counter"]
    driver: Literal["mqtt"]
    topic: Annotated[str, AfterValidator(_filter)]
    broker: Annotated[str, AfterValidator(_broker)]
    """Which may be that of the node, but with another user: a broker of ours lets each user in once."""
    ca_file: Path | None = None
    """The authority that signed the certificate of `broker`."""

    def __post_init__(self) -> None:
        if self.ca_file is not None and not self.broker.startswith("mqtts://"):
            raise PydanticCustomError("ca_file", "ca_file: it needs TLS; write the broker as mqtts://host:8883")

    def open_source(self, toolbox: Toolbox) -> "Source":
        from edge.drivers.counter_topics import TopicSource

        broker = Broker.parse(self.broker, self.ca_file)
        return TopicSource(broker, f"{toolbox.node.name}-{self.id}-reader", self.topic)
