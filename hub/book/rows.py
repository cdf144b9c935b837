"""The book's rows: each function does its part of somebody else's transaction."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from hub import schema
from hub.book.entries import Contact
from hub.book.plan import Booked
from hub.day.inputs import KnowAppointment

APPOINTMENT_DAYS_KEPT = 31
"""After its slot an appointment says nothing of anybody; it stays so long that a file of the month is still known."""

_appointment, _contact = schema.appointment, schema.contact
_ALL = (
    select(_appointment, _contact.c.name, _contact.c.phone, _contact.c.email)
    .outerjoin(_contact, and_(_contact.c.site == _appointment.c.site, _contact.c.appointment == _appointment.c.id))
    .order_by(_appointment.c.slot_at, _appointment.c.uid)
)
# Made once: to put a statement together takes longer than to execute it.
_ADD, _REMEMBER = insert(_appointment), insert(_contact)
_CHANGE = update(_appointment).where(
    _appointment.c.site == bindparam("of_site"), _appointment.c.id == bindparam("of_id")
)
_FORGET = delete(_contact).where(_contact.c.site == bindparam("of_site"), _contact.c.appointment == bindparam("of_id"))


def booked(
    site: str, connection: Connection, begin: datetime | None = None, end: datetime | None = None
) -> list[Booked]:
    """What the book of `site` has, by slot: everything, or from `begin` to before `end`."""
    found = _ALL.where(_appointment.c.site == site)
    if begin is not None:
        found = found.where(_appointment.c.slot_at >= begin)
    if end is not None:
        found = found.where(_appointment.c.slot_at < end)
    return [_booked(row) for row in connection.execute(found)]


def known_between(site: str, begin: datetime, end: datetime, connection: Connection) -> tuple[KnowAppointment, ...]:
    """The appointments that take place from `begin` to before `end`, as a day gets them when it opens."""
    return tuple(
        KnowAppointment(
            appointment=one.id,
            service=one.service,
            slot_at=one.slot_at,
            code_hash=one.code_hash,
            party_people=one.party_people,
        )
        for one in booked(site, connection, begin, end)
        if not one.is_cancelled
    )


def write(site: str, after: Booked, erase_at: datetime, now: datetime, connection: Connection) -> None:
    """Make the book say `after`, and forget who comes at `erase_at`."""
    values = {
        "source": after.source,
        "uid": after.uid,
        "sequence": after.sequence,
        "service": after.service,
        "slot_at": after.slot_at,
        "party_people": after.party_people,
        "is_cancelled": after.is_cancelled,
        "code_hash": after.code_hash,
    }
    mine = {"of_site": site, "of_id": after.id}
    if connection.execute(_CHANGE, {**mine, **values}).rowcount == 0:
        connection.execute(_ADD, {"site": site, "id": after.id, **values})
    connection.execute(_FORGET, mine)
    contact = after.contact
    if not contact.is_empty and erase_at > now:
        row = {"name": contact.name, "phone": contact.phone, "email": contact.email, "erase_at": erase_at}
        connection.execute(_REMEMBER, {"site": site, "appointment": after.id, **row})


def erase_due(now: datetime, connection: Connection) -> int:
    """Erase every contact whose time has come, and appointments of long ago; how many contacts it were."""
    erased = connection.execute(delete(_contact).where(_contact.c.erase_at <= now)).rowcount
    long_ago = now - timedelta(days=APPOINTMENT_DAYS_KEPT)
    connection.execute(delete(_appointment).where(_appointment.c.slot_at < long_ago))
    return erased


def _booked(row: Row[Any]) -> Booked:
    return Booked(
        id=row.id,
        source=row.source,
        uid=row.uid,
        sequence=row.sequence,
        service=row.service,
        slot_at=row.slot_at,
        party_people=row.party_people,
        is_cancelled=row.is_cancelled,
        code_hash=row.code_hash,
        contact=Contact(name=row.name or "", phone=row.phone or "", email=row.email or ""),
    )
