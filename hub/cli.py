"""The command `guichet-hub`."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.accounts import cli as accounts
from hub.book import cli as book
from hub.book.entries import RETENTION_H
from hub.errors import ConfigError, Conflict, HubError
from hub.identity import cli as identity

if TYPE_CHECKING:
    from hub.config import HubSettings
    from hub.day.lobby import Lobby

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(book.app, name="book")
for about_nodes in (identity.enrol, identity.nodes, identity.revoke, identity.broker_files):
    app.command()(about_nodes)
app.add_typer(accounts.accounts, name="account")
app.add_typer(accounts.tokens, name="token")

COLLECT_AFTER_OBJECTS = 50_000
"""A young collection every 50,000 new objects instead of 700: what a start loads and replays stays, and collections
made the slowest requests."""

CANNOT_GO_ON = 1
BAD_FILE = 2

DataFolder = Annotated[
    Path, typer.Option(envvar="GUICHET_DATA", help="Folder of the key and, unless said otherwise, the database.")
]
DatabaseAddress = Annotated[
    str, typer.Option(envvar="GUICHET_DATABASE", help="sqlite:///… or postgresql://…", show_default="sqlite in --data")
]
Broker = Annotated[
    str, typer.Option(envvar="GUICHET_BROKER", help="mqtt://user:password@host:1883, or mqtts:// with TLS.")
]
BrokerCa = Annotated[
    Path | None, typer.Option(envvar="GUICHET_BROKER_CA", help="The authority that signed the broker's certificate.")
]
Certificates = Annotated[
    bool,
    typer.Option(
        "--certificates", envvar="GUICHET_CERTIFICATES", help="Be the authority of nodes and broker; needs mqtts://."
    ),
]
HomeAssistant = Annotated[
    bool,
    typer.Option("--home-assistant", envvar="GUICHET_HOME_ASSISTANT", help="Tell Home Assistant through the broker."),
]
Host = Annotated[str, typer.Option(envvar="GUICHET_HOST", help="Address to listen on for browsers.")]
Port = Annotated[int, typer.Option(envvar="GUICHET_PORT", min=1, max=65_535)]
PublicUrl = Annotated[
    str,
    typer.Option(
        envvar="GUICHET_PUBLIC_URL",
        help="Where phones reach this hub, for lobbies that do not say it.",
        show_default="http://HOST:PORT",
    ),
]
OwnUrl = Annotated[
    str,
    typer.Option(
        envvar="GUICHET_OWN_URL",
        help="Where other hubs with the same database reach this one.",
        show_default="http://HOST:PORT",
    ),
]
LogLevel = Annotated[str, typer.Option(envvar="GUICHET_LOG_LEVEL", help="debug, info, warning or error.")]
RetentionH = Annotated[
    int,
    typer.Option(envvar="GUICHET_RETENTION_H", min=0, help="Hours after an appointment until its contact is erased."),
]
HistoryKind = Annotated[str, typer.Option(envvar="GUICHET_HISTORY", help="Where history is kept: sql, influx or none.")]
InfluxUrl = Annotated[str, typer.Option(envvar="GUICHET_INFLUX_URL", help="For --history influx.")]
InfluxOrg = Annotated[str, typer.Option(envvar="GUICHET_INFLUX_ORG")]
InfluxBucket = Annotated[str, typer.Option(envvar="GUICHET_INFLUX_BUCKET")]
InfluxTokenFile = Annotated[
    Path | None, typer.Option(envvar="GUICHET_INFLUX_TOKEN_FILE", help="A file with the token and nothing else.")
]
Proxies = Annotated[
    str, typer.Option(envvar="GUICHET_PROXIES", help="Addresses of web servers in front, with commas between them.")
]
OidcIssuer = Annotated[
    str, typer.Option(envvar="GUICHET_OIDC_ISSUER", help="Single sign-on: the provider, as it calls itself.")
]
OidcClientId = Annotated[str, typer.Option(envvar="GUICHET_OIDC_CLIENT_ID", help="What the provider calls this hub.")]
OidcClientSecretFile = Annotated[
    Path | None, typer.Option(envvar="GUICHET_OIDC_CLIENT_SECRET_FILE", help="A file with the secret and nothing else.")
]
OidcNameClaim = Annotated[str, typer.Option(envvar="GUICHET_OIDC_NAME_CLAIM", help="What an account is called by.")]
OidcRolesClaim = Annotated[str, typer.Option(envvar="GUICHET_OIDC_ROLES_CLAIM", help="Where the roles are found.")]
OidcRoles = Annotated[
    str, typer.Option(envvar="GUICHET_OIDC_ROLES", help="lobby-staff=staff,lobby-lead=manager", show_default="none")
]
Check = Annotated[bool, typer.Option("--check", help="Read the files, tell all their faults, and stop.")]
Damaged = Annotated[
    bool, typer.Option("--damaged", help="Go back to it even if rows of its journals are missing or were altered.")
]

DATA = Path("guichet-data")


@app.callback()
def hub() -> None:
    """The hub of one or more lobbies: tickets, calls, boards, doors."""


@app.command()
def run(
    files: Annotated[list[Path], typer.Argument(metavar="LOBBY.toml...", help="The lobbies, a file each.")],
    broker: Broker = "mqtt://127.0.0.1:1883",
    broker_ca: BrokerCa = None,
    certificates: Certificates = False,
    data: DataFolder = DATA,
    database: DatabaseAddress = "",
    host: Host = "127.0.0.1",
    port: Port = 8080,
    public_url: PublicUrl = "",
    own_url: OwnUrl = "",
    log_level: LogLevel = "info",
    retention_h: RetentionH = RETENTION_H,
    home_assistant: HomeAssistant = False,
    history: HistoryKind = "sql",
    influx_url: InfluxUrl = "",
    influx_org: InfluxOrg = "",
    influx_bucket: InfluxBucket = "guichet",
    influx_token_file: InfluxTokenFile = None,
    proxies: Proxies = "127.0.0.1",
    oidc_issuer: OidcIssuer = "",
    oidc_client_id: OidcClientId = "",
    oidc_client_secret_file: OidcClientSecretFile = None,
    oidc_name_claim: OidcNameClaim = "preferred_username",
    oidc_roles_claim: OidcRolesClaim = "groups",
    oidc_roles: OidcRoles = "",
    check: Check = False,
) -> None:
    """Run the hub until SIGTERM or Ctrl-C."""
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    from hub.config import HubSettings, load_lobbies

    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        settings = HubSettings(
            broker=broker,
            broker_ca=broker_ca,
            certificates=certificates,
            data_dir=data,
            database_url=_database(data, database),
            host=host,
            port=port,
            public_url=public_url.rstrip("/") or here,
            own_url=own_url.rstrip("/") or here,
            log_level=log_level,
            retention_h=retention_h,
            home_assistant=home_assistant,
            history=history,
            influx_url=influx_url.rstrip("/"),
            influx_org=influx_org,
            influx_bucket=influx_bucket,
            influx_token_file=influx_token_file,
            proxies=proxies,
            oidc_issuer=oidc_issuer,
            oidc_client_id=oidc_client_id,
            oidc_client_secret_file=oidc_client_secret_file,
            oidc_name_claim=oidc_name_claim,
            oidc_roles_claim=oidc_roles_claim,
            oidc_roles=oidc_roles,
        )
        lobbies = load_lobbies(files)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_FILE) from None
    if check:
        _tell(files, lobbies)
    else:
        _run(lobbies, settings)


def _tell(files: Sequence[Path], lobbies: "Sequence[Lobby]") -> None:
    """What the files hold."""
    for file, lobby in zip(files, lobbies, strict=True):
        typer.echo(f"{file}: site {lobby.site.id!r}, {len(lobby.desks)} desks, {len(lobby.devices)} devices, no faults")
        for door in lobby.forgotten_doors:
            typer.echo(f"{file}: nobody counts at door {door!r}; say how many use it with 'uncounted_share'")


def _run(lobbies: "Sequence[Lobby]", settings: "HubSettings") -> None:
    """The hub, with all that it loads, until it ends."""
    from hub import main as process

    process.set_up_log(settings.log_level)
    with _failing_in_one_line():
        asyncio.run(process.run(lobbies, settings, version=version("guichet")))


@app.command()
def rebuild_history(data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Drop history; the hub makes it anew from the journal when it runs again. Stop the hub first."""
    from hub.database import open_journal
    from hub.history.sql_store import forget
    from hub.ownership import nobody_owns

    with _failing_in_one_line(), open_journal(_database(data, database), create=False) as journal:
        if not nobody_owns(journal):
            raise Conflict("a hub works on this database; stop it first")
        points = forget(journal)
    typer.echo(f"{points} points dropped; the hub makes them anew from the journal")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy to write; it must not exist.")],
    data: DataFolder = DATA,
    database: DatabaseAddress = "",
) -> None:
    """Copy the database while the hub runs. The key is not in it: keep a copy of that elsewhere."""
    from hub import backup as copies

    with _failing_in_one_line():
        copied_bytes = copies.backup(_database(data, database), file)
    typer.echo(f"{file}: {copied_bytes} bytes")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `backup` has written.")],
    data: DataFolder = DATA,
    database: DatabaseAddress = "",
    damaged: Damaged = False,
) -> None:
    """Go back to a copy. Stop the hub first; what happened after the copy is lost."""
    from hub import backup as copies

    with _failing_in_one_line():
        copies.restore(_database(data, database), file, damaged_too=damaged)
    typer.echo(f"the database is what it was in {file}")


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """What was foreseen is told in its own words."""
    try:
        yield
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None


def _database(data: Path, database: str) -> str:
    return database or f"sqlite:///{data / 'hub.db'}"


def main() -> None:
    app()
