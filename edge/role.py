"""What every role of the agent is: one device, the messages it takes, and the work it does.

A role knows its device's meaning (a board, a panel); its driver knows the wires, its node knows the link.
"""

from collections.abc import Callable

from edge.node import Node
from wire.messages import DeviceInfo, Done, DoneOutcome, Job, Receipt, Show

__all__ = ["Node", "Role"]


class Role:
    """One device of the node. The methods of this class do nothing, or refuse; a role writes those it has a use for.

    All but `run` are called on the event loop and must neither wait nor raise: work that waits belongs in a lane.
    """

    def __init__(self, node: Node, info: DeviceInfo) -> None:
        self.node = node
        self.info = info
        self.look: Callable[[], list[str]] | None = None
        """What is to be read on the device now, line by line; None if it shows nothing. Called on the loop."""

    @property
    def queue_length(self) -> int:
        """How much work waits in this role's lanes, for the node's health."""
        return 0

    def show(self, show: Show) -> bool:
        """This is what the device should show now. It may come again unchanged. False if it cannot show such a view."""
        return False

    def lose_view(self) -> None:
        """What the device should show now was not understood: what it shows is not current until another view comes."""

    def receipt(self, receipt: Receipt) -> None:
        """The answer to an event of this device: the hub's, or the node's own when nobody answered in time."""

    def job(self, job: Job) -> None:
        """Something to be done once; it comes again until answered with `node.send_done`."""
        why = f"a {self.info.kind} cannot do {type(job.body).__name__}"
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.REFUSED, why=why))

    def announce(self) -> None:
        """A connection stands: send again what the broker may have lost, such as retained counts."""

    async def run(self) -> None:
        """The role's lanes, until cancelled. A role without any may return at once."""

    def close(self) -> None:
        """Let go of the hardware. Called once, after `run` has ended."""
