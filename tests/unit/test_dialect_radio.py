"""Counters that speak by radio: what each generation of their firmware says, and what they say of themselves.

Where a maker has published a message with its meaning, it stands here with its source; all others are made up.
"""

import json
from typing import Any

import pytest

from edge.dialects import Decoded, Refused, decode
from tests import said_by_counters as said
from tests.said_by_counters import all_of


def told(family: str, digits: str, port: int | None = None) -> Decoded:
    result = decode(family, digits.encode(), port=port)
    assert isinstance(result, Decoded), result
    return result


def refused(family: str, digits: str, port: int | None = None) -> str:
    result = decode(family, digits.encode(), port=port)
    assert isinstance(result, Refused), result
    return result.refused


# --- Milesight -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["milesight-vs121", "milesight-vs132", "milesight-vs133", "milesight-vs135"])
def test_a_camera_may_say_of_itself_what_the_makers_pages_promise(family: str) -> None:
    result = told(family, "FF0B FF  FF0F 02  FFFF 0101  FFFE 01")

    assert result.readings == ()
    assert result.flags == ("device-restarted",)
    assert result.fields["device_status"] == "on"
    assert result.fields["lorawan_class"] == "Class C"


@pytest.mark.parametrize("family", ["milesight-vs133", "milesight-vs350", "milesight-vs360"])
def test_an_answer_to_who_asks_for_history_is_no_count(family: str) -> None:
    result = told(family, "FC6C 02")

    assert (result.readings, result.flags) == ((), ("settings-answer",))
    assert result.fields == {"history_request": "no data"}


def test_clearing_what_is_kept_clears_no_total() -> None:
    assert told("milesight-vs133", "FE27 FF").flags == ("settings-answer",)
    assert told("milesight-vs133", "FE51 FF").flags == ("settings-answer", "totals-cleared")


@pytest.mark.parametrize("digits", ["0175 5C", "0367 1001", "FF01 01 FF09 0100", "0AEF 60F09365"])
def test_a_frame_that_says_nothing_of_people_says_that_it_does_not(digits: str) -> None:
    result = told("milesight-vs350", digits)

    assert (result.readings, result.flags) == ((), ("no-count",))


def test_a_vs351_may_be_told_to_warn_of_frost() -> None:
    frost = told("milesight-vs351", "FE06 1C 9CFF 3200 00000000").fields["temperature_alarm_config"]
    assert frost == {"condition": "outside", "threshold_min": -10.0, "threshold_max": 5.0}

    people = told("milesight-vs351", "FE06 0A 0500 0600 00000000").fields["people_period_alarm_config"]
    assert people == {"condition": "above", "threshold_out": 5, "threshold_in": 6}


def test_each_total_may_stand_at_its_largest() -> None:
    assert all_of(told("milesight-vs132", "03D2 FFFFFFFF 04D2 00000000")) == ("total +4294967295 -0",)
    assert all_of(told("milesight-vs350", "04CC FFFF 0000")) == ("total +65535 -0",)
    assert all_of(told("terabee-pcl", "FFFFFFFF 00000000 00", 1)) == ("total +4294967295 -0",)


def test_what_was_not_heard_may_come_with_what_is_new_in_one_frame() -> None:
    again = f"20CE {said.HISTORY_AT} 01 0300 0200 0500 0400"

    result = told("milesight-vs350", f"04CC 0700 0600 {again} 20CE {said.HISTORY_AT} 00 0100 0100")

    assert all_of(result) == ("total +7 -6", "total +5 -4 late", "period +3 -2 late", "period +1 -1 late")


# --- Terabee -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("port", "frame", "value"),
    [
        (4, [139, 82, 85, 73, 95, 52, 46, 48, 46, 50], {"lora_module_version": "RUI_4.0.2"}),
        (4, [139, 255, 255, 255], {"lora_module_version": "failure to retrieve"}),
        (4, [138, 0, 118, 48, 46, 57, 46, 50, 45, 69, 85, 0], {"software_version": "v0.9.2-EU"}),
        (4, [128, 80, 79, 67], {"device_type": "POC"}),
        (4, [128, 88, 88, 88], {"device_type": "not recognized"}),
        (8, [1, 0, 255, 255], {"state": "DISABLED", "max_occupancy": 65535}),
        (100, [3, 0, 0, 0, 60], {"push_period_s": 60}),
        (101, [2, 64, 0, 0, 0, 0], {"type": "not supported", "zone_id": 0}),
        (
            101,
            [2, 32, 86, 153, 144, 44, 28],
            {"type": "rectangle", "zone_id": 0, "point_1": [173, 204], "point_2": [517, 526]},
        ),
    ],
)
def test_a_terabee_answers_as_its_makers_own_tests_have_it(port: int, frame: list[int], value: dict[str, Any]) -> None:
    """Source: Terabee/poc_lora_payload_decoder, `javascript/decoder.test.js`."""
    result = told("terabee-poc", json.dumps({"fPort": port, "bytes": frame}))

    assert result.fields["cmd"]["value"] == value
    assert (result.readings, result.flags) == ((), ("settings-answer",))


def test_a_terabee_that_acknowledges_a_question_counts_nobody() -> None:
    assert told("terabee-poc", "FF 01 00", 101).fields["cmd"]["success"] is True
    assert "setting-refused-by-device" in told("terabee-poc", "FF 81 FF", 101).flags


# --- Parametric ----------------------------------------------------------------------------------------------


def test_a_pcr2_of_firmware_4_leaves_open_since_when_it_counts() -> None:
    result = told("parametric-pcr2", "BE01 05 A5 000A 0014 0C 07", 14)

    assert all_of(result) == ("period ltr 10", "period rtl 20")
    assert {reading.unsaid for reading in result.readings} == {("kind", "direction", "instant")}
    assert result.fields == {"DevType": "PCR2-ODS", "LTR": 10, "RTL": 20, "SBX_BATT": 1200, "DCNT": 7}


def test_the_length_tells_an_older_frame_from_a_newer_one_that_begins_alike() -> None:
    newer = told("parametric-pcr2", "BE01 04 A5 0001 0002 00 01", 14)
    older = told("parametric-pcr2", "BE01 04 A500 0001 0002 0003 0000 0000 0000", 14)

    assert newer.fields["DevType"] == "PCR2-XIO"
    assert (older.fields["LTR"], older.fields["RTL_SUM"]) == (0xA500, 3)


@pytest.mark.parametrize(
    ("digits", "firmware", "charger"),
    [("be0105d50040014200", "4.0.1", "4.2.0"), ("be0101d50041020000", "4.1.2", "0.0.0")],
)
def test_a_pcr2_of_firmware_4_tells_who_it_is(digits: str, firmware: str, charger: str) -> None:
    """Source: Parametric's page "PCR2 LoRaWAN Payload", V5."""
    result = told("parametric-pcr2", digits, 190)

    assert (result.readings, result.flags) == ((), ("settings-answer",))
    assert (result.fields["Firmware"], result.fields["SBXVersion"]) == (firmware, charger)


def test_a_pcr2_of_firmware_4_answers_to_settings_on_a_port_of_their_own() -> None:
    assert told("parametric-pcr2", "BE01 05 C5 0102", 1).flags == ("settings-answer",)
    assert refused("parametric-pcr2", "BE01 05 C5 0102", 14) == "wrong-port"
    assert refused("parametric-pcr2", "0A0003 160002", 1) == "wrong-port"


@pytest.mark.parametrize("temperature", ["", "02671A", "0267011A", "02671A 03020339", "02670103 03020339", "02670103"])
def test_a_pcr2_may_speak_cayenne(temperature: str) -> None:
    result = told("parametric-pcr2", f"0066 03 0166 02 {temperature}", 14)

    assert all_of(result) == ("period ltr 3", "period rtl 2")
    assert result.fields.get("3_02") == (825 if "0302" in temperature else None)


def test_a_byte_that_is_full_may_not_hold_everybody() -> None:
    ltr, rtl = told("parametric-pcr2", "0066 FF 0166 FE", 14).readings

    assert "everybody" in ltr.unsaid
    assert "everybody" not in rtl.unsaid


@pytest.mark.parametrize(
    ("digits", "port", "code"),
    [
        ("BE", 14, "truncated"),
        ("BE01", 14, "truncated"),
        ("BE0103", 14, "truncated"),
        ("BE0105A500", 14, "truncated"),
        ("BE0104 0003 0002 0009 0008 1C20 0CE4 0139 00", 14, "trailing-bytes"),
        ("BE010301", 190, "truncated"),
        ("BE02 05 A5 0001 0002 00 01", 14, "unknown-shape"),
        ("BE0109 00 0001", 14, "unknown-shape"),
        ("00 66 03 00 66 03", 14, "duplicate-channel"),
        ("00 66 03 01 67 0100", 14, "unknown-channel"),
        ("BE01 05 A5 0001 0002 00 01", 190, "wrong-port"),
    ],
)
def test_a_frame_of_a_pcr2_that_is_none_is_refused_for_what_it_is(digits: str, port: int, code: str) -> None:
    assert refused("parametric-pcr2", digits, port) == code


# --- IMBuildings ---------------------------------------------------------------------------------------------


def test_an_imbuildings_counts_as_its_maker_has_it() -> None:
    """Source: IMBUILDINGS/PayloadParser, `README.md`."""
    result = told("imbuildings", "02060004A30B00F6B5690800F80003000220060305E661", 1)

    assert all_of(result) == ("period a 3", "period b 2", "total a 1539", "total b 1510")
    assert (result.fields["battery_voltage"], result.fields["payload_counter"]) == (2.48, 97)
    assert result.device == "0004a30b00f6b569"


HEADER, OLD_HEADER = "0004A30B00000001", "0004A30B0001 08 0150 C8"


@pytest.mark.parametrize(
    ("digits", "port", "means"),
    [
        (f"0202 {OLD_HEADER} 03 02 00", None, ("period a 3", "period b 2")),
        (f"0203 {OLD_HEADER} 0103 0102 00", None, ("period a 259", "period b 258")),
        (f"0204 {OLD_HEADER} 20260302081500 0003 0002 00", None, ("period a 3", "period b 2")),
        ("20260302081500 0003 0002 00", 24, ("period a 3", "period b 2")),
        (f"0205 {HEADER} 08 0150 0003 0002 00 2A", None, ("period a 3", "period b 2")),
        (f"0207 {HEADER} 00 FFFF 000A", 10, ("total a 65535", "total b 10")),
        (
            f"0209 {HEADER} 08 0150 0003 0002 00 000D 000A 2A C8 01",
            None,
            ("period a 3", "period b 2", "total a 13", "total b 10"),
        ),
        (f"020C {HEADER} 08 0150 00 0010 0020", None, ()),
        ("08 0150 00 0010 0020", 212, ()),
    ],
)
def test_every_variant_of_an_imbuildings_is_read(digits: str, port: int | None, means: tuple[str, ...]) -> None:
    result = told("imbuildings", digits, port)

    assert all_of(result) == means
    assert result.flags == (() if means else ("alive",))


def test_an_instant_of_an_imbuildings_is_of_utc_and_must_have_been() -> None:
    reading = told("imbuildings", "20260302081500 0003 0002 00", 24).readings[0]

    assert reading.at is not None
    assert reading.at.isoformat() == "2026-03-02T08:15:00+00:00"
    assert reading.unsaid == ("direction",)
    assert told("imbuildings", "20000101000000 0003 0002 00", 24).flags == ("clock-unset",)
    assert told("imbuildings", "00000000000000 0003 0002 00", 24).flags == ("clock-unset",)
    assert refused("imbuildings", "20261302081500 0003 0002 00", 24) == "bad-instant"
    assert refused("imbuildings", "2026030A081500 0003 0002 00", 24) == "bad-instant"


def test_an_imbuildings_answers_to_settings() -> None:
    result = told("imbuildings", "F101 05 1F 010203 05 20 020601 03 21 0C 05 22 020800 03 36 1C 03 7E 01", 10)

    assert result.flags == ("settings-answer",)
    assert result.fields == {
        "event": {"type": 1, "count": 2, "timeout": 3},
        "payload": {"type": 2, "variant": 6, "header": True},
        "heartbeat": {"interval": 12, "payload": {"type": 2, "variant": 8, "header": False}, "fport": 28},
        "setting_7e": 1,
    }


@pytest.mark.parametrize(
    ("digits", "port", "code"),
    [
        ("08980BB801F400", 13, "not-a-count"),
        ("01", 33, "not-a-count"),
        (f"0206 {HEADER} 08 0150 0003", 26, "truncated"),
        (f"0201 {OLD_HEADER} 00", None, "unknown-shape"),
        ("0002", 27, "truncated"),
        ("00 000D 000A 00", 27, "trailing-bytes"),
    ],
)
def test_what_an_imbuildings_does_not_count_is_refused_for_what_it_is(digits: str, port: int | None, code: str) -> None:
    assert refused("imbuildings", digits, port) == code


def test_on_the_makers_usual_port_nobody_takes_an_imbuildings_for_another() -> None:
    import base64

    frame = bytes.fromhex("02060004A30B00F6B5690800F80003000220060305E661")
    uplink = {"f_port": 1, "frm_payload": base64.b64encode(frame).decode()}

    result = told("tts-v3", json.dumps({**said.THINGS, "uplink_message": uplink}))

    assert (result.family, result.flags) == ("imbuildings-people-counter", ("family-inferred",))
