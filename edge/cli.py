"""The command `guichet-edge`."""

import asyncio
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
BAD_FILE = 2
BAD_DEVICE = 1


@app.callback()
def edge() -> None:
    """The agent beside the boards, signs, printers, keys and counters of a lobby."""


@app.command()
def run(
    file: Annotated[Path, typer.Argument(metavar="AGENT.toml", help="Which node this is, and its devices.")],
    fake: Annotated[bool, typer.Option("--fake", help="Replace the hardware by fakes.")] = False,
    fake_pins: Annotated[
        bool, typer.Option("--fake-pins", help="Replace the pins alone: printers and LED boards are real.")
    ] = False,
    hands: Annotated[
        bool, typer.Option("--hands", help="Move the fakes by lines on stdin, such as 'press panel next'.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Read the file, tell all its faults, and stop.")] = False,
) -> None:
    """Run the agent of one node."""
    # structlog draws with rich if it finds it: on a Pi 5 MB of memory and a sixth of the start, for nothing.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type] # Python's own word for: not to be had
    from edge import config
    from edge.errors import ConfigError, EdgeError

    try:
        agent = config.load(file)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_FILE) from None
    if hands and not (fake or fake_pins):
        typer.echo("--hands moves fakes only; add --fake or --fake-pins", err=True)
        raise typer.Exit(BAD_FILE)
    if check:
        for device in agent.devices:
            for warning in device.warnings():
                typer.echo(f"{file}: warning: {device.id}: {warning}", err=True)
        typer.echo(f"{file}: node {agent.node!r} of site {agent.site!r}, {len(agent.devices)} devices, no faults")
        return
    from edge import main as process
    from edge.hands import Hands

    process.set_up_log()
    fakes = Hands(agent, pins_only=not fake) if fake or fake_pins else None
    try:
        asyncio.run(process.run(agent, version=version("guichet"), fakes=fakes, hands=hands))
    except EdgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_DEVICE) from None


@app.command()
def enrol(
    file: Annotated[Path, typer.Argument(metavar="AGENT.toml", help="Which node this is, and its identity_dir.")],
    hub: Annotated[str, typer.Argument(metavar="HUB", help="Where the hub is, like http://192.0.2.10:8080.")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="From: guichet-hub enrol NODE")],
) -> None:
    """Get this node's certificate. Its key is made here, and stays here."""
    from edge import config, identity
    from edge.errors import ConfigError, EdgeError

    try:
        agent = config.load(file)
        os.umask(0o077)
        until = identity.enrol(identity.folder_of(agent.identity_dir), hub, agent.node, code)
    except EdgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_FILE if isinstance(error, ConfigError) else BAD_DEVICE) from None
    typer.echo(f"{agent.node} is enrolled until {until:%F}; it renews its certificate by itself")


@app.command()
def decode(
    family: Annotated[str, typer.Argument(help="Which counters, such as milesight-vs121, or a network server.")] = "",
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What came: hex, base64, bytes, JSON, XML, CSV; - for stdin.")
    ] = "",
    topic: Annotated[str, typer.Option(help="The MQTT topic on which it came, where that means something.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=255, help="The port of a LoRaWAN frame.")] = None,
    device: Annotated[str, typer.Option(help="Refuse what another device says.")] = "",
    list_families: Annotated[bool, typer.Option("--list", help="Name all families, and stop.")] = False,
) -> None:
    """Say in our words what a people counter of another maker has said, as one line of JSON.

    A message that cannot be used is told as refused, with a code and why, and the exit status is 2.
    """
    import msgspec

    from edge import dialects
    from edge.counters.readings import Refuse, Refused, refused
    from edge.counters.sent import BYTES_MAX

    if list_families:
        for known in dialects.known().values():
            typer.echo(f"{known.family:26}  {known.what}")
        return
    if not family or not file:
        typer.echo("give a family and a file, or --list", err=True)
        raise typer.Exit(BAD_FILE)
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            message = stream.read(BYTES_MAX + 1)  # enough to see that it is too much
    except OSError as error:
        result: dialects.Decoded | Refused = refused(Refuse("no-file", f"{file}: {error.strerror}"))
    else:
        topic = topic.encode("utf-8", "replace").decode()  # a shell passes on any bytes
        result = dialects.decode(family, message, topic=topic, port=port, device=device)
    typer.echo(msgspec.json.encode(result))  # bytes: JSON is UTF-8 whatever the terminal speaks
    if isinstance(result, Refused):
        raise typer.Exit(BAD_FILE)


def main() -> None:
    app()
