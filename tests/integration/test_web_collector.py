"""What a request has used is free when it is answered: nothing is left for the collector, which stops everybody."""

import gc
import socket

from tests.brokers import HOST
from tests.serving import Served, serving

BODY = b'{"service": "passports"}'
REQUEST = b"POST /api/v1/sites/hall/tickets HTTP/1.1\r\nhost: hub.test\r\ncontent-type: application/json\r\n"
REQUEST += b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
REQUESTS = 40
"""Fewer than one address may ask for at once."""


def ask(served: Served, times: int) -> None:
    with socket.create_connection((HOST, served.port)) as line:
        for _ in range(times):
            line.sendall(REQUEST)
            answer = line.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 201"), answer
            assert answer.endswith(b"}"), "an answer comes in one piece"


def test_a_request_leaves_nothing_to_the_collector() -> None:
    with serving() as served:
        ask(served, 5)
        gc.collect()
        gc.disable()
        try:
            ask(served, REQUESTS)
            left = gc.collect()
        finally:
            gc.enable()
    assert left < 2 * REQUESTS, f"{left} objects of {REQUESTS} requests could be freed by the collector alone"
