"""What is not used, and why: every refusal justified by the message, none of them a guess."""

import json
from typing import Any

import pytest

from edge.dialects import Refused, decode
from tests import said_by_counters as said


def refusal(family: str, message: Any, **more: Any) -> Refused:
    if not isinstance(message, bytes):
        message = (message if isinstance(message, str) else json.dumps(message)).encode()
    result = decode(family, message, **more)
    assert isinstance(result, Refused), result
    assert result.why
    assert result.why.isprintable()
    return result


def changed(value: Any, **changes: Any) -> Any:
    return {**value, **changes}


@pytest.mark.parametrize(
    ("code", "family", "message"),
    [
        ("unknown-family", "nobody", "00"),
        ("empty", "milesight-vs121", ""),
        ("empty", "milesight-vs121", {"fPort": 85, "hex": ""}),
        ("empty", "axis-aoa", " \n"),
        ("not-hex", "milesight-vs121", "04C"),
        ("not-hex", "milesight-vs121", "!?"),
        ("not-json", "axis-aoa", "{"),
        ("not-json", "axis-aoa", '{"a": NaN}'),
        ("not-json", "axis-aoa", '{"a": 1e999}'),
        ("not-json", "axis-aoa", '{"a": "\\ud800"}'),
        ("not-json", "axis-aoa", "[" * 5_000),
        ("not-json", "axis-aoa", '{"a": 1,}'),
        ("duplicate-key", "axis-aoa", '{"a": 1, "a": 2}'),
        ("duplicate-key", "milesight-vs121p", '{"a": 1 "a": true}'),
        ("not-text", "axis-aoa", b"\xff\xfe{}"),
        ("unknown-shape", "axis-aoa", "[]"),
        ("unknown-shape", "axis-aoa", {"hello": "world"}),
        ("unknown-shape", "milesight-vs121", {"hello": "world"}),
        ("bad-value", "milesight-vs121", {"fPort": 300, "hex": "04"}),
        ("bad-value", "milesight-vs121", {"fPort": 85, "bytes": [1, 256]}),
        ("wrong-port", "milesight-vs121", {"fPort": 0, "hex": "04C903030002"}),
        ("unknown-shape", "milesight-vs121", [{"fPort": 85, "hex": "04C903030002"}]),
        ("too-large", "milesight-vs121", "00" * 243),
        ("too-large", "axis-aoa", "x" * 3_000_000),
        # frames
        ("truncated", "milesight-vs121", "04C90303"),
        ("truncated", "milesight-vs121", "04C9030300"),
        ("truncated", "milesight-vs121", "04"),
        ("truncated", "milesight-vs350", "04CC1200160005CC1300"),
        ("unknown-channel", "milesight-vs121", "04C903030002 33AA01"),
        ("unknown-channel", "milesight-vs132", "03D2BE000000 FE99"),
        ("unknown-channel", "milesight-vs350", "20CE7B3AF16402"),
        ("duplicate-channel", "milesight-vs132", "03D2BE000000 03D2BF000000"),
        ("bad-value", "milesight-vs121", "04C9 03 11 0000"),
        ("bad-value", "milesight-vs340", "030002"),
        ("truncated", "terabee-pcl", "000000C8000001C8"),
        ("trailing-bytes", "terabee-pcl", "000000C8000001C80000"),
        ("truncated", "terabee-poc", "0008010101"),
        ("truncated", "imbuildings", "0206"),
        ("not-a-count", "imbuildings", "0103" + 18 * "00"),
        ("unknown-shape", "imbuildings", "020A" + 18 * "00"),
        ("unknown-shape", "pcr2", "BE0109" + 14 * "00"),
        ("unknown-channel", "pcr2", "0A0003 FF0002"),
        ("truncated", "pcr2", "BE0104000300020009"),
        # network servers
        ("not-a-count", "chirpstack-v4", {"deviceInfo": said.UPLINK["deviceInfo"], "devAddr": "00189440"}),
        ("not-a-count", "chirpstack-v4", {"deviceInfo": said.UPLINK["deviceInfo"], "margin": 7, "batteryLevel": 75}),
        ("not-a-count", "chirpstack-v4", {"deviceInfo": said.UPLINK["deviceInfo"], "fPort": 85, "fCnt": 3}),
        ("not-a-count", "chirpstack-v4", changed(said.UPLINK, data="", fPort=0)),
        ("not-a-count", "chirpstack-v4", changed(said.UPLINK, data=None)),
        ("bad-value", "chirpstack-v4", changed(said.UPLINK, data=[4, 204])),
        ("not-hex", "chirpstack-v4", changed(said.UPLINK, data="===")),
        ("wrong-port", "chirpstack-v4", {key: value for key, value in said.UPLINK.items() if key != "fPort"}),
        ("unknown-shape", "chirpstack-v4", {"applicationID": "1", "devEUI": "AA", "data": "AA=="}),
        ("unknown-shape", "chirpstack-v4", said.THINGS),
        ("bad-instant", "chirpstack-v4", changed(said.UPLINK, time="2026-02-31T00:00:00Z")),
        ("wrong-device", "milesight-vs121", said.UPLINK),
        ("truncated", "chirpstack-v4", changed(said.UPLINK, data="BMwF")),
        ("simulated", "tts-v3", changed(said.THINGS, simulated=True)),
        ("simulated", "terabee-poc", changed(said.THINGS, simulated=True)),
        (
            "simulated",
            "tts-v3",
            changed(said.THINGS, uplink_message={**said.THINGS["uplink_message"], "simulated": True}),
        ),
        ("not-a-count", "tts-v3", {"end_device_ids": said.THINGS["end_device_ids"], "join_accept": {}}),
        ("not-a-count", "tts-v3", {"end_device_ids": said.THINGS["end_device_ids"], "uplink_message": {"f_port": 83}}),
        ("unknown-family", "tts-v3", changed(said.THINGS, uplink_message={"f_port": 200, "frm_payload": "gkHe"})),
        # JSON
        ("missing-field", "axis-aoa", said.axis("S", startTime=said.FROM, total="9", totalCar="9")),
        ("bad-value", "axis-aoa", said.axis("S", startTime=said.FROM, totalHuman="-1")),
        ("bad-value", "axis-aoa", said.axis("S", startTime=said.FROM, totalHuman="1_0")),
        ("not-a-count", "axis-aoa", said.axis("S", active="1")),
        ("not-a-count", "axis-aoa", {"method": "getConfiguration", "data": {}}),
        ("not-a-count", "axis-aoa", {"method": "getOccupancy", "error": {"code": 2000}}),
        ("missing-field", "axis-aoa", {"method": "getOccupancy", "data": {"total": 3}}),
        ("not-a-count", "axis-aoa", changed(said.axis("S", human="1"), topic="onvif:Device/IO/VirtualPort")),
        ("bad-instant", "axis-aoa", changed(said.axis("S", human="1"), timestamp=-1)),
        ("bad-instant", "axis-people-counter", {"serial": "A", "timestamp": "20170230112756", "in": 1, "out": 2}),
        ("bad-instant", "axis-p8815-2", {"data": [{"start": "2026-03-02 09:00:00", "end": "2026-03-02 08:00:00"}]}),
        ("bad-value", "axis-p8815-2", {"data": [{"start": "2026-03-02", "end": "2026-03-03", "in": "3", "out": 1}]}),
        ("not-a-count", "axis-people-counter", {"timestamp": "20170513132513", "serial": "A", "days": ["20170510"]}),
        ("not-a-count", "xovis-v5", {"config": {}, "connection": 1, "type": "LOGICS"}),
        ("not-a-count", "xovis-v5", {"status_data": {}}),
        ("bad-value", "xovis-v5", said.logics(("fw", -1))),
        ("not-json", "xovis-v5", json.dumps(said.logics(("fw", 1))) + "{"),
        ("bad-instant", "irisys-vector", [{"name": "Hall", "value": 1, "timestamp": "2019-02-91T10:00:00Z"}]),
        ("missing-field", "irisys-vector", [{"name": "Hall", "timestamp": said.AT}]),
        ("missing-field", "irisys-vector", {"CountLogs": []}),
        (
            "bad-value",
            "milesight-vs125",
            {"device_info": {}, "line_total_data": [{"line": 1, "total": {"in_counted": -3}}]},
        ),
        ("bad-value", "milesight-vs121p", changed(json.loads(said.JSONS[0].message), occupancy=[1])),
        ("unsafe-xml", "hikvision", '<!DOCTYPE a [<!ENTITY b "c">]><EventNotificationAlert/>'),
        ("not-xml", "hikvision", "<EventNotificationAlert>"),
        ("not-a-count", "hikvision", said.ALERT.replace(">PeopleCounting<", ">linedetection<")),
        ("bad-value", "hikvision", said.ALERT.replace(">timeRange<", ">guess<")),
        ("bad-value", "frigate", "three"),
        ("not-a-count", "frigate", {"type": "new", "before": {}, "after": {"id": "1", "data": {}}}),
        ("not-a-count", "zigbee2mqtt", {"contact": True}),
        ("bad-value", "zigbee2mqtt", {"occupancy": "true"}),
        ("bad-value", "esphome-roode", "-1"),
    ],
)
def test_what_cannot_be_used_is_refused_for_what_it_is(code: str, family: str, message: Any) -> None:
    assert refusal(family, message).refused == code


def test_a_topic_that_tells_of_something_else_is_no_count() -> None:
    assert refusal("frigate", "ON", topic="frigate/lobby/motion").refused == "not-a-count"
    assert refusal("esphome-roode", "5", topic="door/sensor/rssi/state").refused == "not-a-count"
    assert refusal("zigbee2mqtt", "{}", topic="zigbee2mqtt/bridge/devices").refused == "not-a-count"


def test_another_device_is_not_heard() -> None:
    assert refusal("axis-aoa", said.axis("S", human="1"), device="0123456789AC").refused == "wrong-device"
    assert (
        refusal("milesight-vs340", "030001", device="a").why
        == "a message of a device without a name; only 'a' is heard here"
    )


def test_a_frame_cut_anywhere_is_refused_or_ends_where_a_value_ends() -> None:
    whole = bytes.fromhex("04C9030800A106CD05")

    codes = [refusal("milesight-vs121", whole[:end].hex()).refused for end in (1, 2, 3, 4, 5, 7, 8)]

    assert codes == ["truncated"] * 7


def test_a_frame_is_used_whole_or_not_at_all() -> None:
    good, bad = "05CC03000100", "33AA"

    assert refusal("milesight-vs121", good + bad).why == (
        "channel 33 AA at byte 6 is none of this model; nobody knows how long it is"
    )
