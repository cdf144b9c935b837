"""Real days of real offices, lived through anew; and every way in which a file of them can be unusable."""

import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import tickets_file
from simulator.replay import ReplaySummary, plan_of, replay_day
from simulator.tickets_file import Row, Ticket, TicketsError, calls_difference_max, implied

MADE_UP = Path(__file__).with_name("tickets.csv")
OFFICE, DAY = "Town_Hall", "2020-03-02"
SHARED = Path(os.environ.get("GUICHET_SHARED", Path(__file__).parents[3] / "shared"))
WARSAW = SHARED / "data" / "warsaw" / "tickets.csv.xz"


def quiet(_: str) -> None:
    pass


def replayed(file: Path, office: str, day: str) -> tuple[ReplaySummary, list[str], list[str]]:
    """The figures, the violations, and what was said of rows."""
    said: list[str] = []
    summary, violations = replay_day(file, office, day, seed=1, say=quiet, warn=said.append)
    return summary, violations, said


def test_every_ticket_of_a_day_is_issued_and_called_when_the_file_says() -> None:
    summary, violations, said = replayed(MADE_UP, OFFICE, DAY)
    assert violations == []
    assert said == ["line 42 left out: number 'X' is not a whole number"]
    assert summary.tickets == summary.issued == summary.called == 60
    assert summary.calls_difference_max <= 1
    assert summary.waits.mean is not None


def test_a_file_that_is_compressed_gives_the_same_day(tmp_path: Path) -> None:
    packed = tmp_path / "tickets.csv.xz"
    packed.write_bytes(lzma.compress(MADE_UP.read_bytes()))
    assert replayed(packed, OFFICE, DAY)[0] == replayed(MADE_UP, OFFICE, DAY)[0]


@pytest.mark.skipif(not WARSAW.exists(), reason=f"no data of Warsaw's offices at {WARSAW}; set GUICHET_SHARED")
@pytest.mark.parametrize(
    ("office", "day"), [("USC_Smyczkowa", "2019-12-31"), ("UD_Bemowo", "2020-01-07"), ("UD_Wola", "2020-01-03")]
)
def test_a_day_of_warsaw_is_lived_through_as_it_was(office: str, day: str) -> None:
    summary, violations, said = replayed(WARSAW, office, day)
    assert violations == []
    assert said == []
    assert summary.tickets == summary.issued == summary.called > 0
    assert summary.calls_difference_max <= 1


# --- files that cannot be used -----------------------------------------------------------------------------------

HEAD = ",".join([*tickets_file.COLUMNS, "waiting_at_seen"])
ROW = "Office,1,2020-03-02,A,1,08:00,08:05,08:10,08:15,3"


def assert_told(words: str, file: Path, office: str = "Office", day: str = "2020-03-02") -> None:
    """The file cannot be used, and one line says so with these words."""
    with pytest.raises(TicketsError) as error:
        replay_day(file, office, day, seed=1, say=quiet, warn=quiet)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def csv_file(folder: Path, *lines: str) -> Path:
    file = folder / "tickets.csv"
    file.write_text("\n".join([*lines, ""]))
    return file


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert_told("No such file", tmp_path / "nowhere.csv")


def test_a_file_that_only_calls_itself_compressed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv.xz"
    file.write_text(HEAD)
    assert_told("is not a whole xz file", file)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    assert_told(
        "has no column prefix, called_by;", csv_file(tmp_path, HEAD.replace("prefix", "x").replace("called_by", "y"))
    )


def test_an_unknown_office_is_answered_with_similar_names(tmp_path: Path) -> None:
    assert_told("did you mean 'Office'?", csv_file(tmp_path, HEAD, ROW), office="Offize")


def test_an_unknown_date_is_answered_with_the_dates_that_there_are(tmp_path: Path) -> None:
    assert_told("it has '2020-03-02'", csv_file(tmp_path, HEAD, ROW), day="2020-03-03")


def test_what_a_strange_file_has_is_told_on_a_line(tmp_path: Path) -> None:
    rows = [ROW.replace("Office", f"{number}\0{'o' * 100}") for number in range(20)]
    with pytest.raises(TicketsError) as refused:
        tickets_file.read(csv_file(tmp_path, HEAD, *rows), "Office", "2020-03-02", quiet)
    assert len(str(refused.value)) < 500
    assert str(refused.value).isprintable()


def test_a_date_that_is_none_is_told(tmp_path: Path) -> None:
    file = csv_file(tmp_path, HEAD, ROW.replace("2020-03-02", "2.3.2020"))
    assert_told("is not like 2020-01-07", file, day="2.3.2020")


def test_rows_that_cannot_be_used_are_named_and_counted(tmp_path: Path) -> None:
    bad = [
        ROW.replace(",1,08", ",one,08"), ROW.replace("08:10", "25:00"), ROW.replace("08:10", "08:20"),
        ROW.replace("08:10,08:15", "07:10,07:15"), ROW.replace("Office,1", "Office,"), ROW,
    ]  # fmt: skip
    said: list[str] = []
    rows = tickets_file.read(csv_file(tmp_path, HEAD, ROW, *bad * 3), "Office", "2020-03-02", said.append)
    assert len(rows) == 1
    assert len(said) == 11
    assert [line.split(" left out: ")[0] for line in said[:2]] == ["line 3", "line 4"]
    assert said[-1] == "8 more lines left out, 18 in all"


def test_the_command_tells_what_is_wrong_in_one_line_and_fails(tmp_path: Path) -> None:
    asked = ["replay", "--tickets", str(tmp_path / "no.csv"), "--office", "x", "--date", "y"]
    done = subprocess.run([sys.executable, "-m", "simulator", *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


# --- what a file implies -----------------------------------------------------------------------------------------


def row(number: int, issued: tuple[int, int], called: tuple[int, int], queue: str = "1") -> Row:
    return Row(queue, "A", number, *issued, *called)


def test_tickets_of_one_bracket_are_spread_evenly_over_it() -> None:
    tickets = implied([row(i, (0, 300), (600, 900)) for i in (1, 2, 3)])
    assert [it.issued_at_s for it in tickets] == [50, 150, 250]
    assert [it.called_at_s for it in tickets] == [650, 750, 850]


def test_nobody_is_called_before_they_came() -> None:
    assert implied([row(1, (0, 300), (0, 300))]) == [Ticket("1", "A", 1, 145, 150)]


def test_the_difference_is_counted_per_queue_at_five_minute_marks() -> None:
    file = [("1", 299.0), ("1", 301.0), ("2", 900.0)]
    assert calls_difference_max(file, file) == 0
    assert calls_difference_max(file, [("1", 299.0), ("1", 598.0), ("2", 900.0)]) == 0
    assert calls_difference_max(file, [("1", 299.0), ("1", 601.0), ("2", 900.0)]) == 1
    assert calls_difference_max(file, [("2", 299.0), ("2", 301.0), ("2", 900.0)]) == 2


def test_queues_that_share_a_letter_get_series_of_their_own() -> None:
    rows = [Row(str(i), prefix, 1, 0, 300, 600, 900) for i, prefix in enumerate(["K", "K", "", "ß", "A"])]
    letters = [service.letter for service in plan_of("Office", "2020-03-02", rows).lobby.services]
    assert letters[0] == "K"
    assert letters[4] == "A"
    assert len(set(letters)) == 5


def test_an_office_with_more_queues_than_letters_is_lived_through() -> None:
    rows = [Row(f"{i:02d}", "Q", 1, 30_000, 30_300, 30_600, 30_900) for i in range(40)]
    lobby = plan_of("Office", "2020-03-02", rows).lobby
    assert len({service.letter for service in lobby.services}) == 40
