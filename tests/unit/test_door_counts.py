"""Files of door counts: what is read, and what is said of a line that is wrong."""

from datetime import date, time
from pathlib import Path

import pytest

from simulator.door_counts import FAULTS_MAX, CountsError, HalfHour, read

WEEK = Path(__file__).parents[2] / "simulator" / "scenarios" / "calit2-week.data"


def written(folder: Path, text: str) -> Path:
    path = folder / "counts.data"
    path.write_bytes(text.encode("latin-1"))
    return path


def test_the_shipped_week_has_seven_whole_days() -> None:
    days = read(WEEK).days
    assert list(days) == [date(2005, 9, day) for day in range(19, 26)]
    assert {len(half_hours) for half_hours in days.values()} == {48}
    wednesday = days[date(2005, 9, 21)]
    assert wednesday[17] == HalfHour(begins=time(8, 30), entered=18, left=5)
    assert sum(it.entered for it in wednesday) == 355


def test_lines_come_in_any_order_and_blank_ones_are_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "\n9,9/21/05,09:00,4\r\n\n7,09/21/05,08:30:00,1\n9,09/21/05,08:30:00,2\n")
    assert read(path).days == {
        date(2005, 9, 21): [
            HalfHour(begins=time(8, 30), entered=2, left=1),
            HalfHour(begins=time(9), entered=4, left=0),
        ]
    }


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("9,09/21/05,08:30:00", "3 fields; expected 4: flow,date,time,people"),
        ("8,09/21/05,08:30:00,1", "flow '8'; expected 7 (out) or 9 (in)"),
        ("9,2005-09-21,08:30:00,1", "date '2005-09-21'; expected month/day/year like 09/21/05"),
        ("9,21/09/05,08:30:00,1", "date '21/09/05'; expected month/day/year like 09/21/05"),
        ("9,02/30/05,08:30:00,1", "date '02/30/05'; expected month/day/year like 09/21/05"),
        ("9,09/21/05,08:15:00,1", "time '08:15:00'; expected the begin of a half hour like 08:30:00"),
        ("9,09/21/05,24:00:00,1", "time '24:00:00'; expected the begin of a half hour like 08:30:00"),
        ("9,09/21/05,08:30:00,-1", "people '-1'; expected a number from 0 to 10000"),
        ("9,09/21/05,08:30:00,1.5", "people '1.5'; expected a number from 0 to 10000"),
        ("9,09/21/05,08:30:00,10001", "people '10001'; expected a number from 0 to 10000"),
        (f"9,09/21/05,08:30:00,{'9' * 5000}", f"people '{'9' * 30}…'; expected a number from 0 to 10000"),
        ("9,09/21/05,08:00:00,7", "9,09/21/05,08:00:00,7 repeats flow 9 of this half hour; expected each once"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_its_value_and_what_was_expected(
    tmp_path: Path, line: str, fault: str
) -> None:
    path = written(tmp_path, f"9,09/21/05,08:00:00,3\n{line}\n")
    with pytest.raises(CountsError) as error:
        read(path)
    assert str(error.value) == f"{path}: line 2: {fault}"


def test_each_fault_of_a_line_is_told_and_not_more_than_one_can_read(tmp_path: Path) -> None:
    path = written(tmp_path, "x,y,z,n\n" * 50)
    with pytest.raises(CountsError) as error:
        read(path)
    told = str(error.value).splitlines()
    assert len(told) == FAULTS_MAX + 1
    assert [line.split(": ")[2].split()[0] for line in told[:4]] == ["flow", "date", "time", "people"]
    assert told[-1] == f"{path}: and 180 more"


def test_a_file_without_counts_or_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match="cannot be read: No such file"):
        read(tmp_path / "none.data")
    with pytest.raises(CountsError, match="no counts; a line is"):
        read(written(tmp_path, "\n\n"))
    with pytest.raises(CountsError, match="byte 0xe9 at 2 is not ASCII"):
        read(written(tmp_path, "9,é"))
