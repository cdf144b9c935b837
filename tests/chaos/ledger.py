"""What people asked for and were promised, as they remember it: the side of the story that no kill can touch."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from edge.drivers.fake_printer import PrintedSlip


class Kind(StrEnum):
    """What is asked for."""

    TICKET = "ticket"
    CHECK_IN = "check-in"
    PRESS = "press"
    IMPORT = "import"


@dataclass(kw_only=True)
class Wish:
    """One wish under one name, asked until it is answered. Instants are of the wall's clock, which the hub has too."""

    kind: Kind
    request: str
    path: str
    body: dict[str, Any] | str
    """JSON, or a file."""
    about: str = ""
    """The desk of a press, the UID of a check-in."""
    action: str = ""
    """The button of a press."""
    attempts: int = 0
    last_asked_at: datetime | None = None
    """When it was asked the last time: what was committed before was answered in vain."""
    status: int = 0
    """Of the answer; 0 while there is none."""
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Asked and not answered."""
        return self.attempts > 0 and self.status == 0

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300


@dataclass(kw_only=True)
class Ledger:
    """All of a run."""

    wishes: list[Wish] = field(default_factory=list)
    keys_pressed: int = 0
    """Of the kiosk; whoever presses is promised nothing until there is a slip."""
    slips: list[PrintedSlip] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What nobody should have been answered."""

    def done(self, kind: Kind) -> list[Wish]:
        """Acknowledged, in the order of the asking."""
        return [it for it in self.wishes if it.kind is kind and it.is_done]

    @property
    def open(self) -> list[Wish]:
        return [it for it in self.wishes if it.is_open]
