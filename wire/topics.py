"""Topics: each a function, with `parse` as their common inverse.

    guichet/1/{site}/{node}/{leaf}             state, health: of a node
    guichet/1/{site}/{node}/{device}/{leaf}    count, event, done, show, job, receipt, config: of a device
    guichet/1/{site}/hub/time                  HubTime, one for all nodes of a site
    guichet/1/{site}/hub/head                  the end of the site's journal, for the hub that comes after this one

The leaf alone decides direction, retention and quality of service, so that one access pattern fits every node:
it writes the leaves of `NODE_WRITES` below its own name and reads the leaves of `HUB_WRITES` there. No node reads
the head.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from wire.errors import UnknownTopic, shown

ROOT = "guichet/1"
"""Product and major version. A new major version is a new tree, so old and new agents can live on one broker."""

HUB = "hub"
"""The node name that belongs to the hub; no device node may carry it."""

TOPICS_KEPT = 4_096
"""Topics that are put together and taken apart once: more than a city's lobbies have, and bounded against strangers."""

_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?\Z")


class Leaf(StrEnum):
    """The last level of a topic."""

    STATE = "state"
    HEALTH = "health"
    COUNT = "count"
    EVENT = "event"
    DONE = "done"
    SHOW = "show"
    JOB = "job"
    RECEIPT = "receipt"
    CONFIG = "config"
    TIME = "time"
    HEAD = "head"


class Delivery(NamedTuple):
    """How messages of a leaf travel."""

    qos: int
    retain: bool


NODE_LEAVES = frozenset({Leaf.STATE, Leaf.HEALTH})
NODE_WRITES = frozenset({Leaf.STATE, Leaf.HEALTH, Leaf.COUNT, Leaf.EVENT, Leaf.DONE})
HUB_WRITES = frozenset({Leaf.SHOW, Leaf.JOB, Leaf.RECEIPT, Leaf.CONFIG, Leaf.TIME, Leaf.HEAD})
OF_HUB = frozenset({Leaf.TIME, Leaf.HEAD})
"""They stand below the hub's own name, one for each site."""

_TIME_END, _HEAD_END = f"/{HUB}/{Leaf.TIME}", f"/{HUB}/{Leaf.HEAD}"

DELIVERY: dict[Leaf, Delivery] = {
    Leaf.STATE: Delivery(qos=1, retain=True),
    Leaf.HEALTH: Delivery(qos=0, retain=False),
    Leaf.COUNT: Delivery(qos=1, retain=True),
    Leaf.EVENT: Delivery(qos=1, retain=False),
    Leaf.DONE: Delivery(qos=1, retain=False),
    Leaf.SHOW: Delivery(qos=1, retain=True),
    Leaf.JOB: Delivery(qos=1, retain=False),
    Leaf.RECEIPT: Delivery(qos=1, retain=False),
    Leaf.CONFIG: Delivery(qos=1, retain=True),
    # A late HubTime is worse than none: it would make an old press look young.
    Leaf.TIME: Delivery(qos=0, retain=False),
    # Said again with every connection, and soon replaced by the next.
    Leaf.HEAD: Delivery(qos=0, retain=True),
}


class Topic(NamedTuple):
    """A topic taken apart. `device` is empty for the leaves of a node and of the hub."""

    site: str
    node: str
    device: str
    leaf: Leaf

    def __str__(self) -> str:
        parts = [ROOT, self.site, self.node, self.device, self.leaf.value]
        return "/".join(part for part in parts if part)


def check_id(what: str, value: str) -> str:
    """`value`, if it may stand in a topic: 1 to 64 of a-z, 0-9 and '-', not at the ends '-'.

    Raises:
        UnknownTopic: it may not.
    """
    if not _ID.match(value):
        raise UnknownTopic(f"{what} {shown(value)} may hold only a-z, 0-9 and '-' (1 to 64, no '-' at either end)")
    return value


@lru_cache(TOPICS_KEPT)
def _of_device(site: str, node: str, device: str, leaf: Leaf) -> str:
    return str(Topic(check_id("site", site), check_id("node", node), check_id("device", device), leaf))


def state(site: str, node: str) -> str:
    """Retained liveness of a node; also its last will."""
    return str(Topic(check_id("site", site), check_id("node", node), "", Leaf.STATE))


def health(site: str, node: str) -> str:
    """Temperature, clock, queue lengths of a node."""
    return str(Topic(check_id("site", site), check_id("node", node), "", Leaf.HEALTH))


def count(site: str, node: str, device: str) -> str:
    """Cumulative totals of a people counter."""
    return _of_device(site, node, device, Leaf.COUNT)


def event(site: str, node: str, device: str) -> str:
    """A press, a request, a change of paper."""
    return _of_device(site, node, device, Leaf.EVENT)


def done(site: str, node: str, device: str) -> str:
    """A device's answer to a job or a configuration."""
    return _of_device(site, node, device, Leaf.DONE)


def show(site: str, node: str, device: str) -> str:
    """The view that a device should show now."""
    return _of_device(site, node, device, Leaf.SHOW)


def job(site: str, node: str, device: str) -> str:
    """Work to be done once: print, identify."""
    return _of_device(site, node, device, Leaf.JOB)


def receipt(site: str, node: str, device: str) -> str:
    """The hub's answer to an event."""
    return _of_device(site, node, device, Leaf.RECEIPT)


def config(site: str, node: str, device: str) -> str:
    """Desired settings of a device."""
    return _of_device(site, node, device, Leaf.CONFIG)


@lru_cache(TOPICS_KEPT)
def hub_time(site: str) -> str:
    """The hub's clock, once a second."""
    return str(Topic(check_id("site", site), HUB, "", Leaf.TIME))


@lru_cache(TOPICS_KEPT)
def head(site: str) -> str:
    """Where the site's journal ends, retained: a journal that ends before it has lost something."""
    return str(Topic(check_id("site", site), HUB, "", Leaf.HEAD))


@lru_cache(TOPICS_KEPT)
def parse(topic: str) -> Topic:
    """The inverse of all functions above: `str(parse(t)) == t`.

    Raises:
        UnknownTopic: not a topic of this contract.
    """
    if not topic.startswith(f"{ROOT}/"):
        raise UnknownTopic(f"topic {shown(topic)} does not begin with {ROOT!r}/")
    parts = topic[len(ROOT) + 1 :].split("/")
    if len(parts) == 3:
        site, node, leaf_name, device = parts[0], parts[1], parts[2], ""
    elif len(parts) == 4:
        site, node, device, leaf_name = parts
    else:
        raise UnknownTopic(f"topic {shown(topic)} has {len(parts)} levels after {ROOT!r}, not 3 or 4")
    try:
        leaf = Leaf(leaf_name)
    except ValueError:
        raise UnknownTopic(f"topic {shown(topic)} ends in {shown(leaf_name)}, which is no leaf") from None
    check_id("site", site)
    check_id("node", node)
    if len(parts) == 4:
        check_id("device", device)
    if (leaf in NODE_LEAVES or leaf in OF_HUB) != (device == "") or (node == HUB) != (leaf in OF_HUB):
        raise UnknownTopic(f"topic {shown(topic)}: leaf {leaf.value!r} does not stand at this level")
    return Topic(site, node, device, leaf)


@lru_cache(TOPICS_KEPT)
def delivery(topic: str) -> Delivery:
    """How messages on `topic` travel.

    Raises:
        UnknownTopic: not a topic of this contract.
    """
    return DELIVERY[parse(topic).leaf]


def is_hub_time(topic: str) -> bool:
    """Whether `topic` is a site's HubTime; cheap, for links that treat it apart. It may still be malformed."""
    return topic.endswith(_TIME_END)


def is_head(topic: str) -> bool:
    """Whether `topic` is the head of a site's journal; cheap. It may still be malformed."""
    return topic.endswith(_HEAD_END)


def hub_subscriptions(site: str) -> list[tuple[str, int]]:
    """(filter, qos) of all that a site's hub hears.

    States, counts and the head are retained and come with QoS 0: they are repeated, and some brokers stop a QoS 1
    wildcard subscriber after its first hundred retained messages.
    """
    return [
        (f"{ROOT}/{site}/+/{Leaf.STATE}", 0),
        (f"{ROOT}/{site}/+/{Leaf.HEALTH}", 0),
        (f"{ROOT}/{site}/+/+/{Leaf.COUNT}", 0),
        (f"{ROOT}/{site}/+/+/{Leaf.EVENT}", 1),
        (f"{ROOT}/{site}/+/+/{Leaf.DONE}", 1),
        (head(site), 0),
    ]


def node_subscriptions(site: str, node: str) -> list[tuple[str, int]]:
    """(filter, qos) of all that a node hears."""
    mine = f"{ROOT}/{site}/{node}/+"
    return [
        (hub_time(site), 0),
        (f"{mine}/{Leaf.SHOW}", 1),
        (f"{mine}/{Leaf.JOB}", 1),
        (f"{mine}/{Leaf.RECEIPT}", 1),
        (f"{mine}/{Leaf.CONFIG}", 1),
    ]
