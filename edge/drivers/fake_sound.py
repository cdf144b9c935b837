"""Programs that are not there: an engine that speaks silence of the right length, a player that is heard by nobody.

They take their time, by the event loop's clock, and leave behind what was said. Each can be missing, hang, fail, or
write nonsense: switches, to be moved by hand.
"""

import asyncio
import re
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

import words
from edge.errors import DeviceFault

RATE = 22_050
SPEAKS_S = 0.05
"""How long the engine takes."""
LETTER_S = 0.08
"""How long a letter takes to be said."""
LOUD = 20_000
"""Of all its samples."""

_FILE = re.compile(r"[^\s'\"=]+\.(?:txt|wav)\b")


class Heard(Struct, frozen=True):
    """A sound that came out of the speaker."""

    text: str
    """What was said; empty for a chime."""
    language: str
    peak: int
    """The loudest sample, 0 to 32,767."""


class FakeSound:
    """The engine, the player and the sound card of one speaker."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        """The oldest first."""
        self.missing: set[str] = set()
        """Programs that are not installed."""
        self.has_sound = True
        self.hangs: set[str] = set()
        """Programs that never end."""
        self.fails: set[str] = set()
        """Programs that end with an error."""
        self.writes_garbage = False
        """The engine leaves something that is no sound."""
        self._spoken: tuple[str, str] = ("", "")
        """Text and language of the sound that the engine has made and the player has not played."""

    def is_there(self, program: str) -> bool:
        return program not in self.missing

    @property
    def said(self) -> list[str]:
        """All sentences that were heard."""
        return [it.text for it in self.heard if it.text]

    async def run(self, command: Sequence[str], timeout_s: float) -> None:
        """
        Raises:
            DeviceFault: as real programs have it, see `speech.Processes`.
        """
        name = command[0]
        if name in self.missing:
            raise DeviceFault(f"{name} cannot be started (No such file or directory); install it")
        if name in self.hangs:
            await asyncio.sleep(timeout_s)
            raise DeviceFault(f"{name} had not ended after {timeout_s:.0f} s and was stopped; try it by hand")
        if name in self.fails:
            raise DeviceFault(f"{name} failed (code 1); try it by hand")
        files = {Path(it).suffix: Path(it) for it in _FILE.findall(" ".join(command))}
        if ".txt" in files:
            language = next((it for it in command if it in words.LANGUAGES), "")
            await self._speak(files[".txt"], language, files[".wav"])
        else:
            await self._play(files[".wav"])

    async def _speak(self, text: Path, language: str, wav: Path) -> None:
        await asyncio.sleep(SPEAKS_S)
        said = await asyncio.to_thread(text.read_text, "utf-8")
        self._spoken = (said.strip(), language)
        await asyncio.to_thread(self._write, wav, len(self._spoken[0]))

    def _write(self, wav: Path, letters: int) -> None:
        if self.writes_garbage:
            wav.write_bytes(b"no sound")
            return
        with wave.open(str(wav), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(struct.pack("<h", LOUD) * int(RATE * LETTER_S * letters))

    async def _play(self, wav: Path) -> None:
        with wave.open(str(wav), "rb") as file:
            lasts_s = file.getnframes() / file.getframerate()
            samples = file.readframes(file.getnframes())
        await asyncio.sleep(lasts_s)
        peak = max((abs(it) for (it,) in struct.iter_unpack("<h", samples)), default=0)
        spoken, self._spoken = self._spoken, ("", "")
        if peak:
            self.heard.append(Heard(*spoken, peak))
