"""Counters on an ESP32: ESPHome takes their files, they count as our own does, and the hub understands them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one use does not ask for its stubs
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.beams import Beam, Beams, Crossing
from wire import codec, topics
from wire.messages import Count, CountQuality, NodeState, NodeStatus

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "firmware-config" / "esphome"
COUNTERS = sorted(FOLDER.glob("guichet-*.yaml"))


class Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no types
    """What `esphome config` prints: YAML with code and secrets in it."""


for tag in ("!lambda", "!secret"):
    Loader.add_constructor(tag, lambda loader, node: loader.construct_scalar(node))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files as somebody would have them who fills in the secrets."""
    copied = tmp_path_factory.mktemp("esphome")
    for file in FOLDER.glob("*.yaml"):
        (copied / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (copied / "secrets.example.yaml").rename(copied / "secrets.yaml")
    return copied


@pytest.fixture(scope="module", params=COUNTERS, ids=lambda file: file.stem)
def taken(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """What ESPHome makes of a file."""
    judged = subprocess.run(
        [ROOT / "scripts" / "esphome", "config", folder / request.param.name],
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "WARNING" not in judged.stderr
    found = yaml.load(judged.stdout, Loader)
    assert isinstance(found, dict)
    return found


def test_what_a_counter_says_of_itself_is_understood_by_the_hub(taken: dict[str, Any]) -> None:
    node = taken["substitutions"]["node"]
    said = {}
    for when in ("birth_message", "will_message", "shutdown_message"):
        message = taken["mqtt"][when]
        assert (message["qos"], message["retain"]) == (1, True)
        parsed, said[when] = codec.decode(message["topic"], message["payload"].encode())
        assert parsed == topics.parse(topics.state("town-hall", node))
    birth, will = said["birth_message"], said["will_message"]
    assert isinstance(birth, NodeState)
    assert isinstance(will, NodeState)
    assert (birth.status, will.status) == (NodeStatus.ONLINE, NodeStatus.LOST)
    assert birth.session == will.session == node, "of its own will, whichever life it was made in"
    assert [(it.id, it.kind) for it in birth.devices] == [("counter", "counter")]


def test_its_totals_are_a_count_of_the_wire(taken: dict[str, Any]) -> None:
    text = json.dumps(taken)
    (publication,) = re.findall(r'"mqtt.publish_json": (\{.*?\})\}', text)
    said = json.loads(publication)
    assert said["topic"] == topics.count("town-hall", taken["substitutions"]["node"], "counter")
    assert (said["qos"], said["retain"]) == (1, True)
    fields = re.findall(r'root\["(\w+)"\]', said["payload"])
    assert fields == list(Count.__struct_fields__)
    assert f'"{CountQuality.BLOCKED.value}"' in said["payload"]


def test_it_says_nothing_but_what_a_node_may_say(taken: dict[str, Any]) -> None:
    mqtt = taken["mqtt"]
    assert mqtt.get("log_topic") is None
    assert not mqtt.get("topic_prefix")
    assert (mqtt["discovery"], mqtt["discover_ip"]) == (False, False)
    assert (mqtt["username"], mqtt["client_id"]) == (taken["substitutions"]["node"],) * 2
    assert mqtt["reboot_timeout"] == "0s", "a broker that is away is no reason to forget the totals"


# --- how it counts ------------------------------------------------------------------------------------------------

HARNESS = """
#include <cstdint>
#include <cstdio>
#define id(name) name
struct Beam { bool state = false; } outer, inner;
int entered = 0, left = 0, began = 0, alone = 0, through = 0;
uint32_t dark_since_ms = 0;
uint32_t millis() { return 1; }
void beams_changed() {
%s
}
int main() {
  int beam, state;
  while (std::scanf("%%d %%d", &beam, &state) == 2) {
    (beam ? inner : outer).state = state;
    beams_changed();
    std::printf("%%d %%d\\n", entered, left);
  }
}
"""


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The counter's own code as a program: a line per edge in, the totals after it out."""
    code = (FOLDER / "counter.yaml").read_text("utf-8")
    body = re.search(r"- id: beams_changed\n    then:\n      - lambda: \|-\n((?: {10}[^\n]*\n)+)", code)
    assert body
    folder = tmp_path_factory.mktemp("counter")
    (folder / "counter.cpp").write_text(HARNESS % body[1])
    subprocess.run(["c++", "-std=c++17", "-o", folder / "counter", folder / "counter.cpp"], check=True)
    return folder / "counter"


def test_the_code_that_is_tested_is_the_code_that_esphome_takes(taken: dict[str, Any]) -> None:
    (of_beams,) = (it for it in taken["script"] if it["id"] == "beams_changed")
    assert "came_over" in json.dumps(of_beams)


@settings(deadline=None, max_examples=60)
@given(edges=st.lists(st.tuples(st.sampled_from(list(Beam)), st.booleans()), max_size=60))
def test_it_counts_as_our_own_counter_does(counter: Path, edges: list[tuple[Beam, bool]]) -> None:
    beams, totals, expected = Beams(), dict.fromkeys(Crossing, 0), []
    for n, (beam, is_dark) in enumerate(edges):
        crossing = beams.edge(beam, is_dark, float(n))
        if crossing is not None:
            totals[crossing] += 1
        expected.append(f"{totals[Crossing.ENTERED]} {totals[Crossing.LEFT]}")
    lines = "\n".join(f"{int(beam is Beam.INNER)} {int(is_dark)}" for beam, is_dark in edges)
    counted = subprocess.run([counter], input=lines, text=True, capture_output=True, check=True)
    assert counted.stdout.split("\n")[:-1] == expected
