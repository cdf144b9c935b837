"""All planted bugs, in the order of the table."""

from tests.planted.of_counts import COUNTS
from tests.planted.of_gates import GATES
from tests.planted.of_rules import RULES
from tests.planted.of_strangers import STRANGERS
from tests.planted.of_the_edge import EDGE
from tests.planted.of_the_hub import HUB
from tests.planted.of_ways_back import WAYS_BACK

PLANTED = [*RULES, *HUB, *EDGE, *STRANGERS, *WAYS_BACK, *GATES, *COUNTS]

RARE = {
    "closing-ignored": "It takes somebody who waits at closing time and was never called.",
    "undo-refused-after-five-seconds": "It takes somebody who undoes a call between five and ten seconds after it.",
    "slips-dropped-in-a-queue": "It takes two slips that come while a third is being printed.",
    "party-kept-one-place": "It takes a party on its way while others wait before a room that is nearly full.",
    "unknown-room-is-empty": "It takes a room that falls unknown while people wait before it.",
    "epoch-taken-for-a-new-counter": "It takes people at a door whose counter has just begun anew.",
    "age-without-the-wait": "It takes a press that comes less than a second too late.",
    "boot-by-its-first-letter": "It takes two runs of the hub that begin alike, and a press between them.",
    "old-will-believed": "It takes a will that comes after its node is back; the broker says it before.",
    "slips-never-expire": "The printer sees for itself that nobody waits any more, by the job's own expiry.",
    "lost-views-not-said-again": "Whenever a network loses messages, connections end, and all is said anew.",
    "newest-dropped": "The next picture, a minute later at most, is the newest again.",
    "newer-totals-dropped": "Totals are told again every half minute.",
    "receipt-of-another-session": "It takes a receipt that is under way while its node starts again.",
    "old-range-believed": "A range is begun once: the same one is not heard twice.",
    "slip-for-a-ticket-that-was-given-up": "It takes a lost slip, and calls in vain before its kiosk is heard again.",
    "inbox-outlives-the-connection": "What comes late is told by its place in the journal, and by its mark.",
}
"""Not found by the first seeds, and what it would take, or what heals it."""

BUGS = [bug for bug in PLANTED if bug.name not in RARE]
"""Those that are caught."""
