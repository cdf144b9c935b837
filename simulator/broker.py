"""The broker inside the demo: a child process that ends with this one, reached from this machine only.

It keeps nothing over a restart and knows no users, which is all right for a lobby that lives for an hour. Whoever
has a real broker names it instead.
"""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
START_S = 10.0
STOP_S = 0.1
"""It ignores the polite signal, and has nothing to save; after this long it gets the other one."""
PAYLOAD_BYTES_MAX = 65_536
"""Well above what the contract allows (`wire.codec`), so that too long a message is refused by us and counted."""


@contextmanager
def embedded_broker() -> Iterator[str]:
    """A running broker on a free port; yields its address, `mqtt://127.0.0.1:…`.

    Raises:
        RuntimeError: it does not start within `START_S`.
    """
    from iotcore import Broker

    port = _free_port()
    # Left alone it would listen on every interface of the machine.
    broker = Broker(port=port, listen=LOOPBACK, max_payload_size=PAYLOAD_BYTES_MAX)
    with _deaf():
        broker.start(START_S)
    try:
        yield f"mqtt://{LOOPBACK}:{port}"
    finally:
        broker.stop(STOP_S)


@contextmanager
def _deaf() -> Iterator[None]:
    """A child that is started in this block ignores Ctrl-C and a stop of the whole process group: it would be gone
    before the hub and the agents have said goodbye. It ends when its parent ends it, or is gone."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
