"""From a bare Debian 12 to a running lobby, and what becomes of it when things go wrong. In this order."""

import asyncio
import io
import re
import shutil
import subprocess
import tarfile
import zipfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import pytest

from tests.fleet.host import until
from tests.fleet.lobby import BOOT, HUB_WHEELS, NODE, ROOT, WHEELHOUSE, Lobby
from wire import codec, topics
from wire.messages import BoardView, Show
from wire.mqtt import Broker, MqttLink

HUB = "/opt/guichet/hub/current/bin/guichet-hub"
IDENTITY = "/var/lib/guichet-edge/identity"
OPERATIONS = ROOT / "docs" / "operations.md"

pytestmark = pytest.mark.usefixtures("first_run")


class Ear:
    """Hears one message."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()

    def connected(self) -> None:
        pass

    def disconnected(self) -> None:
        pass

    def received(self, topic: str, payload: bytes) -> None:
        if not self.heard.done():
            self.heard.set_result((topic, payload))


async def retained(broker: Broker, topic: str) -> object:
    """The message that the broker keeps on `topic`."""
    link, ear = MqttLink(broker, "watch", [(topic, 1)], rng=Random(1)), Ear()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        listening = group.create_task(link.run(ear))
        topic, payload = await ear.heard
        listening.cancel()
    return codec.decode(topic, payload)[1]


class Ticket(NamedTuple):
    """A visitor's ticket, and where programs ask for it."""

    number: str
    address: str

    def found(self) -> str | None:
        """The number that the hub finds under the address; None while nobody answers."""
        try:
            answer = httpx.get(self.address, timeout=5)
        except httpx.TransportError:
            return None
        return str(answer.json()["number"]) if answer.status_code == 200 else None


@pytest.fixture(scope="module")
def ticket(lobby: Lobby) -> Ticket:
    answer = httpx.post(f"{lobby.url}/api/v1/sites/annex/tickets", json={"service": "papers"})
    assert answer.status_code == 201, answer.text
    return Ticket(answer.json()["number"], f"{lobby.url}{answer.headers['location']}")


def main_pid(lobby: Lobby, unit: str) -> str:
    return lobby.host.say(f"systemctl show --value -p MainPID {unit}")


def until_another_runs(lobby: Lobby, unit: str, before: str) -> None:
    """Wait for a main process of `unit` that is not `before`."""
    until(f"a new {unit}", lambda: main_pid(lobby, unit) not in {before, "0"}, within_s=20)


def test_a_bare_host_becomes_a_lobby(lobby: Lobby) -> None:
    health = lobby.health()

    assert health
    assert health["status"] == "ok", health
    assert health["version"] == version("guichet")
    assert [(node["name"], node["status"]) for node in health["sites"][0]["nodes"]] == [(NODE, "online")]


def test_nothing_on_the_host_complains(lobby: Lobby) -> None:
    lobby.host.say("systemd-analyze verify --man=no /etc/systemd/system/guichet-*.service")

    assert lobby.host.say("systemctl --failed --no-legend") == ""
    complaints = (
        "journalctl -b --no-pager | grep -iE 'unknown (key|lvalue|section)|invalid key|failed to parse' || true"
    )
    assert lobby.host.say(complaints) == ""


def test_a_visitor_gets_a_ticket(ticket: Ticket) -> None:
    assert ticket.number
    assert ticket.found() == ticket.number


async def test_the_broker_keeps_the_boards_view(lobby: Lobby, tmp_path: Path) -> None:
    shown = await retained(lobby.watching(tmp_path), topics.show("annex", NODE, "board"))

    assert isinstance(shown, Show)
    assert isinstance(shown.view, BoardView)


def test_a_second_run_changes_nothing(lobby: Lobby) -> None:
    run = lobby.converge()

    assert (run.figure("failed"), run.figure("changed")) == (0, 0), run.output


def test_the_agent_finds_its_buses(lobby: Lobby) -> None:
    lobby.host.say("/opt/guichet/edge/current/bin/python -c 'import spidev, lgpio, serial, luma.led_matrix'")


def test_a_browser_shows_the_sign(lobby: Lobby) -> None:
    drop_in = "/run/systemd/system/guichet-kiosk.service.d"
    # A screen in memory instead of one on a cable.
    pretence = r"[Unit]\nConditionPathExistsGlob=\n[Service]\nEnvironment=WLR_BACKENDS=headless WLR_RENDERER=pixman\n"
    lobby.host.say(f"mkdir -p {drop_in} && printf '{pretence}' >{drop_in}/pretence.conf && systemctl daemon-reload")

    lobby.host.say("systemctl start guichet-kiosk")

    # Its script has run and keeps the stream of pictures open.
    until(
        "the page",
        lambda: lobby.host.say("ss -Htnp state established dport = :8090 | grep chromium || true"),
        within_s=60,
    )
    lobby.host.say(f"systemctl stop guichet-kiosk; rm -r {drop_in}; systemctl daemon-reload")


def test_the_boot_partition_is_prepared_once(lobby: Lobby) -> None:
    config = lobby.host.say("cat /boot/firmware/config.txt").splitlines()
    cmdline = lobby.host.say("cat /boot/firmware/cmdline.txt")

    assert config[0] == "# as it came"
    included = [line.removeprefix("include ") for line in config if line.startswith("include ")]
    assert included == [f"guichet-{name}.txt" for name in ("common", *BOOT)]
    lobby.host.say(f"cd /boot/firmware && ls {' '.join(included)}")
    assert cmdline.startswith("console=tty1 root=PARTUUID=1234 rootwait video=HDMI-A-1:")
    assert cmdline.count("video=") == 1


def test_keys_are_for_their_readers_only(lobby: Lobby) -> None:
    folders = (
        "/var/lib/guichet-hub /var/lib/guichet-edge /etc/mosquitto /etc/guichet /opt/guichet/*/current/ /run /var/log"
    )
    found = lobby.host.run(f"grep -rlI 'BEGIN PRIVATE KEY' {folders}; echo /var/lib/guichet-hub/key")
    rights = {lobby.host.say(f"stat -c '%a %U %n' {file}") for file in found.stdout.split()}

    assert rights == {
        "600 guichet-hub /var/lib/guichet-hub/key",
        "600 guichet-hub /var/lib/guichet-hub/authority/hub.pem",
        "600 guichet-hub /var/lib/guichet-hub/authority/watch.pem",
        "600 guichet-hub /var/lib/guichet-hub/authority/home-assistant.pem",
        "640 root /etc/mosquitto/guichet/broker.pem",
        f"600 guichet-edge {IDENTITY}/node.pem",
    }


def test_nobody_comes_in_but_over_tls(lobby: Lobby) -> None:
    assert lobby.host.run("ss -Hltn sport = :1883").stdout == ""
    assert lobby.host.say("ss -Hltn sport = :8883")


def test_no_log_holds_the_code_of_a_node(lobby: Lobby) -> None:
    # Ansible writes what it does into the log of the machine that it does it on.
    invoked = lobby.host.say("journalctl -b --no-pager | grep 'Invoked with'").splitlines()

    assert any("guichet-edge" in line for line in invoked)
    assert [line for line in invoked if re.search(r"\benrol\b", line)] == []


def test_a_killed_hub_comes_back_with_its_tickets(lobby: Lobby, ticket: Ticket) -> None:
    before = main_pid(lobby, "guichet-hub")

    lobby.host.say("systemctl kill --signal=KILL guichet-hub")

    until_another_runs(lobby, "guichet-hub", before)
    assert until("the ticket", ticket.found, within_s=20) == ticket.number


@pytest.mark.parametrize("unit", ["guichet-hub", "guichet-edge"])
def test_a_process_that_hangs_is_replaced(lobby: Lobby, unit: str) -> None:
    drop_in = f"/run/systemd/system/{unit}.service.d"
    impatient = rf"mkdir -p {drop_in} && printf '[Service]\nWatchdogSec=2\n' >{drop_in}/impatient.conf"
    lobby.host.say(f"{impatient} && systemctl daemon-reload && systemctl restart {unit}")
    before = main_pid(lobby, unit)

    lobby.host.say(f"kill -STOP {before}")

    until_another_runs(lobby, unit, before)
    lobby.host.say(f"rm -r {drop_in} && systemctl daemon-reload && systemctl restart {unit}")


def test_a_backup_brings_the_tickets_back(lobby: Lobby, ticket: Ticket) -> None:
    back_up, restore = re.findall(
        r"```sh\n((?:(?!```).)*hub (?:backup|restore) .*?)```", OPERATIONS.read_text(), re.DOTALL
    )
    until("the hub", lobby.health, within_s=20)

    lobby.host.say(f"set -e\n{back_up}")
    lobby.host.say("systemctl stop guichet-hub; rm /var/lib/guichet-hub/hub.db /var/lib/guichet-hub/key")
    lobby.host.say("set -e\n" + restore.replace("DAY", "*"))

    assert until("the ticket", ticket.found, within_s=20) == ticket.number


def test_a_release_that_is_not_well_is_taken_back(lobby: Lobby, ticket: Ticket, tmp_path: Path) -> None:
    in_use = lobby.host.say("readlink /opt/guichet/hub/current")
    spoil(tmp_path / "wheelhouse")

    run = lobby.converge(guichet_wheelhouse=str(tmp_path / "wheelhouse"), hub_health_s=5)

    assert run.figure("failed") == 1, run.output
    assert "the one before runs again" in run.output
    assert lobby.host.say("readlink /opt/guichet/hub/current") == in_use
    assert until("the ticket", ticket.found, within_s=20) == ticket.number


def spoil(wheelhouse: Path) -> None:
    """A wheelhouse whose hub passes its own check and cannot start."""
    shutil.copytree(WHEELHOUSE, wheelhouse)
    folder = wheelhouse / HUB_WHEELS
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    subprocess.run(["tar", "-xf", folder / "wheels.tar", "-C", wheels], check=True)
    wheel = next(wheels.glob("guichet-*.whl"))
    sound, spoilt = wheel.read_bytes(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"raise SystemExit('spoilt')\n" if name == "hub/main.py" else old.read(name))
    wheel.write_bytes(spoilt.getvalue())
    requirements = (wheels / "requirements.txt").read_text()
    requirements = requirements.replace(sha256(sound).hexdigest(), sha256(spoilt.getvalue()).hexdigest())
    for file in (wheels / "requirements.txt", folder / "requirements.txt"):
        file.write_text(requirements)
    with tarfile.open(folder / "wheels.tar", "w") as packed:
        packed.add(wheels, ".")


def status(lobby: Lobby) -> str:
    """How the hub sees the node; empty if it does not answer."""
    health = lobby.health()
    return "" if health is None else str(health["sites"][0]["nodes"][0]["status"])


def test_a_node_that_was_thrown_out_is_not_enrolled_again_by_itself(lobby: Lobby) -> None:
    out = lobby.host.say(f"{HUB} revoke {NODE} --data /var/lib/guichet-hub")
    assert out.endswith("it is out, and cannot come back")
    until("the node is out", lambda: status(lobby) == "lost", within_s=5)
    # Whether it is the thief who comes back, or a new machine under the same name: the playbook cannot know.
    lobby.host.say(f"systemctl stop guichet-edge; rm -r {IDENTITY}")

    refused = lobby.converge(NODE)

    assert refused.figure("failed") == 1, refused.output
    assert f"node {NODE} was thrown out" in refused.output
    lobby.host.say(f"test ! -e {IDENTITY}")

    allowed = lobby.converge(NODE, edge_enrol_revoked=True)

    assert allowed.figure("failed") == 0, allowed.output
    assert status(lobby) == "online"
