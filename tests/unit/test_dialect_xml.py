"""What makers say in XML beside their JSON."""

import pytest

from edge.dialects import Decoded, Refused, decode
from tests.said_by_counters import all_of


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
