"""What a device keeps over a restart or a power cut: one small text, whole or not at all.

This room knows files. It does not know what is kept.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Keep(Protocol):
    """One place to keep something. Called from a worker thread."""

    def load(self) -> bytes | None:
        """What was saved last; None if nothing was.

        Raises:
            OSError: it cannot be read.
        """

    def save(self, content: bytes) -> None:
        """Keep `content` instead. When this returns, a power cut cannot take it away.

        Raises:
            OSError: it cannot be kept; what was kept before still is.
        """


Keeps = Callable[[str], Keep]
"""A name to its place, the same after every restart."""


class KeptFile:
    """A file that is replaced, so that a power cut leaves either the old one or the new one."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> bytes | None:
        return self._file.read_bytes() if self._file.exists() else None

    def save(self, content: bytes) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        with new.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        new.replace(self._file)
        directory = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


class KeptInMemory:
    """Lasts as long as this object: for nodes without a folder, and for simulated ones."""

    def __init__(self, is_kept: Callable[[], bool] = lambda: True) -> None:
        """`is_kept` is asked in the instant of each save: False when it comes to nothing."""
        self._is_kept = is_kept
        self._content: bytes | None = None

    def load(self) -> bytes | None:
        return self._content

    def save(self, content: bytes) -> None:
        if self._is_kept():
            self._content = content


class Memories:
    """`Keeps` of one simulated machine, which outlives its agents."""

    def __init__(self) -> None:
        self.is_kept: Callable[[str], bool] = lambda name: True
        """Asked in the instant of each save; may be changed, as when the power fails while something is written."""
        self._kept: dict[str, KeptInMemory] = {}

    def __call__(self, name: str) -> Keep:
        return self._kept.setdefault(name, KeptInMemory(lambda: self.is_kept(name)))


def keeps_in(folder: Path | None) -> Keeps:
    """Files in `folder`; without a folder everything is forgotten with the process."""
    return Memories() if folder is None else lambda name: KeptFile(folder / name)
