"""The commands about nodes: enrol, revoke and list them; what a broker needs to know them by certificate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import quote

import msgspec
import typer

from hub.errors import ConfigError, HubError
from hub.identity.views import VALID_S, VALID_S_MAX, Enrolment, NodeIdentity, Revocation

if TYPE_CHECKING:
    from hub.book.client import HubClient

CANNOT_GO_ON = 1
BAD_FILE = 2
NOT_SURE = 3

HUB = "http://127.0.0.1:8080"
DATA = Path("guichet-data")

HubUrl = Annotated[str, typer.Option("--hub", envvar="GUICHET_HUB", help="The running hub.")]
Data = Annotated[Path, typer.Option(envvar="GUICHET_DATA", help="The hub's folder, where its key is.")]
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="As in the lobby's file.")]


def enrol(
    node: NodeName,
    valid_s: Annotated[int, typer.Option(min=1, max=VALID_S_MAX, help="For so long the code is good.")] = VALID_S,
    hub: HubUrl = HUB,
    data: Data = DATA,
) -> None:
    """Make a code with which NODE gets its certificate, once."""
    try:
        said = _client(hub, data).ask(f"/nodes/{quote(node, safe='')}/enrolment", {"valid_s": str(valid_s)}, b"")
        made = msgspec.json.decode(said, type=Enrolment)
    except HubError as error:
        _end(error)
    typer.echo(f"{made.code}  for node {made.node} of site {made.site}, once, until {made.expires_at:%F %T} UTC")
    typer.echo(f"On the node: guichet-edge enrol AGENT.toml HUB {made.code}")


def revoke(node: NodeName, hub: HubUrl = HUB, data: Data = DATA) -> None:
    """Throw NODE out, open connection included, until it is enrolled again. Exit 3: the broker did not show that."""
    try:
        said = _client(hub, data).ask(f"/nodes/{quote(node, safe='')}/revocation", data=b"")
        done = msgspec.json.decode(said, type=Revocation)
    except HubError as error:
        _end(error)
    typer.echo(f"{done.certificates} certificates of node {done.node} revoked")
    if not done.is_listed:
        typer.echo("the broker has not taken the list of revoked certificates: bring it there, and reload the broker")
    if not done.is_out:
        typer.echo("the broker does not answer, so nobody was thrown out: run this again")
    if not (done.is_listed and done.is_out):
        raise typer.Exit(NOT_SURE)
    typer.echo("it is out, and cannot come back")


def nodes(hub: HubUrl = HUB, data: Data = DATA) -> None:
    """The nodes of the lobbies, and their certificates."""
    try:
        found = msgspec.json.decode(_client(hub, data).ask("/nodes"), type=tuple[NodeIdentity, ...])
    except HubError as error:
        _end(error)
    for one in found:
        typer.echo(f"{one.site or '(no lobby)'}/{one.node}: {_standing(one)}")


def broker_files(
    files: Annotated[list[Path], typer.Argument(metavar="LOBBY.toml...", help="The lobbies of this broker.")],
    into: Annotated[Path, typer.Option(help="The broker's folder, like /etc/mosquitto/guichet.")],
    host: Annotated[list[str], typer.Option(help="Name or address under which nodes reach the broker; several.")],
    data: Data = DATA,
) -> None:
    """Write what a broker needs to know nodes by certificate: its own, the authority's, who may say what."""
    from hub import main as process
    from hub.config import load_lobbies
    from hub.identity.opening import put_broker_files
    from hub.keyring import Keyring

    try:
        lobbies = load_lobbies(files)
        keyring = Keyring(process.key_from(data / "key"))
        written = put_broker_files(into, lobbies, host, keyring=keyring, data=data, now=process.now())
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_FILE) from None
    except HubError as error:
        _end(error)
    for file in written:
        typer.echo(str(file))


def _standing(one: NodeIdentity) -> str:
    said = [
        f"certified until {one.certified_until:%F}" if one.certified_until else "no certificate",
        f"code until {one.code_until:%F %T} UTC" if one.code_until else "",
        f"revoked {one.revoked_at:%F %T} UTC" if one.revoked_at else "",
    ]
    return ", ".join(it for it in said if it)


def _client(hub: str, data: Path) -> "HubClient":
    from hub.book.client import HubClient
    from hub.keyring import Keyring

    key = data / "key"
    try:
        token = Keyring(key.read_bytes()).admin_token()
    except OSError as error:
        raise HubError(f"key {key} cannot be read: {error.strerror}; name the hub's folder with --data") from None
    except ValueError as error:
        raise HubError(f"key {key}: {error}") from None
    return HubClient(hub, token)


def _end(error: HubError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(CANNOT_GO_ON) from None
