"""The command `guichet-sim`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

VIOLATED = 1
BAD_FILE = 2
INTERRUPTED = 130
"""As a shell says it of who was stopped by Ctrl-C."""
GC_THRESHOLD = 50_000
"""New objects between two collections of the young ones; Python's own 700 costs a simulated day some 5 %."""

Seed = Annotated[int, typer.Option(help="Decides all chance: the same seed gives the same day.")]
JsonOnly = Annotated[bool, typer.Option("--json-only", help="Nothing on standard error but violations.")]


@app.callback()
def sim() -> None:
    """A lobby in software: the real hub and the real agents, with simulated people and hardware."""


@app.command()
def run(
    scenario: Annotated[
        Path,
        typer.Argument(metavar="SCENARIO.toml", help="A file, or one that is shipped: town-hall.toml, busy-day.toml."),
    ],
    seed: Seed = 1,
    json_only: JsonOnly = False,
) -> None:
    """Live through a scenario in virtual time; ends with one line of JSON."""
    from hub.errors import ConfigError
    from simulator import scenario as scenarios
    from simulator.fleet import FleetError
    from simulator.scenario_file import ScenarioError
    from simulator.simulate import simulate

    set_up()
    try:
        setting = scenarios.read(scenario)
        summary, found = simulate(setting, seed=seed, say=_say_nothing if json_only else _say)
    except (ConfigError, FleetError, ScenarioError) as error:
        _say(str(error))
        raise typer.Exit(BAD_FILE) from None
    _end(summary, found.violations, summary.violations)


@app.command()
def replay(
    tickets: Annotated[Path, typer.Option(help="CSV or CSV.xz with a row for each ticket: when issued, when called.")],
    office: Annotated[str, typer.Option(help="As it stands in the file.")],
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="As it stands in the file.")],
    seed: Seed = 1,
    json_only: JsonOnly = False,
) -> None:
    """Live through a real day of a real office in virtual time; ends with one line of JSON."""
    from simulator.replay import replay_day
    from simulator.tickets_file import TicketsError

    set_up()
    try:
        summary, violations = replay_day(
            tickets, office, date, seed=seed, say=_say_nothing if json_only else _say, warn=_say
        )
    except TicketsError as error:
        _say(str(error))
        raise typer.Exit(BAD_FILE) from None
    _end(summary, violations, summary.violations)


@app.command()
def compare(
    scenarios: Annotated[
        list[Path],
        typer.Argument(
            metavar="SCENARIO.toml...",
            help="Two or more files, or some that are shipped: what-if/four-desks.toml, what-if/five-desks.toml.",
        ),
    ],
    days: Annotated[int, typer.Option(help="Of each scenario; more days, narrower intervals.")] = 50,
    seed: Annotated[int, typer.Option(help="Of the first day; each further day has the next.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write compare.png, compare.svg and compare.json there.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=256, help="Days that are lived through at a time.", show_default="one a core")
    ] = os.cpu_count() or 1,
) -> None:
    """What if? Live through the same days under several scenarios; ends with a table of the differences."""
    from rich.console import Console

    from hub.errors import ConfigError
    from simulator import scenario as files
    from simulator.scenario_file import ScenarioError
    from simulator.what_if.asked import Asked, answer
    from simulator.what_if.picture import NoMatplotlib

    set_up()
    try:
        settings = [files.read(path) for path in scenarios]
        asked = Asked(settings=settings, days=days, seed=seed, processes=processes, out=out)
        answer(asked, Console(), Console(stderr=True))
    except (ConfigError, ScenarioError, NoMatplotlib) as error:
        _say(str(error))
        raise typer.Exit(BAD_FILE) from None
    except OSError as error:
        _say(f"--out {out}: cannot be written: {error.strerror}")
        raise typer.Exit(BAD_FILE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def occupancy(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV of crossings (ts,reported_dir,counted and more), or of half hours as CalIt2.data."
        ),
    ],
    limit: Annotated[
        list[int] | None,
        typer.Option(min=1, max=100_000, help="Of the room; may be given several times.", show_default="12, 15, 20"),
    ] = None,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="With which each of the two bounds holds, the gate's among them.")
    ] = 0.98,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="End with one line of JSON. Shares are from 0 to 1: wrongful_admissions of the admissions, "
            "wrongful_holds of the requests for which there was a place.",
        ),
    ] = False,
    estimates: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Write ts,value,lower,upper for every row there.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(metavar="OUT.png|.svg", help="Draw the estimates there.")] = None,
) -> None:
    """How good is the estimate? Replay counted crossings through the hub's filter and hold it against the truth."""
    from simulator.occupancy.asked import Asked, answer
    from simulator.occupancy.files import DoorFileError
    from simulator.occupancy.picture import CannotDraw

    asked = Asked(
        file=file,
        limits=limit or (),
        confidence=confidence,
        as_json=as_json,
        estimates=estimates,
        picture=picture,
    )
    try:
        answer(asked, typer.echo)
    except (DoorFileError, CannotDraw) as error:
        _say(str(error))
        raise typer.Exit(BAD_FILE) from None
    except OSError as error:
        _say(f"{error.filename}: cannot be written: {error.strerror}")
        raise typer.Exit(BAD_FILE) from None


@app.command()
def demo(
    speed: Annotated[float, typer.Option(min=0.1, max=120, help="Seconds of the lobby in one of ours.")] = 1.0,
    for_s: Annotated[
        float | None,
        typer.Option(
            "--for", metavar="SECONDS", min=0.1, max=2_592_000, help="End by itself after this long; else with Ctrl-C."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Where the page is; 0 for any that is free.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets phones in.")] = "127.0.0.1",
    broker: Annotated[
        str, typer.Option(metavar="mqtt://...", help="A broker of yours.", show_default="one of its own")
    ] = "",
    scenario: Annotated[Path, typer.Option(metavar="SCENARIO.toml", help="A file, or one that is shipped.")] = Path(
        "demo.toml"
    ),
    seed: Seed = 1,
) -> None:
    """A whole lobby at work, with a page on which every device is alive; ends with one line of JSON."""
    from hub.errors import ConfigError
    from hub.main import new_token
    from simulator import demo as demos
    from simulator import scenario as scenarios
    from simulator.fleet import FleetError
    from simulator.scenario_file import ScenarioError

    set_up()
    try:
        options = demos.Options(
            setting=scenarios.read(scenario),
            new_secret=new_token,
            seed=seed,
            speed=speed,
            host=host,
            port=port,
            broker=broker,
            for_s=for_s,
        )
        outcome, violations = demos.run(options, _say)
    except (ConfigError, FleetError, ScenarioError, demos.CannotBegin) as error:
        _say(str(error))
        raise typer.Exit(BAD_FILE) from None
    _end(outcome, violations, outcome.violations)


@app.command()
def mayhem(
    seeds: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many.")] = 100,
    first: Annotated[int, typer.Option(help="The first of them.")] = 1,
    seed: Annotated[int | None, typer.Option(help="This one alone, told in full.")] = None,
    only: Annotated[
        str, typer.Option(metavar="3,8", help="Of that one's mishaps only these, or none.", show_default="all")
    ] = "",
) -> None:
    """Two hours of a lobby in which everything goes wrong, many times over; then it is calm, and all must be right."""
    from rich.console import Console

    from simulator.mayhem.report import check_one, check_seeds

    set_up(is_mayhem=True)
    console = Console()
    if seed is None:
        is_sound = check_seeds(range(first, first + seeds), console)
    else:
        indices = None if not only else [int(it) for it in only.replace("none", "").split(",") if it]
        is_sound = check_one(seed, indices, console)
    if not is_sound:
        raise typer.Exit(VIOLATED)


def _end(summary: object, violations: list[str], count: int) -> None:
    """The one line on standard output, after what was wrong on standard error."""
    import msgspec

    for sentence in violations:
        _say(f"violation: {sentence}")
    typer.echo(msgspec.json.encode(summary).decode())
    if count:
        raise typer.Exit(VIOLATED)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _say_nothing(_: str) -> None:
    pass


def set_up(*, is_mayhem: bool = False) -> None:
    """Only what ends a run is logged: a simulated day is full of simulated trouble, and in mayhem even that is. What
    has been imported is not looked at again by the garbage collector, which has little to collect in a day that is soon
    over."""
    import gc
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL if is_mayhem else logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def main() -> None:
    app()
