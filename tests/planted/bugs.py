"""All planted bugs, in the order of the table."""

from tests.planted.of_rules import RULES
from tests.planted.of_the_edge import EDGE
from tests.planted.of_the_hub import HUB

BUGS = [*RULES, *HUB, *EDGE]
