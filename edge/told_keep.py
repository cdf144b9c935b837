"""A memory that tells when it cannot keep what it is given: a broken disk is a fault of the device that needs it.

It knows keeps and conditions. It does not know what is kept.
"""

from edge.errors import DeviceFault
from edge.keep import Keep
from edge.lane import Condition


class ToldKeep:
    """`keep`, and its device's condition with every attempt to save."""

    def __init__(self, keep: Keep, condition: Condition) -> None:
        self._keep = keep
        self._condition = condition

    def load(self) -> bytes | None:
        return self._keep.load()

    def save(self, content: bytes) -> None:
        try:
            self._keep.save(content)
        except OSError as error:
            self._condition.failed(DeviceFault(f"what it must remember is not kept ({error}); look at the disk"))
            raise
        self._condition.worked()
