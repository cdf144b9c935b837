"""The codes that a site's signs show, looked up, and the passes that they are exchanged for.

A code says that somebody stands before a sign now; a pass says so for ten minutes, in which a service is chosen. Both
are worked out from the hub's key, so nothing is stored, and a hub that was started again knows them. Nothing here is
about a person: everybody who scans a code gets a pass that says the same.
"""

from datetime import date, datetime
from typing import NamedTuple

from hub.day.lobby import DeviceKind, Lobby
from hub.day.refusal import Code
from hub.keyring import Keyring
from wire import door_code

PASS_S = 600
"""To read, to ask, to choose; who needs longer looks at the sign again."""

LATE_S = 60
"""A code is good for so long after its sign shows the next one: as long as it may take to type it."""

REMEMBERED_S = 3_600
"""For so long a code is said to be old, and not unknown."""

PASS_CHARS_MAX = 400
"""Longer than any pass; what is longer is not worth looking at."""


class ShownCode(NamedTuple):
    """A code that a sign shows, or has shown."""

    sign: str
    """`node/device`."""
    step: int

    @property
    def name(self) -> str:
        """By which the day counts who joins with it. It cannot be typed at a door."""
        return f"{self.sign}/{self.step}"


class DoorCodes:
    """Those of one site."""

    def __init__(self, lobby: Lobby, keyring: Keyring) -> None:
        self.signs = tuple(it.address for it in lobby.devices if it.kind is DeviceKind.SIGN)
        self._site = lobby.site.id
        self._step_s = lobby.site.door_code_s
        self._keyring = keyring
        self._day: date | None = None
        self._codes: dict[str, ShownCode] = {}
        """Those of the day that are remembered, oldest first."""
        self._newest = 0
        """The step up to which they are known."""

    # --- codes -----------------------------------------------------------------------------------------------

    def look_up(self, typed: str, day: date, now: datetime) -> ShownCode | Code:
        """Which code was typed, if it is still good."""
        newest = door_code.step_at(now, self._step_s)
        self._learn(day, newest)
        shown = self._codes.get(door_code.normal(typed))
        if shown is None:
            return Code.DOOR_CODE_UNKNOWN
        is_good = now.timestamp() < (shown.step + 1) * self._step_s + LATE_S
        return shown if is_good else Code.DOOR_CODE_OLD

    def _learn(self, day: date, newest: int) -> None:
        """Know the codes of the last hour, and of no other day."""
        oldest = newest - REMEMBERED_S // self._step_s
        if day != self._day:
            self._day, self._codes, self._newest = day, {}, 0
        steps = range(max(self._newest + 1, oldest), newest + 1)
        secrets = [(sign, self._keyring.door_secret(self._site, sign, day)) for sign in self.signs if steps]
        for step in steps:
            for sign, secret in secrets:
                self._codes[door_code.code_of(secret, self._step_s, step)] = ShownCode(sign, step)
        self._newest = max(self._newest, newest)
        for code in [code for code, shown in self._codes.items() if shown.step < oldest] if steps else []:
            del self._codes[code]

    # --- passes ----------------------------------------------------------------------------------------------

    def pass_for(self, shown: ShownCode, day: date, now: datetime) -> str:
        """What a code of service day `day` is exchanged for. It may stand in a cookie."""
        text = f"{shown.name.replace('/', '.')}.{int(now.timestamp()) + PASS_S}"
        return self._keyring.sealed(self._purpose(day), text)

    def code_of_pass(self, sealed: str, day: date, now: datetime) -> str:
        """The name of the code that a pass was had for; empty if the pass is over, or is none of ours. It ends with its
        day, which alone knows how often the code was used."""
        if len(sealed) > PASS_CHARS_MAX:
            return ""
        name, _, until_s = self._keyring.opened(self._purpose(day), sealed).rpartition(".")
        return name.replace(".", "/") if name and now.timestamp() < int(until_s) else ""

    def _purpose(self, day: date) -> str:
        return f"pass/{self._site}/{day.isoformat()}"
