"""Seeing revoked nodes out of a real mosquitto, and saying truly what was seen."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random

import aiomqtt
import pytest

from hub.config import lobby_of
from hub.identity.bouncer import Bouncer, Expulsion
from hub.identity.folder import Folder
from tests.brokers import HOST
from tests.doors import CertifiedBroker, certified_broker
from tests.processes import LOBBY
from wire.mqtt import Broker

OUT_S = 5.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[CertifiedBroker]:
    with certified_broker(tmp_path, [lobby_of(LOBBY)]) as running:
        yield running


def bouncer_of(broker: CertifiedBroker) -> Bouncer:
    folder = Folder(broker.folder.parent / "authority")
    folder.put(folder.ca_file, broker.authority.certificate.encode())
    at_broker = Broker.parse(broker.url, folder.ca_file, broker.client_file("hub"))
    return Bouncer(at_broker, broker.authority, folder, rng=Random(1))


async def stays_in(broker: CertifiedBroker, came_in: asyncio.Event) -> None:
    """Desk 1 comes in; returns when it is thrown out."""
    tls = aiomqtt.TLSParameters(ca_certs=str(broker.ca_file), certfile=str(broker.client_file("desk-1")))
    async with aiomqtt.Client(HOST, broker.port, identifier="desk-1", tls_params=tls) as client:
        came_in.set()
        with pytest.raises(aiomqtt.MqttError):
            await anext(client.messages)


async def expelled(broker: CertifiedBroker, *, brings_list: bool) -> Expulsion:
    """What the bouncer says once desk 1, who was in, is out; whether or not somebody brings the broker its list."""
    came_in = asyncio.Event()
    async with asyncio.timeout(2 * OUT_S), asyncio.TaskGroup() as group:
        group.create_task(stays_in(broker, came_in))
        await came_in.wait()
        if brings_list:
            (broker.folder / "revoked.pem").write_bytes(broker.authority.revoked_list(1, ()))
            broker.reload()
        async with asyncio.timeout(OUT_S):
            seen = await bouncer_of(broker).expel("desk-1", 1)
    return seen


async def test_whoever_is_in_is_thrown_out_once_the_broker_has_the_list(broker: CertifiedBroker) -> None:
    assert await expelled(broker, brings_list=True) == Expulsion(is_listed=True, is_out=True)


async def test_a_broker_that_has_not_taken_the_list_is_told_of(broker: CertifiedBroker) -> None:
    assert await expelled(broker, brings_list=False) == Expulsion(is_listed=False, is_out=True)


async def test_a_broker_that_does_not_answer_is_told_of(broker: CertifiedBroker) -> None:
    bouncer = bouncer_of(broker)
    broker.process.kill()
    broker.process.wait()

    async with asyncio.timeout(OUT_S):
        assert await bouncer.expel("desk-1", 1) == Expulsion(is_listed=False, is_out=False)
