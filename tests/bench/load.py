"""A load in a process of its own: connections that send one POST after another, on raw sockets.

    python -m tests.bench.load PORT PATH CONNECTIONS TOKEN

Each line on stdin is a number of seconds; each line on stdout is what came of them: JSON with `answers`, `p50_ms`
and `p99_ms`.
"""

import asyncio
import json
import sys
from itertools import chain
from time import perf_counter

from tests.bench.figures import percentile
from tests.brokers import HOST

BODY = b'{"service":"permits"}'
CREATED = b"HTTP/1.1 201"


class Connection:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str) -> None:
        self._reader = reader
        self._writer = writer
        head = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}"
        # A program's: an address alone is held back.
        head += f"\r\nauthorization: Bearer {token}"
        self._request = head.encode() + b"\r\n\r\n" + BODY

    async def ask(self) -> None:
        """
        Raises:
            ValueError: the answer is not "created".
        """
        self._writer.write(self._request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(CREATED):
            raise ValueError(head.decode())
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self._reader.readexactly(int(length.partition(b":")[2]))

    async def ask_until(self, end_s: float) -> list[float]:
        """How long each answer took, in seconds."""
        took_s = []
        while (began_s := perf_counter()) < end_s:
            await self.ask()
            took_s.append(perf_counter() - began_s)
        return took_s


async def main(port: int, path: str, connections: int, token: str) -> None:
    opened = [Connection(*await asyncio.open_connection(HOST, port), path, token) for _ in range(connections)]
    for line in sys.stdin:
        end_s = perf_counter() + float(line)
        answers = await asyncio.gather(*(each.ask_until(end_s) for each in opened))
        took_s = list(chain.from_iterable(answers))
        told = {
            "answers": len(took_s),
            "p50_ms": 1_000 * percentile(took_s, 0.5),
            "p99_ms": 1_000 * percentile(took_s, 0.99),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]))
