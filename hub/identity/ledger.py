"""Rows of codes and certificates: each function does its part of somebody else's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from hub import schema

_enrolment, _certificate = schema.enrolment, schema.node_certificate


class Code(NamedTuple):
    """A code that is out."""

    node: str
    nonce: str
    """What the keyring makes it from."""
    expires_at: datetime
    key: str
    """The key that was certified with it; empty while it is unused."""


class Certificate(NamedTuple):
    """One that was given to a node."""

    serial: str
    node: str
    key: str
    pem: str
    issued_at: datetime
    until_at: datetime
    revoked_at: datetime | None


class RevokedList(NamedTuple):
    """All that was ever revoked. The number grows with every certificate more."""

    number: int
    serials: Sequence[int]


def put_code(connection: Connection, code: Code) -> None:
    """Give out `code` instead of an older one of its node."""
    connection.execute(delete(_enrolment).where(_enrolment.c.node == code.node))
    connection.execute(insert(_enrolment).values(code._asdict()))


def code_of(connection: Connection, node: str) -> Code | None:
    """The code that is out for `node`, used or not, expired or not."""
    row = connection.execute(select(_enrolment).where(_enrolment.c.node == node)).one_or_none()
    return None if row is None else Code(*row)


def use_code(connection: Connection, node: str, key: str) -> None:
    """Nobody but `key` can use it now."""
    connection.execute(update(_enrolment).where(_enrolment.c.node == node).values(key=key))


def add(connection: Connection, certificate: Certificate) -> None:
    connection.execute(insert(_certificate).values(certificate._asdict()))


def of_key(connection: Connection, node: str, key: str) -> Certificate | None:
    """The certificate of `node` for `key` that counts, if there is one."""
    found = _certificate.c.node == node, _certificate.c.key == key, _certificate.c.revoked_at.is_(None)
    row = connection.execute(select(_certificate).where(*found)).first()
    return None if row is None else Certificate(*row)


def of_serial(connection: Connection, serial: str) -> Certificate | None:
    row = connection.execute(select(_certificate).where(_certificate.c.serial == serial)).one_or_none()
    return None if row is None else Certificate(*row)


def revoke(connection: Connection, node: str, at: datetime) -> int:
    """Revoke all certificates and the code of `node`; how many certificates counted."""
    connection.execute(delete(_enrolment).where(_enrolment.c.node == node))
    theirs = _certificate.c.node == node, _certificate.c.revoked_at.is_(None)
    return connection.execute(update(_certificate).where(*theirs).values(revoked_at=at)).rowcount


def revoked(connection: Connection) -> RevokedList:
    """The list as it should be at the broker."""
    rows = connection.execute(select(_certificate.c.serial).where(_certificate.c.revoked_at.is_not(None)))
    serials = [int(serial, 16) for (serial,) in rows]
    return RevokedList(len(serials), serials)


def codes(connection: Connection) -> list[Code]:
    return [Code(*row) for row in connection.execute(select(_enrolment))]


def certificates(connection: Connection) -> list[Certificate]:
    """All that were ever given, oldest first."""
    rows = connection.execute(select(_certificate).order_by(_certificate.c.issued_at, _certificate.c.serial))
    return [Certificate(*row) for row in rows]
