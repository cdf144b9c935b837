"""A people counter of another maker: its messages become running totals, as if it were one of ours.

It knows messages, what they mean and when the last one came. It does not know how they travel, nor makers: the dialect
is given to it. What is not understood is kept aside and said; what is doubtful is said; nobody is invented. While the
counter is silent, so is this role, and the hub sees a door without a count.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, tzinfo
from functools import partial

import msgspec
import structlog
from msgspec import Struct

from edge.counters.quarantine import Quarantine
from edge.counters.readings import Decoded, Refused
from edge.counters.source import Heard, Source
from edge.counters.totals import Kept, Taken, Totals
from edge.counters.wiring import Wiring, label
from edge.errors import DeviceFault
from edge.keep import Keep
from edge.lane import Condition, WorkLane
from edge.node import Node
from edge.role import Role
from edge.roles.counter import REPEAT_EVERY_S
from wire.messages import Count, CountQuality, DeviceInfo

WAITING_MAX = 100
"""Messages that wait to be read. One that comes when all places are taken is not taken: totals of the next one tell
all, and whoever pushes sends again."""
TELL_EVERY_S = 1.0
"""How often totals are kept and told at most."""
SAVE_BAD_EVERY_S = 60.0
FAULT_SHOWN_S = 3600.0
"""How long a message that was not understood, or an odd one, stands in the node's health at least."""
NAMES_MAX = 6
"""Lines or ways that a sentence names."""
NEVER_S = float("-inf")

PASSED_OVER = frozenset({"not-a-count", "simulated", "wrong-device"})
"""Refusals of what is sound and not for us: joins, statuses, and others on the same topics."""

SETTINGS = {
    "line-not-said": "it has several lines; write as `line` which one is at this door, of {names}",
    "way-not-said": "which of its numbers is in, and which out, is not said; write `entered` and `left`, of {names}",
    "not-this-line": "none of its numbers has a name that `line`, `entered` or `left` say; it tells of {names}",
    "only-how-many": "it tells how many are there and not who passes; with `net = true` changes of that are counted",
    "only-presence": "it tells whether somebody is there, and counts nobody; another counter is needed",
    "not-counted": "it does not say what its numbers count; give them a type in its own settings",
}
"""What a flag asks of whoever wrote the agent file, the gravest first."""
ODD = {
    "implausible": "it told of more people at once than can be; look at it",
    "negative-change": "it counted backwards; look at it",
    "clock-ahead": "its clock is ahead of the hub's; set it",
    "clock-behind": "its clock is behind the hub's, or it tells of hours long past; look at its clock",
    "clock-unset": "its clock is not set; set it",
    "battery-low": "its battery is low; change it",
}

log = structlog.get_logger()

Result = Decoded | Refused


class Remembered(Struct, kw_only=True):
    """What a restart must not forget."""

    of: str
    """The settings by which it was counted: with others the totals begin anew."""
    kept: Kept
    heard_at: datetime | None = None
    """The minute in which the counter was heard last, by the hub's clock."""


class ForeignCounter(Role):
    """Its totals go on over a restart, in the same epoch."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        source: Source,
        read: Callable[[Heard], Result],
        *,
        wiring: Wiring,
        of: str,
        device: str,
        silent_after_s: int,
        zone: tzinfo,
        memory: Keep,
        ward: Keep,
    ) -> None:
        """`read` is called in a worker thread and never raises. `of` holds all settings by which it counts. `device`
        is the counter's own name; empty for whoever is heard first. In `ward` is kept what was not understood."""
        super().__init__(node, info)
        self._source = source
        self._read = read
        self._wiring = wiring
        self._silent_after_s = silent_after_s
        self._zone = zone
        self._memory = memory
        self._quarantine = Quarantine(ward)
        self._through = Condition(node, info.id, "source")
        self._remembered = Remembered(of=of, kept=Kept(epoch=node.new_token(), device=device))
        self._totals = Totals(wiring, self._remembered.kept, node.new_token)
        self._quality = CountQuality.OK
        self._passed_over = ""
        """Of the newest message that was sound and no count, what it was; for whoever wonders about silence."""
        self._is_saved = True
        self._published: Count | None = None
        self._faults_until_s: dict[str, float] = {}
        """Part of the device to the loop's instant at which what it needs is no longer told."""
        self._heard_s: float | None = None
        """The loop's instants: when the counter was heard last, if that is known; and others."""
        self._began_s = self._saved_s = self._told_s = self._ward_saved_s = NEVER_S
        self._lane = WorkLane[Heard](
            node, info.id, self._take, length_max=WAITING_MAX, idle=self._look, idle_every_s=TELL_EVERY_S
        )

    @property
    def queue_length(self) -> int:
        return self._lane.queue_length

    def lines(self) -> list[str]:
        """What it is at, for somebody who looks from afar: totals, and what was not understood, the newest first."""
        count, kept = self._count(), self._totals.kept
        now_s = asyncio.get_running_loop().time()
        heard = "not heard yet" if self._heard_s is None else f"heard {round(now_s - self._heard_s)} s ago"
        counted_by = f", counted by its {kept.kind}s" if kept.kind is not None else ""
        bad = reversed(self._quarantine.newest)
        return [
            f"{count.entered} entered, {count.left} left: {count.quality}",
            f"{kept.device or 'a counter without a name'}: {heard}{counted_by}",
            f"{self._quarantine.count} messages not understood",
            *(line for message in bad for line in message.lines()),
        ]

    def announce(self) -> None:
        if self._is_heard() and self._is_saved:
            self._publish(self._count())

    async def run(self) -> None:
        await asyncio.to_thread(self._load)
        loop = asyncio.get_running_loop()
        self._began_s = loop.time()
        self._source.listen(partial(self._hear, loop), partial(self._say_through, loop))
        await self._lane.run()

    def close(self) -> None:
        self._source.close()

    # --- called in the source's threads ----------------------------------------------------------------------

    def _hear(self, loop: asyncio.AbstractEventLoop, heard: Heard) -> bool:
        if self._lane.queue_length >= WAITING_MAX:
            return False
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._lane.put, heard)
            return True
        return False

    def _say_through(self, loop: asyncio.AbstractEventLoop, needs: str | None) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._come_through, needs)

    def _come_through(self, needs: str | None) -> None:
        if needs is None:
            self._through.worked()
        else:
            self._through.failed(DeviceFault(needs))

    # --- messages --------------------------------------------------------------------------------------------

    async def _take(self, heard: Heard) -> None:
        result = await asyncio.to_thread(self._read, heard)
        if isinstance(result, Refused):
            self._refuse(heard, result)
        elif self._is_ours(result):
            self._count_in(result, was_kept=heard.was_kept)
        await self._look()

    def _refuse(self, heard: Heard, refused: Refused) -> None:
        if refused.refused in PASSED_OVER:
            self._passed_over = f" (the last message: {refused.why})"
            log.debug("message passed over", device=self.info.id, code=refused.refused, why=refused.why)
            return
        log.warning("message not understood", device=self.info.id, code=refused.refused, why=refused.why)
        self._quarantine.add(heard, refused, self.node.hub_clock.wall_at())
        count = self._quarantine.count
        which = "1 message was not understood" if count == 1 else f"{count} messages were not understood, the last one"
        self._set_fault("messages", f"{which} ({refused.refused}: {refused.why}); its bytes are kept aside")

    def _is_ours(self, decoded: Decoded) -> bool:
        """Whether it is of the counter that was heard first, unless the settings say of which."""
        kept = self._totals.kept
        kept.device = kept.device or decoded.device
        if decoded.device and decoded.device.lower() != kept.device.lower():
            needs = f"{decoded.device} is heard beside {kept.device}; write as `device` which one is at this door"
            self._set_fault("device", needs)
            return False
        return True

    def _count_in(self, decoded: Decoded, *, was_kept: bool) -> None:
        now = self.node.hub_clock.wall_at()
        taken = self._totals.take(decoded, now=now, zone=self._zone, is_kept=was_kept)
        self._is_saved = False
        if not was_kept:
            self._heard_s = asyncio.get_running_loop().time()
            self._remembered.heard_at = None if now is None else now.replace(second=0, microsecond=0)
        if taken.flags:
            log.info("message counted with care", device=self.info.id, flags=taken.flags, counted=taken.counted)
        if "duplicate" not in taken.flags:
            self._quality = CountQuality.OK if taken.is_trusted else CountQuality.BLOCKED
            self._tell_flags(decoded, taken)

    def _tell_flags(self, decoded: Decoded, taken: Taken) -> None:
        kept = self._totals.kept
        is_wired = kept.kind is not None or bool(kept.people)
        grave = [flag for flag in SETTINGS if flag in taken.flags and not (is_wired and flag != "line-not-said")]
        if grave:
            names = _either(label(it) for it in decoded.readings)
            self._set_fault("settings", SETTINGS[grave[0]].format(names=names))
        elif is_wired:
            self._clear_fault("settings")
        if taken.is_trusted:
            self._clear_fault("trust")
        else:
            said = ", ".join(decoded.flags)
            self._set_fault("trust", f"it says that its numbers are not to be trusted ({said}); look at it")
        for flag in ODD:
            if flag in taken.flags or flag in decoded.flags:
                self._set_fault(flag, ODD[flag])

    # --- totals ----------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Keep what has changed, and tell it only then; tell again what has not; see what is no longer so."""
        now_s = asyncio.get_running_loop().time()
        self._remember_when_heard(now_s)
        if not self._is_saved and now_s - self._saved_s >= TELL_EVERY_S:
            self._saved_s, self._is_saved = now_s, True
            await asyncio.to_thread(_save, self._memory, msgspec.json.encode(self._remembered))
        is_due = self._count() != self._published or now_s - self._told_s >= REPEAT_EVERY_S
        if self._is_saved and self._is_heard() and is_due:
            self._publish(self._count())
        if not self._quarantine.is_saved and now_s - self._ward_saved_s >= SAVE_BAD_EVERY_S:
            self._ward_saved_s = now_s
            await asyncio.to_thread(self._quarantine.save)
        for part in [part for part, until_s in self._faults_until_s.items() if now_s >= until_s]:
            self._clear_fault(part)
        self.node.set_fault(self.info.id, self._silence(now_s), "silence")

    def _count(self) -> Count:
        kept = self._totals.kept
        return Count(epoch=kept.epoch, entered=kept.entered, left=kept.left, quality=self._quality)

    def _publish(self, count: Count) -> None:
        self._published = count
        self._told_s = asyncio.get_running_loop().time()
        self.node.send_count(self.info.id, count)

    def _is_heard(self) -> bool:
        """Whether the counter can be taken to be alive."""
        return self._heard_s is not None and asyncio.get_running_loop().time() - self._heard_s < self._silent_after_s

    def _silence(self, now_s: float) -> str | None:
        since_s = now_s - (self._began_s if self._heard_s is None else self._heard_s)
        if since_s < self._silent_after_s:
            return None
        minutes = round(since_s / 60)
        return f"no count was heard of it for {minutes} minutes{self._passed_over}; look at {self._source.look_at}"

    # --- memory ----------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """What is damaged, or was counted by other settings, is left: a new epoch begins."""
        self._quarantine.load()
        try:
            content = self._memory.load()
            remembered = None if content is None else msgspec.json.decode(content, type=Remembered)
        except (OSError, msgspec.DecodeError) as error:
            log.warning("totals unreadable", device=self.info.id, error=str(error))
            return
        if remembered is not None and remembered.of == self._remembered.of:
            self._remembered = remembered
            self._totals = Totals(self._wiring, remembered.kept, self.node.new_token)

    def _remember_when_heard(self, now_s: float) -> None:
        """After a restart: as soon as the hub has said how late it is."""
        heard_at, now = self._remembered.heard_at, self.node.hub_clock.wall_at()
        if self._heard_s is None and heard_at is not None and now is not None and now >= heard_at:
            self._heard_s = now_s - (now - heard_at).total_seconds()

    # --- faults ----------------------------------------------------------------------------------------------

    def _set_fault(self, part: str, needs: str) -> None:
        self._faults_until_s[part] = asyncio.get_running_loop().time() + max(FAULT_SHOWN_S, self._silent_after_s)
        self.node.set_fault(self.info.id, needs, part)

    def _clear_fault(self, part: str) -> None:
        if self._faults_until_s.pop(part, None) is not None:
            self.node.set_fault(self.info.id, None, part)


def _save(keep: Keep, content: bytes) -> None:
    """A disk that is full, of which the keep has told, must not stop the counting."""
    with suppress(OSError):
        keep.save(content)


def _either(names: Iterable[str]) -> str:
    """Some of them, for a sentence."""
    found = sorted({repr(name) for name in names if name})
    return ", ".join([*found[:NAMES_MAX], *(["…"] if len(found) > NAMES_MAX else [])]) or "those that it names"
