"""The barest way from a process over a broker to another and back: two hops, as from a panel to a board.

python -m tests.bench.bare_echo near PORT PRESS_BYTES     a line on stdin is a message; a line on stdout is its echo
python -m tests.bench.bare_echo far PORT SHOW_BYTES       answers each message with another
"""

import asyncio
import os
import socket
import sys

import aiomqtt

from tests.brokers import HOST

PRESS, SHOW = "raw/press", "raw/show"
NODELAY = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


async def near(port: int, size: int) -> None:
    async with aiomqtt.Client(HOST, port, socket_options=NODELAY) as client, asyncio.TaskGroup() as group:
        await client.subscribe(SHOW, qos=1)
        listening = group.create_task(_tell_echoes(client))
        _say("ready")
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb"))
        while await lines.readline():
            await client.publish(PRESS, bytes(size), qos=1)
        listening.cancel()


async def far(port: int, size: int) -> None:
    async with aiomqtt.Client(HOST, port, socket_options=NODELAY) as client:
        await client.subscribe(PRESS, qos=1)
        _say("ready")
        async for _ in client.messages:
            await client.publish(SHOW, bytes(size), qos=1)


async def _tell_echoes(client: aiomqtt.Client) -> None:
    async for _ in client.messages:
        _say("echo")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run({"near": near, "far": far}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
