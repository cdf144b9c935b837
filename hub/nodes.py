"""What is known of a site's nodes: who is online, since when, and how they feel. Told by the nodes, kept in memory."""

from datetime import datetime

from msgspec import Struct

from hub.day.lobby import Lobby
from hub.machines import machine_faults
from wire.messages import Health, NodeState, NodeStatus


class Node(Struct, kw_only=True):
    """One node as it last spoke of itself."""

    status: NodeStatus | None = None
    """None: not heard since this hub started."""
    session: str = ""
    version: str = ""
    since_at: datetime | None = None
    """When this status began, as far as this hub knows."""
    health: Health | None = None
    machine: dict[str, str] = {}
    """What its machine needs: kind of fault to its figure."""


class Nodes:
    """The nodes of the lobby file, by name."""

    def __init__(self, lobby: Lobby) -> None:
        self.by_name = {device.node: Node() for device in lobby.devices}
        self._of_session: dict[str, str] = {}
        """Which node is in a session."""

    @property
    def online(self) -> int:
        """How many."""
        return sum(node.status is NodeStatus.ONLINE for node in self.by_name.values())

    def is_anothers(self, name: str, session: str) -> bool:
        """Whether `session` is that of another node than `name`: somebody says again what was heard elsewhere."""
        return self._of_session.get(session, name) != name

    def take_health(self, name: str, health: Health, now: datetime) -> None:
        """Note how a known node feels."""
        node = self.by_name[name]
        node.health, node.machine = health, machine_faults(health, now)

    def take_state(self, name: str, state: NodeState, now: datetime) -> bool:
        """Note `state` of a known node; whether a new session came online.

        A last will that belongs to an older session than the one online comes late and says nothing.
        """
        node = self.by_name[name]
        if state.status is NodeStatus.LOST and node.status is not None and state.session != node.session:
            return False
        is_new = state.status is NodeStatus.ONLINE and (
            state.session != node.session or node.status is not NodeStatus.ONLINE
        )
        if state.session != node.session:
            self._of_session.pop(node.session, None)
            self._of_session[state.session] = name
        if state.status is not node.status or state.session != node.session:
            node.since_at = now
        node.status, node.session, node.version = state.status, state.session, state.version
        return is_new
