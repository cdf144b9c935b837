"""The barest FastAPI application: one route that reads the same body and answers as many bytes, on the same server.

python -m tests.bench.bare_app PORT ANSWER_BYTES
"""

import socket
import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from tests.brokers import HOST

PATH = "/tickets"


class Wish(BaseModel):
    """What is asked for."""

    service: str
    language: str = ""
    party_people: int = 1


def application(answer_bytes: int) -> FastAPI:
    app = FastAPI()
    answer = b'"' + b"a" * (answer_bytes - 2) + b'"'

    @app.post(PATH)
    async def bare(wish: Wish) -> Response:
        return Response(answer, 201, media_type="application/json")

    return app


def main(port: int, answer_bytes: int) -> None:
    with socket.create_server((HOST, port), backlog=1_024) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The settings of the hub's own server.
        config = uvicorn.Config(application(answer_bytes), lifespan="off", ws="none", log_config=None, access_log=False)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
