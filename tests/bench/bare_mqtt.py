"""MQTT 3.1.1 on bare sockets, as little of it as a simulated node needs, so that one process can be ten thousand.

Nothing here mends a connection: one that breaks is counted.
"""

import asyncio
from collections.abc import Callable, Sequence

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PING = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0
CLEAN_SESSION, QOS_1, RETAIN = 0x02, 0x02, 0x01


class BareClient(asyncio.Protocol):
    """One connection."""

    def __init__(self, client_id: str, received: Callable[[bytes, bytes], None]) -> None:
        """`received` is told topic and payload of each message."""
        self.subscribed = asyncio.get_running_loop().create_future()
        """Done once the broker has granted the subscriptions."""
        self.is_lost = False
        self._client_id, self._received = client_id, received
        self._rest = b""
        self._packet_id = 0
        self._transport: asyncio.Transport | None = None

    def subscribe(self, subscriptions: Sequence[tuple[str, int]]) -> None:
        body = b"".join(_text(pattern) + bytes([qos]) for pattern, qos in subscriptions)
        self._write(SUBSCRIBE, self._next_id() + body)

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        head = PUBLISH | (QOS_1 if qos else 0) | (RETAIN if retain else 0)
        self._write(head, _text(topic) + (self._next_id() if qos else b"") + payload)

    def ping(self) -> None:
        self._write(PING, b"")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        keepalive_s = 0
        self._write(CONNECT, _text("MQTT") + bytes([4, CLEAN_SESSION, 0, keepalive_s]) + _text(self._client_id))

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        at = 0
        while (end := _end_of_packet(data, at)) is not None:
            body, after = end
            self._take(data[at], data[body:after])
            at = after
        self._rest = data[at:]

    def _take(self, head: int, body: bytes) -> None:
        kind = head & 0xF0
        if kind == SUBACK:
            self.subscribed.set_result(None)
        elif kind == PUBLISH:
            topic_end = 2 + int.from_bytes(body[:2], "big")
            payload_at = topic_end
            if head & QOS_1:
                payload_at += 2
                self._write(PUBACK, body[topic_end:payload_at])
            self._received(body[2:topic_end], body[payload_at:])

    def _next_id(self) -> bytes:
        self._packet_id = self._packet_id % 65_535 + 1
        return self._packet_id.to_bytes(2, "big")

    def _write(self, head: int, body: bytes) -> None:
        assert self._transport is not None
        self._transport.write(bytes([head]) + _length(len(body)) + body)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _length(length: int) -> bytes:
    digits = bytearray()
    while length > 127:
        digits.append(length % 128 | 128)
        length //= 128
    return bytes([*digits, length])


def _end_of_packet(data: bytes, at: int) -> tuple[int, int] | None:
    """Where its body begins and where it ends; None if it is not all there."""
    length = shift = 0
    for position in range(at + 1, len(data)):
        length |= (data[position] & 127) << shift
        shift += 7
        if data[position] < 128:
            body = position + 1
            return (body, body + length) if body + length <= len(data) else None
    return None
