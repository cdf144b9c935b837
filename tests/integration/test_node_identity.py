"""Who is who at the broker: hub, agent and mosquitto as processes, and certificates between them."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import httpx

from hub.config import lobby_of
from tests.accounts import a_token
from tests.brokers import HOST, free_port
from tests.clocks import in_1970
from tests.doors import KEY, CertifiedBroker, certified_broker
from tests.processes import LOBBY, NODES, PATIENCE_S, SITE, Process

NODE = "desk-1"
OUT_S = 5.0
"""A revoked node is out by then."""
LOOK_AGAIN_S = 0.05
REFUSED_S = 1.5


class Stage:
    """A broker, a hub that is its authority, and a node whose clock stands in 1970."""

    def __init__(self, folder: Path, broker: CertifiedBroker) -> None:
        self.broker = broker
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        (self.data / "key").write_bytes(KEY)
        (folder / "lobby.toml").write_text(LOBBY)
        self.hub_url = f"http://{HOST}:{free_port()}"
        self.hub = Process(
            *(program("guichet-hub"), "run", folder / "lobby.toml", "--certificates", "--broker", broker.url),
            *("--data", self.data, "--port", self.hub_url.rpartition(":")[2]),
        )
        self.agent_file = folder / "agent.toml"
        self.identity = folder / "identity"
        self.agent_file.write_text(
            f'site = "{SITE}"\nnode = "{NODE}"\nbroker = "{broker.url}"\nidentity_dir = "{self.identity}"\n'
            f"screens.port = {free_port()}\n{NODES[NODE]}"
        )
        self._in_1970 = in_1970(folder)
        self.agent = Process(*self._in_1970, program("guichet-edge"), "run", self.agent_file, "--fake", "--hands")
        self.web = httpx.AsyncClient(base_url=self.hub_url)

    async def bring_lists(self) -> None:
        """What guichet-broker-lists.path does, until cancelled."""
        mine = self.broker.folder
        while True:
            for file in (self.data / "authority" / name for name in ("revoked.pem", "acl")):
                if file.exists() and file.read_bytes() != (mine / file.name).read_bytes():
                    shutil.copy(file, mine)
                    self.broker.reload()
            await asyncio.sleep(LOOK_AGAIN_S)

    async def enrol(self, code: str, agent_file: Path | None = None) -> tuple[int, str]:
        return await outcome(
            *self._in_1970, program("guichet-edge"), "enrol", agent_file or self.agent_file, self.hub_url, code
        )

    async def ask_hub(self, *words: str) -> tuple[int, str]:
        """A command on the hub's own computer."""
        return await outcome(program("guichet-hub"), *words, "--hub", self.hub_url, "--data", self.data)

    async def revoke(self, within_s: float) -> dict[str, Any]:
        """Throw the node out; what the hub answers, once it has seen the connection end."""
        async with asyncio.timeout(within_s):
            answer = await self.web.post(f"/api/v1/nodes/{NODE}/revocation")
            await self.until_node("lost")
        done: dict[str, Any] = answer.json()
        return done

    async def new_code(self) -> str:
        code, said = await self.ask_hub("enrol", NODE)
        assert code == 0, said
        return said.split()[0]

    async def until_node(self, status: str) -> None:
        """Wait until the hub says so."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if await self._status() == status:
                    return
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _status(self) -> str:
        health: dict[str, Any] = (await self.web.get("/healthz")).json()
        (status,) = [node["status"] for site in health["sites"] for node in site["nodes"] if node["name"] == NODE]
        return str(status)

    async def is_let_in(self, identity_file: Path) -> bool:
        """Whether the broker takes this certificate."""
        tls = aiomqtt.TLSParameters(ca_certs=str(self.broker.ca_file), certfile=str(identity_file))
        client = aiomqtt.Client(HOST, self.broker.port, identifier="test", tls_params=tls, timeout=REFUSED_S)
        try:
            async with client:
                return True
        except aiomqtt.MqttError:
            return False


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


async def outcome(*command: str | Path) -> tuple[int, str]:
    """Exit code, and what was said."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(PATIENCE_S):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[Stage]:
    (folder / "broker").mkdir()
    with certified_broker(folder / "broker", [lobby_of(LOBBY)]) as broker:
        stage = Stage(folder, broker)
        bringing = asyncio.create_task(stage.bring_lists())
        try:
            token = await a_token(f"sqlite:///{stage.data / 'hub.db'}")
            stage.web.headers["authorization"] = f"Bearer {token}"
            await stage.hub.start()
            await stage.hub.until("hub serves", "link connected")
            yield stage
        finally:
            bringing.cancel()
            await stage.web.aclose()
            for process in (stage.agent, stage.hub):
                await process.kill()


async def test_a_node_whose_clock_stands_in_1970_is_enrolled_revoked_and_enrolled_again(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        code = await stage.new_code()
        assert await stage.enrol(code.replace(code[0], "Z" if code[0] != "Z" else "Y", 1)) == (
            1,
            f"the hub at {stage.hub_url} refused: this is not the code of node 'desk-1'; see how it is typed\n",
        )
        enrolled, said = await stage.enrol(code)
        assert (enrolled, said.partition(" until")[0]) == (0, "desk-1 is enrolled"), said
        await stage.agent.start()
        await stage.until_node("online")

        thief = tmp_path / "thief.toml"
        thief.write_text(stage.agent_file.read_text().replace(str(stage.identity), str(tmp_path / "thief")))
        refused, said = await stage.enrol(code, thief)
        assert (refused, "was used already" in said) == (1, True), said

        answer = await stage.revoke(within_s=OUT_S)
        assert answer == {"node": NODE, "certificates": 1, "is_listed": True, "is_out": True}
        assert not await stage.is_let_in(stage.identity / "node.pem")
        assert "desk-1: no certificate, revoked" in (await stage.ask_hub("nodes"))[1]

        enrolled, said = await stage.enrol(await stage.new_code())
        assert enrolled == 0, said
        await stage.until_node("online")

        revoked, said = await stage.ask_hub("revoke", NODE)
        assert (revoked, said) == (0, "1 certificates of node desk-1 revoked\nit is out, and cannot come back\n")
