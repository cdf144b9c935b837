"""Statements of every commit, compiled once and for all.

SQLAlchemy looks a statement up again at each execution, and types its parameters; for a row or two that takes longer
than SQLite needs to write them. Such a statement is given to the driver as text instead, with values as the database
keeps them. This room knows SQL and no table.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Dialect, Table, Update, insert

Values = Mapping[str, object]


class Change:
    """Changes rows, in the words of one database."""

    def __init__(self, statement: Update, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = compiled.positiontup
        """None where the driver takes parameters by name."""

    def execute(self, connection: Connection, values: Values) -> int:
        """Once, with these values; the number of rows that were changed."""
        return connection.exec_driver_sql(self._text, _ordered(values, self._order)).rowcount


class Addition:
    """Adds rows to a table, in the words of one database."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._names = [column.name for column in table.columns]
        self._takes_columns = dialect.name == "postgresql"
        compiled = insert(table).compile(dialect=dialect)
        self._order = compiled.positiontup
        self._text = _from_columns(table, dialect) if self._takes_columns else str(compiled)

    def execute(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Add all of `rows`, each with every column."""
        if not rows:
            return
        if self._takes_columns:
            columns = {name: [row[name] for row in rows] for name in self._names}
            connection.exec_driver_sql(self._text, columns)
        else:
            connection.exec_driver_sql(self._text, [_ordered(row, self._order) for row in rows])


def _from_columns(table: Table, dialect: Dialect) -> str:
    """One statement for any number of rows: one way to the server and back, and nowhere to be stopped half-way."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    lists = ", ".join(f"%({column.name})s::{column.type.compile(dialect)}[]" for column in table.columns)
    return f"INSERT INTO {quote(table.name)} ({names}) SELECT * FROM unnest({lists})"


def _ordered(values: Values, order: Sequence[str] | None) -> Values | tuple[object, ...]:
    return values if order is None else tuple([values[name] for name in order])
