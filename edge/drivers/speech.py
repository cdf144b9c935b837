"""A voice made of two programs: one writes speech into a WAV file, one plays it. espeak-ng and aplay unless told.

This driver makes the files: the text for the engine, the chime, and the sound at the volume wanted, whatever engine
and player are. It does not know calls. Programs are run by `Programs`, the real ones or `fake_sound`'s.
"""

import asyncio
import math
import os
import shutil
import signal
import wave
from array import array
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from msgspec import Struct

from edge.errors import DeviceFault
from edge.roles.speaker import Sentence

ENGINE = ("espeak-ng", "-v", "{language}", "-s", "150", "-w", "{wav}", "-f", "{text}")
"""At 150 words a minute, slower than its usual 175: a number is heard once, in a hall."""
PLAYER = ("aplay", "-q", "{wav}")
DEBIAN_PACKAGES = {"espeak-ng": "espeak-ng", "aplay": "alsa-utils"}
SOUND_CARDS = Path("/proc/asound/cards")
"""Where Linux lists them."""

ENGINE_MAX_S = 10.0
"""A Pi Zero speaks a sentence in less than a second."""
PLAYER_LATE_S = 5.0
"""So much longer than the sound itself may its player take."""
KILLED_MAX_S = 1.0
"""A killed program that a broken device holds on to is left behind."""

CHIME_HZ = (659.26, 523.25)
"""A falling third, E and C, as doorbells have it."""
CHIME_S = 0.45
"""Of each tone, which dies away meanwhile."""
CHIME_RATE = 22_050
CHIME_PEAK = 16_000
FULL = 32_767


class Programs(Protocol):
    """What runs programs."""

    def is_there(self, program: str) -> bool: ...

    @property
    def has_sound(self) -> bool:
        """Whether the machine has anything that makes sound."""

    async def run(self, command: Sequence[str], timeout_s: float) -> None:
        """Run it to its end.

        Raises:
            DeviceFault: it is not there, fails, or has not ended after `timeout_s`; it has ended now.
        """


class Processes:
    """Programs of this machine."""

    def is_there(self, program: str) -> bool:
        return shutil.which(program) is not None

    @property
    def has_sound(self) -> bool:
        try:
            return "[" in SOUND_CARDS.read_text("utf-8", "replace")  # ` 0 [Headphones ]: …`; "no soundcards" without
        except OSError:
            return False

    async def run(self, command: Sequence[str], timeout_s: float) -> None:
        name = command[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,  # so that what it starts can be ended with it
            )
        except OSError as error:
            raise DeviceFault(f"{name} cannot be started ({error.strerror}); {_how_to_get(name)}") from error
        try:
            async with asyncio.timeout(timeout_s):
                _, said = await process.communicate()
        except BaseException as error:  # it took too long, or nobody waits for it any more
            await _end(process)
            if not isinstance(error, TimeoutError):
                raise
            needs = "was stopped; try it by hand"
            raise DeviceFault(f"{name} had not ended after {timeout_s:.0f} s and {needs}") from None
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise DeviceFault(f"{name} failed ({last or f'code {process.returncode}'}); try it by hand")


async def _end(process: asyncio.subprocess.Process) -> None:
    """With all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(KILLED_MAX_S):
            await process.wait()


def _how_to_get(program: str) -> str:
    package = DEBIAN_PACKAGES.get(program)
    return f"install it with: apt-get install {package}" if package else "correct its name in the agent file"


class _Sound(Struct, frozen=True):
    """Samples of 16 bits, and what a WAV file says of them."""

    samples: "array[int]"
    channels: int
    rate: int

    @property
    def lasts_s(self) -> float:
        return len(self.samples) / self.channels / self.rate


class Speech:
    """Says sentences behind a chime."""

    def __init__(self, programs: Programs, *, engine: Sequence[str] = ENGINE, player: Sequence[str] = PLAYER) -> None:
        """In the commands `{language}`, `{text}` and `{wav}` stand for a language code, the file with what is to be
        said, in UTF-8, and the file of the sound."""
        self._programs = programs
        self._engine = tuple(engine)
        self._player = tuple(player)
        self.chimes = True
        """Two tones before all that is said."""
        self._doubted: Sequence[Sentence] = ()
        """What could not be said the last time."""

    async def say(self, sentences: Sequence[Sentence], volume: int) -> None:
        """
        Raises:
            DeviceFault: engine or player is missing, fails, or does not end.
        """
        if volume == 0:
            return
        self._doubted = tuple(sentences)
        with TemporaryDirectory(prefix="guichet-speech-") as folder:
            if self.chimes:
                await self._play(await asyncio.to_thread(chime), volume, Path(folder))
            for sentence in sentences:
                await self._play(await self._speak(sentence, Path(folder)), volume, Path(folder))
        self._doubted = ()

    async def check(self) -> None:
        """What is missing is told before anybody is called. If it failed the last time, it does the same again without
        a sound, since only that shows whether it would fail again.

        Raises:
            DeviceFault: a program or a sound card is missing, or it did fail again.
        """
        for program in (self._engine[0], self._player[0]):
            if not self._programs.is_there(program):
                raise DeviceFault(f"{program} is missing; {_how_to_get(program)}")
        if self._player == PLAYER and not self._programs.has_sound:
            raise DeviceFault("there is no sound device; plug one in, or set dtparam=audio=on in config.txt")
        if not self._doubted:
            return
        with TemporaryDirectory(prefix="guichet-speech-") as folder:
            for sentence in self._doubted:
                await self._speak(sentence, Path(folder))
            await self._play(_Sound(array("h", bytes(CHIME_RATE // 5)), 1, CHIME_RATE), 100, Path(folder))
        self._doubted = ()

    def close(self) -> None:
        """Nothing to let go: what runs is ended with the task that waits for it."""

    async def _speak(self, sentence: Sentence, folder: Path) -> _Sound:
        text, wav = folder / "text.txt", folder / "speech.wav"
        await asyncio.to_thread(text.write_text, sentence.text + "\n", "utf-8")
        wav.unlink(missing_ok=True)  # an engine that writes nothing must not say what was said before
        await self._programs.run(_filled(self._engine, sentence.language, text, wav), ENGINE_MAX_S)
        return await asyncio.to_thread(_read, wav, self._engine[0])

    async def _play(self, sound: _Sound, volume: int, folder: Path) -> None:
        wav = folder / "sound.wav"
        await asyncio.to_thread(_write, wav, sound, volume)
        command = _filled(self._player, "", folder / "text.txt", wav)
        await self._programs.run(command, sound.lasts_s + PLAYER_LATE_S)


def _filled(command: Sequence[str], language: str, text: Path, wav: Path) -> list[str]:
    """By replacing and nothing else: a brace that means something to the program stays as it is."""
    facts = {"{language}": language, "{text}": str(text), "{wav}": str(wav)}
    filled = list(command)
    for name, fact in facts.items():
        filled = [part.replace(name, fact) for part in filled]
    return filled


# --- sound -----------------------------------------------------------------------------------------------------


@cache
def chime() -> _Sound:
    """Two tones that die away. Made when they are first needed: on a Pi that takes a good part of a second."""
    samples = array("h")
    count = int(CHIME_RATE * CHIME_S)
    for hz in CHIME_HZ:
        for n in range(count):
            fades = (1 - n / count) ** 2 * min(1.0, n / 100)  # not from nothing at once, which would click
            samples.append(int(CHIME_PEAK * fades * math.sin(2 * math.pi * hz * n / CHIME_RATE)))
    return _Sound(samples, 1, CHIME_RATE)


def _read(wav: Path, engine: str) -> _Sound:
    """
    Raises:
        DeviceFault: there is no sound in the file, or of a kind that is not known.
    """
    try:
        with wave.open(str(wav), "rb") as file:
            if file.getsampwidth() != 2:
                raise DeviceFault(f"{engine} wrote samples of {8 * file.getsampwidth()} bits; have it write 16")
            samples = array("h", file.readframes(file.getnframes()))
            sound = _Sound(samples, file.getnchannels(), file.getframerate())
    except (OSError, EOFError, wave.Error, ValueError) as error:
        if isinstance(error, DeviceFault):
            raise
        raise DeviceFault(f"{engine} wrote no sound ({error}); try it by hand") from error
    if not sound.samples:
        raise DeviceFault(f"{engine} wrote no sound (an empty file); is there a voice for the language?")
    return sound


def _write(wav: Path, sound: _Sound, volume: int) -> None:
    samples = sound.samples
    if volume != 100:
        samples = array("h", [max(-FULL, min(FULL, sample * volume // 100)) for sample in samples])
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(sound.channels)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(samples.tobytes())
