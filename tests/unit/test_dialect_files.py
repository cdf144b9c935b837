"""How a message may be written down in a file, by whichever editor, shell or manual."""

import json
from typing import Any

import pytest

from edge.dialects import Decoded, Refused, decode
from tests import said_by_counters as said
from tests.said_by_counters import all_of

WAYS = [
    "04CC05000400",
    "04cc 0500 0400\r\n",
    "0x04CC05000400",
    "04:CC:05:00:04:00",
    "04-cc-05-00-04-00",
    "0x04, 0xCC, 0x05, 0x00, 0x04, 0x00",
    "0x4 0xCC 0x5 0x0 0x4 0x0",
    "[0x04, 0xCC, 0x05, 0x00, 0x04, 0x00]",
    "[4, 204, 5, 0, 4, 0]",
    r"\x04\xCC\x05\x00\x04\x00",
    '"04CC05000400"',
    "'04CC05000400'",
    "BMwFAAQA",
    '{"fPort": 85, "hex": "04 CC 05 00 04 00"}',
    '{"fPort": 85, "data": "BMwFAAQA"}',
    '{"input": {"fPort": 85, "bytes": "0x04, 0xCC, 0x05, 0x00, 0x04, 0x00"}}',
]


@pytest.mark.parametrize("text", WAYS)
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_frame_is_the_same_however_it_is_written(text: str, coding: str) -> None:
    result = decode("milesight-vs350", text.encode(coding))

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("total +5 -4",)


@pytest.mark.parametrize("one", [*said.SERVERS, said.JSONS[0]], ids=str)
@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_json_is_the_same_with_the_mark_that_windows_puts_before_it(one: said.Said, coding: str) -> None:
    result = decode(one.family, one.message.decode().encode(coding))

    assert isinstance(result, Decoded), result
    assert all_of(result) == one.means


def test_bytes_that_only_begin_like_a_mark_are_a_frame() -> None:
    restarted = decode("milesight-vs350", bytes.fromhex("FFFE01 04CC05000400"))

    assert isinstance(restarted, Decoded)
    assert restarted.flags == ("device-restarted",)


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ("not-hex", "[4, 204, 256]"),
        ("not-hex", "[4, CC]"),
        ("not-hex", "[04, 05]"),
        ("not-hex", {"fPort": 85, "hex": "BMwFAAQA"}),
        ("not-hex", {"fPort": 85, "frm_payload": "04:CC"}),
        ("empty", "[]"),
    ],
)
def test_a_frame_that_could_be_read_in_two_ways_is_not_read(refused: str, message: Any) -> None:
    text = message if isinstance(message, str) else json.dumps(message)

    result = decode("milesight-vs350", text.encode())

    assert isinstance(result, Refused), result
    assert result.refused == refused


def test_nobody_who_has_passed_is_no_hex_in_base64() -> None:
    result = decode("terabee-pcl", b'{"f_port": 1, "frm_payload": "AAAAAAAAAAAA"}')

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("total +0 -0",)


# --- network servers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["data", "result"])
def test_an_uplink_is_found_inside_of_an_event_and_of_the_storage(around: str) -> None:
    result = decode("tts-v3", json.dumps({around: said.THINGS}).encode())

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("occupancy =5", "occupancy zone-0 =2")


def test_what_a_decoder_in_the_server_has_made_of_it_counts_nobody() -> None:
    uplink = {**said.THINGS["uplink_message"], "decoded_payload": {"zone_global": 99}}

    result = decode("tts-v3", json.dumps({**said.THINGS, "uplink_message": uplink}).encode())

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("occupancy =5", "occupancy zone-0 =2")


@pytest.mark.parametrize(
    ("received_at", "is_told"),
    [
        ("2026-03-02T08:15:00.123456789Z", True),
        ("2038-01-19T03:14:08Z", True),
        ("2026-03-02T09:15:00+01:00", True),
        ("2026-03-02T08:15:00", False),
        ("2262-04-12T00:00:00Z", False),
        ("1969-12-31T23:59:59Z", False),
        ("-0001-01-01T00:00:00Z", False),
        ("2026-02-30T08:15:00Z", False),
        (1772439300, False),
    ],
)
def test_an_uplink_was_received_at_an_instant_that_can_have_been(received_at: Any, *, is_told: bool) -> None:
    result = decode("tts-v3", json.dumps({**said.THINGS, "received_at": received_at}).encode())

    assert isinstance(result, Decoded) is is_told
    assert is_told or (isinstance(result, Refused) and result.refused == "bad-instant")


@pytest.mark.parametrize("device", ["0102030405060708", "01:02:03:04:05:06:07:08", "01-02-03-04-05-06-07-08"])
def test_a_device_is_the_same_with_and_without_marks_in_its_name(device: str) -> None:
    assert isinstance(decode("tts-v3", json.dumps(said.THINGS).encode(), device=device), Decoded)
    assert isinstance(decode("tts-v3", json.dumps(said.THINGS).encode(), device=f"{device}A"), Refused)


# --- Milesight's cameras on a cable --------------------------------------------------------------------------

FLAT: dict[str, Any] = {
    "device_info": {"device_sn": "1234567890", "firmware_version": "V_135.1.0.7-r1"},
    "time_info": {"start_time": "2026-03-02T08:14:00-00:00", "end_time": "2026-03-02T08:15:00-00:00"},
    "line_periodic_data": [{"line": 1, "line_name": "Line1", "in": 3, "out": 2}],
    "line_total_data": [{"line": 1, "line_name": "Line1", "in_counted": 12, "out_counted": 14, "capacity_counted": -2}],
    "region_count_data": [{"region": 2, "current_total": 4}],
}


def test_firmware_that_counts_everybody_alone_writes_no_table_for_them() -> None:
    result = decode("milesight-vs135-p", json.dumps(FLAT).encode())

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("period line-1 +3 -2", "total line-1 +12 -14", "occupancy region-2 =4")
    assert result.readings[0].since is not None


def test_a_line_without_a_number_is_no_report() -> None:
    result = decode("milesight-vs125", json.dumps({**FLAT, "line_total_data": [{"line": 1}]}).encode())

    assert isinstance(result, Refused), result
    assert (result.refused, result.why) == ("missing-field", "line_total_data[0].total is missing")


def test_a_picture_that_ends_with_a_curly_quotation_mark_is_a_picture() -> None:
    text = json.dumps(json.loads(said.JSONS[0].message) | {"snapshot": "/9j/4AAQ"}).replace(
        '/4AAQ"', "/4AAQ” //by post only\n"
    )

    result = decode("milesight-vs121p", text.encode())

    assert isinstance(result, Decoded), result
    assert all_of(result) == said.JSONS[0].means
    assert result.flags == ("picture-dropped", "json-curly-quote", "json-remark")
    assert isinstance(decode("axis-aoa", text.encode()), Refused)
