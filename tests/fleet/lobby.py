"""A lobby on one bare host: its inventory, and the playbook run against it."""

import json
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from tests.fleet.host import Host
from wire.mqtt import Broker

ROOT = Path(__file__).parents[2]
CONVERGE_S = 600.0

NODE = "front"
DEVICES: list[dict[str, Any]] = [
    {"id": "board", "kind": "board", "driver": "matrix", "modules": 8, "turned_deg": -90},
    {"id": "sign", "kind": "sign", "driver": "page"},
    {"id": "printer", "kind": "printer", "port": "/dev/guichet-printer"},
    {"id": "panel", "kind": "panel", "pins": {"next": 17, "no-show": 22}, "lamp": 25},
    {"id": "counter", "kind": "counter", "outer": 5, "inner": 6},
]
BOOT = ["led-board", "screen", "printer", "panel", "counter"]
WHEELHOUSE = ROOT / "dist" / "wheelhouse"
HUB_WHEELS = f"hub-3.11-{platform.machine()}"
"""What Debian 12 installs from."""


@dataclass(frozen=True)
class Run:
    """One run of the playbook."""

    output: str
    took_s: float

    def figure(self, name: str) -> int:
        """`ok`, `changed`, `failed`… of the recap, of hub and node together."""
        found = re.findall(rf"^(?:hub-1|{NODE}) .*\b{name}=(\d+)", self.output, re.MULTILINE)
        assert found, self.output
        return sum(map(int, found))


@dataclass(frozen=True)
class Lobby:
    """The host and the inventory that makes a lobby of it."""

    host: Host
    inventory: Path

    @classmethod
    def on(cls, host: Host, folder: Path) -> "Lobby":
        """The lobby of lobby.toml, described in `folder`; nothing is done to the host."""
        settings = {
            "ansible_host": host.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(host.key),
            # Instead of Ansible's own, which come first and share connections elsewhere.
            "ansible_ssh_args": " ".join(["-F none", *host.ssh_options]),
            "hub_host": "0.0.0.0",
            "hub_lobbies": [str(Path(__file__).with_name("lobby.toml"))],
            "edge_site": "annex",
            "edge_options": "--fake",
            "edge_boot": BOOT,
            "edge_debian_python": ["python3-spidev"],
            "edge_devices": DEVICES,
            "edge_screen": "sign",
        }
        # One machine under two names: what is done to one alone must not need the other.
        groups = {"hub": {"hosts": {"hub-1": settings}}, "edge": {"hosts": {NODE: settings}}}
        (folder / "hosts.yml").write_text(json.dumps(groups))  # JSON is YAML too
        return cls(host, folder)

    def converge(self, limit: str = "all", **variables: object) -> Run:
        """Run the playbook for `limit`, with `variables` above those of the inventory; it may fail."""
        began_s = monotonic()
        play: list[str | Path] = [
            tool("ansible-playbook"),
            "-i",
            self.inventory / "hosts.yml",
            "site.yml",
            "--limit",
            limit,
        ]
        done = subprocess.run(
            [*play, "-e", json.dumps(variables)],
            cwd=ROOT / "ansible",
            env={**os.environ, "ANSIBLE_HOME": str(self.inventory / "ansible"), "ANSIBLE_NOCOLOR": "1"},
            text=True,
            capture_output=True,
            timeout=CONVERGE_S,
            check=False,
        )
        return Run(done.stdout + done.stderr, monotonic() - began_s)

    def watching(self, folder: Path) -> Broker:
        """The broker, for whoever looks into a problem; what it takes to come in is put into the folder."""
        for name in ("ca.pem", "watch.pem"):
            (folder / name).write_text(self.host.say(f"cat /var/lib/guichet-hub/authority/{name}") + "\n")
        return Broker.parse(f"mqtts://{self.host.address}", folder / "ca.pem", folder / "watch.pem")

    def health(self) -> dict[str, Any] | None:
        """What /healthz answers; None if the hub does not."""
        try:
            token = self.host.say("cat /etc/guichet/fleet.token").strip()
            answer = httpx.get(f"{self.url}/healthz", headers={"authorization": f"Bearer {token}"}, timeout=5)
        except httpx.TransportError:
            return None
        facts: dict[str, Any] = answer.json()
        return facts if answer.status_code == 200 else None

    @property
    def url(self) -> str:
        return f"http://{self.host.address}:8080"


def tool(name: str) -> str:
    """A command of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))
