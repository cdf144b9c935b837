"""What a device shows, told in letters to somebody who looks for a fault from afar: few enough for one message."""

import msgspec
import structlog

from edge.role import Role
from wire.messages import PICTURE_COLUMNS_MAX, PICTURE_LINES_MAX, Done, DoneOutcome

PICTURE_BYTES_MAX = 12_000
"""Of the 16,384 that a message may have."""

log = structlog.get_logger()


def picture_of(role: Role, job: str) -> Done:
    """The answer to `job`, which asked what `role` shows."""
    if role.look is None:
        return Done(id=job, outcome=DoneOutcome.REFUSED, why=f"a {role.info.kind} shows nothing that can be read")
    try:
        lines = role.look()
    except Exception:  # a page that cannot be told must not take the other devices down
        log.exception("picture cannot be told", device=role.info.id)
        return Done(id=job, outcome=DoneOutcome.FAILED, why="what it shows cannot be told in letters")
    return Done(id=job, outcome=DoneOutcome.DONE, picture=bounded(lines))


def bounded(lines: list[str]) -> list[str]:
    """As many of the first lines as one message carries, none longer than the contract allows."""
    left, kept = PICTURE_BYTES_MAX, []
    for line in lines[:PICTURE_LINES_MAX]:
        line = line[:PICTURE_COLUMNS_MAX]
        left -= len(msgspec.json.encode(line)) + 1
        if left < 0:
            break
        kept.append(line)
    return kept
