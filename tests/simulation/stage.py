"""The town hall on a virtual clock, for tests that press its keys themselves."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from edge.config import AgentConfig
from hub.config import load_lobby
from hub.database import IN_MEMORY, open_journal
from hub.day.events import AnyEvent
from simulator.clock import Now, run_virtual
from simulator.fleet import configs
from simulator.lobby_run import LobbyRun
from simulator.record import Record
from simulator.scenario import Network
from wire.messages import Key

T = TypeVar("T")

TOWN_HALL = Path(__file__).parents[2] / "simulator" / "scenarios" / "town-hall"
WEDNESDAY_AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
"""Ten o'clock in Saint-Aubin: the town hall is open."""


class Recorder:
    """Every message that the broker took."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def said(self) -> list[tuple[str, bytes]]:
        """Topic and payload, oldest first."""
        return [(it.topic, it.payload) for it in self._record.said]

    def last(self, ending: str) -> tuple[str, bytes]:
        """The newest message on a topic with this end."""
        return next(it for it in reversed(self.said) if it[0].endswith(ending))


class TownHall:
    """A running town hall and a few things to do in it."""

    def __init__(self, run: LobbyRun, recorder: Recorder) -> None:
        self.run = run
        self.recorder = recorder

    async def take_ticket(self, service: str = "residents") -> str:
        """The number of a new ticket."""
        path = f"/api/v1/sites/{self.run.lobby.site.id}/tickets"
        answer = await self.run.web.post(path, json_body={"service": service})
        assert answer.status == 201, answer.text
        return str(answer.json()["number"])

    def press(self, desk: str, key: Key) -> None:
        """A finger on a key of that desk's panel."""
        hands = self.run.posts[desk].devices.hands
        assert hands is not None
        hands.press("panel", key)

    def events(self, kind: type[AnyEvent]) -> list[AnyEvent]:
        """What the journal holds of this kind."""
        return [it.event for it in self.run.journal.history(self.run.lobby.site.id) if isinstance(it.event, kind)]


def in_town_hall(
    act: Callable[[TownHall], Awaitable[T]],
    *,
    seed: int = 1,
    network: Network | None = None,
    furnish: Callable[[AgentConfig], AgentConfig] = lambda config: config,
) -> T:
    """Run `act` in a town hall that has just started. `furnish` may give a node other devices."""
    lobby = load_lobby(TOWN_HALL / "lobby.toml")
    agents = [furnish(config) for config in configs(lobby, TOWN_HALL / "agents")]

    async def main(now: Now) -> T:
        with open_journal(IN_MEMORY) as journal:
            run = LobbyRun(lobby, agents, journal, seed=seed, now=now, network=network or Network())
            recorder = Recorder(run.record)
            async with run.running():
                return await act(TownHall(run, recorder))

    return run_virtual(main, seed=seed, start_at=WEDNESDAY_AT)
