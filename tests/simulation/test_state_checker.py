"""The checker of what displays say of rooms finds a wrong word, and agrees with a hub that is right."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as changed

from hub.day.inputs import Evacuate
from hub.day.views import device_views
from hub.journal import Entry
from simulator.evidence import Evidence
from simulator.record import Record, Said
from simulator.state_checker import state_violations
from tests.given import Story, a_lobby
from wire import codec, topics
from wire.messages import Gate, GateState, Show, View

HUB = "http://hub"


def a_day() -> Story:
    """A room for four that is nearly full from three on, full, and evacuated; a view of each device after each."""
    lobby = a_lobby(limit_people=4, admitted=True)
    return Story(replace(lobby, rooms=(replace(lobby.rooms[0], warn_at_people=3),))).with_open_desk()


def found(story: Story, views: dict[str, View]) -> list[str]:
    """What the checker says when `views` are what the hub published after the newest row."""
    rows = [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]
    record = Record()
    for address, view in views.items():
        topic = topics.show(story.lobby.site.id, *address.split("/"))
        record.said.append(Said(1.0, topic, codec.encode(Show(term=1, seq=rows[-1].seq, view=view))))
    return list(state_violations(Evidence(story.lobby, rows, record, ends_s=2.0, marks={}, jobs=[])))


@pytest.mark.parametrize("people", [0, 3, 4])
async def test_what_the_hub_says_is_so(people: int) -> None:
    story = a_day().counted(0, 0).counted(people, 0)
    assert found(story, device_views(story.day, story.now, HUB)) == []
    story.when(Evacuate(by="facilities"))
    assert found(story, device_views(story.day, story.now, HUB)) == []


@pytest.mark.parametrize("device", ["board-1/board", "door-1/sign", "desk-1/panel"])
async def test_a_wrong_word_on_any_display_is_found(device: str) -> None:
    story = a_day().counted(0, 0).counted(4, 0)
    view: Any = device_views(story.day, story.now, HUB)[device]
    (sentence,) = found(story, {device: changed(view, room_state=GateState.OPEN)})
    assert sentence.endswith("that main is open, and it is full")


async def test_a_sign_that_lets_people_into_a_full_or_evacuated_room_is_found() -> None:
    story = a_day().counted(0, 0).counted(4, 0)
    for _ in range(2):
        sign: Any = device_views(story.day, story.now, HUB)["door-1/sign"]
        (sentence,) = found(story, {"door-1/sign": changed(sign, gate=Gate.COME_IN)})
        assert sentence.endswith("to come in, and main lets nobody in")
        story.when(Evacuate(by="facilities"))


async def test_a_kiosk_that_says_nothing_of_a_full_room_is_found() -> None:
    story = a_day().counted(0, 0).counted(4, 0)
    kiosk: Any = device_views(story.day, story.now, HUB)["kiosk-1/kiosk"]
    silent = changed(kiosk, services=[changed(it, room_state=None) for it in kiosk.services])
    assert len(found(story, {"kiosk-1/kiosk": silent})) == len(kiosk.services)
