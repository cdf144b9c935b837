"""People counters of other makers on a stage: what the hub hears when they speak, fall silent, or speak nonsense."""

import base64
import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from edge import config
from edge.counters.quarantine import Ward
from edge.errors import ConfigError
from tests.edge_stage import NODE, SITE, START_AT, Stage, on_stage
from tests.said_by_counters import logics
from wire.messages import Count, CountQuality, Done, DoneOutcome, Health, TakePicture

DOOR = {
    "id": "door",
    "kind": "counter",
    "driver": "mqtt",
    "topic": "counters/door/#",
    "broker": "mqtt://gateway",
    "family": "milesight-vs350",
    "silent_after_s": 600,
}
ROODE = {**DOOR, "family": "esphome-roode", "topic": "roode/#"}
PUSHED = {
    "id": "door",
    "kind": "counter",
    "driver": "http",
    "address": "127.0.0.1:8095",
    "path": "/door",
    "family": "hikvision",
}


def totals(entered: int, left: int) -> bytes:
    """A radio frame of a Milesight VS350."""
    return f"04CC{entered.to_bytes(2, 'little').hex()}{left.to_bytes(2, 'little').hex()}".encode()


def uplink(device: str, message: str, frame: bytes) -> bytes:
    """The same as ChirpStack wraps it."""
    value = {
        "deduplicationId": message,
        "time": "2026-03-02T08:00:00Z",
        "deviceInfo": {"devEui": device, "deviceProfileName": "Milesight VS350"},
        "fPort": 85,
        "data": base64.b64encode(bytes.fromhex(frame.decode())).decode(),
    }
    return json.dumps(value).encode()


def a_minute(minute: int) -> bytes:
    """What a Xovis sensor pushes of a line: three forward and two backward in that minute of the stage."""
    told = logics(("fw", 3), ("bw", 2))["logics_data"]
    told["package_info"]["id"] = minute
    since_at = START_AT + timedelta(minutes=minute)
    (record,) = told["logics"][0]["records"]
    record |= {"from": since_at.isoformat(), "to": (since_at + timedelta(minutes=1)).isoformat()}
    return json.dumps({"logics_data": told}).encode()


def say(stage: Stage, message: bytes, topic: str = "", *, was_kept: bool = False) -> None:
    assert stage.hands.counter("door").say(message, topic, was_kept=was_kept)


def told(stage: Stage) -> list[tuple[int, int]]:
    """All totals that the hub has heard, each once."""
    found = [(it.entered, it.left) for it in stage.heard(Count)]
    return [it for i, it in enumerate(found) if i == 0 or it != found[i - 1]]


def fault(stage: Stage) -> str:
    return stage.node.faults.get("door", "")


def test_who_passed_before_we_listened_is_nobodys_and_from_then_on_each_counts_once() -> None:
    async def scene(stage: Stage) -> None:
        for entered, left in [(500, 480), (503, 480), (503, 480), (504, 490)]:
            say(stage, totals(entered, left))
            await stage.wait(5)
        assert not fault(stage)

    stage = on_stage(scene, [DOOR])
    assert told(stage) == [(0, 0), (3, 0), (4, 10)]
    assert len({count.epoch for count in stage.heard(Count)}) == 1


def test_many_messages_at_once_are_told_in_few() -> None:
    async def scene(stage: Stage) -> None:
        for entered in range(90):
            say(stage, totals(entered, 0))
        await stage.wait(5)

    stage = on_stage(scene, [DOOR])
    assert told(stage)[-1] == (89, 0)
    assert len(stage.heard(Count)) <= 4


def test_what_no_lane_has_room_for_is_not_taken_and_the_next_total_tells_all() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(0, 0))
        await stage.wait(2)
        for entered in range(1, 300):
            stage.hands.counter("door").say(totals(entered, 0))
        await stage.wait(2)
        say(stage, totals(300, 0))
        await stage.wait(2)

    assert told(on_stage(scene, [DOOR]))[-1] == (300, 0)


def test_totals_are_told_again_while_the_counter_is_heard_and_no_longer() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(605)
        stage.messages.clear()
        assert "no count was heard of it for 10 minutes" in fault(stage)
        await stage.wait(200)
        assert not stage.heard(Count)
        assert any("no count was heard" in it.faults.get("door", "") for it in stage.heard(Health))
        say(stage, totals(9, 4))
        await stage.wait(5)
        assert not fault(stage)

    assert told(on_stage(scene, [DOOR])) == [(4, 0)]


def test_a_silent_hub_gets_what_was_counted_meanwhile() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)
        stage.cut()
        say(stage, totals(8, 4))
        await stage.wait(5)
        stage.heal()
        await stage.wait(10)

    assert told(on_stage(scene, [DOOR])) == [(0, 0), (3, 0)]


def test_an_epoch_goes_on_over_a_restart_with_all_that_passed_meanwhile(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)
        say(stage, totals(7, 4))
        await stage.wait(2)
        await stage.restart()
        await stage.wait(5)
        assert told(stage)[-1] == (2, 0)
        say(stage, totals(17, 5))
        await stage.wait(5)

    stage = on_stage(scene, [DOOR], tmp_path)
    assert told(stage) == [(0, 0), (2, 0), (12, 1)]
    assert len({count.epoch for count in stage.heard(Count)}) == 1


def test_without_a_folder_a_restart_begins_a_new_epoch() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)
        await stage.restart()
        say(stage, totals(17, 5))
        await stage.wait(5)

    first, second = {count.epoch: count for count in on_stage(scene, [DOOR]).heard(Count)}.values()
    assert (second.entered, second.left) == (0, 0)
    assert first.epoch != second.epoch


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"of":1}', b"\xff\xfe"])
def test_a_damaged_memory_begins_a_new_epoch(tmp_path: Path, content: bytes) -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)

    (tmp_path / f"{NODE}-door-totals.json").write_bytes(content)
    (tmp_path / f"{NODE}-door-quarantine.json").write_bytes(content)
    assert told(on_stage(scene, [DOOR], tmp_path)) == [(0, 0)]


def test_other_settings_begin_a_new_epoch(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)
        say(stage, totals(7, 4))
        await stage.wait(2)

    first = on_stage(scene, [DOOR], tmp_path)
    again = on_stage(scene, [DOOR], tmp_path)
    turned = on_stage(scene, [{**DOOR, "swapped": True}], tmp_path)
    assert told(first) == [(0, 0), (2, 0)]
    assert told(turned) == [(0, 0), (0, 2)]
    assert told(again) != told(first), "5 after 7 is old, or a reset: the same settings go on"


def test_what_is_not_understood_is_kept_with_its_bytes_counted_and_said_for_an_hour(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4))
        await stage.wait(2)
        say(stage, b"04CC05", "counters/door/up")
        say(stage, b"\xff\x00nonsense")
        await stage.wait(70)
        assert "2 messages were not understood" in fault(stage)
        for _ in range(20):
            say(stage, totals(6, 4))
            await stage.wait(300)
        assert not fault(stage)

    stage = on_stage(scene, [DOOR], tmp_path)
    assert told(stage) == [(0, 0), (1, 0)]
    ward = msgspec.json.decode((tmp_path / f"{NODE}-door-quarantine.json").read_bytes(), type=Ward)
    assert ward.count == 2
    first = ward.newest[0]
    assert (first.code, first.message, first.topic) == ("truncated", b"04CC05", "counters/door/up")
    assert all(bad.why and bad.at for bad in ward.newest)


def test_only_the_newest_are_kept_and_no_picture_of_anybody(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        for i in range(50):
            say(stage, json.dumps({"n": i, "snapshot": "/9j/4AAQ", "password": "4AAQ", "more": "x" * 9000}).encode())
        await stage.wait(130)

    on_stage(scene, [DOOR], tmp_path)
    content = (tmp_path / f"{NODE}-door-quarantine.json").read_bytes()
    ward = msgspec.json.decode(content, type=Ward)
    assert ward.count == 50
    assert len(ward.newest) == 20
    assert len(content) < 100_000
    assert not any(b"4AAQ" in bad.message for bad in ward.newest)
    assert b'"n": 49' in ward.newest[-1].message


def test_a_count_of_a_simulated_uplink_or_of_another_device_is_nobodys() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, uplink("24e124fffe000001", "m1", totals(5, 4)))
        say(stage, uplink("24e124fffe000002", "m2", totals(900, 4)))
        say(stage, uplink("24e124fffe000001", "m3", totals(6, 4)))
        await stage.wait(5)
        assert fault(stage) == (
            "24e124fffe000002 is heard beside 24e124fffe000001; write as `device` which one is at this door"
        )

    assert told(on_stage(scene, [DOOR]))[-1] == (1, 0)


def test_with_its_name_written_others_on_the_same_topics_are_passed_over() -> None:
    async def scene(stage: Stage) -> None:
        for i, device in enumerate(["24e124fffe000001", "24E124FFFE000002"] * 2):
            say(stage, uplink(device, f"m{i}", totals(i * 10, 0)))
        await stage.wait(5)
        assert not fault(stage)

    assert told(on_stage(scene, [{**DOOR, "device": "24e124fffe000002"}]))[-1] == (20, 0)


def test_the_same_uplink_through_two_gateways_counts_once() -> None:
    async def scene(stage: Stage) -> None:
        for message in ("m1", "m1", "m2", "m2"):
            say(stage, uplink("24e124fffe000001", message, totals(int(message[1]) * 10, 0)))
        await stage.wait(5)

    assert told(on_stage(scene, [DOOR]))[-1] == (10, 0)


def test_what_the_broker_had_kept_is_no_sign_of_life() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, totals(5, 4), was_kept=True)
        await stage.wait(60)
        assert not stage.heard(Count)
        say(stage, totals(7, 4))
        await stage.wait(5)

    assert told(on_stage(scene, [DOOR])) == [(2, 0)]


def test_a_counter_that_tells_how_many_are_there_says_which_setting_is_needed() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, b"5", "roode/number/roode_people_counter/state")
        await stage.wait(2)
        assert "with `net = true` changes of that are counted" in fault(stage)
        assert told(stage) == [(0, 0)]

    on_stage(scene, [ROODE])


def test_a_line_that_is_written_and_that_nobody_tells_of_is_said_with_those_that_are_told() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, a_minute(0))
        await stage.wait(2)
        assert "none of its numbers has a name that `line`, `entered` or `left` say" in fault(stage)
        assert "'Door/bw', 'Door/fw'" in fault(stage)
        assert told(stage) == [(0, 0)]

    on_stage(scene, [{**DOOR, "family": "xovis-v5", "entered": "Dor/fw", "left": "Dor/bw"}])


def test_with_net_changes_of_how_many_are_there_are_counted() -> None:
    async def scene(stage: Stage) -> None:
        for people in (5, 7, 4, 4, 5):
            say(stage, str(people).encode(), "roode/number/roode_people_counter/state")
            await stage.wait(2)
        assert not fault(stage)

    assert told(on_stage(scene, [{**ROODE, "net": True}]))[-1] == (3, 3)


def test_a_counter_that_does_not_trust_itself_has_its_door_doubted() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, b"online", "roode/status")
        await stage.wait(2)
        say(stage, b"offline", "roode/status")
        await stage.wait(2)
        assert "not to be trusted (offline)" in fault(stage)
        say(stage, b"online", "roode/status")
        await stage.wait(2)
        assert not fault(stage)

    qualities = [it.quality for it in on_stage(scene, [ROODE]).heard(Count)]
    assert qualities == [CountQuality.OK, CountQuality.BLOCKED, CountQuality.OK]


def test_what_its_messages_travel_through_is_said_when_it_fails() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.counter("door").lose("no broker; look at its network")
        await stage.wait(2)
        assert "no broker" in fault(stage)
        stage.hands.counter("door").lose(None)
        await stage.wait(2)
        assert not fault(stage)

    on_stage(scene, [DOOR])


def test_somebody_at_a_console_can_say_what_a_counter_would() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.do("say door 04CC0500 0400")
        await stage.wait(2)
        assert told(stage) == [(0, 0)]

    on_stage(scene, [DOOR])


def test_who_looks_from_afar_sees_the_totals_and_the_bytes_of_what_was_not_understood() -> None:
    async def scene(stage: Stage) -> None:
        say(stage, uplink("24e124fffe000001", "m1", totals(5, 4)))
        say(stage, uplink("24e124fffe000001", "m2", totals(9, 4)))
        say(stage, b"04CC05", "door/up")
        say(stage, b"\xff\x00\x07")
        await stage.wait(5)
        stage.job("door", TakePicture())
        await stage.wait(2)

    (done,) = on_stage(scene, [DOOR]).heard(Done)
    assert done.outcome is DoneOutcome.DONE
    assert done.picture is not None
    assert done.picture[:3] == [
        "4 entered, 0 left: ok",
        "24e124fffe000001: heard 5 s ago, counted by its totals",
        "2 messages not understood",
    ]
    assert done.picture[4] == "    ff 00 07"
    assert done.picture[5].startswith("2026-03-02 08:00:01 UTC, 6 bytes: ")
    assert done.picture[5].endswith(" (on door/up)")
    assert done.picture[6] == "    04CC05"


def test_the_counters_of_the_page_count_as_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "counters.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    radio, line = tomllib.loads(example)["devices"]

    async def scene(stage: Stage) -> None:
        for minute in range(2):
            stage.hands.counter("main").say(uplink("24e124136d000001", f"m{minute}", totals(minute * 7, 0)))
            stage.hands.counter("garden").say(a_minute(minute))
            await stage.wait(60)
        assert not stage.node.faults

    counts = on_stage(scene, [radio, line])
    assert [(it.entered, it.left) for it in counts.heard(Count, "main")][-1] == (7, 0)
    assert [(it.entered, it.left) for it in counts.heard(Count, "garden")][-1] == (6, 4)


# --- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "fault"),
    [
        ({**DOOR, "family": "sonar"}, "'sonar' is no family that is known; use one of `guichet-edge decode --list`"),
        ({**DOOR, "topic": ""}, "'' is no topic filter"),
        ({**DOOR, "topic": "a/#/b"}, "'a/#/b' is no topic filter"),
        ({**DOOR, "topic": "a+"}, "'a+' is no topic filter"),
        ({**DOOR, "broker": "broker.example.org"}, "the broker's address must look like"),
        ({**DOOR, "ca_file": "ca.pem"}, "ca_file: it needs TLS; write the broker as mqtts://host:8883"),
        ({**DOOR, "silent_after_s": 5}, "5 is below 60; use seconds from 60 to 86400"),
        ({**PUSHED, "address": "8095"}, "'8095' is no address; write one like '0.0.0.0:8095'"),
        ({**PUSHED, "address": "0.0.0.0:70000"}, "is no address"),
        ({**PUSHED, "path": "door"}, "'door' is no path"),
        ({**PUSHED, "path": "/a?b"}, "'/a?b' is no path"),
    ],
)
def test_a_wrong_setting_is_told_with_what_to_write(device: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config.parse({"site": SITE, "node": NODE, "broker": "mqtt://x", "devices": [device]})
    assert fault in str(raised.value)


def test_two_counters_cannot_listen_at_one_address() -> None:
    devices = [PUSHED, {**PUSHED, "id": "back-door"}]
    with pytest.raises(ConfigError, match=r"port '127.0.0.1:8095' is used by devices\[0\].address already"):
        config.parse({"site": SITE, "node": NODE, "broker": "mqtt://x", "devices": devices})


def test_a_counter_cannot_be_read_as_the_user_that_the_node_is() -> None:
    node = "mqtt://desk-1:secret@lobby.example.org"
    table = {"site": SITE, "node": NODE, "broker": node}
    with pytest.raises(ConfigError) as raised:
        config.parse({**table, "devices": [{**DOOR, "broker": node}]})
    assert "devices[0].broker: user 'desk-1' is used by broker already; choose another" in str(raised.value)
    assert "secret" not in str(raised.value)
    others = ["mqtt://reader:x@lobby.example.org", "mqtt://desk-1:x@gateway.example.org", "mqtt://lobby.example.org"]
    for other in others:
        config.parse({**table, "devices": [{**DOOR, "broker": other}]})
