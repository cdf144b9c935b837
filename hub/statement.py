"""Statements of every commit, compiled once and for all.

SQLAlchemy looks a statement up again at each execution, types its parameters and wraps its result; for a row or two
that takes longer than SQLite needs to write them. Such a statement is given to the driver itself as text, with values
as the database keeps them, in the transaction of the connection. This room knows SQL and no table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table, Update

Values = Mapping[str, object]

ROWS_AT_ONCE = (64, 32, 16, 8, 4, 2, 1)
"""So many rows of SQLite's are added by one statement. A few numbers, so that the driver keeps each one compiled."""


class Change:
    """Changes rows, in the words of one database."""

    def __init__(self, statement: Update, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = compiled.positiontup
        """None where the driver takes parameters by name."""

    def execute(self, connection: Connection, values: Values) -> int:
        """Once, with these values; the number of rows that were changed.

        Raises:
            the driver's own error.
        """
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, _ordered(values, self._order))
            return cursor.rowcount
        finally:
            cursor.close()


class Addition:
    """Adds rows to a table, in the words of one database."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._names = [column.name for column in table.columns]
        self._takes_columns = dialect.name == "postgresql"
        self._texts = {} if self._takes_columns else {rows: _of_rows(table, dialect, rows) for rows in ROWS_AT_ONCE}
        """How many rows to the statement that adds so many."""
        self._text = _from_columns(table, dialect) if self._takes_columns else ""

    def execute(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Add all of `rows`, each with every column. Raises as `Change.execute` does."""
        if not rows:
            return
        cursor = connection.connection.cursor()
        try:
            if self._takes_columns:
                cursor.execute(self._text, {name: [row[name] for row in rows] for name in self._names})
                return
            first = 0
            for at_once in ROWS_AT_ONCE:
                while len(rows) - first >= at_once:
                    some = rows[first : first + at_once]
                    cursor.execute(self._texts[at_once], [row[name] for row in some for name in self._names])
                    first += at_once
        finally:
            cursor.close()


def _of_rows(table: Table, dialect: Dialect, rows: int) -> str:
    """One statement for so many rows, a question mark for each value. SQLite's driver lets go of the interpreter at
    each step of a statement, and at each row is a step where rows are given to it one by one: on a hub that is busy the
    journal's thread would wait for it each time."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    marks = f"({', '.join('?' for _ in table.columns)})"
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES {', '.join([marks] * rows)}"


def _from_columns(table: Table, dialect: Dialect) -> str:
    """One statement for any number of rows: one way to the server and back, and nowhere to be stopped half-way."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    lists = ", ".join(f"%({column.name})s::{column.type.compile(dialect)}[]" for column in table.columns)
    return f"INSERT INTO {quote(table.name)} ({names}) SELECT * FROM unnest({lists})"


def _ordered(values: Values, order: Sequence[str] | None) -> Any:
    """As the driver takes them: by name, or in the order of its question marks."""
    return values if order is None else tuple([values[name] for name in order])
