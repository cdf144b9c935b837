"""The agent as a process, on a real broker: what `guichet-edge` does when nobody simulates anything."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.request import Request, urlopen

import pytest
from paho.mqtt import publish

from tests.brokers import free_port, mosquitto
from wire import codec, topics
from wire.messages import Count, Event, HubTime, Key, Message, NodeState, NodeStatus, PanelState, PanelView, Press, Show
from wire.mqtt import Broker, MqttLink

SITE, NODE = "hall", "desk-1"
PATIENCE_S = 20.0
DEVICES = """
[[devices]]
id = "panel"
kind = "panel"
pins = { next = 17 }

[[devices]]
id = "board"
kind = "board"
"""


def agent_file(folder: Path, broker: str, more: str = DEVICES) -> Path:
    file = folder / "agent.toml"
    file.write_text(f'site = "{SITE}"\nnode = "{NODE}"\nbroker = "{broker}"\nscreens.port = {free_port()}\n{more}')
    return file


async def guichet_edge(*arguments: str) -> asyncio.subprocess.Process:
    program = Path(sys.executable).with_name("guichet-edge")
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(program, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)


async def outcome(*arguments: str) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr of a run that ends by itself."""
    process = await guichet_edge(*arguments)
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


class Hub:
    """The hub's side of the broker."""

    def __init__(self, url: str) -> None:
        self.link = MqttLink(Broker.parse(url), "hub", topics.hub_subscriptions(SITE), rng=Random(1))
        self.heard: list[Message] = []
        self._changed = asyncio.Event()

    def connected(self) -> None:
        self._changed.set()

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        self.heard.append(codec.decode(topic, payload)[1])
        self._changed.set()

    async def until_heard(self, kind: type[Message], times: int = 1) -> Message:
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [message for message in self.heard if isinstance(message, kind)]) < times:
                self._changed.clear()
                await self._changed.wait()
        return found[times - 1]

    async def tell_time(self) -> None:
        while True:
            time = HubTime(term=1, seq=0, boot="boot", ms=1000, wall_at=datetime.now(UTC))
            if self.link.is_connected:
                await self.link.publish(topics.hub_time(SITE), time)
            await asyncio.sleep(0.2)


@asynccontextmanager
async def a_hub(url: str) -> AsyncIterator[Hub]:
    hub = Hub(url)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(hub.link.run(hub)), group.create_task(hub.tell_time())]
        yield hub
        for task in tasks:
            task.cancel()


async def test_a_press_by_hand_reaches_the_hub_and_sigterm_is_a_goodbye(tmp_path: Path) -> None:
    with mosquitto() as broker:
        async with a_hub(broker.url) as hub:
            process = await guichet_edge("run", str(agent_file(tmp_path, broker.url)), "--fake", "--hands")
            assert process.stdin is not None
            state = await hub.until_heard(NodeState)
            assert isinstance(state, NodeState)
            assert [device.id for device in state.devices] == ["panel", "board"]
            view = PanelView(desk="1", desk_seq=4, state=PanelState.FREE, waiting=1)
            await hub.link.publish(topics.show(SITE, NODE, "panel"), Show(term=1, seq=1, view=view))
            event = None
            async with asyncio.timeout(PATIENCE_S):
                while event is None:  # the panel refuses until it has heard both view and time
                    process.stdin.write(b"press panel next\n")
                    try:
                        async with asyncio.timeout(0.5):
                            event = await hub.until_heard(Event)
                    except TimeoutError:
                        continue
            assert isinstance(event, Event)
            assert event.body == Press(key=Key.NEXT, seen=4)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                assert await process.wait() == 0
            goodbye = await hub.until_heard(NodeState, times=2)
            assert isinstance(goodbye, NodeState)
            assert (goodbye.status, goodbye.session) == (NodeStatus.LOST, state.session)


async def test_check_tells_all_faults_a_line_each(tmp_path: Path) -> None:
    good = agent_file(tmp_path, "mqtt://127.0.0.1")
    assert await outcome("run", str(good), "--check") == (
        0,
        f"{good}: node 'desk-1' of site 'hall', 2 devices, no faults\n",
        "",
    )
    bad = agent_file(tmp_path, "mqtt://127.0.0.1", DEVICES.replace("17", "99").replace('"board"', '"lamp"'))
    code, out, err = await outcome("run", str(bad), "--check")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"{bad}: devices[0].pins.next: 99 is above 27; use a GPIO number from 0 to 27"
    assert len(err.splitlines()) == 2


async def test_counters_of_other_makers_are_heard_on_topics_and_by_push_and_go_on_after_a_kill(tmp_path: Path) -> None:
    port = free_port()
    counters = f"""
data_dir = "{tmp_path}"

[[devices]]
id = "door"
kind = "counter"
driver = "mqtt"
family = "milesight-vs350"
topic = "lora/+/up"
broker = "GATEWAY"

[[devices]]
id = "gate"
kind = "counter"
driver = "http"
family = "milesight-vs350"
address = "127.0.0.1:{port}"
path = "/gate"
"""

    def speak(broker_port: int, entered: int) -> None:
        frame = f"04CC{entered.to_bytes(2, 'little').hex()}0000".encode()
        publish.single("lora/7/up", frame, qos=1, hostname="127.0.0.1", port=broker_port)
        with urlopen(Request(f"http://127.0.0.1:{port}/gate", frame, method="POST"), timeout=PATIENCE_S) as answer:
            assert answer.status == 200

    with mosquitto() as broker:
        file = agent_file(tmp_path, broker.url, counters.replace("GATEWAY", broker.url))
        async with a_hub(broker.url) as hub:
            epochs: set[str] = set()
            for entered in (500, 503, 510):
                process = await guichet_edge("run", str(file))
                hub.heard.clear()
                await hub.until_heard(NodeState)
                async with asyncio.timeout(PATIENCE_S):
                    while sorted(totals_in(hub).values()) != [entered - 500] * 2:
                        with suppress(OSError):  # its server is not there yet
                            await asyncio.to_thread(speak, broker.port, entered)
                        await asyncio.sleep(0.3)
                epochs |= set(totals_in(hub))
                process.kill()
                await process.wait()
            assert len(epochs) == 2, "one of each counter"


def totals_in(hub: Hub) -> dict[str, int]:
    """Epoch to who has entered, as it was said last."""
    return {message.epoch: message.entered for message in hub.heard if isinstance(message, Count)}


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
async def test_missing_hardware_is_one_line_and_a_failure(tmp_path: Path) -> None:
    code, _, err = await outcome("run", str(agent_file(tmp_path, "mqtt://127.0.0.1")))
    assert code == 1
    assert len(err.splitlines()) == 1
    assert "or with --fake" in err
