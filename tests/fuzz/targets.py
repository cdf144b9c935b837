"""Everything that is fuzzed as bytes: messages of nodes, and the files that people hand in.

Imports stand inside: nobody loads all of the product to fuzz one reader of it.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from tests.fuzz.target import Read, Target, check, check_said

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/contract/golden/wire"
EXAMPLES = ROOT / "examples"


def _write(file: Path, data: bytes) -> None:
    file.unlink(missing_ok=True)  # writing over it makes some file systems wait for the disk
    file.write_bytes(data)


def _codec(_: Path) -> Read:
    """A topic, a line end, a payload. What is understood is said again, and understood as the same."""
    from wire.codec import decode, encode
    from wire.errors import BadMessage, UnknownTopic

    def read(data: bytes) -> None:
        head, _, payload = data.partition(b"\n")
        topic = head.decode("utf-8", "replace")
        try:
            parsed, message = decode(topic, payload)
            again = encode(message)
        except (UnknownTopic, BadMessage) as refusal:
            check_said(str(refusal))
            return
        check(str(parsed) == topic, f"{topic!r} is {parsed} once it was taken apart")
        check(decode(topic, again) == (parsed, message), f"said again it is {again!r}")

    return read


def _golden() -> Iterator[bytes]:
    for path in sorted(GOLDEN.iterdir()):
        golden = json.loads(path.read_text("utf-8"))
        payload = json.dumps(golden["payload"], separators=(",", ":"), ensure_ascii=False)
        yield f"{golden['topic']}\n{payload}".encode()


def _lobby(folder: Path) -> Read:
    """A lobby file. With one that is taken, a day opens and shows something everywhere."""
    from hub.config import load_lobby
    from hub.day.views import device_views
    from hub.errors import ConfigError
    from tests.given import Story

    file = folder / "lobby.toml"

    def read(data: bytes) -> None:
        _write(file, data)
        try:
            lobby = load_lobby(file)
        except ConfigError as error:
            check_said(*(fault.removeprefix(str(folder)) for fault in str(error).split("\n")))
            return
        story = Story(lobby)
        device_views(story.day, story.now, "http://hub.test")
        story.after(timedelta(hours=1).total_seconds()).elapsed()

    return read


def _agent(folder: Path) -> Read:
    """An agent file."""
    from edge.config import load
    from edge.errors import ConfigError

    file = folder / "agent.toml"

    def read(data: bytes) -> None:
        _write(file, data)
        try:
            load(file)
        except ConfigError as error:
            check_said(*(fault.removeprefix(str(folder)) for fault in str(error).split("\n")))

    return read


def _book(beginning: bytes) -> Callable[[Path], Read]:
    """A file of appointments, and what it changes in an empty book; then the same again, which changes nothing."""

    def load(_: Path) -> Read:
        import hub.book.read_ics  # noqa: F401  # which the next loads when it meets the first calendar
        from hub.book.plan import plan
        from hub.book.reading import read as read_file
        from tests.books import booked, paris
        from tests.given import MONDAY_9H

        lobby = paris()

        def read(data: bytes) -> None:
            reading = read_file(data if data.startswith(beginning) else beginning + data, lobby)
            first, second = (
                plan(book, reading, source="file", lobby=lobby, now=MONDAY_9H, retention=timedelta(1), checked_in={})
                for book in ((), [booked(entry) for entry in reading.entries])
            )
            for fault in first.faults:
                check_said(fault.what, fault.do, f"{fault.line} {fault.uid}")
            check(not second.changes, f"imported twice, it changes {second.changes[:1]}")

        return read

    return load


def _counts(folder: Path) -> Read:
    """Door counts as CalIt2 has them."""
    from simulator.door_counts import CountsError, read

    file = folder / "counts.data"

    def read_counts(data: bytes) -> None:
        _write(file, data)
        try:
            read(file)
        except CountsError as error:
            check_said(*(fault.removeprefix(str(folder)) for fault in str(error).split("\n")))

    return read_counts


def _tickets(folder: Path) -> Read:
    """A day of an office as tickets."""
    from simulator.tickets_file import TicketsError, implied, read

    file = folder / "tickets.csv"

    def read_tickets(data: bytes) -> None:
        _write(file, data)
        said: list[str] = []
        try:
            implied(read(file, "Town_Hall", "2020-03-02", said.append))
        except TicketsError as error:
            said.append(str(error))
        if said:
            check_said(*(line.removeprefix(str(folder)) for line in said))

    return read_tickets


def _counters(_: Path) -> Read:
    """What a counter of another maker says: the family, a line end, a message. Its meaning can be told in one line."""
    import msgspec

    from edge.dialects import Refused, decode, known

    known()  # their files are looked for here, and not by the first message

    def read_said(data: bytes) -> None:
        family, _, message = data.partition(b"\n")
        result = decode(family.decode("utf-8", "replace"), message)
        if isinstance(result, Refused):
            check_said(result.why)
        check(b"\n" not in msgspec.json.encode(result), f"more than a line: {result}")

    return read_said


def _said_by_counters() -> Iterator[bytes]:
    from tests.said_by_counters import ALL

    for said in ALL:
        yield f"{said.family}\n".encode() + said.message


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _first_lines() -> list[bytes]:
    """Of the day of tickets, which is the same all the way down."""
    return [b"".join((ROOT / "tests/simulation/tickets.csv").read_bytes().splitlines(keepends=True)[:6])]


COUNTS = b"7,09/21/05,08:30:00,1\n9,09/21/05,08:30:00,18\n9,9/22/05,09:00,0\n"

TARGETS = (
    Target(
        name="codec",
        what="messages between nodes and hub",
        load=_codec,
        seeds=_golden,
        modules=("wire.codec", "wire.topics"),
        bytes_max=17_000,  # the limit is 16,384
        runs=20_000,
    ),
    Target(
        name="lobby",
        what="lobby files",
        load=_lobby,
        seeds=_files("examples/*/lobby.toml", "tests/fleet/lobby.toml"),
        modules=("hub.config", "hub.config_checks", "hub.day.lobby", "hub.day.hours", "tomllib"),
        bytes_max=8_192,
        runs=700,
    ),
    Target(
        name="agent",
        what="agent files",
        load=_agent,
        seeds=_files("examples/town-hall/agents/*.toml"),
        modules=("edge.config", "edge.config_faults", "tomllib"),
        runs=2_000,
    ),
    Target(
        name="csv",
        what="appointments as CSV",
        load=_book(b""),
        seeds=_files("examples/town-hall/appointments.csv"),
        modules=("hub.book.read_csv", "hub.book.entries", "hub.book.plan"),
        runs=2_000,
    ),
    Target(
        name="ics",
        what="appointments as iCalendar",
        load=_book(b"BEGIN:VCALENDAR"),
        seeds=_files("examples/town-hall/appointments.ics"),
        modules=("hub.book.read_ics", "hub.book.entries", "hub.book.plan", "icalendar.parser.content_line"),
        runs=500,
    ),
    Target(
        name="counts",
        what="door counts of a building",
        load=_counts,
        seeds=lambda: [COUNTS],
        modules=("simulator.door_counts",),
        runs=3_000,
    ),
    Target(
        name="tickets",
        what="a day of an office as tickets",
        load=_tickets,
        seeds=_first_lines,
        modules=("simulator.tickets_file",),
        runs=3_000,
    ),
    Target(
        name="counters",
        what="what people counters of other makers say",
        load=_counters,
        seeds=_said_by_counters,
        modules=("edge.dialects", "edge.counters"),
        runs=10_000,
    ),
)


def _planted(*, hangs: bool) -> Callable[[Path], Read]:
    def load(folder: Path) -> Read:
        from tests.fuzz.planted import read

        return lambda data: read(data, hangs=hangs)

    return load


PLANTED = tuple(
    Target(
        name=f"planted-{fault}",
        what=f"a {fault} that is there on purpose: who does not find it finds nothing",
        load=_planted(hangs=fault == "hang"),
        seeds=lambda: [b"Gruezi"],
        modules=("tests.fuzz.planted",),
        bytes_max=8,
        hang_s=1,
        runs=500_000,
    )
    for fault in ("crash", "hang")
)
BY_NAME = {target.name: target for target in (*TARGETS, *PLANTED)}
