"""The commands `guichet-hub book …`: import appointments, list them, show the office's token."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from hub.book.entries import RETENTION_H
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.book.book import Book
    from hub.book.client import HubClient

app = typer.Typer(no_args_is_help=True, help="The appointment book.")

CANNOT_GO_ON = 1
NOTHING_USABLE = 2
SOME_REFUSED = 3

T = TypeVar("T")

Site = Annotated[str, typer.Option(help="Id of the site.", show_default="the hub's only one")]
HubUrl = Annotated[str, typer.Option("--hub", envvar="GUICHET_HUB", help="The running hub.")]
Data = Annotated[Path, typer.Option(envvar="GUICHET_DATA", help="The hub's folder, where its key is.")]
Token = Annotated[
    str, typer.Option(envvar="GUICHET_BOOK_TOKEN", help="The office's token.", show_default="from the key in --data")
]
Codes = Annotated[Path | None, typer.Option(help="Write a CSV with the code of each appointment, for your letters.")]

HUB = "http://127.0.0.1:8080"
DATA = Path("guichet-data")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or iCalendar.")],
    site: Site = "",
    hub: HubUrl = HUB,
    data: Data = DATA,
    token: Token = "",
    source: Annotated[
        str, typer.Option(help="What the file is called whenever it is exported.", show_default="its name")
    ] = "",
    keep_missing: Annotated[bool, typer.Option(help="Do not cancel what this file no longer has.")] = False,
    codes: Codes = None,
    database: Annotated[
        str, typer.Option(help="When no hub runs: its SQLite database, like sqlite:////var/lib/guichet-hub/hub.db.")
    ] = "",
    lobby: Annotated[Path | None, typer.Option(help="With --database: the lobby's file.")] = None,
    retention_h: Annotated[
        int, typer.Option(envvar="GUICHET_RETENTION_H", min=0, help="With --database: what the hub runs with.")
    ] = RETENTION_H,
) -> None:
    """Make the book say what FILE says. Exit 0: all is in the book; 3: some entries were refused; 2: nothing is usable.

    Appointments that came from the same source before, lie ahead on the days of the file and are missing in it now are
    cancelled. The same file again changes nothing.
    """
    from hub.book.book import BookView, ImportReport
    from hub.book.telling import code_list, of_import

    contents = _contents(file)
    source = source or file.name

    def ask_hub() -> tuple[ImportReport, BookView | None]:
        client, name = _client(hub, data, token, site)
        report = client.import_file(name, contents, source=source, keep_missing=keep_missing)
        return report, client.view(name, "") if codes else None

    async def work(book: "Book") -> tuple[ImportReport, BookView | None]:
        report = await book.import_file(contents, source=source, keep_missing=keep_missing)
        return report, await book.view() if codes else None

    try:
        report, view = _directly(work, lobby, database, data, retention_h) if database else ask_hub()
        for line in of_import(report):
            typer.echo(line)
        if codes and view:
            ours = [one for one in view.appointments if one.source == report.source]
            _write(codes, code_list(ours, view.time_zone))
    except HubError as error:
        _end(error)
    if report.refused or not report.accepted:
        raise typer.Exit(SOME_REFUSED if report.accepted else NOTHING_USABLE)


@app.command("list")
def list_appointments(
    site: Site = "",
    day: Annotated[str, typer.Option(help="Like 2026-03-02.", show_default="today and later")] = "",
    codes: Annotated[bool, typer.Option("--codes", help="Show what visitors check in with.")] = False,
    names: Annotated[bool, typer.Option("--names", help="Show who comes, as long as it is kept.")] = False,
    hub: HubUrl = HUB,
    data: Data = DATA,
    token: Token = "",
) -> None:
    """The appointments of a running hub, by time."""
    from hub.book.telling import of_book

    try:
        client, name = _client(hub, data, token, site)
        for line in of_book(client.view(name, day), with_codes=codes, with_names=names):
            typer.echo(line)
    except HubError as error:
        _end(error)


@app.command("token")
def show_token(data: Data = DATA) -> None:
    """Show the token with which the office's programs may use the book over the API."""
    try:
        typer.echo(_token(data))
    except HubError as error:
        _end(error)


def _client(hub: str, data: Path, token: str, site: str) -> "tuple[HubClient, str]":
    """Who asks the hub, and of which site."""
    from hub.book.client import HubClient, NoHub

    client = HubClient(hub, token or _token(data))
    try:
        sites = client.sites()
    except NoHub as error:
        raise HubError(f"{error}; start it, name it with --hub, or use --database and --lobby when none runs") from None
    if site and site not in sites:
        raise HubError(f"the hub has no site {site!r}; it has {', '.join(sites)}")
    if not site and len(sites) != 1:
        raise HubError(f"the hub has several sites; choose one with --site: {', '.join(sites)}")
    return client, site or sites[0]


def _directly(
    work: "Callable[[Book], Awaitable[T]]", lobby: Path | None, database: str, data: Path, retention_h: int
) -> T:
    """`work` on the database itself."""
    from hub import main as process
    from hub.book.direct import with_own_keeper
    from hub.config import load_lobby
    from hub.keyring import Keyring

    if lobby is None:
        raise HubError("--database needs --lobby, the file that the hub runs with")
    process.set_up_log("warning")
    keyring = Keyring(process.key_from(data / "key"))
    own = partial(with_own_keeper, now=process.now, new_token=process.new_token)
    try:
        return asyncio.run(own(work, load_lobby(lobby), database, keyring, retention_h=retention_h))
    except ExceptionGroup as group:
        raise process.foreseen(group) or group from None


def _token(data: Path) -> str:
    from hub.keyring import Keyring

    key = data / "key"
    try:
        return Keyring(key.read_bytes()).office_token()
    except OSError as error:
        raise HubError(
            f"key {key} cannot be read: {error.strerror}; name the hub's folder with --data, or give --token"
        ) from None
    except ValueError as error:
        raise HubError(f"key {key}: {error}") from None


def _contents(file: Path) -> bytes:
    from hub.book.entries import FILE_BYTES_MAX

    try:
        with file.open("rb") as opened:
            # One byte more than is read shows that there are too many.
            return opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror}", err=True)
        raise typer.Exit(NOTHING_USABLE) from None


def _write(file: Path, text: str) -> None:
    """For its owner's eyes only: it says who comes, and how to come in their place."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
    except OSError as error:
        raise HubError(f"{file} cannot be written: {error.strerror}; the book has been changed all the same") from None


def _end(error: HubError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(CANNOT_GO_ON) from None
