"""What counters of other makers say: one made-up message for each way in which each family speaks, and what it means.

All numbers are ours; the shapes are the makers'. Tests of the makers' own examples read them where they are kept.
"""

import json
from dataclasses import dataclass
from typing import Any

from edge.dialects import Decoded, Reading


@dataclass(frozen=True)
class Said:
    """One message."""

    family: str
    what: str
    message: bytes
    means: tuple[str, ...]
    """Each reading, as `short` tells it."""
    flags: tuple[str, ...] = ()
    topic: str = ""
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.family}: {self.what}"


def short(reading: Reading) -> str:
    """`total line-1 +72 -200`, `period Line 1/fw 3`, `occupancy region-2 =4`, `presence yes`."""
    where = "/".join(name for name in (reading.register, reading.direction) if name)
    told = [str(reading.kind), where, reading.of]
    told += [f"+{reading.entered}"] if reading.entered is not None else []
    told += [f"-{reading.left}"] if reading.left is not None else []
    told += [str(reading.count)] if reading.count is not None else []
    told += [f"={reading.people}"] if reading.people is not None else []
    told += ["yes" if reading.present else "no"] if reading.present is not None else []
    told += ["late"] if reading.is_late else []
    return " ".join(word for word in told if word)


def all_of(decoded: Decoded) -> tuple[str, ...]:
    return tuple(short(reading) for reading in decoded.readings)


def frame(family: str, what: str, digits: str, *means: str, port: int | None = 85, flags: tuple[str, ...] = ()) -> Said:
    return Said(family, what, digits.encode(), means, flags, port=port)


def as_json(family: str, what: str, value: Any, *means: str, flags: tuple[str, ...] = ()) -> Said:
    return Said(family, what, json.dumps(value).encode(), means, flags)


def told(family: str, what: str, text: str, *means: str, topic: str = "", flags: tuple[str, ...] = ()) -> Said:
    return Said(family, what, text.encode(), means, flags, topic)


AT = "2026-03-02T08:15:00Z"
FROM, TO = "2026-03-02T08:14:00Z", "2026-03-02T08:15:00Z"
HISTORY_AT = "C47EA569"
"""2026-03-02 in the seconds of Milesight, the smallest byte first."""

FRAMES = (
    frame(
        "milesight-vs121",
        "regions that are taken",
        "04C9 05 04 000A 06CD 07",
        "occupancy =5",
        "presence region-1 no",
        "presence region-2 yes",
        "presence region-3 no",
        "presence region-4 yes",
    ),
    frame(
        "milesight-vs121", "who passed", "05CC 0300 0100 0DCC 2C01 FA00", "period line +3 -1", "total line +300 -250"
    ),
    frame(
        "milesight-vs121",
        "a line at this moment",
        f"10F7 0100 0000 0F85 {HISTORY_AT}",
        "delta line +1 -0",
    ),
    frame(
        "milesight-vs121",
        "people in regions",
        "07D5 0001020304050607",
        *(f"occupancy region-{region} ={region - 1}" for region in range(1, 9)),
    ),
    frame(
        "milesight-vs121",
        "what was not heard",
        f"20CE {HISTORY_AT} 10 0500 0400",
        "total line +5 -4 late",
    ),
    frame("milesight-vs121", "about itself", "FF0101 FF08 6600A1B2C3D4 FF09 0100 FF1F 1F07004B", flags=("no-count",)),
    frame("milesight-vs121", "that it was cleared", "FE51 FF", flags=("settings-answer", "totals-cleared")),
    frame(
        "milesight-vs121",
        "that it does not want to",
        "F8D4 01 01",
        flags=("settings-answer", "setting-refused-by-device"),
    ),
    frame("milesight-vs132", "totals", "03D2 0A000000 04D2 09000000 05CC 0200 0100", "total +10 -9", "period +2 -1"),
    frame(
        "milesight-vs133",
        "two lines and children",
        "03D2 0A000000 04D2 09000000 06D2 01000000 11D2 02000000 12D2 01000000",
        "total line-1 +10 -9",
        "total line-2 +1",
        "total line-1 children +2 -1",
    ),
    frame(
        "milesight-vs133",
        "people in regions, and that something hangs before it",
        "0FE3 01020304 50FC 00 00 01",
        "occupancy region-1 =1",
        "occupancy region-2 =2",
        "occupancy region-3 =3",
        "occupancy region-4 =4",
        flags=("blocked",),
    ),
    frame(
        "milesight-vs135", "a period that was not heard", f"20CE {HISTORY_AT} 08 0500 0400", "period line-2 +5 -4 late"
    ),
    frame("milesight-vs330", "a taken cubicle", "0175 5A 0282 1400 038E 01", "presence yes"),
    frame("milesight-vs340", "a free seat", "0175 5A 0300 00", "presence no"),
    frame("milesight-vs350", "totals", "0175 5A 04CC 0500 0400 05CC 0100 0200", "total +5 -4", "period +1 -2"),
    frame(
        "milesight-vs350",
        "an alarm with its instant",
        f"84CC 0500 0400 01 0AEF {HISTORY_AT}",
        "total +5 -4",
        flags=("total-count-alarm",),
    ),
    frame(
        "milesight-vs350",
        "a clock that nobody has set",
        "04CC 0500 0400 0AEF 01000000",
        "total +5 -4",
        flags=("clock-unset",),
    ),
    frame("milesight-vs351", "totals on a charger", "FFCC 02 04CC 0500 0400", "total +5 -4"),
    frame("milesight-vs351", "how it was set up", "FFEC 01 F88D 40420F00 00", flags=("settings-answer",)),
    frame(
        "milesight-vs360",
        "totals and two batteries",
        "0175 5A 0275 50 04CC 0500 0400 05CC 0100 0200",
        "total +5 -4",
        "period +1 -2",
    ),
    frame(
        "milesight-vs360",
        "that its posts do not see each other",
        "03F4 0201 04CC 0500 0400",
        "total +5 -4",
        flags=("devices-misaligned", "not-trusted"),
    ),
    frame("milesight-vs360", "that they do again", "03F4 0201 03F4 0200 04CC 0500 0400", "total +5 -4"),
    frame("terabee-pcm", "totals", "00000005 00000004 00", "total +5 -4", port=82),
    frame(
        "terabee-pcm",
        "totals that are not to be trusted",
        "00000005 00000004 03",
        "total +5 -4",
        port=82,
        flags=("tpc-stopped", "tpc-stuck", "not-trusted"),
    ),
    frame(
        "terabee-pcm",
        "totals that were asked for",
        "02 00000005 00000004",
        "total +5 -4",
        port=2,
        flags=("settings-answer",),
    ),
    frame("terabee-pcl", "totals", "00000005 00000004 08", "total +5 -4", port=1, flags=("wifi-ap-enabled",)),
    frame("terabee-pcl", "that it was cleared", "FF 01 00", port=2, flags=("settings-answer", "totals-cleared")),
    frame("terabee-pcl", "its version", "03 020001", port=4, flags=("settings-answer",)),
    frame(
        "terabee-poc",
        "people in two zones",
        "00 05 02 FF FF FF 03 FF FF FF",
        "occupancy =5",
        "occupancy zone-0 =2",
        "occupancy zone-4 =3",
        port=83,
    ),
    frame(
        "terabee-poc",
        "that it warms up",
        "08 00 FFFFFFFFFFFFFFFF",
        "occupancy =0",
        port=83,
        flags=("warmup", "not-trusted"),
    ),
    frame(
        "imbuildings-people-counter",
        "counts and totals",
        "02 06 0004A30B00000001 00 0150 0002 0001 00 000D 000A 2A",
        "period a 2",
        "period b 1",
        "total a 13",
        "total b 10",
        port=1,
    ),
    frame(
        "imbuildings-people-counter",
        "counts with their instant",
        "20260302081500 0002 0001 00",
        "period a 2",
        "period b 1",
        port=24,
    ),
    frame("imbuildings-people-counter", "totals alone", "00 000D 000A", "total a 13", "total b 10", port=27),
    frame("imbuildings-people-counter", "that it lives", "00 0150 00", port=28, flags=("alive",)),
    frame("parametric-pcr2", "a plain frame", "0A 0003 16 0002 01 00D2", "period ltr 3", "period rtl 2", port=14),
    frame("parametric-pcr2", "Cayenne's form", "0066 03 0166 02 0267 00D2", "period ltr 3", "period rtl 2", port=14),
    frame(
        "parametric-pcr2",
        "a frame of firmware 4",
        "BE01 01 A5 0003 0002 48 2A",
        "period ltr 3",
        "period rtl 2",
        port=14,
    ),
    frame(
        "parametric-pcr2",
        "an extended frame",
        "BE0104 0003 0002 0009 0008 1C20 0CE4 0139",
        "period ltr 3",
        "period rtl 2",
        "total ltr 9",
        "total rtl 8",
        port=14,
    ),
)

_DEVICE = {"device_sn": "1234567890", "device_mac": "02:00:00:00:00:01", "device": "Workplace Sensor"}
_WHEN = {
    "timezone": "UTC+1:00",
    "dst_status": False,
    "start_time": "2026/03/02 09:14:00",
    "end_time": "2026/03/02 09:15:00",
}


def axis(scenario: str, **data: str) -> dict[str, Any]:
    return {
        "topic": f"axis:CameraApplicationPlatform/ObjectAnalytics/{scenario}",
        "timestamp": 1772439300000,
        "serial": "0123456789AB",
        "message": {"source": {}, "key": {}, "data": data},
    }


def logics(*counts: tuple[str, int], samples: int = 600) -> dict[str, Any]:
    record = {
        "from": FROM,
        "to": TO,
        "samples": samples,
        "samples_expected": 600,
        "counts": [{"id": number, "name": name, "value": value} for number, (name, value) in enumerate(counts)],
    }
    return {
        "logics_data": {
            "package_info": {"version": "5.0", "id": 7, "agent_id": 1},
            "sensor_info": {"serial_number": "00:6E:02:00:00:01", "type": "SINGLE_SENSOR"},
            "logics": [{"id": 1, "name": "Door", "records": [record]}],
        }
    }


def person(sort: str, before: list[str], after: list[str], label: str = "person") -> dict[str, Any]:
    def seen(zones: list[str]) -> dict[str, Any]:
        about = {"id": "1772439300.5-abc", "camera": "lobby", "frame_time": 1772439300.5, "label": label}
        return {**about, "false_positive": False, "current_zones": zones, "entered_zones": zones}

    return {"type": sort, "before": seen(before), "after": seen(after)}


ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<macAddress>02:00:00:00:00:01</macAddress><channelID>1</channelID><dateTime>2026-03-02T09:15:00+01:00</dateTime>
<eventType>PeopleCounting</eventType><peopleCounting><statisticalMethods>timeRange</statisticalMethods>
<TimeRange><startTime>2026-03-02T09:14:00+01:00</startTime><endTime>2026-03-02T09:15:00+01:00</endTime></TimeRange>
<enter>3</enter><exit>2</exit></peopleCounting></EventNotificationAlert>"""

JSONS = (
    as_json(
        "milesight-vs121p",
        "people and taken regions",
        {
            "event": "Region People Counting",
            "device_info": _DEVICE,
            "time_info": _WHEN,
            "current_total": 4,
            "numbering_regions": [1, 3],
            "occupancy": [0, 1],
        },
        "occupancy =4",
        "presence region-1 no",
        "presence region-3 yes",
    ),
    as_json(
        "milesight-vs121p",
        "who crossed, in an hour that may be summer time",
        {
            "event": "Line Crossing Counting",
            "device_info": _DEVICE,
            "time_info": {**_WHEN, "dst_status": True},
            "in_counted": 3,
            "out_counted": 2,
            "capacity_counted": 1,
            "total_data": {
                "in_cumulative_counted": 30,
                "out_cumulative_counted": 20,
                "capacity_cumulative_counted": 10,
            },
        },
        "period line +3 -2",
        "total line +30 -20",
        flags=("local-time",),
    ),
    as_json(
        "milesight-vs125",
        "lines and regions",
        {
            "device_info": _DEVICE,
            "time_info": {"start_time": "2026-03-02T09:14:00+01:00", "end_time": "2026-03-02T09:15:00+01:00"},
            "line_periodic_data": [{"line": 1, "total": {"in": 3, "out": 2}, "children": {"in": 1, "out": 0}}],
            "line_total_data": [{"line": 1, "total": {"in_counted": 30, "out_counted": 20, "capacity_counted": 10}}],
            "region_data": {"region_count_data": [{"region": 1, "total": {"current_total": 2}}]},
        },
        "period line-1 +3 -2",
        "period line-1 children +1 -0",
        "total line-1 +30 -20",
        "occupancy region-1 =2",
    ),
    as_json(
        "milesight-vs125",
        "a line of firmware that counts everybody alone",
        {"device_info": _DEVICE, "line_total_data": [{"line": 1, "in_counted": 30, "out_counted": 20}]},
        "total line-1 +30 -20",
    ),
    as_json(
        "milesight-vs125",
        "a line at this moment, sent again",
        {
            "device_info": _DEVICE,
            "time_info": {"time": "2026-03-02T09:15:00+01:00"},
            "line_trigger_data": [{"line": 2, "total": {"in": 1, "out": 0}}],
            "isRetransmission": True,
        },
        "delta line-2 +1 -0 late",
        flags=("retransmitted",),
    ),
    as_json(
        "axis-aoa",
        "crossings of people and cars",
        axis("Device1Scenario2", startTime=FROM, reason="human", total="90", totalHuman="12", totalCar="78"),
        "total Device1Scenario2 12",
    ),
    as_json(
        "axis-aoa", "people in an area", axis("Device1Scenario3", human="4", car="1"), "occupancy Device1Scenario3 =4"
    ),
    as_json(
        "axis-aoa",
        "people in an area, of a camera that leaves out its serial number",
        {key: value for key, value in axis("Device1Scenario3", human="4").items() if key != "serial"},
        "occupancy Device1Scenario3 =4",
    ),
    as_json(
        "axis-aoa",
        "crossings, when asked",
        {
            "apiVersion": "1.6",
            "method": "getAccumulatedCounts",
            "data": {"resetTime": FROM, "timeStamp": TO, "total": 90, "totalHuman": 12, "totalCar": 78},
        },
        "total 12",
        flags=("scenario-unknown",),
    ),
    as_json(
        "axis-aoa",
        "people in an area, when asked",
        {"apiVersion": "1.6", "method": "getOccupancy", "data": {"timeStamp": TO, "total": 5, "totalHuman": 4}},
        "occupancy =4",
        flags=("scenario-unknown",),
    ),
    as_json(
        "axis-p8815-2",
        "two hours",
        {
            "data": [
                {"start": "2026-03-02 08:00:00", "end": "2026-03-02 09:00:00", "in": 3, "out": 2},
                {"start": "2026-03-02 09:00:00", "end": "2026-03-02 10:00:00", "in": 5, "out": 4},
            ]
        },
        "period +3 -2",
        "period +5 -4",
        flags=("local-time",),
    ),
    as_json(
        "axis-people-counter",
        "the sums of today",
        {"serial": "00408C000001", "name": "Hall", "timestamp": "20260302091500", "in": 30, "out": 20},
        "total +30 -20",
        flags=("local-time", "resets-daily"),
    ),
    as_json(
        "axis-people-counter",
        "how many are inside",
        {
            "serial": "00:40:8c:00:00:01",
            "timestamp": "2026-03-02T09:15:00+01:00",
            "occupancy": 10,
            "total_in": 30,
            "total_out": 20,
        },
        "total +30 -20",
        "occupancy =10",
        flags=("resets-daily",),
    ),
    as_json(
        "axis-people-counter",
        "a pushed minute",
        {
            "apiName": "Axis Retail Data",
            "apiVersion": "0.4",
            "sensor": {"serial": "00408c000001"},
            "data": {
                "measurements": [
                    {
                        "kind": "people-counts",
                        "utcFrom": FROM,
                        "utcTo": TO,
                        "items": [{"direction": "in", "count": 3}, {"direction": "out", "count": 2}],
                    }
                ]
            },
        },
        "period +3 -2",
    ),
    as_json(
        "xovis-legacy",
        "a line and a zone",
        {
            "sensor-info": {"serial-number": "00:6E:02:00:00:01", "name": "hall"},
            "status": {"code": "OK"},
            "content": {
                "element": [
                    {
                        "element-id": 0,
                        "element-name": "Door",
                        "data-type": "LINE",
                        "measurement": [
                            {
                                "from": FROM,
                                "to": TO,
                                "value": [{"value": 3, "label": "fw"}, {"value": 2, "label": "bw"}],
                            }
                        ],
                    },
                    {
                        "element-id": 1,
                        "element-name": "Hall",
                        "data-type": "ZONE",
                        "measurement": [{"from": FROM, "to": TO, "value": [{"value": 4, "label": "count"}]}],
                    },
                ]
            },
        },
        "period Door/fw 3",
        "period Door/bw 2",
        "occupancy Hall =4",
    ),
    as_json("xovis-v5", "a minute of a line", logics(("fw", 3), ("bw", 2)), "period Door/fw 3", "period Door/bw 2"),
    as_json(
        "xovis-v5",
        "a minute in which it was half blind",
        [logics(("fw", 3), ("dwell", 40), samples=300)],
        "period Door/fw 3",
        flags=("partly-blind", "numbers-left-out"),
    ),
    as_json("xovis-v5", "a zone", logics(("balance", 4)), "occupancy Door =4"),
    as_json(
        "xovis-v5",
        "a zone that more have left than came",
        logics(("balance", -4)),
        flags=("negative-balance", "no-count"),
    ),
    as_json("xovis-v5", "a test of the connection", {"connection_test": {}}, flags=("connection-test",)),
    told(
        "xovis-v5",
        "two pushes in one stream",
        json.dumps(logics(("fw", 3))) + json.dumps(logics(("fw", 5))),
        "period Door/fw 3",
        "period Door/fw 5",
    ),
    as_json(
        "xovis-v5",
        "counters of live data",
        {
            "live_data": {
                "sensor_info": {"serial_number": "00:6E:02:00:00:01"},
                "config": {
                    "logics": [{"id": 8, "name": "Door"}],
                    "counts": [{"id": 8001, "name": "fw", "logic_id": 8}],
                },
                "frames": [
                    {
                        "time": 1772439300000,
                        "tracked_objects": [{"track_id": 1}],
                        "events": [
                            {"category": "SCENE", "type": "x"},
                            {"category": "COUNT", "attributes": {"counter_id": 8001, "counter_value": 31}},
                        ],
                    }
                ],
            }
        },
        "total Door/fw 31",
    ),
    as_json(
        "irisys-vector",
        "registers with tags",
        {
            "FriendlyDeviceSerial": "V4D-00000001",
            "CountLogs": [
                {"ClockChangedFrom": FROM, "Timestamp": TO},
                {
                    "LogEntryId": 5,
                    "StartTimestamp": FROM,
                    "Timestamp": TO,
                    "Counts": [
                        {
                            "Name": "Hall",
                            "RegisterId": 0,
                            "RegisterType": "Line",
                            "Tags": ["direction=IN"],
                            "Value": 30,
                            "LogPeriodValue": 3,
                        },
                        {"Name": "Bench", "RegisterId": 1, "RegisterType": "Dwell", "Tags": [], "Value": 40},
                    ],
                },
            ],
        },
        "total Hall +30",
        "period Hall +3",
        flags=("clock-changed", "other-registers"),
    ),
    as_json(
        "terabee-pcl",
        "its totals over a network",
        {
            "at": 1772439300,
            "type": "counters",
            "serial_number": "b827eb000001",
            "value": {"in": 5, "out": 4, "reset_period": "manual-1"},
        },
        "total +5 -4",
    ),
    as_json("irisys-vector", "changes", [{"name": "Hall", "value": 1, "timestamp": AT}], "delta Hall 1"),
    as_json("irisys-vector", "all values", {"counts": [{"name": "Hall", "count": 30}]}, "total Hall 30"),
    as_json("irisys-vector", "that it lives", [], flags=("alive",)),
    told("hikvision-people-counting", "an interval, as XML", ALERT, "period channel-1 +3 -2"),
    told(
        "hikvision-people-counting",
        "totals, with an address that wants quotation marks",
        '{"Metadata":{"subType":"PeopleCounting","time":"2026-03-02T09:15:00+01:00","DevInfo":{"ipAddress":192.0.2.1,'
        '"macAddress":"02:00:00:00:00:01","channel":"1"},"Situation":{"enterRegionPeopleNum":30,"leaveRegionPeopleNum":20}}}',
        "total channel-1 +30 -20",
        flags=("resets-daily", "json-bare-word"),
    ),
    as_json("frigate", "somebody new", person("new", ["hall"], ["hall"]), "crossing hall +1"),
    as_json("frigate", "somebody goes on", person("update", ["hall"], ["hall", "desk"]), "crossing desk +1"),
    as_json("frigate", "somebody is gone", person("end", ["hall"], ["hall"]), "crossing hall -1"),
    as_json("frigate", "a dog", person("new", [], ["hall"], label="dog"), flags=("not-a-person",)),
    told("frigate", "people in a zone", "3", "occupancy hall =3", topic="frigate/hall/person"),
    told("frigate", "that it is there", "online", topic="frigate/available", flags=("online",)),
    as_json("zigbee2mqtt", "that somebody is there", {"occupancy": True, "battery": 90}, "presence yes"),
    as_json(
        "zigbee2mqtt",
        "a tired battery",
        {"presence": False, "battery_low": True},
        "presence no",
        flags=("battery-low",),
    ),
    as_json("zigbee2mqtt", "nothing known yet", {"occupancy": None}, flags=("not-known-yet",)),
    told("esphome-roode", "somebody entered", "Entry", "crossing +1", topic="door/text_sensor/last_direction/state"),
    told("esphome-roode", "how many are inside", "3.0", "occupancy =3", topic="door/number/door_people_counter/state"),
    told(
        "esphome-roode",
        "that the door is free",
        "OFF",
        "presence door no",
        topic="door/binary_sensor/door_presence/state",
    ),
    as_json(
        "esphome-roode",
        "several topics",
        {"_comment": "x", "door/status": "offline", "door/number/people_counter/command": "0"},
        flags=("offline", "command-ignored"),
    ),
)

UPLINK: dict[str, Any] = {
    "deduplicationId": "00000000-0000-4000-8000-000000000001",
    "time": "2026-03-02T08:15:00.123456789+00:00",
    "deviceInfo": {"deviceProfileName": "Milesight VS350", "devEui": "0102030405060708"},
    "fPort": 85,
    "data": "BMwFAAQA",
}
THINGS: dict[str, Any] = {
    "end_device_ids": {"device_id": "door", "dev_eui": "0102030405060708"},
    "received_at": "2026-03-02T08:15:00.123456789Z",
    "uplink_message": {"f_port": 83, "f_cnt": 4, "session_key_id": "AX==", "frm_payload": "AAUC/////////w=="},
}
SERVERS = (
    as_json("chirpstack-v4", "an uplink of a VS350", UPLINK, "total +5 -4"),
    as_json(
        "tts-v3",
        "an uplink of a device that nobody has named",
        THINGS,
        "occupancy =5",
        "occupancy zone-0 =2",
        flags=("family-inferred",),
    ),
)

ALL = (*FRAMES, *JSONS, *SERVERS)
