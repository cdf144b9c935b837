"""What a speaker's voice keeps, whatever makes it sound: espeak-ng and aplay as processes, or the fakes.

The real aplay plays into ALSA's `null`, which needs no sound card; what a listener would have heard is kept by a player
that copies it.
"""

import sys
import wave
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from edge.drivers.fake_sound import FakeSound
from edge.drivers.speech import CHIME_HZ, CHIME_RATE, ENGINE, Processes, Programs, Speech, chime
from edge.errors import DeviceFault
from edge.roles.speaker import Sentence, Voice
from words import LANGUAGES, spoken

NULL_PLAYER = ("aplay", "-q", "-D", "null", "{wav}")
CALL = Sentence("Number A, 0 4 2. Desk 3.", "en")


def real_speech() -> Voice:
    return Speech(Processes(), player=NULL_PLAYER)


def fake_speech() -> Voice:
    return Speech(FakeSound(), player=NULL_PLAYER)


@pytest.fixture(params=[real_speech, fake_speech])
def voice(request: pytest.FixtureRequest) -> Voice:
    """Every voice that a speaker may have."""
    make: Callable[[], Voice] = request.param
    return make()


async def test_a_call_is_said_to_its_end_and_the_voice_is_fit_for_the_next(voice: Voice) -> None:
    await voice.check()
    await voice.say([CALL], 80)
    await voice.check()
    voice.close()


@pytest.mark.parametrize("volume", [0, 1, 50, 100])
async def test_any_volume_can_be_played(voice: Voice, volume: int) -> None:
    await voice.say([CALL], volume)


# --- programs --------------------------------------------------------------------------------------------------


@pytest.fixture(params=[Processes, FakeSound])
def programs(request: pytest.FixtureRequest) -> Programs:
    make: Callable[[], Programs] = request.param
    return make()


@pytest.mark.parametrize("what", ["engine", "player"])
async def test_a_program_that_is_not_there_is_a_fault_with_what_to_do(programs: Programs, what: str) -> None:
    if isinstance(programs, FakeSound):
        programs.missing.add("no-such-voice")
    commands = {"engine": ENGINE, "player": NULL_PLAYER, what: ("no-such-voice", "{text}", "{wav}")}
    voice = Speech(programs, engine=commands["engine"], player=commands["player"])
    with pytest.raises(DeviceFault, match=r"no-such-voice is missing; correct its name in the agent file"):
        await voice.check()
    with pytest.raises(DeviceFault, match=r"no-such-voice cannot be started"):
        await voice.say([CALL], 80)


async def test_a_voice_that_failed_is_doubted_until_silence_could_be_played(programs: Programs) -> None:
    player = ("aplay", "-q", "-D", "no-such-device", "{wav}")
    if isinstance(programs, FakeSound):
        programs.fails.add("aplay")
    voice = Speech(programs, player=player)
    for attempt in (voice.say([CALL], 80), voice.check()):
        with pytest.raises(DeviceFault, match=r"aplay failed \(.*\); try it by hand"):
            await attempt
    if isinstance(programs, FakeSound):
        programs.fails.clear()
        await voice.check()


# --- real processes --------------------------------------------------------------------------------------------


def keeping(folder: Path) -> tuple[str, ...]:
    """A player that keeps what it is given, one file after the other."""
    script = "import shutil,sys,pathlib; n=len(list(pathlib.Path(sys.argv[2]).iterdir())); "
    script += "shutil.copy(sys.argv[1], f'{sys.argv[2]}/{n}.wav')"
    return (sys.executable, "-c", script, "{wav}", str(folder))


def samples(file: Path) -> "array[int]":
    with wave.open(str(file), "rb") as sound:
        return array("h", sound.readframes(sound.getnframes()))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_espeak_speaks_every_language_of_ours(tmp_path: Path, language: str) -> None:
    sentence = Sentence(spoken.call("A042", "3", "", language), language)
    await Speech(Processes(), player=keeping(tmp_path)).say([sentence], 100)
    chimed, said = samples(tmp_path / "0.wav"), samples(tmp_path / "1.wav")
    assert chimed == chime().samples
    with wave.open(str(tmp_path / "1.wav"), "rb") as sound:
        assert 1.5 < sound.getnframes() / sound.getframerate() < 6
    assert max(said) > 10_000


async def test_half_the_volume_is_half_of_every_sample(tmp_path: Path) -> None:
    for folder, volume in (("loud", 100), ("soft", 50)):
        (tmp_path / folder).mkdir()
        await Speech(Processes(), player=keeping(tmp_path / folder)).say([CALL], volume)
    loud, soft = samples(tmp_path / "loud" / "1.wav"), samples(tmp_path / "soft" / "1.wav")
    assert soft == array("h", [it * 50 // 100 for it in loud])


async def test_an_engine_without_a_voice_for_a_language_is_a_fault_that_repeats_what_it_says() -> None:
    with pytest.raises(DeviceFault, match=r"espeak-ng failed .*voice does not exist"):
        await Speech(Processes(), player=NULL_PLAYER).say([Sentence("?", "xx")], 80)


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("", "wrote no sound"),
        ("open(sys.argv[2], 'w').write('noise')", "wrote no sound"),
        ("w = wave.open(sys.argv[2], 'wb'); w.setparams((1, 1, 8000, 0, 'NONE', '')); w.writeframes(b'123')", "8 bits"),
        ("w = wave.open(sys.argv[2], 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.close()", "an empty file"),
        ("sys.exit('out of voices')", "failed .out of voices."),
    ],
    ids=["nothing", "garbage", "eight bits", "empty", "an error"],
)
async def test_an_engine_that_misbehaves_is_a_fault_that_says_how(script: str, fault: str) -> None:
    engine = (sys.executable, "-c", f"import sys, wave; {script}", "{text}", "{wav}")
    with pytest.raises(DeviceFault, match=fault):
        await Speech(Processes(), engine=engine, player=NULL_PLAYER).say([CALL], 80)


async def test_a_program_that_hangs_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    note = tmp_path / "child"
    command = ["sh", "-c", f"sleep 600 & echo $! > {note}; wait"]
    with pytest.raises(DeviceFault, match="sh had not ended after 0 s and was stopped"):
        await Processes().run(command, 0.3)
    assert not is_running(int(note.read_text()))


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


def test_the_chime_falls_from_one_tone_to_the_other() -> None:
    sound = chime()
    half = len(sound.samples) // 2
    for part, hz in zip((sound.samples[:half], sound.samples[half:]), CHIME_HZ, strict=True):
        rises = sum(1 for a, b in pairwise(part) if a < 0 <= b)
        assert rises / (len(part) / CHIME_RATE) == pytest.approx(hz, rel=0.02)
