"""A source that says what a test or a person at the console tells it to."""

from edge.counters.source import Hear, Heard, Lost


class FakeSource:
    """Messages of a counter that is not there."""

    look_at = "its power and network"

    def __init__(self) -> None:
        self._hear: Hear | None = None
        self._lost: Lost | None = None
        self._needs: str | None = None

    def listen(self, hear: Hear, lost: Lost) -> None:
        self._hear, self._lost = hear, lost
        lost(self._needs)

    def close(self) -> None:
        self._hear = self._lost = None

    def say(self, message: bytes, topic: str = "", *, was_kept: bool = False) -> bool:
        """False if nobody had room for it, or nobody listens."""
        return self._hear is not None and self._hear(Heard(message=message, topic=topic, was_kept=was_kept))

    def lose(self, needs: str | None) -> None:
        """Have nothing come through it any more; with None, let it work again."""
        self._needs = needs
        if self._lost is not None:
            self._lost(needs)
