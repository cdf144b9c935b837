"""The Grafana dashboard of a lobby: rooms against their limits, doors, lines, visits, desks, devices.

    python dashboards/build.py > dashboards/guichet-lobby.json

Its questions are InfluxQL, which InfluxDB 1.8, 2 and 3 answer alike, about the measurements of `hub.history.points`.
What is not known leaves a gap: no question fills one.
"""

import json
import sys
from itertools import count

from grafana_foundation_sdk.builders import common as common_parts
from grafana_foundation_sdk.builders import dashboard as parts
from grafana_foundation_sdk.builders import statetimeline, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common, dashboard

SOURCE = dashboard.DataSourceRef(type_val="influxdb", uid="${source}")
HERE = "\"site\" = '$site' AND $timeFilter"
ROOM = f'"room" =~ /^$room$/ AND {HERE}'
SERVICE = f'"service" =~ /^$service$/ AND {HERE}'

SAMPLE = "5m"
"""How often the hub notes what does not change: shorter intervals would show gaps where nothing is unknown."""

GREEN, YELLOW, RED, GREY = "green", "yellow", "red", "text"
COLOURS = {
    "live": GREEN,
    "ok": GREEN,
    "near-end": YELLOW,
    "degraded": YELLOW,
    "blocked": YELLOW,
    "out": RED,
    "silent": RED,
    "swapped": RED,
    "stuck": RED,
    "drifting": YELLOW,
    "differing": YELLOW,
    "online": GREEN,
    "updating": YELLOW,
    "lost": RED,
    "serving": "blue",
    "called": "light-blue",
    "free": GREEN,
    "closed": GREY,
    "unknown": GREY,
    "unheard": GREY,
}
"""What rooms, counters, printers, desks and nodes say of themselves, and how it looks."""


class InfluxQl(Dataquery):
    """A question in InfluxQL, as Grafana keeps it. The SDK has no class of its own for this source."""

    def __init__(self, query: str, alias: str, result_format: str, source: dashboard.DataSourceRef) -> None:
        self.query = query
        self._source = source
        self._alias = alias
        self._format = result_format

    def to_json(self) -> dict[str, object]:
        return {
            "refId": "A",
            "datasource": self._source,
            "rawQuery": True,
            "query": self.query,
            "alias": self._alias,
            "resultFormat": self._format,
        }


class Ask(Builder[Dataquery]):
    """`alias` names each series: `$col` is the column, `$tag_room` the room."""

    def __init__(
        self,
        query: str,
        *,
        alias: str = "$col",
        result_format: str = "time_series",
        source: dashboard.DataSourceRef = SOURCE,
    ) -> None:
        self._query = InfluxQl(query, alias, result_format, source)

    def build(self) -> Dataquery:
        return self._query


def lobby() -> parts.Dashboard:
    """The whole dashboard."""
    board = (
        parts.Dashboard("Guichet: lobby")
        .uid("guichet-lobby")
        .description("Rooms, doors, lines, visits, desks and devices of one site. A gap means: not known.")
        .tags(["guichet"])
        .time("now/d", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .with_variable(parts.DatasourceVariable("source").label("Data source").type("influxdb"))
        .with_variable(_choice("site", "Site", 'SHOW TAG VALUES FROM "occupancy" WITH KEY = "site"', many=False))
        .with_variable(_choice("room", "Room", _values("occupancy", "room")))
        .with_variable(_choice("service", "Service", _values("line", "service")))
    )
    ids = count(1)
    for row, panels in (
        ("Rooms", (people(), quality())),
        ("Doors", (crossings(),)),
        ("Lines and visits", (lines(), waits(), visits(), services())),
        ("Desks", (desks(),)),
        ("Devices", (devices(), self_tests(), nodes(), temperatures())),
    ):
        board = board.with_row(parts.Row(row).id(next(ids)))
        for panel in panels:
            board = board.with_panel(panel.id(next(ids)))
    return board


def _values(measurement: str, tag: str) -> str:
    return f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{tag}" WHERE "site" = \'$site\''


def _choice(name: str, label: str, query: str, *, many: bool = True) -> parts.QueryVariable:
    variable = (
        parts.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    )
    return variable.multi(True).include_all(True) if many else variable


def people() -> timeseries.Panel:
    """Repeated for each room."""
    columns = (
        'mean("people") AS "people", min("lower_people") AS "at least", '
        'max("upper_people") AS "at most", last("limit_people") AS "limit"'
    )
    return (
        _lines("$room: people", "Counted people, between which bounds, and the limit. A gap: the count is unknown.")
        .repeat("room")
        .repeat_direction("h")
        .height(9)
        .span(24)
        .interval(SAMPLE)
        .decimals(0)
        .override_by_name("at least", [*_colour("light-blue"), *_thin()])
        .override_by_name(
            "at most",
            [*_colour("light-blue"), *_thin(), _set("custom.fillBelowTo", "at least"), _set("custom.fillOpacity", 15)],
        )
        .override_by_name("people", [*_colour("blue"), _set("custom.lineWidth", 2)])
        .override_by_name("limit", [*_colour(RED), _set("custom.lineStyle", {"fill": "dash", "dash": [8, 6]})])
        .with_target(Ask(f'SELECT {columns} FROM "occupancy" WHERE {ROOM} GROUP BY time($__interval) fill(null)'))
    )


def quality() -> statetimeline.Panel:
    query = f'SELECT last("quality") FROM "occupancy" WHERE {ROOM} GROUP BY time($__interval), "room" fill(none)'
    return _states("How far the counts can be trusted", "Live, degraded or unknown.", Ask(query, alias="$tag_room"))


def crossings() -> timeseries.Panel:
    columns = 'sum("entered") AS "in", sum("left") * -1 AS "out"'
    query = f'SELECT {columns} FROM "crossing" WHERE {HERE} GROUP BY time($__interval), "door" fill(none)'
    return (
        _bars("Entries and exits", "People through each door per interval; exits point down.")
        .span(24)
        .interval("15m")
        .with_target(Ask(query, alias="$tag_door $col"))
    )


def lines() -> timeseries.Panel:
    column = 'max("inside") + max("outside") AS "waiting"'
    query = f'SELECT {column} FROM "line" WHERE {SERVICE} GROUP BY time($__interval), "service" fill(null)'
    return (
        _lines("Tickets in line", "The longest line within each interval, inside and outside.")
        .interval(SAMPLE)
        .decimals(0)
        .with_target(Ask(query, alias="$tag_service"))
    )


def waits() -> timeseries.Panel:
    columns = 'percentile("wait_s", 50) AS "median", percentile("wait_s", 90) AS "9 of 10"'
    query = f'SELECT {columns} FROM "visit" WHERE {SERVICE} GROUP BY time($__interval), "service" fill(none)'
    return (
        _lines("Waits", "From the ticket to its first call, of the visits that ended in the interval.")
        .unit("s")
        .interval("30m")
        .show_points(common.VisibilityMode.ALWAYS)
        .with_target(Ask(query, alias="$tag_service, $col"))
    )


def visits() -> timeseries.Panel:
    query = (
        f'SELECT count("party_people") AS "visits" FROM "visit" WHERE {SERVICE} '
        'GROUP BY time($__interval), "outcome" fill(none)'
    )
    return (
        _bars("Visits", "Tickets that ended, per hour or longer, by how.")
        .interval("1h")
        .stacking(common_parts.StackingConfig().mode(common.StackingMode.NORMAL))
        .with_target(Ask(query, alias="$tag_outcome"))
    )


def services() -> table.Panel:
    columns = (
        'count("party_people") AS "visits", sum("party_people") AS "people", percentile("wait_s", 50) AS "wait", '
        'percentile("wait_s", 90) AS "wait of 9 of 10", max("wait_s") AS "longest wait", '
        'percentile("service_s", 50) AS "service time"'
    )
    query = f'SELECT {columns} FROM "visit" WHERE {SERVICE} GROUP BY "service"'
    return (
        table.Panel()
        .title("Services")
        .description("Over the whole time that is shown; waits and service times are medians unless said otherwise.")
        .datasource(SOURCE)
        .height(8)
        .span(12)
        .override_by_regexp("wait|time", [_set("unit", "s")])
        .override_by_name("Time", [_set("custom.hidden", True)])
        .with_target(Ask(query, result_format="table"))
    )


def devices() -> statetimeline.Panel:
    query = f'SELECT last("state") FROM "device" WHERE {HERE} GROUP BY time($__interval), "device" fill(none)'
    return _states("Counters and printers", "What each said of itself.", Ask(query, alias="$tag_device"))


def self_tests() -> statetimeline.Panel:
    query = f'SELECT last("state") FROM "self_test" WHERE {HERE} GROUP BY time($__interval), "device" fill(none)'
    what = "What each people counter's own counts say of it: ok, swapped, stuck, drifting or differing."
    return _states("Counters, by their own counts", what, Ask(query, alias="$tag_device"))


def desks() -> statetimeline.Panel:
    query = f'SELECT last("state") FROM "desk" WHERE {HERE} GROUP BY time($__interval), "desk" fill(none)'
    return _states("Desks", "Closed, free, called and nobody has come yet, or serving.", Ask(query, alias="$tag_desk"))


def nodes() -> statetimeline.Panel:
    query = f'SELECT last("state") FROM "node" WHERE {HERE} GROUP BY time($__interval), "node" fill(none)'
    return _states("Computers", "Whether each node is there, every five minutes.", Ask(query, alias="$tag_node"))


def temperatures() -> timeseries.Panel:
    columns = 'max("temperature_c") AS "temperature"'
    query = f'SELECT {columns} FROM "node" WHERE {HERE} GROUP BY time($__interval), "node" fill(null)'
    return (
        _lines("Temperatures", "Of the computers that say it. From 80 °C on a Raspberry Pi slows itself down.")
        .span(24)
        .unit("celsius")
        .interval(SAMPLE)
        .with_target(Ask(query, alias="$tag_node"))
    )


def _lines(title: str, description: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .height(8)
        .span(12)
        .min(0)
        .span_nulls(False)
        .show_points(common.VisibilityMode.NEVER)
        .legend(common_parts.VizLegendOptions().show_legend(True).placement(common.LegendPlacement.BOTTOM))
    )


def _bars(title: str, description: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .height(8)
        .span(12)
        .draw_style(common.GraphDrawStyle.BARS)
        .fill_opacity(70)
        .decimals(0)
    )


def _states(title: str, description: str, question: Ask) -> statetimeline.Panel:
    looks = {state: dashboard.ValueMappingResult(color=colour) for state, colour in COLOURS.items()}
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .height(6)
        .span(24)
        .interval(SAMPLE)
        .mappings([dashboard.ValueMap(options=looks)])
        .merge_values(True)
        .with_target(question)
    )


def _set(name: str, value: object) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(id_val=name, value=value)


def _colour(colour: str) -> list[dashboard.DynamicConfigValue]:
    return [_set("color", {"mode": "fixed", "fixedColor": colour})]


def _thin() -> list[dashboard.DynamicConfigValue]:
    return [_set("custom.lineWidth", 0)]


def text() -> str:
    """The dashboard as Grafana reads it."""
    return json.dumps(lobby().build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
