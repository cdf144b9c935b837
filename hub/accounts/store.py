"""Where a register keeps what it knows. This room knows no database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from hub.accounts.records import Act, NumberedAct, Record, Stored


class Store(Protocol):
    """Where a register keeps what it knows. Every call raises `Unwritten` when it does not answer."""

    async def version(self) -> int:
        """Changes whenever accounts, tokens or links have changed."""

    async def load(self) -> Stored:
        """Everything, as of one version."""

    async def write(self, keep: Sequence[Record], drop: Sequence[Record], acts: Sequence[Act]) -> tuple[int, int]:
        """Keep and drop records and note acts, all or nothing; the versions before and after."""

    async def forget_acts(self, before: datetime) -> None:
        """Drop acts that are older."""

    async def acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        """Of a site, those of which a row between these two came, oldest first."""

    async def acts(self, before: int, who: str, acts_max: int) -> list[NumberedAct]:
        """The newest acts first, of `who` unless empty, with ids below `before` unless 0."""
