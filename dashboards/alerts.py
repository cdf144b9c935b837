"""The alert rules of a lobby, for Grafana to read from a file.

    python -m dashboards.alerts > dashboards/provisioning/alerting/guichet.json

Each rule asks in InfluxQL for one number per series, takes the last of it and holds it against a bound. Gauges are
noted every five minutes even if nothing changes, at most two minutes late, so a window of `FRESH` has one at least.
"""

import json
import sys
from datetime import timedelta
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import alerting, expr
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import alerting as models
from grafana_foundation_sdk.models import dashboard

from dashboards.build import Ask

SOURCE = dashboard.DataSourceRef(type_val="influxdb", uid="guichet-history")
"""As in provisioning/datasources: a rule cannot choose one, as a dashboard does."""
FOLDER, GROUP = "Guichet", "guichet"
EVERY = "1m"
FRESH = timedelta(minutes=8)
LATE = timedelta(hours=3)
"""As long is a hub that fell silent still missed by name."""
EXPRESSION = "__expr__"
ASKED, LAST, BOUND = "A", "B", "C"

OF_A_RULE = frozenset(
    {"uid", "title", "condition", "data", "noDataState", "execErrState", "for", "annotations", "labels"}
)
"""What a file may say of a rule; the rest is of the API."""


class Alert(NamedTuple):
    """One rule. It fires when the last number is above `above`, or below `below`, for `lasts`."""

    uid: str
    title: str
    query: str
    alias: str
    summary: str
    """`$labels` has the tags of the series."""
    lasts: str
    severity: str
    above: float | None = 0.0
    below: float | None = None
    window: timedelta = FRESH
    when_silent: str = "OK"
    """What no data at all means: nobody is there, mostly; of the hub itself, that it is late."""


def counted(measurement: str, field: str, where: str, tag: str) -> str:
    """How often something was noted, per series."""
    return f'SELECT count("{field}") FROM "{measurement}" WHERE {where} AND $timeFilter GROUP BY "site", "{tag}"'


ALERTS = (
    Alert(
        uid="guichet-over-limit",
        title="More people than allowed",
        query=(
            'SELECT last("people") - last("limit_people") AS "over" FROM "occupancy" WHERE $timeFilter '
            'GROUP BY "site", "room"'
        ),
        alias="$tag_room",
        summary="{{ $labels.room }} at {{ $labels.site }} holds {{ $values.B.Value }} people more than allowed.",
        lasts="2m",
        severity="critical",
    ),
    Alert(
        uid="guichet-unknown",
        title="A room has been unknown for too long",
        query=counted("occupancy", "limit_people", "\"quality\" = 'unknown'", "room"),
        alias="$tag_room",
        summary="Nobody knows how many people are in {{ $labels.room }} at {{ $labels.site }}; see its counters.",
        lasts="15m",
        severity="warning",
    ),
    Alert(
        uid="guichet-counter",
        title="A people counter is silent or blocked",
        query=counted("device", "state", '"state" =~ /^(silent|blocked)$/', "device"),
        alias="$tag_device",
        summary="{{ $labels.device }} at {{ $labels.site }} is not heard, or does not count reliably.",
        lasts="5m",
        severity="warning",
    ),
    Alert(
        uid="guichet-counter-doubted",
        title="A people counter counts wrongly",
        query=counted("self_test", "state", '"state" =~ /^(swapped|stuck|drifting|differing)$/', "device"),
        alias="$tag_device",
        summary=(
            "What {{ $labels.device }} at {{ $labels.site }} has counted speaks against it; "
            "the page of devices says what to do."
        ),
        lasts="10m",
        severity="warning",
    ),
    Alert(
        uid="guichet-paper",
        title="A printer has no paper",
        query=counted("device", "state", "\"state\" = 'out'", "device"),
        alias="$tag_device",
        summary="{{ $labels.device }} at {{ $labels.site }} has no paper; load a roll.",
        lasts="1m",
        severity="warning",
    ),
    Alert(
        uid="guichet-hub-late",
        title="The hub is late",
        query='SELECT count("faults") FROM "node" WHERE $timeFilter GROUP BY time(20m), "site" fill(0)',
        alias="$tag_site",
        summary="Nothing new has come from {{ $labels.site }} for twenty minutes; see its hub and its history.",
        lasts="10m",
        severity="critical",
        above=None,
        below=1.0,
        window=LATE,
        when_silent="Alerting",
    ),
)


def rule_of(alert: Alert) -> dict[str, Any]:
    """An alert as a file tells it."""
    seconds = int(alert.window.total_seconds())
    window = models.RelativeTimeRange(from_val=models.Duration(seconds), to=models.Duration(0))
    asked = (
        alerting.Query(ASKED)
        .datasource_uid(SOURCE.uid or "")
        .model(Ask(alert.query, alias=alert.alias, source=SOURCE))
        .relative_time_range(window)
    )
    last = expr.TypeReduce().ref_id(LAST).expression(ASKED).reducer("last")
    bound = expr.TypeThreshold().ref_id(BOUND).expression(LAST).conditions([_condition(alert)])
    rule = (
        alerting.Rule(alert.title)
        .uid(alert.uid)
        .condition(BOUND)
        .queries([asked, _expression(LAST, last, window), _expression(BOUND, bound, window)])
        .for_val(alert.lasts)
        .no_data_state(alert.when_silent)  # type: ignore[arg-type]  # one of the words that Grafana knows
        .exec_err_state("Error")
        .annotations({"summary": alert.summary})
        .labels({"product": "guichet", "severity": alert.severity})
        .build()
    )
    told: dict[str, Any] = json.loads(json.dumps(rule, cls=JSONEncoder))
    return {name: value for name, value in told.items() if name in OF_A_RULE}


def _condition(alert: Alert) -> expr.ExprTypeThresholdConditions:
    kind, bound = ("gt", alert.above) if alert.above is not None else ("lt", alert.below)
    assert bound is not None
    evaluator = expr.ExprTypeThresholdConditionsEvaluator().type(kind).params([bound])  # type: ignore[arg-type]
    return expr.ExprTypeThresholdConditions().evaluator(evaluator)


def _expression(
    name: str, model: expr.TypeReduce | expr.TypeThreshold, window: models.RelativeTimeRange
) -> alerting.Query:
    return alerting.Query(name).datasource_uid(EXPRESSION).model(model).relative_time_range(window)


def text() -> str:
    """The rules as Grafana reads them."""
    group = {"orgId": 1, "name": GROUP, "folder": FOLDER, "interval": EVERY, "rules": [rule_of(it) for it in ALERTS]}
    return json.dumps({"apiVersion": 1, "groups": [group]}, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
