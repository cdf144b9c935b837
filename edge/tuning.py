"""The settings of a node's devices as the hub wishes them, over those of the agent file.

A wish is judged by the device's own description before anything else: it may name only what can be changed from afar
(`tunable`), never a pin or a port. What was good is kept over a restart, and the last good wish stays in force while a
newer one is refused. Each wish is answered with what became of it; the node's health says again and again which one is
in force, so that no lost message is ever missed.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from pydantic import TypeAdapter, ValidationError

from edge.config_faults import sentence
from edge.errors import ConfigError
from edge.keep import Keep
from edge.node import FAULT_LETTERS_MAX, Node
from edge.settings import DeviceSettings
from wire.messages import Config, Done, DoneOutcome, Fact

FILED = 0
"""The revision of what the agent file says."""

log = structlog.get_logger()


class Kept(Struct, frozen=True, kw_only=True):
    """The last good wish."""

    revision: int = FILED
    settings: dict[str, Fact] = {}


@dataclass
class _Tuned:
    """One device that can be tuned."""

    filed: DeviceSettings
    keep: Keep
    kept: Kept
    apply: Callable[[Any], None] | None = None


class Tuning:
    """All devices of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._tuned: dict[str, _Tuned] = {}
        self._wishes: dict[str, Config] = {}
        """The newest of each device that has not been looked at."""
        self._arrived = asyncio.Event()

    # --- while devices are built ----------------------------------------------------------------------------

    def in_force(self, filed: DeviceSettings, keep: Keep) -> DeviceSettings:
        """What the agent file says of a device, or what the last good wish made of it."""
        if not filed.tunable:
            return filed
        kept, settings = _load(filed, keep)
        self._tuned[filed.id] = _Tuned(filed, keep, kept)
        return settings

    def on_change(self, device: str, apply: Callable[[Any], None]) -> None:
        """Have `apply(settings)` called on the event loop, at once and without an error, with each good wish."""
        self._tuned[device].apply = apply

    # --- at work ---------------------------------------------------------------------------------------------

    @property
    def revisions(self) -> dict[str, int]:
        """Device to the revision in force, where it is not the agent file's."""
        return {device: it.kept.revision for device, it in self._tuned.items() if it.kept.revision != FILED}

    def take(self, device: str, wish: Config) -> None:
        """A wish of the hub's. Overflow: a newer wish for the same device takes the place of one not looked at."""
        self._wishes[device] = wish
        self._arrived.set()

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._wishes:
                device = next(iter(self._wishes))
                wish = self._wishes.pop(device)
                outcome, why = await self._fulfil(device, wish)
                done = Done(id=f"config-{wish.revision}", outcome=outcome, why=why[:FAULT_LETTERS_MAX])
                self._node.send_done(device, done)

    async def _fulfil(self, device: str, wish: Config) -> tuple[DoneOutcome, str]:
        it = self._tuned.get(device)
        if it is None or it.apply is None:
            return DoneOutcome.REFUSED, "nothing of this device can be set from afar; change its agent file"
        if wish.revision == it.kept.revision:
            return DoneOutcome.DONE, ""
        try:
            settings = wished(it.filed, wish.settings)
        except ConfigError as error:
            log.warning("settings refused", device=device, revision=wish.revision, why=str(error))
            return DoneOutcome.REFUSED, str(error)
        it.kept = Kept(revision=wish.revision, settings=wish.settings)
        it.apply(settings)
        log.info("settings in force", device=device, revision=wish.revision)
        try:
            await asyncio.to_thread(it.keep.save, msgspec.json.encode(it.kept))
        except OSError as error:
            return DoneOutcome.DONE, f"in force until the node restarts, for it cannot be kept: {error}"
        return DoneOutcome.DONE, ""


def wished(filed: DeviceSettings, settings: Mapping[str, Fact]) -> DeviceSettings:
    """`filed` with `settings` in place of its own.

    Raises:
        ConfigError: one of them cannot be set from afar, or has a value that the device does not take.
    """
    strange = [name for name in settings if name not in filed.tunable]
    if strange:
        may = ", ".join(filed.tunable)
        raise ConfigError([f"{name}: cannot be set from afar; use {may}" for name in strange])
    try:
        return TypeAdapter(type(filed)).validate_json(msgspec.json.encode({**asdict(filed), **settings}))
    except ValidationError as error:
        raise ConfigError([sentence(fault) for fault in error.errors()]) from None


def _load(filed: DeviceSettings, keep: Keep) -> tuple[Kept, DeviceSettings]:
    """The last good wish, if it is still one: the agent file, or the agent, may be another by now."""
    try:
        text = keep.load()
        kept = Kept() if text is None else msgspec.json.decode(text, type=Kept)
        return kept, wished(filed, kept.settings)
    except (OSError, msgspec.DecodeError, ConfigError) as error:
        log.warning("kept settings not used", device=filed.id, why=str(error))
        return Kept(), filed
