"""docs/settings.md says every key that the files and the command line take, with its default and its range."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
import typer.main
from annotated_types import Ge, Gt, Le, Len
from pydantic import AfterValidator, TypeAdapter, ValidationError
from typer import Typer

from edge import cli as agent_cli
from edge import config as agent
from edge.devices import known
from edge.roles.panel import PanelKey
from hub import cli
from hub.accounts import cli as accounts
from hub.book import cli as book
from hub.config import FILE_KEYS
from hub.day import lobby

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
IN_THE_FILE = {field: key for key, field in FILE_KEYS.items()}
"""A field of the code to its key in the file, where they differ."""

DEVICE = '`[[devices]]`: `kind = "{}"`, `driver = "{}"`'
TABLES: dict[str, type] = {
    "Lobby file / `[site]`": lobby.Site,
    "Lobby file / `[[services]]`": lobby.Service,
    "Lobby file / `[[priorities]]`": lobby.Priority,
    "Lobby file / `[[rooms]]`": lobby.Room,
    "Lobby file / `[[rooms.limits]]`": lobby.LimitSpan,
    "Lobby file / `[[doors]]`": lobby.Door,
    "Lobby file / `[[desks]]`": lobby.Desk,
    "Lobby file / `[[devices]]`": lobby.Device,
    "Agent file / The node": agent.AgentConfig,
    "Agent file / `[screens]`": agent.Screens,
    **{f"Agent file / {DEVICE.format(*variant.split('/'))}": it for variant, it in known().items()},
}
"""Heading on the page to what the code reads there."""

Row = tuple[str, str, str]
"""Key, default and value, as they are written."""


def tables() -> dict[str, list[Row]]:
    """`chapter / section` to its rows."""
    found: dict[str, list[Row]] = {}
    chapter = section = ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            chapter, section = line[3:], ""
        elif line.startswith("### "):
            section = f"{chapter} / {line[4:]}"
        elif section and line.startswith("| `"):
            key, default, value = (cell.strip() for cell in line.split("|")[1:4])
            found.setdefault(section, []).append((key.strip("`"), default, value))
    return found


def test_every_kind_of_table_is_on_the_page_and_no_other() -> None:
    variants = {get_args(tagged)[0] for tagged in get_args(get_args(agent.Device)[0])}

    assert variants <= set(TABLES.values())
    assert set(tables()) == set(TABLES)
    chapters = {"site", "hours", "services", "rooms", "priorities", "doors", "desks", "devices"}
    assert {it.name for it in fields(lobby.Lobby)} == chapters
    assert all(f"[{name}]" in PAGE for name in chapters)


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_has_every_key_with_its_default(heading: str) -> None:
    written = {key: default for key, default, _ in tables()[heading]}

    assert written == {IN_THE_FILE.get(it.name, it.name): default_of(it) for it in fields(TABLES[heading])}


def default_of(field: "Field[Any]") -> str:
    """As the page writes it."""
    if field.default is MISSING and field.default_factory is MISSING:
        return "*needed*"
    value = field.default_factory() if field.default_factory is not MISSING else field.default
    match value:
        case None:
            return "none"
        case agent.Screens():
            return "as below"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{value}"`'
        case tuple():
            return "`[{}]`".format(", ".join(f'"{it}"' for it in value))
        case _:
            return f"`{value}`"


@pytest.mark.parametrize("heading", TABLES)
def test_a_number_has_its_range(heading: str) -> None:
    hints = get_type_hints(TABLES[heading], include_extras=True)
    limits = {IN_THE_FILE.get(name, name): found for name, hint in hints.items() if (found := limits_of(hint))}
    written = {key: value for key, _, value in tables()[heading]}

    assert {key: value for key, value in written.items() if key in limits and limits[key] not in value} == {}


def limits_of(hint: Any) -> str:
    """`1 to 20`, as the page writes it; empty if the code sets no limits."""
    if get_origin(hint) is not Annotated:
        return ""
    bounds: list[int] = []
    for rule in hint.__metadata__:
        match rule:
            case Ge(ge=int(bound)) | Le(le=int(bound)):
                bounds.append(bound)
            case Gt(gt=int(bound)):
                bounds.append(bound + 1)
            case Len(min_length=int(least), max_length=int(most)):
                bounds += least, most
            case AfterValidator() if hint.__origin__ is int:
                bounds += limits_by_trial(hint)
    return f"{min(bounds):,} to {max(bounds):,}" if bounds else ""


def limits_by_trial(hint: Any) -> tuple[int, int]:
    """The least and the most that the code takes, asked of it."""
    adapter = TypeAdapter(hint)

    def takes(value: int) -> bool:
        try:
            adapter.validate_python(value)
        except ValidationError:
            return False
        return True

    low = next(value for value in range(1_300) if takes(value))
    high = low
    while takes(high * 2 + 1):
        high = high * 2 + 1
    too_much = high * 2 + 1
    while too_much - high > 1:
        middle = (high + too_much) // 2
        high, too_much = (middle, too_much) if takes(middle) else (high, middle)
    return low, high


def test_every_key_of_a_panel_and_every_day_is_named() -> None:
    pins = re.search(r"\| `pins` .*Keys: (.*) \|", PAGE)
    assert pins
    assert re.findall(r"`([a-z-]+)`", pins[1]) == [key.value for key in PanelKey]
    assert "`mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`" in PAGE


COMMANDS: dict[str, tuple[Typer, str]] = {
    "guichet-hub run": (cli.app, "run"),
    "guichet-hub account list": (accounts.accounts, "list"),
    "guichet-hub account add": (accounts.accounts, "add"),
    "guichet-hub account reset": (accounts.accounts, "reset"),
    "guichet-hub account disable": (accounts.accounts, "disable"),
    "guichet-hub account enable": (accounts.accounts, "enable"),
    "guichet-hub account set-up": (accounts.accounts, "set-up"),
    "guichet-hub token list": (accounts.tokens, "list"),
    "guichet-hub token add": (accounts.tokens, "add"),
    "guichet-hub token revoke": (accounts.tokens, "revoke"),
    "guichet-hub book import": (book.app, "import"),
    "guichet-hub book list": (book.app, "list"),
    "guichet-hub book token": (book.app, "token"),
    "guichet-hub enrol": (cli.app, "enrol"),
    "guichet-hub nodes": (cli.app, "nodes"),
    "guichet-hub revoke": (cli.app, "revoke"),
    "guichet-hub broker-files": (cli.app, "broker-files"),
    "guichet-hub rebuild-history": (cli.app, "rebuild-history"),
    "guichet-hub backup": (cli.app, "backup"),
    "guichet-hub restore": (cli.app, "restore"),
    "guichet-edge run": (agent_cli.app, "run"),
    "guichet-edge enrol": (agent_cli.app, "enrol"),
    "guichet-edge decode": (agent_cli.app, "decode"),
}
"""Heading on the page to the command."""


@pytest.mark.parametrize("heading", COMMANDS)
def test_every_option_of_a_command_is_on_the_page_with_its_default(heading: str) -> None:
    (section,) = re.findall(rf"^## `{heading}`$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    written = re.findall(r"^\| `(--[a-z-]+)` \| (?:`([A-Z_]+)` )?\| `?([^|`]+?)`? \|", section, re.MULTILINE)

    assert written == list(options(*COMMANDS[heading]))


def test_every_command_is_on_the_page() -> None:
    assert re.findall(r"^## `(guichet-.*)`$", PAGE, re.MULTILINE) == list(COMMANDS)
    groups = {
        name for app in (cli.app, accounts.accounts, accounts.tokens, book.app, agent_cli.app) for name in commands(app)
    }
    assert groups - {"account", "book"} == {name for _, name in COMMANDS.values()}


def commands(app: Typer) -> dict[str, Any]:
    return typer.main.get_command(app).commands  # type: ignore[attr-defined, no-any-return]  # a group's


def options(app: Typer, name: str) -> Iterator[tuple[str, str, str]]:
    for option in commands(app)[name].params:
        if option.param_type_name == "option":
            yield option.opts[0], option.envvar or "", default_of_option(option.default)


def default_of_option(default: object) -> str:
    """As the page writes it."""
    return "off" if default is False else "none" if default in (None, "") else str(default)
