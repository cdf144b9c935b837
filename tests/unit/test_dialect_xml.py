"""What makers say in XML, and beside it in JSON."""

import pytest

from edge.dialects import Decoded, Refused, decode
from tests import said_by_counters as said
from tests.said_by_counters import all_of
from tests.unit.test_dialect_generations import refused, understood

DEVICE = "44:47:cc:50:00:c1"

# --- Xovis ---------------------------------------------------------------------------------------------------


def counted(*lines: str, until: str = "2026-03-02T09:00:00+0100", granularity: str = "3600") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><d:count-data xmlns:d="http://www.xovis.com/count-data-sequence"'
        ' xmlns:s="http://www.xovis.com/sensor-status" xmlns:l="http://www.xovis.com/count-line-sequence">'
        "<d:sensor><s:serial-number>00:6E:02:00:00:01</s:serial-number><s:name>Hall</s:name></d:sensor>"
        f"<d:date-from>2026-03-02T08:00:00+0100</d:date-from><d:date-to>{until}</d:date-to>"
        f'<d:granularity seconds="{granularity}"/><d:count-lines>{"".join(lines)}</d:count-lines></d:count-data>'
    ).encode()


def line(name: str, *values: tuple[int | str, int]) -> str:
    told = "".join(
        f"<l:value><l:fw-count>{fw}</l:fw-count><l:bw-count>{bw}</l:bw-count></l:value>" for fw, bw in values
    )
    return f'<d:count-line line-name="{name}"><d:count-values>{told}</d:count-values></d:count-line>'


def test_an_hour_of_two_lines_of_a_xovis_sensor_is_read_from_its_xml() -> None:
    result = decode("xovis-legacy", counted(line("Door", (3, 2)), line("Side", (0, 1))))

    assert isinstance(result, Decoded), result
    assert all_of(result) == ("period Door/fw 3", "period Door/bw 2", "period Side/fw 0", "period Side/bw 1")
    assert (result.device, result.fields) == ("00:6e:02:00:00:01", {"name": "Hall"})
    assert str(result.readings[0].since) == "2026-03-02 07:00:00+00:00"


def test_several_values_are_the_intervals_of_that_hour() -> None:
    result = decode("xovis", counted(line("Door", (3, 2), (5, 4)), granularity="1800"))

    assert isinstance(result, Decoded), result
    assert [str(it.until)[11:16] for it in result.readings] == ["07:30", "07:30", "08:00", "08:00"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("bad-value", counted(line("Door", (3, 2), (5, 4)))),
        ("bad-value", counted(line("Door", ("many", 2)))),
        ("bad-value", counted(line("Door", (3, 2)), granularity="60")),
        ("bad-instant", counted(line("Door", (3, 2)), until="2026-03-02T07:00:00+0100")),
        ("bad-instant", counted(line("Door", (3, 2)), until="")),
        ("duplicate-key", counted(line("Door", (3, 2)), line("Door", (3, 2)))),
        ("unknown-shape", b"<hello/>"),
        ("unknown-shape", counted()),
        ("not-xml", counted(line("Door", (3, 2)))[:-9]),
        ("unsafe-xml", b'<!DOCTYPE d [<!ENTITY a "b">]><d/>'),
    ],
)
def test_xml_of_a_sensor_that_cannot_be_used_is_refused_whole(code: str, message: bytes) -> None:
    result = decode("xovis-legacy", message)

    assert isinstance(result, Refused), result
    assert result.refused == code


# --- Hikvision -----------------------------------------------------------------------------------------------


def alert(*parts: str, space: str = "urn:psialliance-org") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="1.0" xmlns="{space}">'
        f"<macAddress>{DEVICE}</macAddress><channelID>1</channelID><dateTime>2026-08-12T11:50:47-5:00</dateTime>"
        f"<eventType>PeopleCounting</eventType>{''.join(parts)}</EventNotificationAlert>"
    )


def now(came: int, went: int, more: str = "") -> str:
    return (
        "<peopleCounting><statisticalMethods>realTime</statisticalMethods><RealTime><time>2026-08-12T11:50:47-5:00"
        f"</time></RealTime><enter>{came}</enter><exit>{went}</exit>{more}</peopleCounting>"
    )


@pytest.mark.parametrize(
    "space",
    ["urn:psialliance-org", "http://www.hikvision.com/ver20/XMLSchema", "http://www.isapi.org/ver20/XMLSchema"],
)
def test_an_alert_is_read_in_each_name_space_and_with_a_short_offset(space: str) -> None:
    result = understood("hikvision", alert(now(70, 75), space=space))

    assert all_of(result) == ("total channel-1 +70 -75",)
    assert str(result.readings[0].at) == "2026-08-12 16:50:47+00:00"


def test_children_of_an_alert_stand_apart() -> None:
    children = "<childCounting><enter>3</enter><exit>2</exit></childCounting>"

    assert all_of(understood("hikvision", alert(now(70, 75), children))) == (
        "total channel-1 +70 -75",
        "total channel-1 children +3 -2",
    )


def test_regions_of_one_camera_are_told_apart() -> None:
    two = alert(now(1, 2, "<regionsID>1</regionsID>"), now(3, 4, "<regionsID>2</regionsID>"))

    assert all_of(understood("hikvision", two)) == ("total channel-1 +1 -2", "total channel-1-region-2 +3 -4")
    assert refused("hikvision", alert(now(1, 2), now(3, 4))) == "duplicate-key"


def test_a_method_that_is_left_out_is_told_by_the_time_that_stands_there() -> None:
    span = "<TimeRange><startTime>2026-08-12T11:15:00-05:00</startTime><endTime>2026-08-12T11:30:00-05:00</endTime>"
    counted = f"<peopleCounting>{span}</TimeRange><enter>1</enter><exit>2</exit></peopleCounting>"

    assert all_of(understood("hikvision", alert(counted))) == ("period channel-1 +1 -2",)
    assert refused("hikvision", alert("<peopleCounting><enter>1</enter><exit>2</exit></peopleCounting>")) == (
        "missing-field"
    )


def test_an_alert_in_json_may_hold_a_list() -> None:
    counted = [{"statisticalMethods": "realTime", "enter": "51", "leave": "40"}]
    told = {"eventType": "PeopleCounting", "channelID": 2, "dateTime": said.AT, "peopleCounting": counted}

    assert all_of(understood("hikvision", told)) == ("total channel-2 +51 -40",)


def test_an_alert_is_found_among_pictures() -> None:
    picture = b"--sep\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\r\n"
    text = b"--sep\r\nContent-Type: application/xml; charset=UTF-8\r\n\r\n" + alert(now(7, 5)).encode() + b"\r\n"
    head = b"Content-Type: multipart/form-data; boundary=sep\r\n\r\n"

    for body in (picture + text + b"--sep--\r\n", head + text + picture + b"--sep--\r\n"):
        assert all_of(understood("hikvision", body)) == ("total channel-1 +7 -5",)
    assert refused("hikvision", text + text + b"--sep--\r\n") == "not-xml"


def test_what_was_found_for_a_day_has_intervals_that_end_with_their_last_second() -> None:
    span = "<timeSpan><startTime>2017-01-30T01:00:00</startTime><endTime>2017-01-30T01:59:59</endTime></timeSpan>"
    match = f"<matchElement>{span}<enterCount>5</enterCount><exitCount>4</exitCount></matchElement>"
    found = (
        f"<CountingStatisticsResult><responseStatus>OK</responseStatus><matchList>{match}{match.replace('T01', 'T02')}"
    )

    result = understood("hikvision", found + "</matchList></CountingStatisticsResult>")

    assert all_of(result) == ("period +5 -4", "period +5 -4")
    assert result.readings[0].local_until == result.readings[1].local_since == "2017-01-30T02:00:00"
    assert result.flags == ("local-time",)
    nothing = "<CountingStatisticsResult><matchList/></CountingStatisticsResult>"
    assert understood("hikvision", nothing).flags == ("no-count",)
