"""The lobby's TOML file, read and checked: everything that is wrong with it, at once, a line each.

    lobby = load_lobby(Path("lobby.toml"))     # or ConfigError with all faults

Shapes, types and ranges come from the dataclasses of `hub.day.lobby`; what must fit together is in
`hub.config_checks`. A fault says where (`desks[3].services[1]`, counted from 0), what, the value, and what to do.
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json

from hub.accounts.rights import Role
from hub.book.entries import RETENTION_H
from hub.config_checks import Fault, Parts, Where, did_you_mean, faults_between
from hub.day.lobby import Desk, Device, Door, Lobby, Priority, Room, Service, Site
from hub.errors import ConfigError
from wire.mqtt import Broker

ITEMS: dict[str, type] = {
    "services": Service,
    "rooms": Room,
    "priorities": Priority,
    "doors": Door,
    "desks": Desk,
    "devices": Device,
}
"""The lists of a lobby file and what each holds."""

FILE_KEYS = {"from": "from_room", "to": "to_room"}
"""Keys of a door as people write them; `from` is a word of Python."""
_FILE_KEY = {name: written for written, name in FILE_KEYS.items()}

TOO_DEEP = "not TOML that can be read: brackets or dotted names are nested too deep"

LOG_LEVELS = ("debug", "info", "warning", "error")
HISTORIES = ("sql", "influx", "none")

SECTIONS = [field.name for field in fields(Lobby)]

_lobby = TypeAdapter(Lobby)
_adapters: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Site, *ITEMS.values())}


@dataclass(frozen=True, kw_only=True)
class HubSettings:
    """What the command line and the environment say."""

    broker: str
    broker_ca: Path | None
    data_dir: Path
    database_url: str
    host: str
    port: int
    public_url: str
    """Without a slash at the end."""
    log_level: str
    certificates: bool = False
    """Be the authority of nodes and broker."""
    own_url: str = ""
    """Where other hubs with the same database reach this one. Without a slash at the end."""
    retention_h: int = RETENTION_H
    """How long after an appointment the book knows who came."""
    home_assistant: bool = False
    """Tell Home Assistant of the lobbies."""
    history: str = "sql"
    influx_url: str = ""
    """Without a slash at the end."""
    influx_org: str = ""
    influx_bucket: str = ""
    influx_token_file: Path | None = None
    proxies: str = "127.0.0.1"
    """Whose word is taken for where a request comes from: the addresses of web servers in front, with commas."""
    oidc_issuer: str = ""
    """The provider of single sign-on; empty for none."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    oidc_name_claim: str = "preferred_username"
    oidc_roles_claim: str = "groups"
    oidc_roles: str = ""
    """`value=role` with commas: what values of the claim mean here."""

    @property
    def roles_of_values(self) -> dict[str, Role]:
        """What values of the roles' claim mean here. Raises ValueError for what is no role."""
        pairs = (pair.rpartition("=") for pair in self.oidc_roles.split(",") if pair.strip())
        return {value.strip(): Role(role.strip()) for value, _, role in pairs}

    def _sign_on_faults(self) -> list[str]:
        """What is wrong with what was said of single sign-on."""
        if not self.oidc_issuer:
            return []
        faults = []
        if not self.oidc_issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            faults.append(f"--oidc-issuer: {self.oidc_issuer!r} is not https://; nobody could trust what it says")
        if not self.oidc_client_id:
            faults.append("--oidc-client-id is needed with --oidc-issuer; the provider gives it")
        try:
            if not self.roles_of_values:
                faults.append("--oidc-roles is needed with --oidc-issuer, like lobby-staff=staff,lobby-lead=manager")
        except ValueError as error:
            faults.append(f"--oidc-roles: {error}; choose from {', '.join(Role)}")
        return faults

    def __post_init__(self) -> None:
        """
        Raises:
            ConfigError: with every fault.
        """
        faults = []
        try:
            Broker.parse(self.broker, self.broker_ca)
        except ValueError as error:
            faults.append(f"--broker: {error}")
        if self.certificates and not self.broker.startswith("mqtts://"):
            faults.append("--certificates: --broker must be mqtts://host:8883; mqtt:// asks nobody for a certificate")
        if self.certificates and self.broker_ca is not None:
            faults.append("--broker-ca: with --certificates the hub itself is the authority; leave it out")
        if self.log_level not in LOG_LEVELS:
            faults.append(f"--log-level: {self.log_level!r} is not one of {', '.join(LOG_LEVELS)}")
        if self.history not in HISTORIES:
            faults.append(f"--history: {self.history!r} is not one of {', '.join(HISTORIES)}")
        faults += self._sign_on_faults()
        if self.history == "influx":
            if not self.influx_url.startswith(("http://", "https://")):
                faults.append(f"--influx-url: {self.influx_url!r} is not like http://127.0.0.1:8086")
            if not self.influx_bucket:
                faults.append("--influx-bucket: --history influx needs one")
        if faults:
            raise ConfigError("settings", faults)


def load_lobbies(paths: Sequence[Path]) -> list[Lobby]:
    """The lobbies of one hub, in the order of `paths`.

    Raises:
        ConfigError: with every fault of every file, and between them.
    """
    lobbies: list[Lobby] = []
    lines: list[str] = []
    sites: dict[str, Path] = {}
    nodes: dict[str, Path] = {}
    for path in paths:
        try:
            lobby = load_lobby(path)
        except ConfigError as error:
            lines += str(error).splitlines()
            continue
        lobbies.append(lobby)
        if lobby.site.id in sites:
            lines.append(f"{path}: site.id: {lobby.site.id!r} is taken by {sites[lobby.site.id]}; choose another")
        sites[lobby.site.id] = path
        for node in dict.fromkeys(device.node for device in lobby.devices):
            if node in nodes:
                lines.append(f"{path}: devices: node {node!r} is taken by {nodes[node]}; choose another")
            nodes[node] = path
    if lines:
        raise ConfigError("", lines)
    return lobbies


def load_lobby(path: Path) -> Lobby:
    """The lobby that `path` describes.

    Raises:
        ConfigError: with every fault of the file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors begin a file with a mark
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), [f"is not UTF-8 at byte {error.start}; save it as UTF-8"]) from None
    try:
        return lobby_of(text)
    except ConfigError as error:
        raise ConfigError(str(path), error.faults) from None


def lobby_of(text: str) -> Lobby:
    """The lobby that a file with this `text` describes. Raises as `load_lobby` does."""
    data = _read(text)
    _rename_door_keys(data)
    as_json = json.dumps(data)
    faults: list[Fault] = []
    try:
        lobby = _lobby.validate_json(as_json, strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults += [(detail["loc"], _sentence(detail)) for detail in details if not _is_consequence(detail)]
    faults += faults_between(_sound_parts(data))
    if faults:
        faults.sort(key=_place)
        raise ConfigError("lobby", [f"{where_text(where)}: {what}" for where, what in faults])
    return lobby


def _read(text: str) -> dict[str, Any]:
    """TOML by way of JSON, where "strict" takes a list for a tuple and still no text for a number."""
    try:
        as_json = json.dumps(tomllib.loads(text), default=str)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("lobby", [f"not TOML: {error}"]) from None
    except RecursionError:
        raise ConfigError("lobby", [TOO_DEEP]) from None
    except ValueError:  # from Python, which bounds the digits of a number
        raise ConfigError("lobby", ["not TOML that can be read: a number has thousands of digits"]) from None
    try:
        data: dict[str, Any] = from_json(as_json)
    except ValueError:  # what pydantic would say of its nesting, though the text is sound
        raise ConfigError("lobby", [TOO_DEEP]) from None
    return data


def _place(fault: Fault) -> tuple[int, int]:
    """Where in the file to look: faults of one item stand together."""
    where, _ = fault
    section = SECTIONS.index(str(where[0])) if where[0] in SECTIONS else -1
    return section, where[1] if len(where) > 1 and isinstance(where[1], int) else -1


def _is_consequence(detail: ErrorDetails) -> bool:
    """A list that is too short only because its items have faults."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail.get("ctx", {})["min_length"]


def _rename_door_keys(data: dict[str, Any]) -> None:
    doors = data.get("doors")
    for door in doors if isinstance(doors, list) else []:
        if isinstance(door, dict):
            for written, name in FILE_KEYS.items():
                if written in door:
                    door[name] = door.pop(written)


def _sound_parts(data: dict[str, Any]) -> Parts:
    """Whatever can be checked against the rest: of the site and of each item the keys that are sound by themselves."""
    items = {name: [_sound(kind, raw) for raw in _section(data, name)] for name, kind in ITEMS.items()}
    return Parts(site=_sound(Site, data.get("site")), hours=_table(data.get("hours")), items=items)


def _section(data: dict[str, Any], name: str) -> list[Any]:
    """The items of one list; one item of which nothing is known where the list is missing, empty or no list."""
    may_be_empty = name not in _misspelt(Lobby, data) and _defaults(Lobby).get(name) == ()
    raw = data.get(name, [] if may_be_empty else None)
    return raw if isinstance(raw, list) and (raw or may_be_empty) else [None]


def _sound(kind: type, raw: object) -> SimpleNamespace:
    """The keys of `raw` as they are written, or their defaults; None for one that is wrong, missing or misspelt."""
    sound: dict[str, Any] = dict.fromkeys(field.name for field in fields(kind))
    if isinstance(raw, dict):
        wrong = _misspelt(kind, raw)
        try:
            _adapters[kind].validate_json(json.dumps(raw), strict=True)
        except ValidationError as error:
            wrong |= {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
        written = {**_defaults(kind), **raw}
        sound |= {key: written[key] for key in sound if key in written and key not in wrong}
    return SimpleNamespace(**sound)


def _defaults(kind: type) -> dict[str, Any]:
    found = {}
    for field in fields(kind):
        if field.default is not MISSING:
            found[field.name] = field.default
        elif field.default_factory is not MISSING:
            found[field.name] = field.default_factory()
    return found


def _misspelt(kind: type, raw: dict[str, Any]) -> set[str]:
    """The keys of `kind` that are not written, and probably meant by keys which it does not have."""
    known = {_FILE_KEY.get(field.name, field.name): field.name for field in fields(kind)}
    strange = [key for key in raw if key not in known.values()]
    return {known[meant] for key in strange for meant in get_close_matches(key, known, n=1)} - raw.keys()


def _table(raw: object) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def where_text(where: Where) -> str:
    """`("desks", 3, "services", 1)` as `desks[3].services[1]`."""
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{_FILE_KEY.get(step, step)}"
    return text.removeprefix(".")


def _sentence(detail: ErrorDetails) -> str:
    """What pydantic found, as the author of the file should read it."""
    where, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        known = _keys_at(where[:-1])
        return f"unknown key; {did_you_mean(str(where[-1]), known)}"
    if kind in ("missing", "missing_argument", "missing_keyword_only_argument"):
        return "is missing; add it"
    if kind == "enum":
        return f"{detail['input']!r} is not one of {context['expected']}"
    if kind == "too_short":
        return f"has {context['actual_length']} entries; it needs at least {context['min_length']}"
    if kind == "too_long":
        return f"has {context['actual_length']} entries; the limit is {context['max_length']}"
    if kind == "dict_type":
        return f'{detail["input"]!r} is not a table; write it like {{ en = "…" }}'
    if kind == "dataclass_type":
        return "is not a table; write its name in one pair of brackets, like [site], and once"
    wish = detail["msg"].removeprefix("Input ").replace("valid array", "list").replace("valid tuple", "list")
    return f"{detail['input']!r} {wish}"


def _keys_at(where: Where) -> list[str]:
    """The keys that the table at `where` may have, as they are written in the file."""
    kind: type = Lobby
    if where:
        kind = Site if where[0] == "site" else ITEMS.get(str(where[0]), Lobby)
    assert is_dataclass(kind)
    return [_FILE_KEY.get(field.name, field.name) for field in fields(kind)]
