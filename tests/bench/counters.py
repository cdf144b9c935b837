"""Two hundred people counters of one lobby, five messages a second each, for five minutes.

Beside them one more counts people into a room that is at its limit, before which a sign stands: how long it takes from
a count that the sign depends on until the sign is told. (A count on which no sign depends may wait for up to a second,
see `hub.counts`, since it is in the next one.) In the end every total must be in its room.
"""

import asyncio
import json
import sys
from statistics import mean

from tests.bench.bare_mqtt import BareClient
from tests.bench.figures import Figure, Setting, percentile
from tests.bench.machine import memory_mb, processor_s
from tests.brokers import HOST, mosquitto
from tests.processes import API, SITE, Lobby, Process
from wire import codec, topics
from wire.messages import Count, NodeState, NodeStatus, Show, SignView

COUNTERS, ROOMS = 200, 20
PER_S = 5.0
LASTS_S, QUICK_S = 300.0, 20.0
LIMIT = 30
"""Of the room behind the sign, as in `tests.processes.LOBBY`."""
PROBE_EVERY_S = 0.1
ANSWER_S = 5.0
SETTLES_S = 3.0
LOOK_EVERY_S = 0.5

ROOM = '\n[[rooms]]\nid = "room-{n}"\nname = {{ en = "Room {n}" }}\nlimit_people = 100_000\n'
DOOR = '\n[[doors]]\nid = "door-{n}"\nto = "room-{room}"\n'
COUNTER = '\n[[devices]]\nnode = "counter-{n}"\nid = "it"\nkind = "counter"\ndoor = "door-{n}"\n'
SIGN = '\n[[devices]]\nnode = "sign-1"\nid = "sign"\nkind = "sign"\nroom = "main"\n'


async def measure(setting: Setting) -> list[Figure]:
    lasts_s = QUICK_S if setting.quick else LASTS_S
    with mosquitto() as broker:
        lobby = Lobby(setting.folder, broker.url, devices=_tables())
        counting = Process(
            sys.executable, "-m", "tests.bench.counting", str(broker.port), SITE, str(COUNTERS), str(PER_S)
        )
        try:
            await lobby.prepare()
            await lobby.start_hub()
            probe = Probe()
            await probe.connect(broker.port)
            await counting.start()
            await counting.until("ready")
            await asyncio.sleep(SETTLES_S)
            watching = asyncio.create_task(_watched(lobby, lasts_s, setting))
            took_ms = await probe.count_for(lasts_s)
            used, grown_mb = await watching
            counting.forget()
            counting.write("enough")
            totals = json.loads(await counting.line())
            await asyncio.sleep(SETTLES_S)
            lost = await _lost(lobby, totals)
        finally:
            await counting.kill()
            await lobby.hub.kill()
            await lobby.web.aclose()
    return [
        Figure("totals of 200 counters that were lost", lost),
        Figure("count to its sign among 200 counters, p99", percentile(took_ms, 0.99)),
        Figure("hub among 200 counters", used),
        Figure("memory that 200 counters add in a minute", grown_mb),
    ]


def _tables() -> str:
    """What the lobby has besides: rooms with ten counted doors each, and a sign before the one that it has."""
    rooms = "".join(ROOM.format(n=n) for n in range(ROOMS))
    doors = "".join(DOOR.format(n=n, room=n % ROOMS) + COUNTER.format(n=n) for n in range(COUNTERS))
    return rooms + doors + SIGN


class Probe:
    """The counter that the sign depends on, and the sign."""

    def __init__(self) -> None:
        self._shown: int | None = None
        self._changed = asyncio.Event()
        self._counter = BareClient("guichet-door-1", lambda topic, payload: None)
        self._sign = BareClient("guichet-sign-1", self._heard)
        self._entered = self._left = 0

    async def connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        for client, node in ((self._counter, "door-1"), (self._sign, "sign-1")):
            await loop.create_connection(lambda client=client: client, HOST, port)  # type: ignore[misc]
            client.subscribe(topics.node_subscriptions(SITE, node))
            await client.subscribed
            state = NodeState(status=NodeStatus.ONLINE, session=node)
            client.publish(topics.state(SITE, node), codec.encode(state), qos=1, retain=True)
        await self._until(0)
        self._entered = LIMIT
        await self._until(LIMIT)

    async def count_for(self, lasts_s: float) -> list[float]:
        """Somebody comes, somebody goes; milliseconds from each to the sign."""
        loop, took_ms = asyncio.get_running_loop(), []
        end_s = loop.time() + lasts_s
        while loop.time() < end_s:
            await asyncio.sleep(PROBE_EVERY_S)
            if self._entered - self._left == LIMIT:
                self._left += 1
            else:
                self._entered += 1
            began_s = loop.time()
            await self._until(self._entered - self._left)
            took_ms.append(1_000 * (loop.time() - began_s))
        return took_ms

    async def _until(self, people: int) -> None:
        """Say the totals, and wait until the sign shows `people`."""
        count = Count(epoch="probe", entered=self._entered, left=self._left)
        self._counter.publish(topics.count(SITE, "door-1", "counter"), codec.encode(count), qos=1, retain=True)
        async with asyncio.timeout(ANSWER_S):
            while self._shown != people:
                self._changed.clear()
                await self._changed.wait()

    def _heard(self, topic: bytes, payload: bytes) -> None:
        if topic.endswith(b"/show"):
            _, message = codec.decode(topic.decode(), payload)
            if isinstance(message, Show) and isinstance(message.view, SignView):
                self._shown = message.view.people
                self._changed.set()


async def _watched(lobby: Lobby, lasts_s: float, setting: Setting) -> tuple[float, float]:
    """Percent of a core that the hub uses, and by how many MB it grows in a minute."""
    loop = asyncio.get_running_loop()
    began_s, before_s = loop.time(), processor_s(lobby.hub.pid)
    memories_mb = []
    while (passed_s := loop.time() - began_s) < lasts_s:
        setting.tell(passed_s / lasts_s)
        await asyncio.sleep(LOOK_EVERY_S)
        memories_mb.append(memory_mb(lobby.hub.pid))
    used = 100 * (processor_s(lobby.hub.pid) - before_s) / passed_s
    quarter = len(memories_mb) // 4
    grown_mb = mean(memories_mb[-quarter:]) - mean(memories_mb[quarter : 2 * quarter])
    return used, max(0.0, grown_mb * 60 / (lasts_s / 2))


async def _lost(lobby: Lobby, totals: dict[str, list[int]]) -> int:
    """People that counters said and rooms do not know, or the other way round."""
    said: dict[str, list[int]] = {}
    for name, (entered, left) in totals.items():
        room = said.setdefault(f"room-{int(name.rpartition('-')[2]) % ROOMS}", [0, 0])
        room[0] += entered
        room[1] += left
    answer = await lobby.web.get(f"{API}/rooms")
    rooms = {it["id"]: (it["entered_people"], it["left_people"]) for it in answer.json() if it["id"] in said}
    assert len(rooms) == ROOMS
    return sum(abs(rooms[room][0] - entered) + abs(rooms[room][1] - left) for room, (entered, left) in said.items())
