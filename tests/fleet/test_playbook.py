"""The playbook by itself: its style, and what the example's inventory makes of the nodes."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config import AgentConfig, load
from edge.devices.printer_serial import PrinterSerial
from tests.fleet.lobby import ROOT, tool

ANSIBLE = ROOT / "ansible"
TOWN_HALL = ROOT / "examples" / "town-hall"
NODES = ("board-1", "board-2", "door-1", "kiosk-1", "desk-1")

RENDER = {
    "hosts": "edge",
    "connection": "local",
    "gather_facts": False,
    # Nothing of the role is run; its defaults count all the same.
    "roles": [{"role": "edge", "tags": ["never"]}],
    "tasks": [
        {
            "name": "Render",
            "ansible.builtin.template": {
                "src": str(ANSIBLE / "roles/edge/templates/agent.toml.j2"),
                "dest": "{{ folder }}/{{ inventory_hostname }}.toml",
                "mode": "0600",
            },
        }
    ],
}


def test_ansible_lint_has_nothing_to_say() -> None:
    # By its own name it finds ansible-playbook beside itself; offline it asks nobody for newer rules.
    judged = subprocess.run(
        [tool("ansible-lint"), "--offline", "--nocolor", "--profile", "production", "."],
        cwd=ANSIBLE,
        text=True,
        capture_output=True,
        check=False,
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Profile 'production' was required, and it passed" in judged.stderr


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the agent's file of every node in the example's inventory."""
    folder = tmp_path_factory.mktemp("rendered")
    for name in ("group_vars", "roles", "filter_plugins"):
        (folder / name).symlink_to(ANSIBLE / name)
    playbook = folder / "render.yml"
    playbook.write_text(json.dumps([RENDER]))  # JSON is YAML too
    variables = {"folder": str(folder)}
    done = subprocess.run(
        [tool("ansible-playbook"), "-i", ANSIBLE / "inventory.example", playbook, "-e", json.dumps(variables)],
        cwd=ANSIBLE,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize("node", NODES)
def test_the_example_inventory_makes_the_example_agents(node: str, rendered: Path) -> None:
    made, example = load(rendered / f"{node}.toml"), load(TOWN_HALL / "agents" / f"{node}.toml")

    assert made.broker == "mqtts://192.0.2.10:8883"
    assert made.identity_dir == Path("/var/lib/guichet-edge/identity")
    assert (made.site, made.node, made.time_zone) == (example.site, example.node, example.time_zone)
    assert without_ports(made) == without_ports(example)


def without_ports(agent: AgentConfig) -> list[object]:
    """Its devices; a printer's port is a matter of the machine."""
    return [replace(device, port="") if isinstance(device, PrinterSerial) else device for device in agent.devices]
