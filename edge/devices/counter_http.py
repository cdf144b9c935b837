"""A people counter of another maker that pushes its messages to us."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from edge.foreign_settings import ForeignSettings
from edge.toolbox import Toolbox

if TYPE_CHECKING:
    from edge.counters.source import Source


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65_535:
        raise PydanticCustomError("address", f"{value!r} is no address; write one like '0.0.0.0:8095'")
    return value


def _path(value: str) -> str:
    if not value.startswith("/") or not value.isascii() or not value.isprintable() or set(value) & set(" ?#"):
        raise PydanticCustomError("path", f"{value!r} is no path; write one like '/door-7f3a'")
    return value


@dataclass(frozen=True, kw_only=True)
class CounterHttp(ForeignSettings):
    """A people counter of another maker that pushes what it counts to the node, as JSON, XML or a radio frame."""

    port_settings = ("address",)

    kind: Literal["counter"]
    driver: Literal["http"]
    address: Annotated[str, AfterValidator(_address)]
    """Where the node listens."""
    path: Annotated[str, AfterValidator(_path)]
    """Which the counter is told; what comes on any other is not taken."""

    def open_source(self, toolbox: Toolbox) -> "Source":
        from edge.drivers.counter_push import PushSource

        host, _, port = self.address.rpartition(":")
        return PushSource(host.strip("[]"), int(port), self.path)
