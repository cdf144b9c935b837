"""The command `guichet-hub`."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from hub.book import cli as book
from hub.book.entries import RETENTION_H

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(book.app, name="book")

CANNOT_GO_ON = 1
BAD_FILE = 2

DataFolder = Annotated[
    Path, typer.Option(envvar="GUICHET_DATA", help="Folder of the key and, unless said otherwise, the database.")
]
DatabaseAddress = Annotated[
    str, typer.Option(envvar="GUICHET_DATABASE", help="sqlite:///… or postgresql://…", show_default="sqlite in --data")
]


@app.callback()
def hub() -> None:
    """The hub of one or more lobbies: tickets, calls, boards, doors."""


@app.command()
def run(
    files: Annotated[list[Path], typer.Argument(metavar="LOBBY.toml...", help="The lobbies, a file each.")],
    broker: Annotated[
        str, typer.Option(envvar="GUICHET_BROKER", help="mqtt://user:password@host:1883, or mqtts:// with TLS.")
    ] = "mqtt://127.0.0.1:1883",
    broker_ca: Annotated[
        Path | None,
        typer.Option(envvar="GUICHET_BROKER_CA", help="The authority that signed the broker's certificate."),
    ] = None,
    data: DataFolder = Path("guichet-data"),
    database: DatabaseAddress = "",
    host: Annotated[str, typer.Option(envvar="GUICHET_HOST", help="Address to listen on for browsers.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="GUICHET_PORT", min=1, max=65_535)] = 8080,
    public_url: Annotated[
        str,
        typer.Option(
            envvar="GUICHET_PUBLIC_URL",
            help="Where phones reach this hub, for lobbies that do not say it.",
            show_default="http://HOST:PORT",
        ),
    ] = "",
    own_url: Annotated[
        str,
        typer.Option(
            envvar="GUICHET_OWN_URL",
            help="Where other hubs with the same database reach this one.",
            show_default="http://HOST:PORT",
        ),
    ] = "",
    log_level: Annotated[str, typer.Option(envvar="GUICHET_LOG_LEVEL", help="debug, info, warning or error.")] = "info",
    retention_h: Annotated[
        int,
        typer.Option(
            envvar="GUICHET_RETENTION_H", min=0, help="Hours after an appointment until its contact is erased."
        ),
    ] = RETENTION_H,
    history: Annotated[
        str, typer.Option(envvar="GUICHET_HISTORY", help="Where history is kept: sql, influx or none.")
    ] = "sql",
    influx_url: Annotated[str, typer.Option(envvar="GUICHET_INFLUX_URL", help="For --history influx.")] = "",
    influx_org: Annotated[str, typer.Option(envvar="GUICHET_INFLUX_ORG")] = "",
    influx_bucket: Annotated[str, typer.Option(envvar="GUICHET_INFLUX_BUCKET")] = "guichet",
    influx_token_file: Annotated[
        Path | None, typer.Option(envvar="GUICHET_INFLUX_TOKEN_FILE", help="A file with the token and nothing else.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read the files, tell all their faults, and stop.")] = False,
) -> None:
    """Run the hub until SIGTERM or Ctrl-C."""
    from hub.config import HubSettings, load_lobbies
    from hub.errors import ConfigError, HubError

    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        settings = HubSettings(
            broker=broker,
            broker_ca=broker_ca,
            data_dir=data,
            database_url=_database(data, database),
            host=host,
            port=port,
            public_url=public_url.rstrip("/") or here,
            own_url=own_url.rstrip("/") or here,
            log_level=log_level,
            retention_h=retention_h,
            history=history,
            influx_url=influx_url.rstrip("/"),
            influx_org=influx_org,
            influx_bucket=influx_bucket,
            influx_token_file=influx_token_file,
        )
        lobbies = load_lobbies(files)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_FILE) from None
    if check:
        for file, lobby in zip(files, lobbies, strict=True):
            typer.echo(
                f"{file}: site {lobby.site.id!r}, {len(lobby.desks)} desks, {len(lobby.devices)} devices, no faults"
            )
        return
    from hub import main as process

    process.set_up_log(settings.log_level)
    try:
        asyncio.run(process.run(lobbies, settings, version=version("guichet")))
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None


@app.command()
def rebuild_history(data: DataFolder = Path("guichet-data"), database: DatabaseAddress = "") -> None:
    """Drop history; the hub makes it anew from the journal when it runs again. Stop the hub first."""
    from hub.database import open_journal
    from hub.errors import Conflict, HubError
    from hub.history.sql_store import forget
    from hub.ownership import nobody_owns

    try:
        with open_journal(_database(data, database), create=False) as journal:
            if not nobody_owns(journal):
                raise Conflict("a hub works on this database; stop it first")
            points = forget(journal)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None
    typer.echo(f"{points} points dropped; the hub makes them anew from the journal")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The copy to write; it must not exist.")],
    data: DataFolder = Path("guichet-data"),
    database: DatabaseAddress = "",
) -> None:
    """Copy the database while the hub runs. The key is not in it: keep a copy of that elsewhere."""
    from hub import backup as copies
    from hub.errors import HubError

    try:
        copied_bytes = copies.backup(_database(data, database), file)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None
    typer.echo(f"{file}: {copied_bytes} bytes")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `backup` has written.")],
    data: DataFolder = Path("guichet-data"),
    database: DatabaseAddress = "",
) -> None:
    """Go back to a copy. Stop the hub first; what happened after the copy is lost."""
    from hub import backup as copies
    from hub.errors import HubError

    try:
        copies.restore(_database(data, database), file)
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None
    typer.echo(f"the database is what it was in {file}")


def _database(data: Path, database: str) -> str:
    return database or f"sqlite:///{data / 'hub.db'}"


def main() -> None:
    app()
