"""The owner's row of each site: who writes it, in which term, since when it was last heard, and where to reach it.

Every transaction of an owner holds its row or reads it, so that whoever has lost a site can write nothing to it. Where
hubs share a database the row is renewed by that database's clock. This room knows the rows; how long a silence may
last, and what to do then, it does not know.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Dialect, bindparam, insert, literal_column, select, update

from hub import schema
from hub.errors import Conflict
from hub.statement import Change

NEVER = schema.EPOCH
"""When a site was renewed that its owner has given back, or that nobody ever owned."""

_owner = schema.owner
_BY_THE_DATABASE = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


class Owner(NamedTuple):
    """Who owns a site, as the database says it."""

    site: str
    term: int
    holder: str
    """Names a run of a hub; empty before the first."""
    address: str
    """Where other hubs reach it; may be empty."""
    renewed_at: datetime
    silent_s: float
    """Since then, by the database's clock."""

    @property
    def is_gone(self) -> bool:
        """It has given the site back, or there never was one."""
        return self.renewed_at == NEVER


class Owners:
    """The rows, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._now: ColumnElement[datetime] | None = None
        if dialect.name == "postgresql":
            self._now = literal_column(_BY_THE_DATABASE, schema.Instant())
        held = update(_owner).where(_owner.c.site == bindparam("of_site"), _owner.c.term == bindparam("of_term"))
        renewed_at = bindparam("renewed_at") if self._now is None else self._now
        end = held.values(renewed_at=renewed_at, seq=bindparam("seq"), opened_seq=bindparam("opened_seq"))
        self._hold = Change(end, dialect)

    def hold(self, connection: Connection, site: str, term: int, at: datetime, *, seq: int, opened_seq: int) -> None:
        """Note the journal's end, and hold the row: until the transaction ends no other owner comes between.

        Raises:
            Conflict: `term` is over.
        """
        values = {"renewed_at": schema.micros(at), "seq": seq, "opened_seq": opened_seq}
        if self._hold.execute(connection, {"of_site": site, "of_term": term, **values}) != 1:
            raise _over(site, term)

    def check(self, connection: Connection, terms: Mapping[str, int]) -> None:
        """Hold the rows of these sites without changing them. Raises as `hold` does."""
        wanted = select(_owner.c.site, _owner.c.term).where(_owner.c.site.in_(terms)).order_by(_owner.c.site)
        now = {row.site: row.term for row in connection.execute(wanted.with_for_update(read=True))}
        for site, term in terms.items():
            if now.get(site) != term:
                raise _over(site, term)

    def claim(self, connection: Connection, site: str, holder: str, at: datetime) -> int:
        """Become the owner, whoever it was; the new term. A holder that is the owner already keeps its term.

        Raises:
            Conflict: somebody else claimed it in the same moment.
        """
        row = connection.execute(select(_owner).where(_owner.c.site == site)).one_or_none()
        if row is None:
            connection.execute(insert(_owner), _nobody(site) | {"term": 1, "holder": holder, "renewed_at": at})
            return 1
        if row.holder == holder:
            return int(row.term)
        mine = update(_owner).where(_owner.c.site == site, _owner.c.term == row.term)
        if connection.execute(mine.values(term=row.term + 1, holder=holder, renewed_at=at)).rowcount != 1:
            raise _claimed(site)
        return int(row.term) + 1

    # --- hubs that share a database ----------------------------------------------------------------------------

    def look(self, connection: Connection, sites: Sequence[str]) -> list[Owner]:
        """The owners of `sites`, by site. A site that nobody ever owned gets its row."""
        missing = set(sites) - {it.site for it in self.all(connection)}
        if missing:
            from sqlalchemy.dialects import postgresql

            rows = postgresql.insert(_owner).on_conflict_do_nothing()
            connection.execute(rows, [_nobody(site) for site in sorted(missing)])
        return [it for it in self.all(connection) if it.site in sites]

    def all(self, connection: Connection) -> list[Owner]:
        """The owners of all sites of this database, by site."""
        assert self._now is not None, "only a database that hubs share has owners that come and go"
        columns = (_owner.c.site, _owner.c.term, _owner.c.holder, _owner.c.address, _owner.c.renewed_at)
        wanted = select(*columns, self._now.label("now")).order_by(_owner.c.site)
        return [
            Owner(it.site, it.term, it.holder, it.address, it.renewed_at, (it.now - it.renewed_at).total_seconds())
            for it in connection.execute(wanted)
        ]

    def take(self, connection: Connection, seen: Sequence[Owner], holder: str, address: str) -> None:
        """Become the owner of all that was `seen`, each in a new term.

        Raises:
            Conflict: one of them has moved since.
        """
        for one in seen:
            as_seen = (_owner.c.site == one.site, _owner.c.term == one.term, _owner.c.renewed_at == one.renewed_at)
            taken = update(_owner).where(*as_seen).values(term=one.term + 1, holder=holder, address=address)
            if connection.execute(taken.values(renewed_at=self._now)).rowcount != 1:
                raise _claimed(one.site)

    def renew(self, connection: Connection, holder: str) -> int:
        """Say that `holder` lives; of how many sites it is the owner."""
        return connection.execute(update(_owner).where(_owner.c.holder == holder).values(renewed_at=self._now)).rowcount

    def give_back(self, connection: Connection, holder: str) -> None:
        """`holder` stops: whoever waits need not wait any longer."""
        connection.execute(update(_owner).where(_owner.c.holder == holder).values(renewed_at=NEVER))


def _nobody(site: str) -> dict[str, object]:
    empty = {"holder": "", "address": "", "renewed_at": NEVER, "seq": 0, "opened_seq": 0}
    return {"site": site, "term": 0, **empty}


def _over(site: str, term: int) -> Conflict:
    return Conflict(f"site {site!r} has a newer owner than term {term}; this hub must stop")


def _claimed(site: str) -> Conflict:
    return Conflict(f"site {site!r} was claimed by another hub in the same moment; stop one of the two")
