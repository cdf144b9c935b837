"""Statements of every commit, compiled once and for all.

SQLAlchemy looks a statement up again at each execution, and types its parameters; for a row or two that takes longer
than SQLite needs to write them. Such a statement is given to the driver as text instead, with values as the database
keeps them. This room knows SQL and no table.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Dialect, Insert, Update

Values = Mapping[str, object]


class Statement:
    """One that changes rows, in the words of one database."""

    def __init__(self, statement: Insert | Update, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = compiled.positiontup
        """None where the driver takes parameters by name."""

    def execute(self, connection: Connection, values: Values) -> int:
        """Once, with these values; the number of rows that were changed."""
        return connection.exec_driver_sql(self._text, self._parameters(values)).rowcount

    def execute_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Once for each of `rows`."""
        if rows:
            connection.exec_driver_sql(self._text, [self._parameters(row) for row in rows])

    def _parameters(self, values: Values) -> Values | tuple[object, ...]:
        return values if self._order is None else tuple([values[name] for name in self._order])
