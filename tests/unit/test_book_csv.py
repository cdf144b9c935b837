"""CSV files of appointments: what is accepted, and what is refused, line by line."""

from datetime import UTC, datetime

import pytest

from hub.book.entries import ENTRIES_MAX, FILE_BYTES_MAX, LINES_MAX, Contact, Entry, Fault, Reading
from hub.book.reading import read
from hub.day.lobby import Lobby
from tests.books import paris

HEADER = "uid,service,start,party,name,phone,email\n"
SLOT = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
"""Half past nine in Paris."""


def reading(text: str | bytes, lobby: Lobby | None = None) -> Reading:
    return read(text.encode() if isinstance(text, str) else text, lobby or paris())


def only(text: str | bytes) -> Entry:
    (entry,) = reading(text).entries
    return entry


def assert_only_fault(line: str, header: str = HEADER) -> Fault:
    """Of a line between two that are sound."""
    sound = ("{},A,2027-03-01T09:30" if header == HEADER else "{},A,01/03/2027,09:30").format
    found = reading(f"{header}{sound('first')}\n{line}\n{sound('last')}\n")
    assert [entry.uid for entry in found.entries] == ["first", "last"], "the good entries are kept"
    (fault,) = found.faults
    assert fault.line == 3
    return fault


def test_a_line_is_an_appointment() -> None:
    text = f"{HEADER}a-1,passports,2027-03-01T09:30,2,Zoé Martin,+33 6 12 34 56 78,zoe@example.org\n"
    assert reading(text) == Reading(
        entries=(
            Entry(
                uid="a-1",
                line=2,
                service="passports",
                slot_at=SLOT,
                party_people=2,
                contact=Contact(name="Zoé Martin", phone="+33 6 12 34 56 78", email="zoe@example.org"),
            ),
        )
    )


@pytest.mark.parametrize("service", ["passports", "A", "a", "Passports", "PASSEPORTS", " passéports "])
def test_a_service_is_known_by_its_id_its_letter_and_its_name_in_every_language(service: str) -> None:
    assert only(f"{HEADER}1,{service},2027-03-01T09:30\n").service == "passports"


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("uid,service,date,time", "1,A,2027-03-01,09:30"),
        ("uid;service;date;time", "1;A;01/03/2027;9h30"),
        ("Time , DATE,Service,UID", "9:30:00,1.3.2027,A,1"),
        ("uid,service,start", "1,A,2027-03-01 09:30"),
        ("uid,service,start", "1,A,2027-03-01T08:30Z"),
        ("uid,service,start", "1,A,2027-03-01T03:30:00-05:00"),
        ("uid,service,start,date,time", "1,A,2027-03-01T09:30,,"),
        ("uid,service,start,date,time", "1,A,,2027-03-01,09:30"),
        ('uid,service,start,"no, tes"', '1,A,2027-03-01T09:30,"said ""soon"", they say"'),
    ],
)
def test_a_beginning_can_be_written_in_many_ways(header: str, line: str) -> None:
    assert only(f"{header}\n{line}\n").slot_at == SLOT


def test_columns_may_stand_in_any_order_and_unknown_ones_are_named() -> None:
    found = reading("notes;name;start;uid;service\nx;Zoé;2027-03-01T09:30;1;A\n")
    assert found.entries[0].contact.name == "Zoé"
    assert found.notes == ("columns that are not read: 'notes'",)


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [("utf-8", ()), ("utf-8-sig", ()), ("cp1252", ("what is not UTF-8 was read as Windows-1252",))],
)
def test_what_spreadsheets_save_is_understood_and_a_guess_is_told(encoding: str, notes: tuple[str, ...]) -> None:
    found = reading(f"{HEADER}1,A,2027-03-01T09:30,1,Zoé d’Œuvre\r\n".encode(encoding))
    assert found.entries[0].contact.name == "Zoé d’Œuvre"
    assert found.notes == notes


def test_empty_lines_are_no_entries() -> None:
    found = reading(f"\n{HEADER}\n1,A,2027-03-01T09:30\n,,,,,,\n   \n")
    assert (len(found.entries), found.faults) == (1, ())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("x,A,2027-02-29T09:30", "start '2027-02-29T09:30' is no day with a time"),
        ("x,A,2027-03-01", "start '2027-03-01' is no day with a time"),
        ("x,A,soon", "start 'soon' is no day with a time"),
        ("x,A,0001-01-01T00:00", "the year 1 cannot be meant"),
        ("x,A,9999-12-31T23:59", "the year 9999 cannot be meant"),
        ("x,A,2027-03-28T02:30", "2027-03-28 02:30 does not exist: clocks go forward then"),
        ("x,A,2027-10-31T02:30", "2027-10-31 02:30 comes twice: clocks go back then"),
        ("x,A,", "date is missing"),
        ("x,,2027-03-01T09:30", "service is missing"),
        ("x,A,2027-03-01T09:30,0", "party '0' is no number from 1 to 50"),
        ("x,A,2027-03-01T09:30,²", "party '²' is no number from 1 to 50"),
        (f"x,A,2027-03-01T09:30,1,{'n' * 201}", "name has 201 characters, more than 200"),
        ("x,A,2027-03-01T09:30,1,n,p,e,more", "the line has 8 fields and the header 7"),
    ],
)
def test_a_wrong_line_is_refused_alone_with_its_reason(line: str, what: str) -> None:
    fault = assert_only_fault(line)
    assert (fault.uid, fault.what) == ("x", what) if "fields" not in what else ("", what)
    assert fault.do


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("x,A,30/02/2027,09:30", "date '30/02/2027' is no day"),
        ("x,A,tomorrow,09:30", "date 'tomorrow' is no day"),
        ("x,A,01/03/2027,25:00", "time '25:00' is no time of day"),
        ("x,A,01/03/2027,", "time is missing"),
        ("x,A,28/03/2027,02:00", "2027-03-28 02:00 does not exist: clocks go forward then"),
    ],
)
def test_a_wrong_date_or_time_is_named(line: str, what: str) -> None:
    fault = assert_only_fault(line, "uid,service,date,time\n")
    assert fault.what == what


def test_a_time_that_comes_twice_can_be_written_with_its_offset() -> None:
    assert only(f"{HEADER}1,A,2027-10-31T02:30+01:00\n").slot_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_what_was_perhaps_meant_is_told() -> None:
    fault = assert_only_fault("x,Pasports,2027-03-01T09:30")
    assert (fault.what, fault.do) == ("service 'Pasports' is no service here", "did you mean 'passports'?")
    fault = assert_only_fault("x,fishing,2027-03-01T09:30")
    assert fault.do == "there are passports, permits"


def test_a_missing_uid_is_refused() -> None:
    fault = assert_only_fault(",A,2027-03-01T09:30")
    assert fault.what == "uid is missing"


def test_a_uid_counts_once() -> None:
    fault = assert_only_fault("first,permits,2027-03-01T10:30")
    assert (fault.uid, fault.what) == ("first", "UID 'first' is taken by line 2")


def test_an_open_quote_spoils_its_own_line_only() -> None:
    fault = assert_only_fault('x,"A,2027-03-01T09:30')
    assert fault.what == "a quote is not closed on its line, or text follows it"


def test_ten_megabytes_on_one_line_are_one_fault() -> None:
    fault = assert_only_fault('x,A,"' + "z" * 10_000_000)
    assert fault.what == "a line of 10000005 bytes is longer than 65536"


def test_a_wrong_value_is_repeated_in_part_only() -> None:
    fault = assert_only_fault(f"x,{'z' * 60_000},2027-03-01T09:30")
    assert len(fault.what) < 100


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        (b"PK\x03\x04rest", "the file is a spreadsheet or an archive"),
        ("uid,service".encode("utf-16"), "the file is UTF-16"),
        (b"\n" * (LINES_MAX + 1), f"the file has more than {LINES_MAX} lines"),
        (b"x" * (FILE_BYTES_MAX + 1), f"the file has {FILE_BYTES_MAX + 1} bytes, more than {FILE_BYTES_MAX}"),
        (b"uid,service,date\n1,A,2027-03-01\n", "the file has no column 'start'"),
        (b"Dear colleague,\n", "the file has no column 'uid'"),
        (b"x" * 1_000_000, "the file has no column 'uid'"),
    ],
)
def test_a_file_that_is_none_is_one_fault(data: bytes, what: str) -> None:
    found = reading(data)
    assert (found.entries, [fault.what for fault in found.faults]) == ((), [what])


def test_blank_lines_after_the_last_entry_are_none() -> None:
    found = reading(HEADER + "".join(f"{n},A,2027-03-01T09:30\n" for n in range(ENTRIES_MAX)) + "\n \n")
    assert (len(found.entries), found.faults) == (ENTRIES_MAX, ())


def test_so_many_entries_are_read_and_no_more() -> None:
    found = reading(HEADER + "".join(f"{n},A,2027-03-01T09:30\n" for n in range(ENTRIES_MAX + 5)))
    assert len(found.entries) == ENTRIES_MAX
    assert [fault.what for fault in found.faults] == [f"the file goes on after {ENTRIES_MAX} entries"]
    assert not found.is_whole
