"""A lobby that runs, whatever its network is made of: what people and summaries need of it."""

from typing import Protocol

from hub.book.book import Book
from hub.day.lobby import Lobby
from hub.site import Site
from simulator.asgi_client import AsgiClient
from simulator.hall import Hall
from simulator.trace import Counted, Trace


class RunningLobby(Protocol):
    """Hub, web and nodes, up and working."""

    lobby: Lobby
    hall: Hall

    @property
    def site(self) -> Site: ...

    @property
    def book(self) -> Book: ...

    @property
    def web(self) -> AsgiClient:
        """The hub's web as it is reached now: another one after a restart."""

    @property
    def trace(self) -> Trace: ...

    @property
    def counted(self) -> Counted:
        """What hubs counted so far."""

    def calm_down(self) -> None:
        """Let the network heal: nothing is lost any more, and what was cut connects again."""
