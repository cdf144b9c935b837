"""Files that a power cut, or a process that is killed, leaves whole: the old one, the new one, or none.

What is written lies beside its place, reaches the disk, and then gets its name. This room does not know what is in a
file.
"""

import os
from pathlib import Path


def put(file: Path, content: bytes, mode: int) -> None:
    """`file` says `content`, whatever it said before.

    Raises:
        OSError: it cannot be written; what was there still is.
    """
    new = file.with_name(f".{file.name}.new")
    _write(new, content, mode)
    keep(new, file)


def make(file: Path, content: bytes, mode: int) -> None:
    """`file` says `content`, unless there is one already: of two who make it in the same moment one is the first.

    Raises:
        OSError: it cannot be written.
    """
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _write(new, content, mode)
        try:
            file.hardlink_to(new)
        except FileExistsError:
            return
        sync(file.parent)
    finally:
        new.unlink(missing_ok=True)


def keep(partly: Path, file: Path) -> None:
    """Give what is complete its name, so that it is there after a power cut, or not at all.

    Raises:
        OSError: the disk does not take it.
    """
    sync(partly)
    partly.replace(file)
    sync(file.parent)


def sync(path: Path) -> None:
    """Return once the disk has this file, or what a folder says of its files.

    Raises:
        OSError: the disk does not take it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(file: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as target:
        os.fchmod(target.fileno(), mode)
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
