"""Grafana's alert rules: the file is the generated one, and each fires on what it is for, as an InfluxDB answers it.

What Grafana does with an answer (its last number, held against the bound) is done here in a few lines.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one use does not ask for its stubs

from dashboards import alerts
from hub.history.influx_store import line_of
from hub.history.points import SAMPLE, DeviceState, NodeState, Occupancy, Point, SelfTest
from hub.schema import micros
from tests.given import MONDAY_9H
from tests.timeseries import InfluxDb, influxdb

FOLDER = Path(__file__).parents[2] / "dashboards"
RULES: dict[str, dict[str, Any]] = {
    rule["uid"]: rule
    for rule in json.loads((FOLDER / "provisioning/alerting/guichet.json").read_text())["groups"][0]["rules"]
}
NOW = MONDAY_9H + timedelta(hours=4, minutes=3)
SILENT_FOR = timedelta(minutes=45)

CALM, BAD = "calm", "bad"


def a_morning(site: str, *, is_bad: bool) -> Iterator[Point]:
    """Four hours of two sites; in the end everything is wrong with the bad one, but that it was late at first."""
    at = MONDAY_9H
    while at <= NOW:
        bad = is_bad and NOW - at < timedelta(minutes=20)
        yield a_room(at, site, "main", people=33 if bad else 12)
        yield a_room(at, site, "office", people=None if bad else 3)
        yield DeviceState(at=at, site=site, device="door-1/counter", state="silent" if bad else "ok")
        yield DeviceState(at=at, site=site, device="door-2/counter", state="blocked" if bad else "ok")
        yield SelfTest(at=at, site=site, device="door-2/counter", state="stuck" if bad else "ok")
        yield SelfTest(at=at, site=site, device="door-1/counter", state="ok")
        yield DeviceState(at=at, site=site, device="kiosk-1/printer", state="out" if bad else "near-end")
        if not is_bad or NOW - at > SILENT_FOR:
            yield NodeState(
                at=at, site=site, node="door-1", state="online", temperature_c=None, disk_free_mb=None, faults=0
            )
        at += SAMPLE


def a_room(at: datetime, site: str, room: str, people: int | None) -> Occupancy:
    quality = "unknown" if people is None else "live"
    return Occupancy(
        at=at,
        site=site,
        room=room,
        people=people,
        lower_people=people,
        upper_people=people,
        limit_people=30,
        quality=quality,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[InfluxDb]:
    with influxdb() as server:
        server.write([line_of(it) for site in (CALM, BAD) for it in a_morning(site, is_bad=site == BAD)])
        yield server


def firing(server: InfluxDb, rule: dict[str, Any], now: datetime = NOW) -> list[dict[str, str]]:
    """The tags of the series for which the rule's condition holds."""
    asked, last, bound = rule["data"]
    assert (last["model"]["type"], last["model"]["expression"]) == ("reduce", asked["refId"])
    assert (bound["model"]["type"], bound["model"]["expression"]) == ("threshold", last["refId"])
    assert (rule["condition"], last["model"]["reducer"]) == (bound["refId"], "last")
    window = asked["relativeTimeRange"]
    begin, end = (micros(now) // 1_000 - 1_000 * window[side] for side in ("from", "to"))
    query = asked["model"]["query"].replace("$timeFilter", f"time >= {begin}ms and time <= {end}ms")
    evaluator = bound["model"]["conditions"][0]["evaluator"]
    (limit,) = evaluator["params"]
    found = []
    for series in server.query(query):
        value = series["values"][-1][1]
        if value is not None and (value > limit if evaluator["type"] == "gt" else value < limit):
            found.append(series["tags"])
    return found


def test_the_file_is_the_generated_one() -> None:
    told = "run: python -m dashboards.alerts > dashboards/provisioning/alerting/guichet.json"
    assert (FOLDER / "provisioning/alerting/guichet.json").read_text() == alerts.text(), told


@pytest.mark.parametrize(
    ("rule", "series"),
    [
        ("guichet-over-limit", [{"site": BAD, "room": "main"}]),
        ("guichet-unknown", [{"site": BAD, "room": "office"}]),
        ("guichet-counter", [{"site": BAD, "device": "door-1/counter"}, {"site": BAD, "device": "door-2/counter"}]),
        ("guichet-counter-doubted", [{"site": BAD, "device": "door-2/counter"}]),
        ("guichet-paper", [{"site": BAD, "device": "kiosk-1/printer"}]),
        ("guichet-hub-late", [{"site": BAD}]),
    ],
)
def test_a_rule_fires_on_what_it_is_for_and_on_nothing_else(
    server: InfluxDb, rule: str, series: list[dict[str, str]]
) -> None:
    assert firing(server, RULES[rule]) == series


@pytest.mark.parametrize("rule", RULES)
def test_an_hour_before_no_rule_fires(server: InfluxDb, rule: str) -> None:
    assert firing(server, RULES[rule], NOW - timedelta(hours=1)) == []


def test_every_rule_is_tried_here_and_says_which_series_it_means() -> None:
    assert set(RULES) == {alert.uid for alert in alerts.ALERTS}
    for rule in RULES.values():
        assert "$labels.site" in rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_a_hub_of_which_nothing_is_known_at_all_is_late_and_an_empty_room_is_none_of_ours() -> None:
    silent = {uid: rule["noDataState"] for uid, rule in RULES.items()}
    assert silent.pop("guichet-hub-late") == "Alerting"
    assert set(silent.values()) == {"OK"}


def test_rules_ask_the_source_that_is_provisioned_and_stand_in_the_folder_of_the_dashboard() -> None:
    sources = yaml.safe_load((FOLDER / "provisioning/datasources/guichet.yaml").read_text())["datasources"]
    asked = {rule["data"][0]["datasourceUid"] for rule in RULES.values()}
    assert asked == {rule["data"][0]["model"]["datasource"]["uid"] for rule in RULES.values()}
    assert asked == {source["uid"] for source in sources}
    providers = yaml.safe_load((FOLDER / "provisioning/dashboards/guichet.yaml").read_text())["providers"]
    assert {provider["folder"] for provider in providers} == {alerts.FOLDER}
