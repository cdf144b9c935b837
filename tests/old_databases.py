"""Databases as each revision of the tables left them after a Monday: `golden/database/REVISION.json`, never changed.

python -m tests.old_databases    # after a new revision: writes the newest one, as it is left today
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, LargeBinary, MetaData, Table, select

from tests.hubs import Stage, run
from tests.kept_days import monday

GOLDEN = Path(__file__).parent / "contract" / "golden" / "database"
SERIAL = "quarantine"
"""The database numbers its rows by itself."""

Rows = Mapping[str, list[dict[str, object]]]
"""Table to its rows; bytes as hexadecimal digits."""


def revisions() -> list[str]:
    """Oldest first."""
    config = Config()
    config.set_main_option("script_location", "hub:migrations")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def golden(revision: str) -> Rows:
    rows: Rows = json.loads((GOLDEN / f"{revision}.json").read_text("utf-8"))
    return rows


def fill(engine: Engine, rows: Rows) -> None:
    """Put `rows` into the tables as they are."""
    tables = {table.name: table for table in _tables(engine)}
    with engine.begin() as connection:
        for name, of_table in rows.items():
            if not of_table:
                continue
            connection.execute(tables[name].insert(), [dict(_restored(tables[name], row)) for row in of_table])


def held(engine: Engine, like: Rows) -> Rows:
    """What the tables hold of what is in `like`: its tables and columns."""
    everything = contents(engine)
    columns = {name: list(rows[0]) if rows else [] for name, rows in like.items()}
    return {name: [{it: row[it] for it in columns[name]} for row in everything[name]] for name in like}


def contents(engine: Engine) -> Rows:
    """Every table's rows, in the order of their keys."""
    found: dict[str, list[dict[str, object]]] = {}
    with engine.connect() as connection:
        for table in _tables(engine):
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[table.name] = [dict(_kept(table, row._asdict())) for row in rows]
    return found


def _tables(engine: Engine) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _kept(table: Table, row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for column, value in row.items():
        if (table.name, column) != (SERIAL, "id"):
            yield column, value.hex() if isinstance(value, bytes) else value


def _restored(table: Table, row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for column, value in row.items():
        is_bytes = isinstance(table.columns[column].type, LargeBinary) or str(table.columns[column].type) == "BYTEA"
        yield column, bytes.fromhex(str(value)) if is_bytes else value


def main() -> None:
    file = GOLDEN / f"{revisions()[-1]}.json"
    if file.exists():
        raise SystemExit(f"{file.name} is there already, and is never changed")
    left: dict[str, object] = {}

    async def story(stage: Stage) -> None:
        await monday(stage)
        await stage.stop()
        left.update(contents(stage.engine))

    run(story)
    file.write_text(json.dumps(left, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
