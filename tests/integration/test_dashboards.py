"""The dashboard is the generated one, and an InfluxDB that holds our points answers every question that it asks."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one use does not ask for its stubs

from dashboards import build
from hub.history.influx_store import line_of
from hub.history.points import Crossing, NodeState, Occupancy, Point, SelfTest, Visit
from hub.schema import micros
from tests.given import COUNTER
from tests.history_day import VISITORS, a_morning, points_of
from tests.timeseries import DATABASE, InfluxDb, influxdb

FOLDER = Path(__file__).parents[2] / "dashboards"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "guichet-lobby.json").read_text())
PANELS: dict[str, dict[str, Any]] = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}

POINTS: list[Point] = points_of(a_morning())
POINTS += (
    NodeState(at=at, site="hall", node="door-1", state="online", temperature_c=51.5, disk_free_mb=900, faults=0)
    for at in sorted({point.at for point in POINTS if isinstance(point, Occupancy)})
)
POINTS += (SelfTest(at=it.at, site="hall", device=COUNTER, state="ok") for it in POINTS[:] if isinstance(it, NodeState))


@pytest.fixture(scope="module")
def server() -> Iterator[InfluxDb]:
    """Holds the morning, and the same morning of another site, which must not be seen."""
    with influxdb() as server:
        lines = [line_of(point) for point in POINTS]
        server.write([*lines, *(line.replace("site=hall", "site=annex") for line in lines)])
        yield server


def as_grafana_asks(query: str, interval: str = "5m", *, many: bool = False) -> str:
    """`query` with one room and service chosen, or all of them."""
    times = [point.at for point in POINTS]
    rooms, services = ("(main|office)", "(passports|permits)") if many else ("main", "passports")
    for name, value in {
        "$timeFilter": f"time >= {ms(min(times))}ms and time <= {ms(max(times))}ms",
        "$__interval": interval,
        "$site": "hall",
        "$room": rooms,
        "$service": services,
    }.items():
        query = query.replace(name, value)
    assert "$" not in query.replace("$/", ""), query
    return query


def ms(at: datetime) -> int:
    return micros(at) // 1_000


def ask(server: InfluxDb, title: str, *, many: bool = False) -> list[dict[str, Any]]:
    panel = PANELS[title]
    (target,) = panel["targets"]
    return server.query(as_grafana_asks(target["query"], panel.get("interval", "1m"), many=many))


def column(series: dict[str, Any], name: str) -> list[Any]:
    return [row[series["columns"].index(name)] for row in series["values"]]


def test_the_file_is_the_generated_one() -> None:
    told = "run: python dashboards/build.py > dashboards/guichet-lobby.json"
    assert (FOLDER / "guichet-lobby.json").read_text() == build.text(), told


def test_every_panel_says_what_it_shows_and_has_a_number_of_its_own() -> None:
    assert len(PANELS) == 12
    assert all(panel["description"] for panel in PANELS.values())
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("many", [False, True], ids=["one", "all"])
@pytest.mark.parametrize("title", PANELS)
def test_every_question_is_answered_with_a_value_in_every_column(server: InfluxDb, title: str, many: bool) -> None:
    found = ask(server, title, many=many)
    assert found
    for name in found[0]["columns"]:
        assert any(value is not None for series in found for value in column(series, name)), name


@pytest.mark.parametrize("title", PANELS)
def test_the_names_that_a_panel_speaks_of_are_columns_and_tags(server: InfluxDb, title: str) -> None:
    panel = PANELS[title]
    (target,) = panel["targets"]
    found = ask(server, title)
    assert set(re.findall(r"\$tag_(\w+)", target["alias"])) <= set(found[0].get("tags", {}))
    named = [each["matcher"] for each in panel["fieldConfig"]["overrides"]]
    names = {matcher["options"] for matcher in named if matcher["id"] == "byName"} - {"Time"}
    assert names <= set(found[0]["columns"])


@pytest.mark.parametrize(
    ("name", "values"), [("site", ["annex", "hall"]), ("room", ["main"]), ("service", ["passports", "permits"])]
)
def test_every_choice_is_offered(server: InfluxDb, name: str, values: list[str]) -> None:
    (found,) = server.query(as_grafana_asks(VARIABLES[name]["query"]))
    assert sorted(column(found, "value")) == values


def test_an_unknown_room_leaves_a_gap_and_keeps_its_limit(server: InfluxDb) -> None:
    (found,) = ask(server, "$room: people")
    people, limits = column(found, "people"), column(found, "limit")
    gap = [limit for number, limit in zip(people, limits, strict=True) if number is None]
    assert gap == [20, 20], "a quarter of an hour of silence holds two whole intervals"
    assert None not in limits, "a gap of the store's own making"
    known = [number for number in people if number is not None]
    assert max(known) > 20 > min(known)


def test_everybody_who_passed_a_door_is_counted_once(server: InfluxDb) -> None:
    (front,) = ask(server, "Entries and exits")
    went = [point for point in POINTS if isinstance(point, Crossing)]
    assert sum(column(front, "in")) == sum(point.entered for point in went) == VISITORS
    assert sum(column(front, "out")) == -sum(point.left for point in went)


def test_every_visit_is_counted_once(server: InfluxDb) -> None:
    found = ask(server, "Visits", many=True)
    by_outcome = {series["tags"]["outcome"]: sum(column(series, "visits")) for series in found}
    outcomes = [point.outcome for point in POINTS if isinstance(point, Visit)]
    assert by_outcome == {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
    assert sum(by_outcome.values()) == VISITORS


def test_the_table_tells_true_waits(server: InfluxDb) -> None:
    (passports,) = ask(server, "Services")
    waits = sorted(
        point.wait_s
        for point in POINTS
        if isinstance(point, Visit) and point.service == "passports" and point.wait_s is not None
    )
    (median,), (longest,) = column(passports, "wait"), column(passports, "longest wait")
    assert abs(waits.index(median) - len(waits) // 2) <= waits.count(median)
    assert longest == waits[-1]


def test_grafana_finds_the_source_and_the_dashboard() -> None:
    source = yaml.safe_load((FOLDER / "provisioning/datasources/guichet.yaml").read_text())
    (history,) = source["datasources"]
    assert (history["type"], history["jsonData"]["dbName"]) == ("influxdb", DATABASE)
    assert VARIABLES["source"]["query"] == history["type"]
    (provider,) = yaml.safe_load((FOLDER / "provisioning/dashboards/guichet.yaml").read_text())["providers"]
    assert provider["options"]["path"] in (FOLDER / "README.md").read_text()
