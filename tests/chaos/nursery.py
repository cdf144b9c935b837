"""python -m tests.chaos.nursery SOCKET: imports all that hubs and agents need, then forks one for each order.

An order is a command as JSON, with its standard input and its log as open files; the answer is a process id.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

ORDER_BYTES = 65_536
MODULES = (
    *("hub.cli", "hub.main", "hub.history.sql_store", "alembic.command", "psycopg", "sqlalchemy.dialects.postgresql"),
    *("sqlalchemy.dialects.sqlite", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on"),
    *("edge.cli", "edge.main", "edge.toolbox", "edge.drivers.escpos", "edge.drivers.gpio", "serial", "segno"),
)


def main() -> None:
    from edge.drivers.escpos import slip_bytes

    slip_bytes((), 42)
    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        orders.send(b"ready")
        while True:
            order, files, _, _ = socket.recv_fds(orders, ORDER_BYTES, 2)
            if not order:
                return
            if (pid := os.fork()) == 0:
                orders.close()
                _become(json.loads(order), *files)
            for file in files:
                os.close(file)
            orders.send(str(pid).encode())


def _become(command: list[str], stdin: int, log: int) -> None:
    """The command, until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for here, there in ((0, stdin), (1, log), (2, log)):
        os.dup2(there, here)
    sys.argv = command
    room = {"guichet-hub": "hub.cli", "guichet-edge": "edge.cli"}[Path(command[0]).name]
    code = 1
    try:
        importlib.import_module(room).main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
