"""What the hub counts of itself, for Prometheus. Each hub has a registry of its own: two in one process do not mix."""

import asyncio
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hub.day.model import Day
from hub.site import Site

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
INPUTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The hub's figures. Labels come from small fixed sets: types, outcomes, leaves, ids of the lobby file."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made = {"registry": self.registry}
        self.inputs = Counter("guichet_inputs", "Inputs by type and outcome", ["type", "outcome"], **made)
        self.refusals = Counter("guichet_refusals", "Refusals by code", ["code"], **made)
        self.commits = Counter("guichet_commits", "Transactions committed", ["site"], **made)
        self.failed_commits = Counter("guichet_commits_failed", "Transactions that failed", ["site"], **made)
        self.rows = Counter("guichet_journal_rows", "Journal rows written", ["site"], **made)
        self.batch_inputs = Histogram("guichet_batch_inputs", "Inputs per batch", buckets=INPUTS, **made)
        self.commit_s = Histogram("guichet_commit_seconds", "Time of a commit", buckets=SECONDS, **made)
        self.messages = Counter("guichet_messages", "Messages received, by leaf", ["leaf"], **made)
        self.bad_messages = Counter("guichet_messages_bad", "Messages put aside, by reason", ["reason"], **made)
        self.views = Counter("guichet_views_published", "Views published", ["site"], **made)
        self.failed_publications = Counter(
            "guichet_publications_failed", "Publications that failed, by leaf", ["leaf"], **made
        )
        self.jobs = Counter("guichet_jobs", "Jobs settled, by what became of them", ["site", "outcome"], **made)
        self.waiting = Gauge("guichet_tickets_waiting", "Tickets in line", ["site", "service"], **made)
        self.people = Gauge("guichet_room_people", "People in a room; NaN while unknown", ["site", "room"], **made)
        self.nodes_online = Gauge("guichet_nodes_online", "Nodes that are online", ["site"], **made)

    def render(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)


FIGURES_GAP_S = 1.0
"""Nobody reads figures more often than this."""


async def follow_figures(site: Site, metrics: Metrics) -> None:
    """Keep the gauges of `site` as its committed day is."""
    seq = -1
    while True:
        seq = await site.changed(seq)
        waiting, people = await site.read(lambda day, now: figures(day))
        for service, tickets in waiting.items():
            metrics.waiting.labels(site.id, service).set(tickets)
        for room, held in people.items():
            metrics.people.labels(site.id, room).set(nan if held is None else held)
        await asyncio.sleep(FIGURES_GAP_S)


def figures(day: Day) -> tuple[dict[str, int], dict[str, int | None]]:
    """Tickets in line per service, people per room."""
    return (
        {service: len(state.line) for service, state in day.services.items()},
        {room: state.people for room, state in day.rooms.items()},
    )
