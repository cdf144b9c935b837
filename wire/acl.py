"""Who may say what at the broker, made of the leaves in `wire.topics`: one pattern for every node.

`python -m wire.acl > firmware-config/mosquitto/acl` writes it for users whom the broker knows by name alone; a test
compares. `for_nodes` writes the same rights with each node's own site in them.
"""

import sys
from collections.abc import Iterable

from wire import home
from wire.topics import HUB, HUB_WRITES, NODE_LEAVES, NODE_WRITES, ROOT, Leaf

WATCH = "watch"
"""The user that hears all and says nothing."""

HOME = "home-assistant"
"""The user that hears what is said for it."""

NODE_READS = HUB_WRITES - {Leaf.HEAD}
"""The journal's end is for the hub that comes after this one."""

HEADER = f"""\
# Who may say what: written by wire/acl.py from the leaves in wire/topics.py. A node writes its own leaves, and reads
# what the hub says to it and what time it is.

user {HUB}
topic readwrite {ROOT}/#
topic write {home.ROOT}/#
topic write {home.DESCRIPTIONS}
topic read {home.STATUS}

# Whoever looks into a problem: hears all, says nothing.
user {WATCH}
topic read {ROOT}/#

# Home Assistant, where the hub speaks to it: finds what is described, hears it, and says when it has started.
user {HOME}
topic read homeassistant/#
topic read {home.ROOT}/#
topic write {home.STATUS}
"""

BY_NAME = """
# %u is the user's name, which is the node's id, at whatever site: ids are unique across sites, and a hub ignores
# foreign nodes.
"""


def rights(site: str, node: str) -> list[str]:
    """What the node may do, as mosquitto writes it: `write guichet/1/hall/desk-1/state`."""
    return [
        *(f"write {_topic(site, node, leaf)}" for leaf in Leaf if leaf in NODE_WRITES),
        *(f"read {_topic(site, node, leaf)}" for leaf in Leaf if leaf in NODE_READS),
    ]


def _topic(site: str, node: str, leaf: Leaf) -> str:
    if leaf is Leaf.TIME:
        return f"{ROOT}/{site}/{HUB}/{leaf}"
    return f"{ROOT}/{site}/{node}/{leaf}" if leaf in NODE_LEAVES else f"{ROOT}/{site}/{node}/+/{leaf}"


def by_name() -> str:
    """The file for any node of any site."""
    return HEADER + BY_NAME + "".join(f"pattern {right}\n" for right in rights("+", "%u"))


def for_nodes(nodes: Iterable[tuple[str, str]]) -> str:
    """The file for these nodes, each (site, node), and nobody else."""
    blocks = (f"\nuser {node}\n" + "".join(f"topic {it}\n" for it in rights(site, node)) for site, node in nodes)
    return HEADER + "".join(blocks)


if __name__ == "__main__":
    sys.stdout.write(by_name())
