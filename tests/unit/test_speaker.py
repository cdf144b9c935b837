"""A speaker on a stage: what is heard of it, and when."""

from datetime import timedelta

import pytest

from edge.by_hour import ByHour
from tests.displays import START_AT, a_board, a_call, a_sign
from tests.edge_stage import Stage, on_stage
from wire.messages import BoardCall, Done, DoneOutcome, Health, Identify, PanelState, PanelView

SPEAKER = {"id": "speaker", "kind": "speaker", "languages": ["en"]}
LONG_S = 10.0
"""Long enough for one call to be said."""


def now_called(stage: Stage, number: str, desk: str = "3", times: int = 1) -> BoardCall:
    return a_call(number, desk, stage.now(), times)


def said(stage: Stage) -> list[str]:
    return stage.hands.speaker("speaker").said


def test_a_call_is_said_once_however_often_its_view_comes() -> None:
    async def scene(stage: Stage) -> None:
        call = now_called(stage, "A042")
        for _ in range(5):
            stage.show("speaker", a_board([call]))
            await stage.wait(1)
        await stage.wait(60)

    stage = on_stage(scene, [SPEAKER])
    assert said(stage) == ["Number A, 0 4 2. Desk 3."]
    chime, speech = stage.hands.speaker("speaker").heard
    assert (chime.text, speech.language) == ("", "en")


def test_a_call_that_is_repeated_is_said_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_board([now_called(stage, "A042")]))
        await stage.wait(30)
        stage.show("speaker", a_board([now_called(stage, "A042", times=2)]))
        await stage.wait(30)

    assert len(said(on_stage(scene, [SPEAKER]))) == 2


def test_each_call_is_said_in_the_first_two_languages_of_the_lobby_or_in_those_of_the_speaker() -> None:
    async def scene(stage: Stage) -> None:
        for device in ("speaker", "other"):
            stage.show(device, a_board([now_called(stage, "A042")], languages=("fr", "en", "de")))
        await stage.wait(LONG_S)

    ours = {"id": "speaker", "kind": "speaker"}
    stage = on_stage(scene, [ours, {**ours, "id": "other", "languages": ["it", "de"]}])
    assert said(stage) == ["Numéro A, 42. Guichet 3.", "Number A, 0 4 2. Desk 3."]
    assert stage.hands.speaker("other").said == ["Numero A, 42. Sportello 3.", "Nummer A, 0 4 2. Schalter 3."]


def test_a_desk_elsewhere_is_said_with_its_room() -> None:
    async def scene(stage: Stage) -> None:
        call = BoardCall(number="B7", desk="9", called_at=stage.now(), room={"en": "Passport office"})
        stage.show("speaker", a_board([call]))
        await stage.wait(LONG_S)

    assert said(on_stage(scene, [SPEAKER])) == ["Number B, 7. Passport office, desk 9."]


def test_calls_of_the_same_moment_are_said_one_after_the_other_the_oldest_first() -> None:
    async def scene(stage: Stage) -> None:
        calls = [now_called(stage, f"A{n}", str(n)) for n in (3, 2, 1)]
        stage.show("speaker", a_board(calls))
        await stage.wait(30)

    assert said(on_stage(scene, [SPEAKER])) == [f"Number A, {n}. Desk {n}." for n in (1, 2, 3)]


def test_a_call_that_is_ten_seconds_old_is_news_to_nobody() -> None:
    async def scene(stage: Stage) -> None:
        old = a_call("A1", "1", stage.now() - timedelta(seconds=10))
        young = a_call("A2", "2", stage.now() - timedelta(seconds=9))
        stage.show("speaker", a_board([young, old]))
        await stage.wait(LONG_S)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 2. Desk 2."]


def test_of_more_calls_than_can_be_said_in_time_the_rest_stays_unsaid_and_is_counted() -> None:
    async def scene(stage: Stage) -> None:
        calls = [now_called(stage, f"A{n}", str(n)) for n in range(20, 0, -1)]
        stage.show("speaker", a_board(calls))
        await stage.wait(120)

    stage = on_stage(scene, [SPEAKER])
    heard = said(stage)
    assert heard == [f"Number A, {' '.join(str(n))}. Desk {n}." for n in range(1, len(heard) + 1)]
    assert 5 <= len(heard) <= 12
    assert stage.heard(Health)[-1].dropped >= 8


def test_a_call_that_was_taken_back_while_it_waited_is_not_said() -> None:
    async def scene(stage: Stage) -> None:
        first, second = now_called(stage, "A1", "1"), now_called(stage, "A2", "2")
        stage.show("speaker", a_board([second, first]))
        await stage.wait(1)
        stage.show("speaker", a_board([first]))
        await stage.wait(30)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 1. Desk 1."]


def test_while_the_hub_is_silent_nothing_is_said_and_afterwards_what_is_still_young() -> None:
    async def scene(stage: Stage) -> None:
        stage.is_telling_time = False
        await stage.wait(4)
        stage.show("speaker", a_board([now_called(stage, "A1")]))
        await stage.wait(3)
        assert said(stage) == []
        stage.is_telling_time = True
        await stage.wait(LONG_S)
        assert len(said(stage)) == 1
        stage.is_telling_time = False
        await stage.wait(4)
        stage.show("speaker", a_board([now_called(stage, "A2")]))
        await stage.wait(11)
        stage.is_telling_time = True
        await stage.wait(LONG_S)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 1. Desk 3."]


def test_a_call_that_waits_behind_another_is_not_said_when_the_hub_falls_silent_meanwhile() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.speaker("speaker").hangs.add("aplay")
        stage.show("speaker", a_board([now_called(stage, "A2", "2"), now_called(stage, "A1", "1")]))
        await stage.wait(1)
        stage.is_telling_time = False
        await stage.wait(4)
        stage.hands.speaker("speaker").hangs.clear()
        await stage.wait(30)

    assert said(on_stage(scene, [SPEAKER])) == []


def test_a_view_that_is_not_understood_leaves_nothing_to_say() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_board([now_called(stage, "A2", "2"), now_called(stage, "A1", "1")]))
        await stage.wait(1)
        stage.show("speaker", PanelView(desk="3", desk_seq=1, state=PanelState.FREE, waiting=0))
        await stage.wait(30)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 1. Desk 1."]


# --- before a door -------------------------------------------------------------------------------------------


def test_a_number_that_is_newly_invited_is_said_once() -> None:
    async def scene(stage: Stage) -> None:
        for invited in (["A1"], ["A1"], ["A1", "B7"], ["B7"], [], ["B8"]):
            stage.show("speaker", a_sign(invited=invited))
            await stage.wait(LONG_S)

    stage = on_stage(scene, [{**SPEAKER, "languages": ["it", "de"]}])
    assert said(stage) == [
        "Numero B, 7. Entrare, prego.",
        "Nummer B, 7. Bitte eintreten.",
        "Numero B, 8. Entrare, prego.",
        "Nummer B, 8. Bitte eintreten.",
    ], "A1 may have been invited long before the speaker was there"


def test_who_came_in_or_lost_the_place_while_it_waited_to_be_said_is_not_invited_any_more() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_sign())
        stage.show("speaker", a_sign(invited=["A1", "A2"]))
        await stage.wait(1)
        stage.show("speaker", a_sign(invited=["A1"]))
        await stage.wait(30)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 1. Please come in."]


def test_invitations_of_a_silent_hub_are_not_said_and_those_that_still_stand_afterwards_are() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_sign())
        await stage.wait(1)
        stage.is_telling_time = False
        await stage.wait(4)
        stage.show("speaker", a_sign(invited=["A1"]))
        await stage.wait(30)
        assert said(stage) == []
        stage.is_telling_time = True
        await stage.wait(LONG_S)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 1. Please come in."]


def test_more_invitations_than_can_be_said_in_time_are_left_to_the_sign() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_sign())
        stage.show("speaker", a_sign(invited=[f"A{n}" for n in range(30)]))
        await stage.wait(120)

    assert 4 <= len(said(on_stage(scene, [SPEAKER]))) <= 9


# --- volume --------------------------------------------------------------------------------------------------


def test_a_speaker_is_as_loud_as_the_hour_wants_it() -> None:
    async def scene(stage: Stage) -> None:
        assert stage.now() < START_AT
        for number in ("A1", "A2"):
            stage.show("speaker", a_board([now_called(stage, number)]))
            await stage.wait(3600)

    hours = {"07:00": 100, "08:30": 25}
    stage = on_stage(scene, [{**SPEAKER, "volume_at": hours}])
    assert [it.peak for it in stage.hands.speaker("speaker").heard if it.text] == [20_000, 5_000]


def test_a_speaker_that_the_hub_wishes_softer_is_softer_from_the_next_call_on() -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("speaker", 7, {"volume": 25, "chime": False})
        await stage.wait(1)
        stage.show("speaker", a_board([now_called(stage, "A1")]))
        await stage.wait(LONG_S)

    (speech,) = on_stage(scene, [SPEAKER]).hands.speaker("speaker").heard
    assert (speech.text, speech.peak) == ("Number A, 1. Desk 3.", 5_000)


def test_at_volume_zero_nothing_is_played() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("speaker", a_board([now_called(stage, "A1")]))
        await stage.wait(LONG_S)

    assert on_stage(scene, [{**SPEAKER, "volume": 0}]).hands.speaker("speaker").heard == []


@pytest.mark.parametrize(
    ("hour", "minute", "value"), [(7, 29, 40), (7, 30, 90), (17, 59, 90), (18, 0, 40), (23, 59, 40), (0, 0, 40)]
)
def test_the_last_value_of_a_day_holds_until_the_first_of_the_next(hour: int, minute: int, value: int) -> None:
    by_hour = ByHour(80, {"18:00": 40, "07:30": 90})
    assert by_hour.at(START_AT.replace(hour=hour, minute=minute)) == value
    assert by_hour.at(None) == 80


# --- what goes wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "needs"),
    [
        ("espeak-ng", "espeak-ng is missing; install it with: apt-get install espeak-ng"),
        ("aplay", "aplay is missing; install it with: apt-get install alsa-utils"),
    ],
)
def test_a_program_that_is_missing_is_told_before_anybody_is_called(missing: str, needs: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.speaker("speaker").missing.add(missing)
        await stage.wait(121)
        assert stage.heard(Health)[-1].faults == {"speaker": needs}
        stage.hands.speaker("speaker").missing.clear()
        await stage.wait(121)
        assert stage.heard(Health)[-1].faults == {}

    on_stage(scene, [SPEAKER])


def test_a_machine_without_a_sound_device_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.speaker("speaker").has_sound = False
        await stage.wait(121)
        assert stage.heard(Health)[-1].faults["speaker"].startswith("there is no sound device; plug one in")

    on_stage(scene, [SPEAKER])


@pytest.mark.parametrize(
    "trouble", ["engine hangs", "engine fails", "engine writes garbage", "player hangs", "player fails"]
)
def test_a_voice_that_fails_is_told_until_it_can_be_heard_again_and_no_call_is_said_late(trouble: str) -> None:
    async def scene(stage: Stage) -> None:
        sound = stage.hands.speaker("speaker")
        program = "espeak-ng" if trouble.startswith("engine") else "aplay"
        sound.hangs |= {program} if trouble.endswith("hangs") else set()
        sound.fails |= {program} if trouble.endswith("fails") else set()
        sound.writes_garbage = trouble.endswith("garbage")
        stage.show("speaker", a_board([now_called(stage, "A1")]))
        await stage.wait(70)
        assert stage.heard(Health)[-1].faults["speaker"].startswith(program)
        sound.hangs.clear()
        sound.fails.clear()
        sound.writes_garbage = False
        await stage.wait(120)
        assert stage.heard(Health)[-1].faults == {}
        stage.show("speaker", a_board([now_called(stage, "A2")]))
        await stage.wait(LONG_S)

    assert said(on_stage(scene, [SPEAKER])) == ["Number A, 2. Desk 3."]


# --- finding it ----------------------------------------------------------------------------------------------


def test_a_speaker_that_is_looked_for_says_its_name() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("speaker", Identify(seconds=5))
        await stage.wait(LONG_S)

    stage = on_stage(scene, [SPEAKER])
    assert said(stage) == ["speaker"]
    (done,) = stage.heard(Done)
    assert done.outcome is DoneOutcome.DONE
