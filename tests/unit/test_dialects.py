"""What people counters of other makers say, in our words."""

import base64
import json
from typing import Any

import pytest

from edge.dialects import Decoded, Refused, Wrapper, decode, known, named
from tests import said_by_counters as said
from tests.said_by_counters import Said, all_of


def said_first(family: str) -> bytes:
    return next(it.message for it in said.JSONS if it.family == family)


def understood(family: str, message: Any, **more: Any) -> Decoded:
    """What `message` means, which is bytes, a text or what becomes JSON."""
    if isinstance(message, str):
        message = message.encode()
    result = decode(family, message if isinstance(message, bytes) else json.dumps(message).encode(), **more)
    assert isinstance(result, Decoded), result
    return result


@pytest.mark.parametrize("one", said.ALL, ids=str)
def test_each_way_of_speaking_is_understood(one: Said) -> None:
    result = understood(one.family, one.message, topic=one.topic, port=one.port)

    assert all_of(result) == one.means
    assert result.flags == one.flags


def test_every_family_has_a_message_here() -> None:
    assert {one.family for one in said.ALL} == set(known())


@pytest.mark.parametrize("one", [one for one in said.FRAMES if one.means], ids=str)
def test_a_frame_may_come_as_hex_as_base64_as_bytes_or_inside_of_json(one: Said) -> None:
    import base64

    raw = bytes.fromhex(one.message.decode().replace(" ", ""))
    packed = base64.b64encode(raw).decode()
    inside: list[Any] = [
        {"fPort": one.port, "hex": raw.hex()},
        {"f_port": one.port, "frm_payload": packed},
        {"input": {"fPort": one.port, "bytes": list(raw)}},
    ]

    assert understood(one.family, raw.hex(":"), port=one.port).readings
    for way in inside:
        assert all_of(understood(one.family, way)) == one.means
    if any(letter not in "0123456789ABCDEFabcdef" for letter in packed):  # "AAAA" is hex as well
        assert all_of(understood(one.family, packed, port=one.port)) == one.means


def test_a_reading_says_what_its_counter_cannot() -> None:
    (fw, bw) = understood("xovis-v5", said.logics(("fw", 3), ("bw", 2))).readings
    (seat,) = understood("milesight-vs340", "030001").readings
    (hour,) = understood("axis-people-counter", said_first("axis-people-counter")).readings

    assert fw.unsaid == bw.unsaid == ("direction",)
    assert seat.unsaid == ("count", "instant")
    assert (hour.unsaid, hour.local_at, hour.at) == (("zone",), "2026-03-02T09:15:00", None)


def test_a_minute_in_which_a_sensor_was_half_blind_does_not_hold_everybody() -> None:
    (minute,) = understood("xovis-v5", said.logics(("fw", 3), samples=599)).readings

    assert "everybody" in minute.unsaid


def test_an_instant_with_an_offset_is_told_as_utc() -> None:
    (period,) = understood("hikvision", said.ALERT).readings

    assert period.since is not None
    assert period.until is not None
    assert (period.since.isoformat(), period.until.isoformat()) == (
        "2026-03-02T08:14:00+00:00",
        "2026-03-02T08:15:00+00:00",
    )


def test_a_local_time_beside_its_zone_is_told_as_utc() -> None:
    (people, *_) = understood("milesight-vs121p", said.JSONS[0].message).readings

    assert people.at is not None
    assert people.at.isoformat() == "2026-03-02T08:15:00+00:00"


def test_the_mask_of_regions_has_its_largest_byte_first() -> None:
    readings = understood("milesight-vs121", "04C9 01 10 8001").readings

    assert [it.register for it in readings if it.present] == ["region-1", "region-16"]


def test_a_zone_that_is_not_set_holds_nobody_rather_than_255() -> None:
    result = understood("terabee-poc", "00 00 FF FF FF FF FF FF FF FF")

    assert all_of(result) == ("occupancy =0",)
    assert result.fields["zone_0"] == "not set"


def test_cars_are_not_people() -> None:
    result = understood("axis-aoa", said.axis("S", startTime=said.FROM, reason="car", total="9", totalHuman="0"))

    assert all_of(result) == ("total S 0",)
    assert result.flags == ("not-a-person",)


def test_a_network_server_tells_device_delivery_time_and_port() -> None:
    result = understood("chirpstack-v4", said.UPLINK)

    assert (result.via, result.family, result.device, result.port) == (
        "chirpstack-v4",
        "milesight-vs350",
        "0102030405060708",
        85,
    )
    assert result.message == said.UPLINK["deduplicationId"]
    assert result.at is not None
    assert result.at.isoformat() == "2026-03-02T08:15:00.123456+00:00"


def test_the_frame_inside_of_a_network_servers_message_is_found_under_the_counters_own_name() -> None:
    assert all_of(understood("milesight-vs350", said.UPLINK)) == ("total +5 -4",)
    assert all_of(understood("terabee", said.THINGS)) == ("occupancy =5", "occupancy zone-0 =2")


@pytest.mark.parametrize("entries", [1, 8, 16])
def test_a_network_server_may_wrap_as_long_a_frame_as_the_radio_carries(entries: int) -> None:
    late = [
        f"20CE {at_s.to_bytes(4, 'little').hex()} 01 0100 0000 0500 0400"
        for at_s in range(1_700_000_000, 1_700_000_000 + entries)
    ]
    frame = bytes.fromhex("".join(late))
    packed = base64.b64encode(frame).decode()
    things = {**said.THINGS["uplink_message"], "frm_payload": packed}

    alone = understood("milesight-vs350", frame)

    assert len(alone.readings) == 2 * entries
    assert understood("milesight-vs350", {**said.UPLINK, "data": packed}).readings == alone.readings
    assert understood("milesight-vs350", {**said.THINGS, "uplink_message": things}).readings == alone.readings


@pytest.mark.parametrize("name", ["", None, 7, "Zähler \u200d\u0007", "x" * 100_000, "-" * 100_000])
def test_a_profile_may_be_called_anything_as_long_as_the_family_is_told(name: Any) -> None:
    device = {**said.UPLINK["deviceInfo"], "deviceProfileName": name}

    assert all_of(understood("milesight-vs350", {**said.UPLINK, "deviceInfo": device})) == ("total +5 -4",)


@pytest.mark.parametrize(
    ("profile", "is_told"),
    [
        ("VS350", True),
        ("Milesight VS350 passage", True),
        ("Lobby_(VS350)-EU868", True),
        ("Milesight People Counter VS350", True),
        ("Milesight", False),
        ("people counters", False),
        ("VS350, later VS121", False),
    ],
)
def test_a_profile_tells_the_model_wherever_it_names_it_and_a_make_alone_does_not(profile: str, is_told: bool) -> None:
    device = {**said.UPLINK["deviceInfo"], "deviceProfileName": profile}

    result = understood("chirpstack-v4", {**said.UPLINK, "deviceInfo": device})

    assert (result.family, all_of(result)) == ("milesight-vs350", ("total +5 -4",))
    assert result.flags == (() if is_told else ("family-inferred",))


def test_the_model_that_a_network_server_names_is_believed() -> None:
    uplink = {
        **said.THINGS["uplink_message"],
        "version_ids": {"brand_id": "terabee", "model_id": "people-occupancy-counting"},
    }

    result = understood("tts-v3", {**said.THINGS, "uplink_message": uplink})

    assert (result.family, result.flags) == ("terabee-poc", ())


def test_two_deliveries_of_one_uplink_have_the_same_name_and_two_uplinks_have_not() -> None:
    later = {**said.THINGS["uplink_message"], "f_cnt": 5}

    first, second = understood("tts-v3", said.THINGS), understood("tts-v3", said.THINGS)
    third = understood("tts-v3", {**said.THINGS, "uplink_message": later})

    assert first.message == second.message != third.message


def test_a_key_that_opens_a_device_is_withheld() -> None:
    result = understood("milesight-vs350", "FE35 0102030405060708")

    assert "key-withheld" in result.flags
    assert "0102030405060708" not in str(result)


@pytest.mark.parametrize("picture", ["/9j/4AAQ", "x" * 200_000])
def test_a_picture_is_not_kept(picture: str) -> None:
    value = {**json.loads(said.JSONS[0].message), "snapshot": picture}

    result = understood("milesight-vs121p", value)

    assert result.flags == ("picture-dropped",)
    assert picture not in str(result)


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("milesight-vs121", ["milesight-vs121"]),
        ("Milesight VS121", ["milesight-vs121"]),
        ("MILESIGHT_VS121-02", ["milesight-vs121"]),
        ("ttn-terabee-l-xl", ["terabee-pcl"]),
        ("derived-tts-v3-terabee-pcl", ["tts-v3"]),
        ("vs341", ["milesight-vs340"]),
        ("terabee", ["terabee-pcl", "terabee-pcm", "terabee-poc"]),
        ("axis-p8815-2-export-hour", ["axis-p8815-2"]),
        ("hikvision-peoplecounting-01", ["hikvision-people-counting"]),
        ("milesight-vs135-p", ["milesight-vs125"]),
        ("Milesight VS 350", ["milesight-vs350"]),
        ("ttn-milesight-iot-vs121", ["milesight-vs121"]),
        ("Terabee People Flow Counting M", ["terabee-pcm"]),
        ("terabee-people-flow-counting-l-xl", ["terabee-pcl"]),
        ("TheThingsStack", ["tts-v3"]),
        ("nobody", []),
        ("", []),
    ],
)
def test_families_are_found_by_the_names_that_people_use(name: str, families: list[str]) -> None:
    assert [dialect.family for dialect in named(name)] == families


def test_a_make_stands_for_all_of_its_families_as_long_as_they_agree() -> None:
    agreed = understood("terabee", "0000000500000004 00")
    different = decode("milesight", b"03D2 BE000000")

    assert (all_of(agreed), agreed.flags) == (("total +5 -4",), ("family-inferred",))
    assert isinstance(different, Refused)
    assert different.refused == "ambiguous-family"


def test_each_family_is_called_by_one_name_only_and_says_what_it_is() -> None:
    for family, dialect in known().items():
        assert named(family) == (dialect,)
        assert dialect.what
        assert len(dialect.what) <= 90
        for name in dialect.names:
            assert named(name) == (dialect,) or isinstance(dialect, Wrapper)
