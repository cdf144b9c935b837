"""The commands `guichet-hub account` and `guichet-hub token`: for whoever may read the hub's folder. They work on the
database itself; a running hub knows of it within a second."""

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from hub.accounts.rights import SCOPES, Right, Role
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.accounts.office import No, Office

accounts = typer.Typer(no_args_is_help=True, help="Who may sign in, and what for.")
tokens = typer.Typer(no_args_is_help=True, help="Which programs may ask, and what.")

CANNOT_GO_ON = 1
DATA = Path("guichet-data")

T = TypeVar("T")

Name = Annotated[str, typer.Argument(help="Small letters, digits and . _ @ -")]
Roles = Annotated[list[Role], typer.Option("--role", help="Once for each role.")]
Sites = Annotated[
    list[str] | None, typer.Option("--site", help="Once for each site.", show_default="all sites of the hub")
]
DataFolder = Annotated[Path, typer.Option(envvar="GUICHET_DATA", help="The hub's folder.")]
DatabaseAddress = Annotated[
    str, typer.Option(envvar="GUICHET_DATABASE", help="sqlite:///… or postgresql://…", show_default="sqlite in --data")
]
PublicUrl = Annotated[str, typer.Option(envvar="GUICHET_PUBLIC_URL", help="Where browsers reach the hub.")]

HERE = "http://127.0.0.1:8080"


# --- accounts ----------------------------------------------------------------------------------------------------


@accounts.command("list")
def list_accounts(data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Everybody who has an account: roles, sites, and when they last signed in."""

    async def told(office: "Office") -> None:
        for it in sorted(office.register.accounts.values(), key=lambda it: it.name):
            where = ",".join(it.sites) or "everywhere"
            here = f"{it.signed_in_at:%Y-%m-%d %H:%M} UTC" if it.signed_in_at else "never here"
            out = "  disabled" if it.is_disabled else ""
            typer.echo(f"{it.name}  {','.join(it.roles)}  {where}  {here}{out}")

    _do(told, data, database)


@accounts.command("add")
def add_account(
    name: Name,
    role: Roles,
    site: Sites = None,
    public_url: PublicUrl = HERE,
    data: DataFolder = DATA,
    database: DatabaseAddress = "",
) -> None:
    """Make an account; prints the link at which its owner chooses a password, once, within 48 hours."""

    async def add(office: "Office") -> None:
        _or_end(await office.add_account(name, role, site or (), _who()))
        _tell_link(public_url, _or_end(await office.offer_link(name.strip().lower(), _who())))

    _do(add, data, database, create=True)


@accounts.command()
def reset(name: Name, public_url: PublicUrl = HERE, data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """End a password and all sessions; prints the link at which a new one is chosen."""

    async def offer(office: "Office") -> None:
        _tell_link(public_url, _or_end(await office.offer_link(name, _who())))

    _do(offer, data, database)


@accounts.command()
def disable(name: Name, data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Let an account sign in no more, and end its sessions."""

    async def change(office: "Office") -> None:
        _or_end(await office.change_account(name, _who(), is_disabled=True))

    _do(change, data, database)


@accounts.command()
def enable(name: Name, data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Let an account sign in again."""

    async def change(office: "Office") -> None:
        _or_end(await office.change_account(name, _who(), is_disabled=False))

    _do(change, data, database)


@accounts.command("set-up")
def offer_set_up(public_url: PublicUrl = HERE, data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Print the first administrator's link once more; it opens once, within the hour."""

    async def offer(office: "Office") -> None:
        token = await office.offer_set_up()
        if not token:
            raise HubError("somebody looks after the accounts already; see guichet-hub account list")
        _tell_link(public_url, token)

    _do(offer, data, database, create=True)


# --- tokens ------------------------------------------------------------------------------------------------------


@tokens.command("list")
def list_tokens(data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """The programs that have a token, with scopes and sites; never the token itself."""

    async def told(office: "Office") -> None:
        for it in sorted(office.register.tokens.values(), key=lambda it: it.name):
            until = f"until {it.expires_at:%Y-%m-%d %H:%M} UTC" if it.expires_at else "for good"
            typer.echo(f"{it.name}  {','.join(it.scopes)}  {','.join(it.sites) or 'everywhere'}  {until}")

    _do(told, data, database)


@tokens.command("add")
def add_token(
    name: Name,
    scope: Annotated[list[str], typer.Option(help=f"Once for each: {', '.join(SCOPES)}.")],
    site: Sites = None,
    hours: Annotated[
        int | None, typer.Option(min=1, max=87_600, help="When it expires.", show_default="it does not")
    ] = None,
    data: DataFolder = DATA,
    database: DatabaseAddress = "",
) -> None:
    """Print a token for a program. It is kept as a hash: nobody can show it again."""

    async def add(office: "Office") -> None:
        wrong = [it for it in scope if it not in SCOPES]
        if wrong:
            raise HubError(f"there is no scope {wrong[0]!r}; choose from {', '.join(SCOPES)}")
        expires_at = office.register.now() + timedelta(hours=hours) if hours else None
        scopes = [Right(it) for it in scope]
        typer.echo(_or_end(await office.add_token(name, scopes, site or (), expires_at, _who())))

    _do(add, data, database, create=True)


@tokens.command("revoke")
def revoke_token(name: Name, data: DataFolder = DATA, database: DatabaseAddress = "") -> None:
    """Make a token good for nothing."""

    async def revoke(office: "Office") -> None:
        if not await office.revoke_token(name, _who()):
            raise HubError(f"there is no token {name!r}; see guichet-hub token list")

    _do(revoke, data, database)


# --- all of them -------------------------------------------------------------------------------------------------


def _do(work: "Callable[[Office], Awaitable[T]]", data: Path, database: str, *, create: bool = False) -> T:
    from hub import main as process
    from hub.accounts.direct import with_office

    process.set_up_log("warning")
    url = database or f"sqlite:///{data / 'hub.db'}"
    own = partial(with_office, now=process.now, new_token=process.new_token, create=create)
    try:
        return asyncio.run(own(work, url))
    except HubError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_GO_ON) from None


def _or_end(done: "T | No") -> T:
    """What was done; otherwise the command ends with the reason."""
    from hub.accounts.office import No

    if not isinstance(done, No):
        return done
    raise HubError(REASONS[done.value])


REASONS = {
    "bad-name": "a name has 1 to 63 small letters, digits and . _ @ -, a letter or digit first; choose another",
    "name-taken": "the name is taken; choose another, or revoke what has it",
    "unknown": "there is no such account; see guichet-hub account list",
    "no-role": "an account needs a role; give --role",
    "no-scope": "a token needs a scope; give --scope",
    "last-admin": "this is the last account that may look after the others; make another one first",
    "signs-in-elsewhere": "this account signs in elsewhere and has no password here",
}


def _tell_link(public_url: str, token: str) -> None:
    typer.echo(f"{public_url.rstrip('/')}/welcome/{token}")


def _who() -> str:
    """Under which name of this machine it is noted."""
    return f"shell:{os.environ.get('SUDO_USER') or pwd.getpwuid(os.getuid()).pw_name}"
