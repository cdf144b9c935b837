"""The barest thing that hears what the hub hears: an aiomqtt client with the same subscriptions that only counts.

python -m tests.bench.bare_subscriber PORT
"""

import asyncio
import sys

import aiomqtt

from tests.bench.bare_echo import NODELAY
from tests.bench.city import sites
from tests.brokers import HOST
from wire import topics


async def main(port: int) -> None:
    async with aiomqtt.Client(HOST, port, socket_options=NODELAY) as client:
        await client.subscribe([wanted for site in sites() for wanted in topics.hub_subscriptions(site)])
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        count = 0
        async for _ in client.messages:
            count += 1


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
