"""From what a counter of another maker says to running totals like ours, each person once.

Pure but for the state that it is given: readings go in, and out come totals with what was odd about them. It knows
neither makers nor messages, and it invents nobody: what it cannot count it names.

- A *total* is compared with the one before. What it has grown by has passed; one that fell either wrapped, was set
  back, or is old.
- A *period* counts once, however often and in whatever order it comes. Without an instant only its message tells.
- A *delta* and a *crossing* count when they come.
- A counter that says the same in several ways counts by the first of these that it has ever used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from edge.counters.readings import FLOWS, Decoded, Kind, Reading
from edge.counters.spans import Span, add
from edge.counters.wiring import Wiring, label, of_this_door

JUMP_MAX = 10_000
"""More people at once than the hub believes of any counter."""
WRAP_MAX = 1_000
"""How many may pass between the last total before a wrap and the first after it, in all messages that are lost."""
MESSAGES_MAX = 128
"""Deliveries that are remembered. Network servers repeat theirs within seconds; some counters call every 256th message
the same."""
BEFORE_START = timedelta(minutes=5)
"""What a counter tells of the time before it was first heard is not counted, but for the report that it just made."""
AHEAD_MAX = timedelta(minutes=10)
BEHIND_MAX = timedelta(hours=1)
BEHIND_FOR = timedelta(minutes=15)
"""For so long what is of an earlier time may be old messages. Longer, and the counter's clock was set back."""
AGAIN_FOR = timedelta(seconds=10)
"""A device that comes back to its broker says its last state again, as if it were new."""


class Kept(Struct, kw_only=True):
    """All that must survive a restart."""

    epoch: str
    entered: int = 0
    left: int = 0
    device: str = ""
    """Of whom the messages are."""
    kind: Kind | None = None
    """The best that this counter has said."""
    totals: dict[str, int] = {}
    """Register and way to its newest total."""
    totals_at: dict[str, str] = {}
    totals_since: dict[str, str] = {}
    """The same to what it has said of when, or in which epoch of its own, that total began."""
    behind_since: str = ""
    """Since when all that comes is of an earlier time than what was counted."""
    doubted: dict[str, int] = {}
    """The same to a total that fell, until another one says whether it was set back or old."""
    is_cleared: bool = False
    """It has said that its totals begin anew."""
    since: str = ""
    """What ended before was not counted here; empty before the first message. Local time in `local_since`."""
    local_since: str = ""
    spans: dict[str, list[Span]] = {}
    messages: list[str] = []
    people: dict[str, int] = {}
    """Register to how many were there."""
    lines: list[str] = []
    """Registers that have told, while nobody has said which one counts; two are enough to ask."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a message has come to."""

    flags: tuple[str, ...] = ()
    is_trusted: bool = True
    """False while the counter says itself that its numbers mean little."""
    counted: int = 0
    """People, both ways together."""


NOT_TRUSTED = frozenset({"not-trusted", "blocked", "partly-blind", "sensor-not-ok", "offline"})
CLEARED = frozenset({"totals-cleared", "device-restarted"})


class Totals:
    """The totals of one counter, and what of its words has been counted."""

    def __init__(self, wiring: Wiring, kept: Kept, new_epoch: Callable[[], str]) -> None:
        self._wiring = wiring
        self.kept = kept
        self._new_epoch = new_epoch
        self._flags: list[str] = []
        self._is_unclear = False
        self._now: datetime | None = None
        self._online_at: datetime | None = None
        """When it was heard to come back, if that was since the start."""

    def take(self, decoded: Decoded, *, now: datetime | None, zone: tzinfo, is_kept: bool = False) -> Taken:
        """Count what `decoded` says. `now` is None while nobody knows the time; `is_kept` says that the broker had kept
        the message, so that it may be of any age."""
        self._flags, self._now = [], now
        before = self.kept.entered + self.kept.left, self.kept.epoch
        if decoded.message and decoded.message in self.kept.messages:
            return Taken(flags=("duplicate",), is_trusted=not NOT_TRUSTED & set(decoded.flags))
        self._begin(now, zone)
        if decoded.message:
            self.kept.messages = [*self.kept.messages, decoded.message][-MESSAGES_MAX:]
        if "online" in decoded.flags and not is_kept:
            self._online_at = now
        if CLEARED & set(decoded.flags):
            self.kept.is_cleared = True
        found = of_this_door(self._wiring, decoded.readings)
        self._flags += found.flags
        self._is_unclear = found.is_unclear
        mine = found.readings
        if self._wiring.net:
            self._take_people(mine)
        else:
            self._take_flow(mine, decoded, now, is_kept=is_kept)
        total = self.kept.entered + self.kept.left
        counted = total - before[0] if self.kept.epoch == before[1] else total
        flags = tuple(dict.fromkeys(self._flags))
        return Taken(flags=flags, is_trusted=not NOT_TRUSTED & set(decoded.flags), counted=counted)

    # --- which readings --------------------------------------------------------------------------------------

    def _begin(self, now: datetime | None, zone: tzinfo) -> None:
        if self.kept.since or now is None:
            return
        since = now - BEFORE_START
        self.kept.since = since.isoformat()
        self.kept.local_since = since.astimezone(zone).replace(tzinfo=None).isoformat()

    # --- flows -----------------------------------------------------------------------------------------------

    def _take_flow(self, mine: list[Reading], decoded: Decoded, now: datetime | None, *, is_kept: bool) -> None:
        flows = [reading for reading in mine if reading.kind in FLOWS]
        if self._is_unclear:
            return
        if not flows:
            self._flags += ["only-how-many"] if mine else []
            return
        best = min((reading.kind for reading in flows), key=FLOWS.index)
        if self.kept.kind is None or FLOWS.index(best) < FLOWS.index(self.kept.kind):
            self.kept.kind = best
        used = [reading for reading in flows if reading.kind is self.kept.kind]
        if not used:
            self._flags.append("said-better-before")
            return
        if not self._is_one_line(used):
            return
        if self.kept.kind is Kind.TOTAL:
            self._take_totals(used, decoded)
            return
        self._take_one_by_one(used, decoded, now, is_kept=is_kept)

    def _take_one_by_one(self, used: list[Reading], decoded: Decoded, now: datetime | None, *, is_kept: bool) -> None:
        for reading in used:
            if is_kept and not (reading.since or reading.local_since):
                self._flags.append("kept-by-broker")
            elif self._is_said_again(reading, now):
                self._flags.append("said-again")
            elif self._is_new(reading, decoded, now):
                self._add(reading)

    def _is_one_line(self, used: list[Reading]) -> bool:
        """False once it has told of several lines, be it in several messages, and nobody has said which one counts."""
        if not (self._wiring.line or self._wiring.entered or self._wiring.left):
            self.kept.lines = sorted({*self.kept.lines, *(it.register for it in used)})[:2]
            if len(self.kept.lines) > 1:
                self._flags.append("line-not-said")
                return False
        return True

    def _is_said_again(self, reading: Reading, now: datetime | None) -> bool:
        """Whether it is of a device that has just come back, and begins with all that it last said."""
        if reading.kind is not Kind.CROSSING or reading.at is not None or self._online_at is None:
            return False
        return now is None or now - self._online_at <= AGAIN_FOR

    def _is_new(self, reading: Reading, decoded: Decoded, now: datetime | None) -> bool:
        """Whether the time of a period, or the moment of anything else, was not counted yet."""
        if reading.since is not None and reading.until is not None:
            span, begin = (reading.since.isoformat(), reading.until.isoformat()), self.kept.since
            if now is not None and reading.since > now + AHEAD_MAX:
                self._flags.append("clock-ahead")
        elif reading.local_since and reading.local_until:
            span, begin = (reading.local_since, reading.local_until), self.kept.local_since
        elif reading.at is not None:
            moment = reading.at.isoformat()
            span, begin = (moment, moment + "!"), self.kept.since
            is_momentary = reading.kind in (Kind.DELTA, Kind.CROSSING) and not reading.is_late
            if decoded.message and is_momentary and moment > begin:
                return True  # its message is known to be another one: two may pass in one moment
        else:
            return True
        if span[1] <= begin:
            self._flags.append("before-start")
            self._is_behind(reading)
            return False
        key = f"{label(reading)}:{'+' if reading.entered is not None else '-'}:{reading.kind}"
        spans, added = add(self.kept.spans.get(key, []), *span)
        self.kept.spans[key] = spans
        if added != "new":
            self._flags.append(added)
            self._is_behind(reading)
            return False
        self.kept.behind_since = ""
        return True

    def _add(self, reading: Reading) -> None:
        entered, left = reading.entered or 0, reading.left or 0
        if max(entered, left) > JUMP_MAX:
            self._flags.append("implausible")
            return
        self._count(entered, left)

    def _count(self, entered: int, left: int) -> None:
        if self._wiring.swapped:
            entered, left = left, entered
        self.kept.entered += entered
        self.kept.left += left

    # --- totals ----------------------------------------------------------------------------------------------

    def _take_totals(self, used: list[Reading], decoded: Decoded) -> None:
        """The newest numbers of a message, together: where one was set back, all were."""
        found: dict[str, tuple[str, int, Reading]] = {}
        for reading in sorted(used, key=lambda it: (not it.is_late, _moment(it, decoded))):
            for way, value in (("entered", reading.entered), ("left", reading.left)):
                if value is not None:
                    found[f"{label(reading)}:{way}"] = way, value, reading
        growths = {slot: self._growth(slot, value, it, decoded) for slot, (_, value, it) in found.items()}
        if UNSURE in growths.values():
            return
        if {SET_BACK, SET_ANEW} & set(growths.values()):
            is_from_zero = SET_ANEW not in growths.values() and all(value <= JUMP_MAX for _, value, _ in found.values())
            self._flags.append("set-back" if is_from_zero else "set-anew")
            self._start_epoch()
            growths = {slot: value if is_from_zero else 0 for slot, (_, value, _) in found.items()}
        for slot, (way, value, reading) in found.items():
            self.kept.totals[slot] = value
            self.kept.doubted.pop(slot, None)
            self._count(*((growths[slot], 0) if way == "entered" else (0, growths[slot])))
            if at := _moment(reading, decoded):
                self.kept.totals_at[slot] = at
            if since := _began(reading):
                self.kept.totals_since[slot] = since
        self.kept.is_cleared, self.kept.behind_since = False, ""

    def _growth(self, slot: str, value: int, reading: Reading, decoded: Decoded) -> int:
        """How many have passed since the total before; or one of the three that are below zero."""
        before, at, before_at = self.kept.totals.get(slot), _moment(reading, decoded), self.kept.totals_at.get(slot, "")
        if at.endswith(_UTC) != before_at.endswith(_UTC):
            before_at = ""  # a local time is neither before nor behind one of UTC
        if before is None:
            return 0  # whoever passed before we listened is nobody's
        if at and before_at and at < before_at and not self._is_behind(reading):
            self._flags.append("late" if reading.is_late else "out-of-order")
            return UNSURE
        if self._has_begun_anew(slot, reading, before_at):
            return SET_BACK
        if 0 <= value - before <= JUMP_MAX:
            return value - before
        if reading.wraps_at is not None and 0 <= value + reading.wraps_at - before <= WRAP_MAX:
            self._flags.append("wrapped")
            return value + reading.wraps_at - before
        if value < before and (self.kept.is_cleared or (at and before_at)):
            return SET_BACK
        doubted = self.kept.doubted.get(slot)
        self.kept.doubted[slot] = value
        if doubted is not None and 0 <= value - doubted <= JUMP_MAX and (doubted < before) == (value < before):
            return SET_BACK if value < before else SET_ANEW
        self._flags.append("fell" if value < before else "implausible")
        return UNSURE

    def _is_behind(self, reading: Reading) -> bool:
        """Whether it has told of an earlier time for too long for that to be old messages; and say so."""
        if self._now is None or reading.is_late:
            return False
        if reading.until is not None and reading.until > self._now - BEHIND_MAX:
            return False
        self.kept.behind_since = self.kept.behind_since or self._now.isoformat()
        is_behind = self._now - datetime.fromisoformat(self.kept.behind_since) >= BEHIND_FOR
        self._flags += ["clock-behind"] if is_behind else []
        return is_behind

    def _has_begun_anew(self, slot: str, reading: Reading, before_at: str) -> bool:
        """Whether it names another beginning of its totals; an instant only if it lies behind the newest total."""
        before, since = self.kept.totals_since.get(slot, ""), _began(reading)
        return (
            bool(before and since)
            and before != since
            and (bool(reading.epoch) or (bool(before_at) and since >= before_at))
        )

    def _start_epoch(self) -> None:
        self.kept.epoch = self._new_epoch()
        self.kept.entered = self.kept.left = 0
        self.kept.doubted = {}

    # --- how many are there ----------------------------------------------------------------------------------

    def _take_people(self, mine: list[Reading]) -> None:
        """Changes of how many are there, as if each had passed. Who comes while another goes is seen by nobody."""
        there = [it for it in mine if it.kind is Kind.OCCUPANCY and it.people is not None]
        if not self._wiring.line and len(there) > 1:
            there = [it for it in there if not it.register]  # the whole view, not its parts
        if len(there) > 1 or self._is_unclear:
            self._flags.append("line-not-said")
            return
        if there and not self._is_one_line(there):
            return
        for reading in there:
            people = reading.people or 0
            before = self.kept.people.get(reading.register)
            self.kept.people[reading.register] = people
            if before is not None:
                self._count(max(people - before, 0), max(before - people, 0))
        if not there:
            self._flags += ["only-presence"] if any(it.kind is Kind.PRESENCE for it in mine) else []


_UTC = "+00:00"
UNSURE, SET_BACK, SET_ANEW = -1, -2, -3
"""Of a total: the next one will tell; it began anew at zero; it went on from somewhere else."""


def _began(reading: Reading) -> str:
    """When its total began, or its counter's mark of that; empty if nobody knows."""
    return reading.epoch or ("" if reading.since is None else reading.since.isoformat())


def _moment(reading: Reading, decoded: Decoded) -> str:
    """When the counter said it, or the network server heard it; empty if nobody knows."""
    at = reading.at or decoded.at
    return at.isoformat() if at is not None else reading.local_at
