"""All planted bugs, in the order of the table."""

from tests.planted.of_rules import RULES
from tests.planted.of_the_edge import EDGE
from tests.planted.of_the_hub import HUB

PLANTED = [*RULES, *HUB, *EDGE]

RARE = frozenset(
    {
        "closing-ignored",
        "silence-ignored",
        "marks-lost-at-a-restart",
        "old-presses-accepted",
        "old-wishes-at-kiosks-accepted",
        "failed-job-given-up",
        "lower-term-accepted",
        "stale-shown-as-current",
        "silence-of-the-hub-ignored",
        "stamped-without-age",
        "stamped-when-sent",
        "repeated-event-gets-a-fresh-name",
        "sent-once",
        "seen-not-followed",
        "lamp-lies",
        "second-press-second-ticket",
        "slips-dropped-in-a-queue",
        "counts-not-repeated",
    }
)
"""Not found by the first seeds: they wait for a checker, or for a lobby in which they show."""

BUGS = [bug for bug in PLANTED if bug.name not in RARE]
"""Those that are caught."""
