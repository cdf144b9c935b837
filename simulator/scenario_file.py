"""The file of a scenario: where it lies, and what it says on top of the one on which it is based. It knows no keys but
those that name files.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

SHIPPED = ("*.toml", "what-if/*.toml")
"""Where scenarios lie in the folder of those that are shipped."""
BASES_MAX = 5
"""A scenario that is based on one that is based on one, and so on; more is a circle."""
WHOLE = frozenset({"curve", "services", "languages", "party_people"})
"""Tables that mean something as a whole: who writes one in a scenario means all of it."""


class ScenarioError(ValueError):
    """A scenario file that cannot be used; one line per fault."""


def found(path: Path, name: str = "") -> Path:
    """`path`, or the shipped scenario of that name if there is no such file."""
    if path.exists():
        return path
    folder = Path(str(files("simulator"))) / "scenarios"
    if not (shipped_path := folder / (name or path)).exists():
        shipped = sorted(it.relative_to(folder) for pattern in SHIPPED for it in folder.glob(pattern))
        raise ScenarioError(f"no scenario file {path}; shipped ones are {', '.join(map(str, shipped))}")
    return shipped_path


def said(path: Path, depth: int = 0) -> dict[str, Any]:
    """What the file at `path` says, on top of what the file says on which it is based. Files that it names are named so
    that they are found from anywhere."""
    try:
        with path.open("rb") as source:
            data = tomllib.load(source)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from None
    passers = data.get("passers_by")
    for table, key in ((data, "lobby"), (data, "agents"), (passers, "file")):
        if isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
            table[key] = str(path.parent / table[key])
    base = data.pop("based_on", None)
    if base is None:
        return data
    if not isinstance(base, str) or depth >= BASES_MAX:
        what = f"{base!r} is not the name of a file" if not isinstance(base, str) else f"over {BASES_MAX} files deep"
        raise ScenarioError(f"{path}: based_on: {what}")
    below = said(found(path.parent / base, base), depth + 1)
    below.pop("title", None)
    return _on_top(below, data)


def _on_top(below: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """`data`, and whatever only `below` says. Tables are put together key by key, but those of `WHOLE` are not."""
    merged = dict(below)
    for key, value in data.items():
        known = below.get(key)
        is_table = isinstance(value, dict) and isinstance(known, dict) and key not in WHOLE
        merged[key] = _on_top(known, value) if is_table and isinstance(known, dict) else value
    return merged
