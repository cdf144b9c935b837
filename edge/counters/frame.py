"""The bytes of one LoRaWAN frame, read from front to back. They end where the maker says, or the frame is refused."""

from edge.counters.readings import Refuse


class Frame:
    """A frame and how far it has been read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0
        """How many bytes have been read."""

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self.at < len(self._content)

    def peek(self, ahead: int) -> int | None:
        """The byte that is `ahead` bytes further on; None behind the end."""
        place = self.at + ahead
        return self._content[place] if place < len(self._content) else None

    def take(self, length: int) -> bytes:
        """
        Raises:
            Refuse: fewer are left.
        """
        taken = self._content[self.at : self.at + length]
        if len(taken) < length:
            why = f"the frame ends after {len(self._content)} bytes, in the midst of a value at byte {self.at}"
            raise Refuse("truncated", why)
        self.at += length
        return taken

    def rest(self) -> bytes:
        """All that is left, which may be nothing."""
        return self.take(len(self._content) - self.at)

    def natural(self, length: int, *, big: bool = False) -> int:
        """The smallest byte first, unless `big`."""
        return int.from_bytes(self.take(length), "big" if big else "little")

    def end(self) -> None:
        """
        Raises:
            Refuse: something is left.
        """
        if self:
            rest = len(self._content) - self.at
            raise Refuse("trailing-bytes", f"{rest} bytes follow where the frame should end, at byte {self.at}")


def exactly(content: bytes, length: int, what: str) -> Frame:
    """
    Raises:
        Refuse: it is not that long.
    """
    if len(content) < length:
        raise Refuse("truncated", f"{what} has {length} bytes, this one {len(content)}")
    if len(content) > length:
        raise Refuse("trailing-bytes", f"{what} has {length} bytes, this one {len(content)}")
    return Frame(content)
