"""Other generations, settings and accidents of the makes that speak HTTP and MQTT: what their pages and those who read
them show besides the plain message. Numbers are ours unless a maker's page is named."""

import json
from typing import Any

import pytest

from edge.dialects import Decoded, Refused, decode
from tests import said_by_counters as said
from tests.said_by_counters import all_of


def understood(family: str, message: Any, topic: str = "") -> Decoded:
    result = decode(family, _bytes(message), topic=topic)
    assert isinstance(result, Decoded), result
    return result


def refused(family: str, message: Any, topic: str = "") -> str:
    result = decode(family, _bytes(message), topic=topic)
    assert isinstance(result, Refused), result
    return result.refused


def _bytes(message: Any) -> bytes:
    if isinstance(message, bytes):
        return message
    return (message if isinstance(message, str) else json.dumps(message)).encode()


# --- Axis ----------------------------------------------------------------------------------------------------


def test_a_scenario_that_its_event_does_not_name_is_read_from_the_topic() -> None:
    data = {"startTime": said.FROM, "total": "3", "totalHuman": "3"}
    event = {"timestamp": 1772439300000, "message": {"source": {}, "key": {}, "data": data}}
    topic = "axis/B8A44F000001/event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/Device1Scenario2"

    named, unnamed = understood("axis-aoa", event, topic), understood("axis-aoa", event)

    assert (all_of(named), named.device, named.flags) == (("total Device1Scenario2 3",), "B8A44F000001", ())
    assert (all_of(unnamed), unnamed.device, unnamed.flags) == (("total 3",), "", ("scenario-unknown",))
    other = topic.replace("ObjectAnalytics/Device1Scenario2", "VMD/Camera1Profile1")
    assert refused("axis-aoa", event, other) == "not-a-count"
    del data["startTime"]
    assert all_of(understood("axis-aoa", event)) == ("total 3",)


@pytest.mark.parametrize(
    ("table", "means", "flags"),
    [
        (
            "start,end,in,out\n2020-09-23 00:00:00,2020-09-23 00:01:00,0,0\n"
            "2020-09-23 00:01:00,2020-09-23 00:02:00,3,1\n",
            ("period +0 -0", "period +3 -1"),
            ("local-time",),
        ),
        (
            "start,end,in,out,adults_in,adults_out\r\n2020-09-23 00:00:00,2020-09-24 00:00:00,30,29,20,19\r\n",
            ("period +30 -29",),
            ("local-time",),
        ),
        ("start,end,peak\n2023-01-09 08:00:00,2023-01-09 09:00:00,17\n", (), ("peaks-only", "no-count")),
        ("start,end,in,out\n2020-09-23 00:00:00,2020-09-23 00:01:00,,\n", (), ("gaps", "no-count")),
    ],
)
def test_an_export_may_be_a_table(table: str, means: tuple[str, ...], flags: tuple[str, ...]) -> None:
    result = understood("axis-p8815-2", table)

    assert (all_of(result), result.flags) == (means, flags)


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("unknown-shape", "when,how many\n1,2\n"),
        ("unknown-shape", "x" * 200_000),
        ("truncated", "start,end,in,out\n2020-09-23 00:00:00,2020-09-23 00:01:00,0\n"),
        ("bad-value", "start,end,in,out\n2020-09-23 00:00:00,2020-09-23 00:01:00,a,0\n"),
        ("bad-instant", "start,end,in,out\n2020-09-31 00:00:00,2020-10-01 00:00:00,1,0\n"),
    ],
)
def test_a_table_that_is_no_export_is_refused_whole(code: str, table: str) -> None:
    assert refused("axis-p8815-2", table) == code


def test_hours_of_which_the_camera_knows_nothing_are_gaps_and_not_zero() -> None:
    hours = [("00", None), ("01", 3)]
    told = [
        {"start": f"2026-03-02 {hour}:00:00", "end": f"2026-03-02 {hour}:59:00", "in": people, "out": people}
        for hour, people in hours
    ]
    peaks = [{"start": it["start"], "end": it["end"], "peak": it["in"]} for it in told]

    assert all_of(understood("axis-p8815-2", {"data": told})) == ("period +3 -3",)
    assert understood("axis-p8815-2", {"data": told}).flags == ("gaps", "local-time")
    assert understood("axis-p8815-2", {"data": peaks}).flags == ("peaks-only", "no-count")


def test_a_p8815_is_read_under_its_own_name_whatever_it_was_asked() -> None:
    for one in said.JSONS:
        if one.family == "axis-people-counter" and one.what in ("how many are inside", "a pushed minute"):
            assert all_of(understood("axis-p8815-2", one.message)) == one.means
    assert refused("axis-p8815-2", {"apiVersion": "1", "method": "adjustOccupancy", "data": {}}) == "not-a-count"


def kept(delta_s: int, types: dict[str, int], rows: dict[str, list[int]]) -> dict[str, Any]:
    return {"counter": {"name": "Hall", "serial": "ACCC8E000001", "delta": delta_s, "types": types}, "data": rows}


def test_the_days_that_a_people_counter_keeps_are_periods_that_end_at_their_instant() -> None:
    # The maker's own example, from its "People counter API".
    types = {"Occupancy": 64, "Average Time": 64, "Total In": 66, "Total Out": 67}
    result = understood("axis-people-counter", kept(86_400, types, {"20170908000000": [0, 0, 17, 17]}))

    assert all_of(result) == ("period +17 -17", "occupancy =0")
    day, _ = result.readings
    assert (day.local_since, day.local_until, day.unsaid) == ("2017-09-07T00:00:00", "2017-09-08T00:00:00", ("zone",))


def test_a_total_of_a_quarter_of_an_hour_may_be_of_the_day() -> None:
    row = {"20170908001500": [3, 2]}
    (open_kind,) = understood("axis-people-counter", kept(900, {"Total In": 66, "Total Out": 67}, row)).readings
    (quarter,) = understood("axis-people-counter", kept(900, {"In": 0, "Out": 1}, row)).readings

    assert (open_kind.unsaid, quarter.unsaid) == (("zone", "kind"), ("zone",))
    assert (quarter.local_since, quarter.local_until) == ("2017-09-08T00:00:00", "2017-09-08T00:15:00")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("bad-value", kept(900, {"In": 0, "Out": 1}, {"20170908001500": [3]})),
        ("bad-value", kept(0, {"In": 0, "Out": 1}, {"20170908001500": [3, 2]})),
        ("bad-instant", kept(900, {"In": 0, "Out": 1}, {"20170931001500": [3, 2]})),
        ("missing-field", kept(900, {"Average Time": 64}, {"20170908001500": [3]})),
        ("not-a-count", {"timestamp": "20170513132513", "days": ["20170510"]}),
    ],
)
def test_what_a_people_counter_keeps_and_nobody_can_use_is_refused(code: str, message: Any) -> None:
    assert refused("axis-people-counter", message) == code


def test_an_estimate_below_nobody_says_nothing_and_its_sums_still_count() -> None:
    live = {"serial": "ACCC8E000001", "timestamp": "20200913142640", "unixtime": 1_600_000_000, "occupancy": -2}
    result = understood("axis-people-counter", {**live, "total in": 10, "total out": 12})

    assert all_of(result) == ("total +10 -12",)
    assert result.flags == ("resets-daily", "negative-balance")
    assert str(result.readings[0].at) == "2020-09-13 12:26:40+00:00"


# --- Frigate, Zigbee2MQTT, ESPHome ---------------------------------------------------------------------------


def test_pictures_of_people_are_no_counts_and_nothing_that_nobody_understands() -> None:
    assert refused("frigate", b"\xff\xd8\xff\xe0\x00\x10JFIF", "frigate/hall/person/snapshot") == "not-a-count"


def test_those_who_move_are_not_everybody() -> None:
    (moving,) = understood("frigate", "1", "frigate/hall/person/active").readings
    (all_there,) = understood("frigate", "3", "frigate/hall/person").readings

    assert (moving.of, all_there.of) == ("moving", "")


def test_an_event_with_the_remarks_of_the_makers_page_is_read() -> None:
    event = json.dumps(said.person("new", [], ["hall"]), indent=1).replace('"new",', '"new", // new, update, end')

    assert understood("frigate", event).flags == ("json-remark",)


def test_an_instant_in_milliseconds_where_seconds_are_told_is_no_instant() -> None:
    event = said.person("new", [], ["hall"])
    event["after"]["frame_time"] = 1772439300000

    assert refused("frigate", event) == "bad-instant"


def test_a_sensor_may_have_slashes_in_its_name_and_a_topic_for_each_thing() -> None:
    one = understood("zigbee2mqtt", "true", "zigbee2mqtt/ground/door/occupancy")
    all_at_once = understood("zigbee2mqtt", {"occupancy": False}, "zigbee2mqtt/ground/door")
    gone = understood("zigbee2mqtt", {"state": "offline"}, "zigbee2mqtt/ground/door/availability")

    assert all_of(one) == ("presence yes",)
    assert one.device == all_at_once.device == gone.device == "ground/door"
    assert refused("zigbee2mqtt", "90", "zigbee2mqtt/ground/door/battery") == "not-a-count"
    bridge = understood("zigbee2mqtt", {"state": "online"}, "zigbee2mqtt/bridge/state")
    assert (bridge.device, bridge.flags) == ("", ("online",))


def test_an_object_of_topics_may_hold_what_was_said_as_it_is() -> None:
    assert all_of(understood("frigate", {"frigate/hall/person": 3, "frigate/available": "online"})) == (
        "occupancy hall =3",
    )
    assert all_of(understood("zigbee2mqtt", {"zigbee2mqtt/hall": {"occupancy": True}})) == ("presence yes",)


def test_two_senses_of_one_sensor_may_differ() -> None:
    both = understood("zigbee2mqtt", {"occupancy": False, "presence": True, "last_seen": "2026-03-02T09:15:00+01:00"})

    assert all_of(both) == ("presence occupancy no", "presence presence yes")
    assert str(both.readings[0].at) == "2026-03-02 08:15:00+00:00"
    assert both.readings[0].unsaid == ("count",)


def test_the_one_sensor_of_zigbee_that_counts_tells_how_many_and_no_crossing() -> None:
    told = understood("zigbee2mqtt", {"people": 3, "status": "in", "battery": 90}, "zigbee2mqtt/door")

    assert (all_of(told), told.fields) == (("occupancy =3",), {"status": "in", "battery": 90})
    assert all_of(understood("zigbee2mqtt", "4", "zigbee2mqtt/door/people")) == ("occupancy =4",)
    assert understood("zigbee2mqtt", {"people": None}).flags == ("not-known-yet",)
    assert refused("zigbee2mqtt", {"people": -1}) == "bad-value"


def test_a_device_of_esphome_may_have_a_prefix_of_several_parts() -> None:
    for topic in ("home/hall/roode32/number/people_counter/state", "home/hall/roode32/status"):
        told = understood("esphome", "3" if topic.endswith("state") else "online", topic)
        assert told.device == "home/hall/roode32"
    assert all_of(understood("esphome", "3", "door/sensor/people_count/state")) == ("occupancy =3",)


# --- Terabee -------------------------------------------------------------------------------------------------


def test_a_counter_of_terabee_pushes_its_totals_as_json() -> None:
    value = {"in": 2, "out": 1, "reset_period": "manual-ee5b1479"}
    newer = understood(
        "terabee-pcl", {"at": 1723840295, "type": "counters", "serial_number": "b827ebb864d8", "value": value}
    )
    old = {"count_in": 23, "count_out": 12, "timestamp": "1723840295", "device_id": "FA21415EAEB7", "password": "x"}
    older = understood("terabee-pcl", old)

    assert (all_of(newer), newer.device, newer.readings[0].epoch) == (
        ("total +2 -1",),
        "b827ebb864d8",
        "manual-ee5b1479",
    )
    assert (all_of(older), older.device, older.fields) == (("total +23 -12",), "fa21415eaeb7", {})
    assert newer.readings[0].at == older.readings[0].at is not None
    assert understood("terabee", {"count_in": 1, "count_out": 0, "flags": {"TPC_STUCK": 1, "x": 1}}).flags == (
        "tpc-stuck",
        "not-trusted",
        "family-inferred",
    )
    assert refused("terabee-pcl", {"at": 1723840295, "type": "status", "serial_number": "b8", "value": {}}) == (
        "not-a-count"
    )


# --- Irisys, Xovis, Milesight --------------------------------------------------------------------------------


def test_a_vector_without_a_name_has_that_of_its_topic() -> None:
    told = understood("irisys", {"counts": [{"name": "Hall", "count": 30}]}, "irisys/V4D-00000001/live_counts")

    elsewhere = understood("irisys", {"counts": [{"name": "Hall", "count": 30}]}, "irisys/V4D-1/0021AC000001/counts")

    assert (told.device, elsewhere.device) == ("V4D-00000001", "V4D-1")
    assert refused("irisys", {"HistogramLogs": [], "FriendlyDeviceSerial": "V4D-1"}) == "not-a-count"


def test_two_changes_in_one_second_are_two() -> None:
    change = {"name": "Hall", "value": 1, "timestamp": said.AT}

    assert all_of(understood("irisys", [change, change, {**change, "name": "Exit"}])) == (
        "delta Hall 2",
        "delta Exit 1",
    )


def test_lines_that_are_called_alike_are_told_apart_by_their_numbers() -> None:
    push = said.logics(("fw", 3))
    (first,) = push["logics_data"]["logics"]
    push["logics_data"]["logics"] = [first, {**first, "id": 2}, {**first, "id": 3, "name": "Side"}]

    assert all_of(understood("xovis-v5", push)) == ("period Door-1/fw 3", "period Door-2/fw 3", "period Side/fw 3")


def test_live_counters_of_lines_that_are_called_alike_are_told_apart_too() -> None:
    logics = [{"id": 8, "name": "Door"}, {"id": 9, "name": "Door"}]
    counts = [{"id": 8001, "name": "fw", "logic_id": 8}, {"id": 9001, "name": "fw", "logic_id": 9}]
    events = [{"category": "COUNT", "attributes": {"counter_id": it["id"], "counter_value": 31}} for it in counts]
    frame = {"framenumber": 1, "time": 1772439300000, "events": events}

    result = understood("xovis-v5", {"live_data": {"config": {"logics": logics, "counts": counts}, "frames": [frame]}})

    assert all_of(result) == ("total Door-8/fw 31", "total Door-9/fw 31")


def test_a_package_is_not_taken_for_one_of_the_same_number_before_the_sensor_was_started_again() -> None:
    before, after = said.logics(("fw", 3)), said.logics(("fw", 5))
    after["logics_data"]["logics"][0]["records"][0] |= {"from": said.TO, "to": "2026-03-02T08:16:00Z"}

    first, again, later = (understood("xovis-v5", it).message for it in (before, before, after))
    assert first == again != later


def test_a_balance_below_nobody_leaves_the_lines_beside_it() -> None:
    value = [{"value": -3, "label": "balance"}, {"value": 2, "label": "fw"}]
    measured = [{"from": said.FROM, "to": said.TO, "value": value}]
    element = {"element-id": 1, "element-name": "Hall", "data-type": "ZONE", "measurement": measured}
    result = understood("xovis-legacy", {"sensor-info": {"serial-number": "00:6E"}, "content": {"element": [element]}})

    assert (all_of(result), result.flags) == (("period Hall/fw 2",), ("negative-balance",))


def test_a_text_that_ends_with_a_curled_mark_is_read_where_the_maker_prints_it() -> None:
    text = said.JSONS[0].message.decode()[:-1] + ', "snapshot": "/9j/4AAQ...(Image code)” //HTTP Post only\n}'

    assert understood("milesight-vs121p", text).flags == ("picture-dropped", "json-curly-quote", "json-remark")
    assert refused("axis-aoa", '{"a": "b”}') == "not-json"


def test_summer_time_may_be_told_as_a_number() -> None:
    message = json.loads(said.JSONS[1].message)
    message["time_info"]["dst_status"] = 1

    assert all(not reading.at for reading in understood("milesight-vs121p", message).readings)


def test_a_report_of_other_things_of_a_vs125_counts_nobody() -> None:
    about = {"device_info": {"device_sn": "1"}, "region_periodic_data": [{"region": 1}]}

    assert understood("milesight-vs125", about).flags == ("no-count",)
