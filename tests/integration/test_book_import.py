"""The command `guichet-hub book` and a hub, each in its own process: files in, codes out, nothing left behind."""

import csv
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from hub.book import rows
from hub.book.entries import Contact, Entry
from hub.database import open_journal
from tests.books import a_calendar, an_event, booked
from tests.brokers import free_port

TOWN_HALL = Path(__file__).parents[2] / "examples" / "town-hall"
GUICHET_HUB = Path(sys.executable).parent / "guichet-hub"
START_S = 30.0
CALL_S = 60.0

SECRET = "Zoé Martin-Delattre"
HEADER = "uid;service;start;party;name;phone;email\n"


class Office:
    """A folder with a hub's data, the hub now and then, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        text = (TOWN_HALL / "lobby.toml").read_text()
        begin, end = text.index("[hours]"), text.index("# --- what visitors")
        always = "".join(f'{day} = ["00:00-24:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
        self.lobby = folder / "lobby.toml"
        printed = text[:begin].replace("[site]\n", '[site]\ndoor_code = "printed"\n')
        self.lobby.write_text(f"{printed}[hours]\n{always}\n{text[end:]}")

    @contextmanager
    def hub(self) -> Iterator[None]:
        """A hub runs; it finds no broker, and the book needs none."""
        command = [str(GUICHET_HUB), "run", str(self.lobby), "--data", "data", "--port", str(self.port)]
        broker = ["--broker", f"mqtt://127.0.0.1:{free_port()}"]
        with subprocess.Popen([*command, *broker], cwd=self.folder, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr
                said = ""
                while '"hub serves"' not in said:
                    said = process.stderr.readline()
                    assert said, "the hub ended"
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=START_S)

    def book(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`guichet-hub book …` in the folder."""
        environment = {**os.environ, "GUICHET_HUB": f"http://127.0.0.1:{self.port}", "GUICHET_DATA": "data"}
        command = [str(GUICHET_HUB), "book", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=CALL_S, check=False
        )

    def file(self, name: str, contents: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        return name

    def check_in(self, code: str) -> str:
        """Over the API; the number of the ticket."""
        url = f"http://127.0.0.1:{self.port}/api/v1/sites/saint-aubin/check-ins"
        request = Request(url, json.dumps({"code": code}).encode(), {"content-type": "application/json"})
        with urlopen(request, timeout=CALL_S) as answer:
            return str(json.load(answer)["number"])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def in_utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}Z"


def test_a_file_with_faults_keeps_the_good_entries_and_their_codes_check_in(office: Office) -> None:
    now = datetime.now(UTC)
    tomorrow = now + timedelta(days=1)
    lines = (
        f"now;passports;{in_utc(now)};2;{SECRET};;zoe@example.org",
        f"then;État civil;{in_utc(tomorrow)};1;;;",
        f"lost;Etat civl;{in_utc(tomorrow)};1;;;",
        "never;A;2027-02-29T09:30;1;;;",
        f"now;A;{in_utc(tomorrow)};1;;;",
        "long;A;" + "x" * 10_000_000,
    )
    file = office.file("day.csv", HEADER + "\n".join(lines))
    with office.hub():
        said = office.book("import", file, "--codes", "codes.csv")
        assert (said.returncode, said.stderr) == (3, "")
        refused = [line for line in said.stdout.splitlines() if line.startswith("refused")]
        assert refused == [
            "refused  line 4: service 'Etat civl' is no service here; did you mean 'État civil'?",
            "refused  line 5: start '2027-02-29T09:30' is no day with a time; write it like 2026-03-02T09:30",
            "refused  line 6: UID 'now' is taken by line 2; give each appointment a UID of its own",
            "refused  line 7: a line of 10000007 bytes is longer than 65536; "
            "look whether quotes or line ends are missing before it",
        ]
        assert said.stdout.splitlines()[-1] == (
            "day.csv: 2 added, 0 moved, 0 contact changed, 0 cancelled, 0 unchanged, 0 left, 4 refused"
        )
        again = office.book("import", file)
        assert again.stdout.splitlines()[-1] == (
            "day.csv: 0 added, 0 moved, 0 contact changed, 0 cancelled, 2 unchanged, 0 left, 4 refused"
        )
        with (office.folder / "codes.csv").open(encoding="utf-8", newline="") as opened:
            codes = {row["uid"]: row for row in csv.DictReader(opened)}
        assert stat.S_IMODE((office.folder / "codes.csv").stat().st_mode) == 0o600
        assert codes.keys() == {"now", "then"}
        assert codes["now"]["name"] == SECRET
        assert office.check_in(codes["now"]["code"].lower().replace("-", " ")) == "A001"
        listed = office.book("list", "--codes")
        assert re.search(rf"passports +2 × +{codes['now']['code']} +A001 +now", listed.stdout)
        assert SECRET not in listed.stdout
        assert SECRET in office.book("list", "--names").stdout


def test_a_calendar_moves_and_cancels(office: Office) -> None:
    day = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)

    def events(*uids: str, hour: int = 9) -> bytes:
        start = f"DTSTART:{day.replace(hour=hour):%Y%m%dT%H%M%SZ}"
        return a_calendar(*(an_event(uid, start, "SUMMARY:C") for uid in uids))

    with office.hub():
        first = office.book("import", office.file("day.ics", events("a", "b", "c")), "--site", "saint-aubin")
        assert (first.returncode, first.stdout.splitlines()[-1].split(",")[0]) == (0, "day.ics: 3 added")
        changed = office.book("import", office.file("day.ics", events("a", "b", hour=10)))
        assert changed.returncode == 0
        assert changed.stdout.splitlines()[-1] == (
            "day.ics: 0 added, 2 moved, 0 contact changed, 1 cancelled, 0 unchanged, 0 left, 0 refused"
        )
        assert re.search(r"cancelled +not in the file .* c$", changed.stdout, re.MULTILINE)
        rubbish = office.book("import", office.file("day.xlsx", b"PK\x03\x04"))
        assert rubbish.returncode == 2
        assert "the file is a spreadsheet or an archive; save it as CSV in UTF-8" in rubbish.stdout


def test_without_a_hub_the_command_says_so_or_works_on_the_database_itself(office: Office) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    file = office.file("day.csv", f"{HEADER}1;A;{in_utc(tomorrow)};1;;;")
    directly = ("import", file, "--database", "sqlite:///data/hub.db", "--lobby", str(office.lobby))
    nobody = office.book("import", file)
    assert nobody.returncode == 1
    assert "cannot be read" in nobody.stderr, "there is no key yet"
    with office.hub():
        taken = office.book(*directly)
        assert (taken.returncode, "is in use by another hub" in taken.stderr) == (1, True)
    nobody = office.book("import", file)
    assert (nobody.returncode, nobody.stderr.count("\n")) == (1, 1)
    assert nobody.stderr.startswith(f"no hub answers at http://127.0.0.1:{office.port} (")
    assert "--database and --lobby" in nobody.stderr
    done = office.book(*directly)
    assert (done.returncode, done.stdout.splitlines()[-1].split(",")[0]) == (0, "day.csv: 1 added")
    with office.hub():
        assert "saint-aubin: 1 appointments" in office.book("list").stdout


def test_the_office_may_use_a_token_instead_of_the_key(office: Office) -> None:
    with office.hub():
        token = office.book("token").stdout.strip()
        assert office.book("list", "--data", "elsewhere").returncode == 1
        assert office.book("list", "--data", "elsewhere", "--token", token).returncode == 0
        wrong = office.book("list", "--token", "wrong")
        assert (wrong.returncode, "Show a token that is good" in wrong.stderr) == (1, True)


def test_an_erased_name_is_nowhere_in_the_files(tmp_path: Path) -> None:
    slot_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    one = booked(Entry(uid="1", line=2, service="A", slot_at=slot_at, contact=Contact(name=SECRET)))
    erase_at = slot_at + timedelta(days=1)

    def names() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if SECRET.encode() in path.read_bytes()]

    with open_journal(f"sqlite:///{tmp_path}/hub.db") as journal, journal.transaction() as connection:
        rows.write("hall", one, erase_at, slot_at, connection)
    assert names() == ["hub.db"]
    with open_journal(f"sqlite:///{tmp_path}/hub.db") as journal, journal.transaction() as connection:
        assert rows.erase_due(erase_at, connection) == 1
    assert names() == []


def test_rows_are_told_by_site(tmp_path: Path) -> None:
    slot_at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    one = booked(Entry(uid="1", line=2, service="A", slot_at=slot_at, contact=Contact(name=SECRET)))
    with open_journal(f"sqlite:///{tmp_path}/hub.db") as journal, journal.transaction() as connection:
        for site in ("hall", "annex"):
            rows.write(site, one, slot_at + timedelta(days=1), slot_at, connection)
        assert rows.booked("hall", connection) == [one]
        between = partial(rows.known_between, "annex", connection=connection)
        hour = timedelta(hours=1)
        found = [len(between(begin, begin + hour)) for begin in (slot_at - hour, slot_at, slot_at + hour)]
        assert found == [0, 1, 0]
