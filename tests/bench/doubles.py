"""Eight desks call everybody in one line, each now at one hub and now at the other: is anybody called twice?

Two hubs, one PostgreSQL, one broker, as a city with a standby has them; what comes to the one that stands by is handed
on. Beside the rate of calls stands the barest queue that calls nobody twice: a table, and eight who ask it for a row.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count, cycle
from time import perf_counter

import psycopg

from tests.bench.connection import Connection
from tests.bench.figures import Figure, Setting
from tests.standby import DESKS, HubProcess, TwoHubs, api, two_hubs

CALLS = 10_000
VISITORS_AT_ONCE = 32
SITE = "crowded"
WISH = b'{"service":"permits"}'

NEXT = """
UPDATE line SET desk = %s WHERE number = (
    SELECT number FROM line WHERE desk IS NULL ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING number
"""


async def measure(setting: Setting) -> list[Figure]:
    people = setting.scaled(CALLS)
    async with two_hubs(setting.folder, [SITE]) as stage:
        hubs = await stage.both_run()
        numbers = await _all_come(hubs, people, setting)
        began_s = perf_counter()
        calls_made = count()

        def tell() -> None:
            setting.tell(0.5 + next(calls_made) / people / 2)

        called = await asyncio.gather(*(_all_called(hubs, desk, n, tell) for n, desk in enumerate(DESKS)))
        calls_per_s = people / (perf_counter() - began_s)
        raw_per_s = await _raw_calls_per_s(stage, people)
        calls = [number for each in called for number in each]
        # Whom the journal says were called, and not only what desks were told.
        journal = stage.rows("SELECT body::json->>'ticket' FROM journal WHERE body LIKE '%\"TicketCalled\"%'")
    assert sorted(calls) == sorted(numbers), "not everybody was called"
    return [
        Figure("double calls of 8 desks at 2 hubs", _more_than_once(calls) + _more_than_once(journal)),
        Figure("duplicate numbers of 2 hubs", _more_than_once(numbers)),
        Figure("calls of 8 desks at 2 hubs", calls_per_s, raw_per_s),
    ]


def _more_than_once(things: Sequence[str]) -> int:
    return sum(times - 1 for times in Counter(things).values())


async def _all_come(hubs: Sequence[HubProcess], people: int, setting: Setting) -> list[str]:
    """Everybody takes a ticket, at one hub or the other; the numbers."""
    coming = iter(range(people))

    async def some(hub: HubProcess) -> list[str]:
        numbers = []
        connection = await Connection.to(hub.port, hub.token)
        for n in coming:
            setting.tell(n / people / 2)
            answer = await connection.post(f"{api(SITE)}/tickets", WISH)
            assert answer.status == 201, answer
            numbers.append(json.loads(answer.body)["number"])
        return numbers

    taken = await asyncio.gather(*(some(hub) for hub in hubs for _ in range(VISITORS_AT_ONCE // 2)))
    return [number for each in taken for number in each]


async def _all_called(hubs: Sequence[HubProcess], desk: str, n: int, tell: Callable[[], None]) -> list[str]:
    """Whom this desk calls, until nobody waits."""
    ways = [await Connection.to(hub.port, hub.token) for hub in (hubs[n % 2], hubs[1 - n % 2])]
    opened = await ways[0].post(f"{api(SITE)}/desks/{desk}/open", b"")
    assert opened.status == 200, opened
    numbers: list[str] = []
    for way in cycle(ways):
        answer = await way.post(f"{api(SITE)}/desks/{desk}/next", b"{}")
        if answer.status != 200:
            assert json.loads(answer.body)["code"] == "nobody-waiting", answer
            break
        numbers.append(json.loads(answer.body)["number"])
        tell()
    assert numbers.pop() == "", "the last key finishes the last visit and calls nobody"
    return numbers


async def _raw_calls_per_s(stage: TwoHubs, people: int) -> float:
    """Eight connections empty a table of as many rows."""
    async with await psycopg.AsyncConnection.connect(stage.url, autocommit=True) as connection:
        await connection.execute("CREATE TABLE line (number INTEGER PRIMARY KEY, desk TEXT)")
        await connection.execute("INSERT INTO line SELECT generate_series(1, %s)", (people,))

    async def call_all(desk: str) -> None:
        async with await psycopg.AsyncConnection.connect(stage.url, autocommit=True) as connection:
            while await (await connection.execute(NEXT, (desk,))).fetchone():
                pass

    began_s = perf_counter()
    await asyncio.gather(*(call_all(desk) for desk in DESKS))
    return people / (perf_counter() - began_s)
