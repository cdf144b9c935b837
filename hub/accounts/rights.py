"""What can be allowed, to whom, and who somebody is. Routes ask for one right; roles and scopes are sets of them."""

from enum import StrEnum

from msgspec import Struct

from hub.day.inputs import EvacuatedBy


class Right(StrEnum):
    """One thing that can be allowed. To a program it is given as a scope."""

    DESKS = "desks"
    """Look at desks and press their buttons."""
    DAY = "day"
    """Pause services and post notices."""
    ROOMS = "rooms"
    """Look at occupancy, correct counts, change limits."""
    SAFETY = "safety"
    """Have the building evacuated, and read how the limits of rooms were kept."""
    BOOK = "book"
    """Import and list appointments, with names as long as they are kept."""
    TICKETS = "tickets"
    """Take tickets and check in for others, at any rate."""
    HEALTH = "health"
    """See how the hub and its nodes are, in detail, and its figures."""
    NODES = "nodes"
    """Enrol nodes and throw them out."""
    ACCOUNTS = "accounts"
    """Say who may do what, and read who did what."""


class Role(StrEnum):
    """What people are. An account has one role or more."""

    STAFF = "staff"
    MANAGER = "manager"
    FACILITIES = "facilities"
    ADMIN = "admin"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STAFF: frozenset({Right.DESKS, Right.DAY}),
    Role.MANAGER: frozenset({Right.DESKS, Right.DAY, Right.ROOMS, Right.SAFETY, Right.HEALTH}),
    Role.FACILITIES: frozenset({Right.DAY, Right.ROOMS, Right.SAFETY, Right.HEALTH}),
    Role.ADMIN: frozenset({Right.ACCOUNTS, Right.NODES, Right.SAFETY, Right.HEALTH}),
}

SCOPES = tuple(right for right in Right if right is not Right.ACCOUNTS)
"""What a program can be given. Who may do what is said by people, and by the command line of the hub's machine."""


OF_THE_WHOLE_HUB = frozenset({Right.ACCOUNTS})
"""Nobody has these at some sites alone: who says who may do what could give herself the others."""


class Identity(Struct, frozen=True, kw_only=True):
    """Who asks, as far as it was proved."""

    who: str
    """An account's name, or `token:` and a program's."""
    rights: frozenset[Right]
    sites: tuple[str, ...] = ()
    """Where; empty for everywhere."""
    session: str = ""
    """Names the browser's session; empty for a program."""

    def may(self, right: Right, site: str = "") -> bool:
        """Whether this is allowed, at `site` if that is said."""
        if right in OF_THE_WHOLE_HUB and self.sites:
            return False
        return right in self.rights and (not site or not self.sites or site in self.sites)


def role_for_evacuation(identity: Identity) -> EvacuatedBy:
    """As what somebody who may have the building evacuated does it: the journal keeps no names."""
    if not identity.session:
        return "program"
    if Right.ACCOUNTS in identity.rights:
        return "admin"
    return "manager" if Right.DESKS in identity.rights else "facilities"


def rights_of(roles: tuple[Role, ...]) -> frozenset[Right]:
    """All that these roles allow together."""
    return frozenset().union(*(RIGHTS[role] for role in roles))
