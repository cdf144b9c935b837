"""A load in a process of its own: connections that send one POST after another.

    python -m tests.bench.load PORT PATH CONNECTIONS TOKEN

Each line on stdin is a number of seconds; each line on stdout is what came of them: JSON with `answers`, `p50_ms`
and `p99_ms`.
"""

import asyncio
import json
import sys
from itertools import chain
from time import perf_counter

from tests.bench.connection import Connection
from tests.bench.figures import percentile

BODY = b'{"service":"permits"}'
CREATED = 201


async def ask_until(connection: Connection, path: str, end_s: float) -> list[float]:
    """How long each answer took, in seconds."""
    took_s = []
    while (began_s := perf_counter()) < end_s:
        answer = await connection.post(path, BODY)
        assert answer.status == CREATED, answer
        took_s.append(perf_counter() - began_s)
    return took_s


async def main(port: int, path: str, connections: int, token: str) -> None:
    opened = [await Connection.to(port, token) for _ in range(connections)]
    for line in sys.stdin:
        end_s = perf_counter() + float(line)
        answers = await asyncio.gather(*(ask_until(each, path, end_s) for each in opened))
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
