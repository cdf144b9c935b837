"""The makers' own examples: each decodes to the answer of its maker's decoder, or is refused for what it is.

They are kept beside the repository (`GUICHET_SHARED`, or `../shared`) and are not ours to ship: without them this says
so and skips. What we ship instead is in `tests/said_by_counters.py`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from edge.dialects import Decoded, Refused, decode
from tests.said_by_counters import all_of

SHARED = Path(os.environ.get("GUICHET_SHARED", Path(__file__).parents[3] / "shared"))
PAYLOADS = SHARED / "data" / "payloads"

pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"the makers' examples are not at {PAYLOADS}")

REFUSED = {
    "chirpstack-v4-join": "not-a-count",
    "derived-milesight-vs121-truncated": "truncated",
    "tts-v3-uplink-01": "wrong-port",
    "xovis-v5-agent-config-logics": "not-a-count",
}
"""A join; a frame cut after four bytes; an uplink without a port, whose bytes are a temperature; a configuration."""

MEANS = {
    "axis-aoa-crossline-01": ["total Device1Scenario1 0"],
    "axis-p8815-2-export-hour": ["period +0 -0"],
    "axis-people-counter-live-sum": ["total +12 -318"],
    "esphome-roode-topics": ["occupancy =3", "presence door yes", "crossing +1"],
    "frigate-events-01": ["crossing yard +1"],
    "hikvision-peoplecounting-01": ["total channel-1 +0 -0"],
    "irisys-vector-httppost-01": [
        "total Line 1 121",
        "total Line 2 127",
        "total Zone 1 156",
        "total Dwell 382",
        "total LineExclude 125",
    ],
    "milesight-vs121p-01-occupancy": ["occupancy =10", "presence region-1 yes", "presence region-2 no"],
    "xovis-legacy-linecount-shape": ["period Line 1/fw 3", "period Line 1/bw 1"],
    "zigbee2mqtt-occupancy-01": ["presence yes"],
}
"""Of makers who print no answer beside their examples."""

OTHER_NAMES = {"ttn-milesight-vs121-01": {"people_count_all": 3, "region_count": 3}}
"""This example's answer has other names, and contradicts itself about the mask; its bytes are the maker's."""


def files(ending: str) -> list[Path]:
    return sorted(PAYLOADS.glob(f"*{ending}"))


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


@pytest.mark.parametrize("path", files(".json"), ids=name_of)
def test_each_example_means_what_its_maker_says(path: Path) -> None:
    name, value = name_of(path), json.loads(path.read_text("utf-8"))

    result = decode(name, path.read_bytes())

    if name in REFUSED:
        assert isinstance(result, Refused)
        assert result.refused == REFUSED[name]
        return
    assert isinstance(result, Decoded), result
    assert ("decoded" in value) != (name in MEANS)
    if name in MEANS:
        assert list(all_of(result)) == MEANS[name]
    else:
        answer: dict[str, Any] = OTHER_NAMES.get(name, value["decoded"])
        assert {key: result.fields.get(key) for key in answer} == answer


@pytest.mark.parametrize("path", files(".raw.txt"), ids=name_of)
def test_what_a_maker_prints_for_json_means_the_same_and_says_that_it_was_none(path: Path) -> None:
    clean = decode(name_of(path), path.with_name(f"{name_of(path)}.json").read_bytes())
    printed = decode(name_of(path), path.read_bytes())

    assert isinstance(clean, Decoded)
    assert isinstance(printed, Decoded)
    assert printed.readings == clean.readings
    assert any(flag.startswith("json-") for flag in printed.flags)
    with pytest.raises(ValueError, match="line"):
        json.loads(path.read_text("utf-8"))


def test_no_example_is_left_out() -> None:
    assert {name_of(path) for path in files(".json")} >= {*REFUSED, *MEANS, *OTHER_NAMES}
