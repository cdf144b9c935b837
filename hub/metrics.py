"""What the hub counts of itself, for Prometheus. Each hub has a registry of its own: two in one process do not mix."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hub import standing
from hub.day import estimates
from hub.day.gate_state import gate_state
from hub.day.lobby import DeviceKind, Lobby
from hub.day.model import Day
from hub.day.occupancy import estimate
from hub.day.people.checks import Fault
from hub.nodes import Node
from hub.self_tests import Against
from wire.messages import GateState, NodeStatus, RoomQuality

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
INPUTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The hub's figures. Labels come from small fixed sets: types, outcomes, leaves, ids of the lobby file."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.inputs = self._counter("inputs", "Inputs by type and outcome", "type", "outcome")
        self.inputs_of = cache(self.inputs.labels)
        """The counter of one type and outcome; looked up at every input, where the library's own look is a detour."""
        self.refusals = self._counter("refusals", "Refusals by code", "code")
        self.commits = self._counter("commits", "Transactions committed", "site")
        self.failed_commits = self._counter("commits_failed", "Transactions that failed", "site")
        self.rows = self._counter("journal_rows", "Journal rows written", "site")
        self.batch_inputs = self._histogram("batch_inputs", "Inputs per batch", INPUTS)
        self.commit_s = self._histogram("commit_seconds", "Time of a commit", SECONDS)
        self.messages = self._counter("messages", "Messages received, by leaf", "leaf")
        self.messages_of = cache(self.messages.labels)
        """The counter of one leaf, as above."""
        self.bad_messages = self._counter("messages_bad", "Messages and inputs put aside, by reason", "reason")
        self.views = self._counter("views_published", "Views published", "site")
        self.failed_publications = self._counter("publications_failed", "Publications that failed, by leaf", "leaf")
        self.jobs = self._counter("jobs", "Jobs settled, by what became of them", "site", "outcome")
        self.history_behind = self._gauge("history_behind_rows", "Journal rows that history has not taken yet", "site")
        self.history_failures = self._counter("history_failures", "Answers that history's store did not give", "site")
        self.waiting = self._gauge("tickets_waiting", "Tickets in line", "site", "service")
        self.wait_s = self._gauge("expected_wait_seconds", "Of who joins now; NaN if nobody can say", "site", "service")
        self.people = self._gauge("room_people", "People in a room; NaN while unknown", "site", "room")
        self.people_lower = self._gauge("room_people_lower", "At least so many; NaN while unknown", "site", "room")
        self.people_upper = self._gauge("room_people_upper", "At most so many; NaN while unknown", "site", "room")
        self.limit = self._gauge("room_limit_people", "How many people a room may hold now", "site", "room")
        self.entered = self._gauge("room_entered_people", "Counted in since the day began", "site", "room")
        self.left = self._gauge("room_left_people", "Counted out since the day began", "site", "room")
        self.quality = self._gauge("room_quality", "1 for what the count is worth now", "site", "room", "quality")
        self.desks = self._gauge("desk_state", "1 for what a desk is doing now", "site", "desk", "state")
        self.devices = self._gauge("device_state", "1 for what a counter or printer says", "site", "device", "state")
        self.counter_fault = self._gauge(
            "counter_fault", "1 for what a people counter's own counts say against it", "site", "device", "fault"
        )
        self.over = self._gauge("room_over_limit_people", "People too many in a room, 0 for none", "site", "room")
        self.over_s = self._gauge("room_over_limit_seconds", "For how long, 0 for not at all", "site", "room")
        self.states = self._gauge("room_state", "1 for the state of the room's gate", "site", "room", "state")
        self.nodes_online = self._gauge("nodes_online", "Nodes that are online", "site")
        self.node_online = self._gauge("node_online", "1 while a node is online", "site", "node")
        self.node_faults = self._gauge("node_faults", "What a node says of its machine and devices", "site", "node")
        self.node_temperature_c = self._gauge("node_temperature_celsius", "NaN if it does not say", "site", "node")
        self.node_disk_free = self._gauge("node_disk_free_bytes", "NaN if it does not say", "site", "node")

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"guichet_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"guichet_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"guichet_{name}", what, buckets=buckets, registry=self.registry)

    def look_at(self, site: str, day: Day, now: datetime) -> None:
        """Set the gauges of `site` as its day is."""
        for service, state in day.services.items():
            self.waiting.labels(site, service).set(state.waiting)
            wait_s = estimates.wait_s(day, service, state.waiting, now)
            self.wait_s.labels(site, service).set(nan if wait_s is None else wait_s)
        for room, in_room in day.rooms.items():
            known = estimate(day, room)
            self.limit.labels(site, room).set(in_room.limit_people)
            self.entered.labels(site, room).set(in_room.entered_people)
            self.left.labels(site, room).set(in_room.left_people)
            self.people_lower.labels(site, room).set(nan if known.lower is None else known.lower)
            self.people.labels(site, room).set(nan if known.value is None else known.value)
            self.people_upper.labels(site, room).set(nan if known.upper is None else known.upper)
            for quality in RoomQuality:
                self.quality.labels(site, room, quality.value).set(quality is known.quality)
            is_now = gate_state(day, in_room, known)
            for gate in GateState:
                self.states.labels(site, room, gate.value).set(gate is is_now)
            over, people = in_room.over, known.value or 0
            self.over.labels(site, room).set(max(0, people - in_room.limit_people) if over else 0)
            self.over_s.labels(site, room).set((now - over.since_at).total_seconds() if over else 0)
        for desk, is_state in standing.desks(day):
            for state_word in standing.DESK_STATES:
                self.desks.labels(site, desk, state_word).set(state_word == is_state)
        for device, kind, is_state in standing.devices(day):
            for state_word in standing.DEVICE_STATES[kind]:
                self.devices.labels(site, device, state_word).set(state_word == is_state)

    def look_at_counters(self, site: str, lobby: Lobby, against: Against) -> None:
        """Set the gauges of the people counters of `site`, by what their counts say against them."""
        for device in lobby.devices:
            if device.kind is DeviceKind.COUNTER:
                for fault in Fault:
                    is_so = fault in against.get(device.address, ())
                    self.counter_fault.labels(site, device.address, fault.value).set(is_so)

    def look_at_nodes(self, site: str, nodes: Mapping[str, Node]) -> None:
        """Set the gauges of the nodes of `site` as they last spoke of themselves."""
        for name, node in nodes.items():
            is_online = node.status is NodeStatus.ONLINE
            health = node.health if is_online else None
            self.node_online.labels(site, name).set(is_online)
            self.node_faults.labels(site, name).set(len(health.faults) + len(node.machine) if health else 0)
            temperature_c = health.temperature_c if health else None
            self.node_temperature_c.labels(site, name).set(nan if temperature_c is None else temperature_c)
            free_mb = health.disk_free_mb if health else None
            self.node_disk_free.labels(site, name).set(nan if free_mb is None else 1_000_000 * free_mb)

    def render(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)
