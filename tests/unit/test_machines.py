"""What the hub makes of a node's figures."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.machines import machine_faults
from hub.web.device_faults import FaultKind, node_faults, nodes_of
from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import Health, Machine

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOUND = Machine(undervoltage=False, disk_errors=0, disk_keeps=True)


@pytest.mark.parametrize(
    ("health", "faults"),
    [
        (Health(session="s", uptime_s=1), {}),
        (Health(session="s", uptime_s=1, temperature_c=79.9, disk_free_mb=100, clock_at=NOW, machine=SOUND), {}),
        (Health(session="s", uptime_s=1, temperature_c=84.2), {"machine-hot": "84 °C"}),
        (Health(session="s", uptime_s=1, disk_free_mb=99), {"machine-disk-full": "99 MB"}),
        (Health(session="s", uptime_s=1, clock_at=NOW - timedelta(minutes=5)), {"machine-clock": "-300 s"}),
        (Health(session="s", uptime_s=1, machine=Machine(undervoltage=True)), {"machine-undervoltage": ""}),
        (
            Health(session="s", uptime_s=1, machine=Machine(disk_errors=3, disk_keeps=False)),
            {"machine-disk-errors": "3", "machine-disk-lost": ""},
        ),
    ],
)
def test_a_machine_that_needs_something_is_named_with_a_figure(health: Health, faults: dict[str, str]) -> None:
    assert machine_faults(health, NOW) == faults
    assert set(faults) <= set(FaultKind)


def a_report(status: str) -> dict[str, object]:
    machine = {"machine-hot": "84 °C", "machine-disk-lost": ""}
    node = {"name": "door-1", "status": status, "faults": {}, "machine": machine}
    return {"sites": [{"site": "hall", "nodes": [node]}]}


def test_a_lost_node_is_lost_whatever_its_machine_last_said() -> None:
    kinds = [fault.kind for fault in node_faults(nodes_of("hall", a_report("lost")))]
    assert kinds == [FaultKind.NODE_LOST]


@pytest.mark.parametrize(
    ("language", "hot", "lost"),
    [
        ("en", "Too hot: it works slowly; let air get to it: 84 °C", "Its disk does not keep what is written"),
        ("de", "Überhitzt", "Sein Speicher behält nicht, was geschrieben wird"),
        ("fr", "Trop chaud", "Son disque ne garde pas ce qui est écrit"),
        ("it", "Troppo caldo", "Il suo disco non conserva ciò che viene scritto"),
    ],
)
async def test_the_facilities_page_says_in_words_what_a_machine_needs(language: str, hot: str, lost: str) -> None:
    app = an_app(MemorySite(a_lobby(languages=("en", "fr", "de", "it"))), health=a_report("online"))
    async with a_browser(app, language=language) as browser:
        page = (await browser.get("/hall/facilities")).text
    assert f"<strong>door-1</strong> {hot}" in page
    assert f"<strong>door-1</strong> {lost}" in page
    assert page.index(lost) < page.index(hot), "what stops the lobby comes first"
