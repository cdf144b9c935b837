"""What a simulated lobby's staff may do: a real register, kept in memory, and one token for all of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from hub.accounts.office import Office
from hub.accounts.passwords import Passwords
from hub.accounts.records import Act, ApiToken, NumberedAct, Record, Stored
from hub.accounts.register import Register
from hub.accounts.rights import SCOPES, Right
from hub.keyring import token_hash
from simulator.clock import Now

TOKEN = "guichet_of-simulated-staff"
"""Good for nothing outside the simulation: no hub that is installed knows it."""

NO_TICKETS = tuple(scope for scope in SCOPES if scope is not Right.TICKETS)
"""Staff and visitors ask through the same client, and visitors are held back as in life."""


class Forgetful:
    """A `hub.accounts.store.Store` that keeps nothing."""

    async def version(self) -> int:
        """Always the same."""
        return 0

    async def load(self) -> Stored:
        """The one token."""
        token = ApiToken(
            name="staff", hash=token_hash(TOKEN), scopes=NO_TICKETS, created_at=datetime.fromisoformat("2026-01-01T00Z")
        )
        return Stored(version=0, tokens=(token,))

    async def write(self, keep: Sequence[Record], drop: Sequence[Record], acts: Sequence[Act]) -> tuple[int, int]:
        """Done and forgotten."""
        return 0, 0

    async def forget_acts(self, before: datetime) -> None:
        """Nothing is kept."""

    async def acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        return []

    async def acts(self, before: int, who: str, acts_max: int) -> list[NumberedAct]:
        """None."""
        return []


async def staff_office(now: Now, new_token: Callable[[], str]) -> Office:
    """Where simulated staff are known."""
    register = Register(Forgetful(), now=now, new_token=new_token)
    await register.load()
    return Office(register, Passwords())
