"""History in InfluxDB: points go through its v2 write address, or its v1 where there is none. Questions are InfluxQL.

A thread of its own talks to the server, so a server that hangs holds up nobody. How far it has come is kept in the
hub's database, per server and bucket: a point is keyed by its series and instant there, so writing the same points
once more is harmless, and another bucket is filled from the beginning. A server that only takes writes, such as
VictoriaMetrics, will do; only questions then fail.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, TypeVarTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from hub.errors import HistoryDown
from hub.history.points import Point
from hub.history.reading import Highest, Passed
from hub.history.sql_store import read_cursor, write_cursor
from hub.journal_thread import JournalThread
from hub.schema import instant, micros

if TYPE_CHECKING:
    from influxdb_client.client.influxdb_client import InfluxDBClient

ANSWER_S = 10.0
"""A server that takes longer for a few hundred points is as good as down."""

CALL_S = 60.0
"""Bounds what `ANSWER_S` does not, an answer that trickles in for instance."""

WHY_CHARS_MAX = 200

NO_SUCH_ADDRESS = "404 page not found"
"""What a server says that has no v2 address at all; one that has it names the bucket that it misses."""

_direct = build_opener(ProxyHandler({}))
"""Like the client, which does not ask the environment for a proxy either."""

P = TypeVar("P", bound=Point)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class InfluxAddress(NamedTuple):
    """A bucket of an InfluxDB."""

    url: str
    org: str
    bucket: str
    token: str

    @property
    def name(self) -> str:
        """What it is called in cursors and logs."""
        return f"influx {self.url} {self.org}/{self.bucket}"


class InfluxStore:
    """A `hub.history.store.HistoryStore`."""

    def __init__(self, thread: JournalThread, address: InfluxAddress) -> None:
        self._thread = thread
        self._address = address
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="influx")
        self._client: InfluxDBClient | None = None
        """Made at the first write: its library takes a second and 34 MB to load."""
        self._is_before_v2 = False
        """An InfluxDB older than 1.8, such as Debian's."""

    async def cursor(self, site: str) -> int:
        return await self._thread.call(read_cursor, self._thread.journal, self._address.name, site)

    async def write(self, site: str, points: Sequence[Point], seq: int) -> None:
        await self._call(self._write, points)
        await self._thread.call(write_cursor, self._thread.journal, self._address.name, site, seq)

    async def points(self, site: str, kind: type[P], of: str, from_at: datetime, to_at: datetime) -> list[P]:
        names = [name for name in kind.__struct_fields__ if name not in ("at", "site")]
        wanted = ", ".join(f'"{name}"' for name in names)
        tags = {"site": site, kind.TAGS[0]: of}
        rows = await self._ask(f"SELECT {wanted} FROM {kind.MEASUREMENT}", tags, from_at, to_at)
        # An empty tag is left out of a line, so it comes back as none.
        known = (
            {name: "" if it is None and name in kind.TAGS else it for name, it in zip(names, row[1:], strict=True)}
            for row in rows
        )
        return [kind(at=_at(row[0]), site=site, **values) for row, values in zip(rows, known, strict=True)]

    async def highest(self, site: str, room: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Highest]:
        each = f"GROUP BY time({interval_s}s) fill(none)"
        rows = await self._ask("SELECT max(people) FROM occupancy", {"site": site, "room": room}, from_at, to_at, each)
        return [Highest(_at(row[0]), row[1]) for row in rows]

    async def waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        rows = await self._ask("SELECT wait_s FROM visit", {"site": site, "service": service}, from_at, to_at)
        return [row[1] for row in rows]

    async def crossings(
        self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int
    ) -> list[Passed]:
        sums = 'SELECT sum(entered), sum("left") FROM crossing'
        each = f"GROUP BY time({interval_s}s) fill(none)"
        rows = await self._ask(sums, {"site": site, "door": door}, from_at, to_at, each)
        return [Passed(_at(row[0]), *row[1:]) for row in rows]

    def close(self) -> None:
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]  # the library left it without types
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _call(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CALL_S):
                return await loop.run_in_executor(self._executor, function, *args)
        except TimeoutError:
            raise HistoryDown(f"{self._address.url} has not answered for {CALL_S:g} s; see that server") from None

    def _write(self, points: Sequence[Point]) -> None:
        lines = [line_of(point) for point in points]
        if not self._is_before_v2:
            self._is_before_v2 = not self._write_v2(lines)
        if self._is_before_v2:
            what = urlencode({"db": self._address.bucket, "precision": "ns"})
            self._open(f"write?{what}", "\n".join(lines).encode())

    def _write_v2(self, lines: list[str]) -> bool:
        """False if the server has no such address."""
        from influxdb_client.client.write_api import SYNCHRONOUS
        from influxdb_client.rest import ApiException
        from urllib3.exceptions import HTTPError as Unreachable

        if self._client is None:
            self._client = _connect(self._address)
        # The client's own batching keeps what fails in memory and drops it in the end. The follower repeats.
        api = self._client.write_api(write_options=SYNCHRONOUS)
        try:
            api.write(self._address.bucket, record=lines)
        except ApiException as error:
            if error.status == HTTPStatus.NOT_FOUND and NO_SUCH_ADDRESS in str(error.body):
                return False
            raise self._refused(error.status, error.body) from error
        except Unreachable as error:
            raise HistoryDown(f"{self._address.url} cannot be reached: {error}; see that server") from error
        return True

    async def _ask(
        self, select: str, tags: dict[str, str], from_at: datetime, to_at: datetime, more: str = ""
    ) -> list[list[Any]]:
        """The rows of one series: milliseconds since 1970, then what was selected."""
        where = " AND ".join(f"{tag} = {_quoted(value)}" for tag, value in tags.items())
        period = f"time >= {_ms(from_at)}ms AND time < {_ms(to_at)}ms"
        return await self._call(self._query, f"{select} WHERE {where} AND {period} {more}")

    def _query(self, query: str) -> list[list[Any]]:
        what = urlencode({"db": self._address.bucket, "epoch": "ms", "q": query})
        answer = self._open(f"query?{what}")
        try:
            result = json.loads(answer)["results"][0]
        except ValueError as error:
            raise HistoryDown(f"{self._address.url} cannot be asked: {error}; see that server") from error
        if "error" in result:
            raise self._refused(200, result["error"])
        series = result.get("series", [])
        if any(one["columns"][0] != "time" for one in series):
            raise HistoryDown(f"{self._address.url} answers something else than was asked; it only takes writes")
        return [row for one in series for row in one["values"]]

    def _open(self, path: str, body: bytes | None = None) -> bytes:
        """What stands at an address of version 1, or is said to `body`."""
        token = self._address.token
        # Version 1 knows users: their name and password, with a colon between them, stand in for a token.
        proof = f"Basic {b64encode(token.encode()).decode()}" if ":" in token else f"Token {token}"
        headers = {"Authorization": proof} if token else {}
        request = Request(f"{self._address.url}/{path}", data=body, headers=headers)
        try:
            with _direct.open(request, timeout=ANSWER_S) as response:
                said: bytes = response.read()
        except HTTPError as error:
            raise self._refused(error.code, error.read()) from error
        except OSError as error:
            raise HistoryDown(f"{self._address.url} cannot be asked: {error}; see that server") from error
        return said

    def _refused(self, status: int, body: bytes | str | None) -> HistoryDown:
        why = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
        said = " ".join(why.split())[:WHY_CHARS_MAX]
        return HistoryDown(f"{self._address.name} refused with {status}: {said}; see its token, bucket and log")


def line_of(point: Point) -> str:
    """`point` in InfluxDB's line protocol. What is not known is left out."""
    from influxdb_client.client.write.point import Point as Record

    values = msgspec.structs.asdict(point)
    at_ns, tags = 1_000 * micros(values.pop("at")), {name: values.pop(name) for name in ("site", *point.TAGS)}
    record = {"measurement": point.MEASUREMENT, "tags": tags, "fields": values, "time": at_ns}
    return str(Record.from_dict(record).to_line_protocol())


def _connect(address: InfluxAddress) -> "InfluxDBClient":
    from influxdb_client.client.influxdb_client import InfluxDBClient

    return InfluxDBClient(address.url, address.token, org=address.org, timeout=int(ANSWER_S * 1_000))


def _ms(at: datetime) -> int:
    return micros(at) // 1_000


def _at(at_ms: int) -> datetime:
    return instant(at_ms * 1_000)


def _quoted(text: str) -> str:
    """A string of InfluxQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
