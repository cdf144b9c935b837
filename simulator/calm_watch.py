"""Ten calm seconds after trouble everything is as it should be: displays, lamps, what the broker keeps, and the day.

It looks at the running lobby whenever a trouble has ended, at all that nothing else troubles, which no record could
tell afterwards. What moves while it looks gets a moment to be right.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from edge.display import Display
from edge.hands import Hands, NoSuchThing
from edge.roles.board import Board
from edge.roles.kiosk import Kiosk
from edge.roles.panel import Panel
from hub.day.model import Day
from hub.day.views import device_views
from simulator import checkers
from simulator.replica import Replica
from wire import codec, topics
from wire.errors import WireError
from wire.messages import KioskView, NodeStatus, PanelState, PanelView, Show, View

if TYPE_CHECKING:
    from simulator.lobby_run import LobbyRun

CALM_S = 10.0
"""So long after trouble everything has healed."""
PATIENCE_S = 2.0
"""A view that changes in this very moment may need so long to arrive, and a lamp that blinks to come to rest."""
LOOK_S = 0.1
MINUTE = timedelta(minutes=1)
ROWS_MAX = 1_000_000
"""More than happens between two looks."""

IsRight = Callable[[Mapping[str, View]], bool]
"""Whether something is as the views of this moment want it."""


class Sight(NamedTuple):
    """Something to look at."""

    address: str
    """`node/device`."""
    fault: str
    """What to say if it stays wrong."""
    is_right: IsRight


class CalmWatch:
    """The look around of one lobby."""

    def __init__(self, run: "LobbyRun") -> None:
        self._run = run
        self._record = run.record
        self._replica = Replica()

    async def run(self) -> None:
        """Look after each trouble, and once after the beginning."""
        looked_s = -1.0
        while True:
            self._record.moved.clear()
            ends_s = [it.ended_s for it in self._record.troubles if looked_s < it.ended_s < float("inf")]
            if looked_s < 0.0:
                ends_s.append(0.0)
            if not ends_s:
                await self._record.moved.wait()
                continue
            first_s = min(ends_s)
            await asyncio.sleep(max(first_s + CALM_S - asyncio.get_running_loop().time(), 0.0))
            # A hub that is killed while it is asked never answers.
            with suppress(TimeoutError):
                async with asyncio.timeout(2 * PATIENCE_S):
                    await self._look()
            looked_s = first_s

    async def _look(self) -> None:
        """Note what is not right, of all that has been calm for long enough and stays so while it is looked at."""
        now_s = asyncio.get_running_loop().time()
        since_s = now_s - CALM_S + LOOK_S
        wrong = [it for it in self._sights() if self._record.is_calm(it.address, since_s, now_s)]
        if not wrong or not self._run.is_hub_up:
            return
        await self._look_at_day()
        while wrong and asyncio.get_running_loop().time() < now_s + PATIENCE_S:
            views = await self._run.site.read(self._views)
            wrong = [it for it in wrong if not any(it.is_right(then) for then in views)]
            await asyncio.sleep(LOOK_S)
            wrong = [it for it in wrong if self._record.is_calm(it.address, since_s, now_s + PATIENCE_S)]
        at, to_s = self._at(), asyncio.get_running_loop().time()
        for it in wrong:
            if self._record.is_calm(it.address, since_s, to_s):
                self._record.found.append(f"at {at}, after ten calm seconds, {it.fault}")

    async def _look_at_day(self) -> None:
        """The journal tells the same day as the hub that lives it."""

        def differences(day: Day, now: datetime) -> list[str]:
            new = self._run.journal.read(self._run.lobby.site.id, self._replica.day.seq, ROWS_MAX)
            return list(self._replica.differences(new, day))

        self._record.found += [f"at {self._at()} {sentence}" for sentence in await self._run.site.read(differences)]

    def _at(self) -> str:
        return f"{self._run.hub.now():%H:%M:%S}"

    def _views(self, day: Day, now: datetime) -> list[dict[str, View]]:
        """As they are now; what moves with time alone is shown again by the minute, so that of before will do."""
        run = self._run
        return [device_views(day, at, run.public_url, run.door_secret) for at in (now, now - MINUTE)]

    # --- what is looked at -------------------------------------------------------------------------------------

    def _sights(self) -> Iterator[Sight]:
        for post in self._run.posts.values():
            hands = post.devices.hands
            assert hands is not None, "a simulated node has fakes"
            first = f"{post.name}/{post.devices.roles[0].info.id}"
            yield Sight(first, f"the hub does not know that {post.name} is there", partial(self._is_known, post.name))
            for role in post.devices.roles:
                address = f"{post.name}/{role.info.id}"
                match role:
                    case Display():
                        yield Sight(address, f"{address} does not have its view", partial(_has_view, address, role))
                    case Panel() | Kiosk():
                        is_true = partial(_are_lamps_true, address, hands)
                        yield Sight(address, f"the lamps of {address} do not tell the truth", is_true)
                    case _:
                        continue
                yield Sight(address, f"the broker keeps another view of {address}", self._is_kept(address))
                if isinstance(role, Board):
                    yield Sight(address, f"{address} does not draw its view", partial(self._draws, address))

    def _is_known(self, node: str, views: Mapping[str, View]) -> bool:
        if not self._run.is_hub_up:
            return True
        nodes = (it for site in self._run.hub.health().sites for it in site.nodes)
        return any(it.name == node and it.status == NodeStatus.ONLINE for it in nodes)

    def _draws(self, address: str, views: Mapping[str, View]) -> bool:
        picture = self._record.pictures.get(address)
        # In its dark moments a call that flashes stands in the picture all the same.
        return picture is not None and not list(checkers.display_violations(views, {}, {address: picture}))

    def _is_kept(self, address: str) -> IsRight:
        node, _, device = address.partition("/")
        topic = topics.show(self._run.lobby.site.id, node, device)

        def is_kept(views: Mapping[str, View]) -> bool:
            payload = self._run.broker.retained(topic)
            if payload is None:
                return address not in views
            try:
                _, show = codec.decode(topic, payload)
            except WireError:
                return False
            return isinstance(show, Show) and checkers.timeless(show.view) == checkers.timeless(views.get(address))

        return is_kept


def _has_view(address: str, role: "Display[Any, Any]", views: Mapping[str, View]) -> bool:
    return checkers.timeless(role.view) == checkers.timeless(views.get(address))


def _are_lamps_true(address: str, hands: Hands, views: Mapping[str, View]) -> bool:
    """A panel's lamp says at rest that the desk is free and somebody waits, a kiosk's that its service is open."""
    device, view = address.partition("/")[2], views.get(address)
    wanted: dict[str, bool] = {}
    if isinstance(view, PanelView):
        wanted = {"": view.state is PanelState.FREE and view.waiting > 0}
    elif isinstance(view, KioskView):
        wanted = {service.id: service.open for service in view.services}
    for key, should_be_lit in wanted.items():
        with suppress(NoSuchThing):  # a key without a lamp
            if hands.is_lit(device, key) != should_be_lit:
                return False
    return True
