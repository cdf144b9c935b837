"""The hub's figures for Prometheus: every part of a lobby, in numbers, and unknown is not zero."""

from math import isnan

from hub.day.inputs import CountPeople, NotePaper, NoteSilence
from hub.day.people.checks import Fault
from hub.metrics import Metrics
from hub.nodes import Nodes
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby
from wire.messages import CountQuality, Health, NodeState, NodeStatus, Paper


def figure(metrics: Metrics, name: str, **labels: str) -> float:
    value = metrics.registry.get_sample_value(f"guichet_{name}", {"site": "hall"} | labels)
    assert value is not None, (name, labels)
    return value


def looked_at(story: Story) -> Metrics:
    metrics = Metrics()
    metrics.look_at("hall", story.day, story.now)
    return metrics


def test_a_room_is_told_with_its_bounds_its_limit_and_who_passed() -> None:
    metrics = looked_at(Story(a_lobby(margin_per_crossing=0.1, limit_people=40)).counted(0, 0).counted(30, 10))
    names = ("room_people", "room_people_lower", "room_people_upper", "room_limit_people")
    assert [figure(metrics, name, room="main") for name in names] == [20, 16, 24, 40]
    assert (figure(metrics, "room_entered_people", room="main"), figure(metrics, "room_left_people", room="main")) == (
        30,
        10,
    )


def test_an_unknown_room_is_no_number() -> None:
    story = Story().counted(0, 0).counted(5, 0)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    metrics = looked_at(story)
    assert all(isnan(figure(metrics, name, room="main")) for name in ("room_people", "room_people_lower"))
    assert figure(metrics, "room_quality", room="main", quality="unknown") == 1
    assert figure(metrics, "device_state", device=COUNTER, state="silent") == 1


def test_desks_lines_and_waits_are_told() -> None:
    story = Story().with_open_desk("1")
    for _ in range(3):
        story.with_ticket()
    story.call_next()
    metrics = looked_at(story)
    assert figure(metrics, "tickets_waiting", service="passports") == 2
    assert figure(metrics, "expected_wait_seconds", service="passports") > 0
    states = [figure(metrics, "desk_state", desk="1", state=state) for state in ("closed", "free", "called", "serving")]
    assert states == [0, 0, 1, 0]
    assert figure(metrics, "desk_state", desk="2", state="closed") == 1


def test_a_device_has_one_state_at_a_time() -> None:
    story = Story().counted(0, 0)
    metrics = Metrics()
    for quality in (CountQuality.OK, CountQuality.BLOCKED):
        story.when(CountPeople(device=COUNTER, epoch="e1", entered=1, left=0, quality=quality))
        story.when(NotePaper(device="kiosk-1/printer", paper=Paper.OUT))
        metrics.look_at("hall", story.day, story.now)
    assert figure(metrics, "device_state", device=COUNTER, state="ok") == 0
    assert figure(metrics, "device_state", device=COUNTER, state="blocked") == 1
    assert figure(metrics, "device_state", device="kiosk-1/printer", state="out") == 1


def test_what_speaks_against_a_counter_is_told_and_that_nothing_does() -> None:
    metrics = Metrics()
    metrics.look_at_counters("hall", a_lobby(), {COUNTER: (Fault.SWAPPED, Fault.DRIFTING)})
    told = [figure(metrics, "counter_fault", device=COUNTER, fault=fault.value) for fault in Fault]
    assert told == [1, 0, 1, 0]
    metrics.look_at_counters("hall", a_lobby(), {})
    assert [figure(metrics, "counter_fault", device=COUNTER, fault=fault.value) for fault in Fault] == [0, 0, 0, 0]


def test_a_node_that_is_gone_says_nothing_of_itself() -> None:
    lobby, metrics = a_lobby(), Metrics()
    nodes = Nodes(lobby)
    metrics.look_at_nodes("hall", nodes.by_name)
    assert figure(metrics, "node_online", node="door-1") == 0
    nodes.take_state("door-1", NodeState(status=NodeStatus.ONLINE, session="s"), MONDAY_9H)
    health = Health(session="s", uptime_s=1, temperature_c=51.5, disk_free_mb=900, faults={"counter": "no cable"})
    nodes.take_health("door-1", health, MONDAY_9H)
    metrics.look_at_nodes("hall", nodes.by_name)
    names = ("node_online", "node_faults", "node_temperature_celsius", "node_disk_free_bytes")
    assert [figure(metrics, name, node="door-1") for name in names] == [1, 1, 51.5, 900_000_000]
    nodes.take_state("door-1", NodeState(status=NodeStatus.LOST, session="s"), MONDAY_9H)
    metrics.look_at_nodes("hall", nodes.by_name)
    assert figure(metrics, "node_online", node="door-1") == 0
    assert isnan(figure(metrics, "node_temperature_celsius", node="door-1"))
