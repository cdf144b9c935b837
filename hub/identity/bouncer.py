"""Sees revoked nodes out of the broker: has it taken the list, and who must leave?

A broker reads a list of revoked certificates when it is told to, and looks at it when somebody connects: whoever is in
stays in. So, first, a scout whom the newest list revokes knocks until it is refused; then we come in under the revoked
node's name, and the broker, which lets each name in once, throws the other one out. It cannot come back.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import NamedTuple

import structlog

from hub.identity.authority import NEVER, SCOUT, Authority, serial_of
from hub.identity.folder import Folder
from wire.mqtt import Broker, MqttLink, node_client_id

KNOCK_EVERY_S = 0.1
LISTED_S = 3.0
"""A broker on this computer takes a list in tenths of a second."""

CONNECT_S = 1.5
STAND_IN = "stand-in"

log = structlog.get_logger()


class Expulsion(NamedTuple):
    """What was seen at the broker."""

    is_listed: bool
    is_out: bool


class Bouncer:
    """Of one broker."""

    def __init__(self, broker: Broker, authority: Authority, folder: Folder, *, rng: Random) -> None:
        self._broker = broker
        self._authority = authority
        self._folder = folder
        self._rng = rng

    async def expel(self, node: str, number: int) -> Expulsion:
        """Throw `node` out once the broker has list `number`, or after `LISTED_S` all the same."""
        scout = self._folder.put_identity(SCOUT.replace(" ", "-"), self._authority.scout(number))
        is_listed = await self._refuses_soon(str(scout))
        is_out = await self._take_name(node)
        if not is_listed:
            log.warning("the broker has not taken the list of revoked certificates", node=node, number=number)
        return Expulsion(is_listed, is_out)

    async def _refuses_soon(self, identity_file: str) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTED_S):
                for _ in range(round(LISTED_S / KNOCK_EVERY_S)):
                    if await self._refuses(identity_file):
                        return True
                    await asyncio.sleep(KNOCK_EVERY_S)
        return False

    async def _refuses(self, identity_file: str) -> bool:
        """Whether the broker refuses this certificate because it is revoked. Any other reason is none."""
        context = ssl.create_default_context(cafile=self._folder.ca_file)
        # Of later versions a client learns only with its first answer that it was refused.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(identity_file)
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(self._broker.host, self._broker.port, ssl=context)
        except ssl.SSLError as error:
            return "REVOKED" in (error.reason or "")
        except (OSError, TimeoutError):
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return False

    async def _take_name(self, node: str) -> bool:
        """Come in as `node` and leave; False if the broker does not answer."""
        # Nobody keeps it, and no clock of the broker's shall refuse it.
        identity = self._authority.identity(node, serial_of(self._rng.randbytes(16)), NEVER)
        file = self._folder.put_identity(STAND_IN, identity)
        arrival = _Arrival()
        link = MqttLink(replace(self._broker, identity_file=file), node_client_id(node), [], rng=self._rng)
        task = asyncio.create_task(link.run(arrival))
        try:
            async with asyncio.timeout(CONNECT_S):
                await arrival.happened.wait()
        except TimeoutError:
            return False
        finally:
            task.cancel()
            await asyncio.wait([task])
            file.unlink()
        return True


class _Arrival:
    """Hears that a link stands."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()

    def connected(self) -> None:
        self.happened.set()

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None: ...
