"""One kept HTTP connection on a raw socket: what asks must cost less than what answers."""

import asyncio
from typing import NamedTuple

from tests.brokers import HOST


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection:
    """Asks for one thing after another, as a program of the house: an address alone would be held back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = f"host: {HOST}\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\n"

    @classmethod
    async def to(cls, port: int, token: str) -> "Connection":
        return cls(*await asyncio.open_connection(HOST, port), token)

    async def post(self, path: str, body: bytes) -> Answer:
        head = f"POST {path} HTTP/1.1\r\n{self._headers}content-length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        first, *headers = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next(line for line in headers if line.lower().startswith(b"content-length:"))
        return Answer(int(first.split()[1]), await self._reader.readexactly(int(length.partition(b":")[2])))
