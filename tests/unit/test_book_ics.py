"""iCalendar files of appointments: what is accepted, and what is refused, event by event."""

from datetime import UTC, datetime

import pytest

from hub.book.entries import ENTRIES_MAX, Cancellation, Contact, Entry, Fault, Reading
from hub.book.reading import read
from tests.books import a_calendar, an_event, paris

AT_930 = "DTSTART;TZID=Europe/Paris:20270301T093000"
SLOT = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)


def reading(*events: str, head: str = "") -> Reading:
    return read(a_calendar(*events, head=head), paris())


def assert_only_fault(*lines: str) -> Fault:
    """Of an event between two that are sound."""
    sound = ("SUMMARY:Passports", AT_930)
    found = reading(an_event("first", *sound), an_event("x", *lines), an_event("last", *sound))
    assert [entry.uid for entry in found.entries] == ["first", "last"], "the good entries are kept"
    (fault,) = found.faults
    assert fault.line == 4 + 5
    return fault


def test_an_event_is_an_appointment() -> None:
    event = an_event(
        "a-1@example.org",
        AT_930,
        "DTEND;TZID=Europe/Paris:20270301T094500",
        "SUMMARY:Passports",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        'ATTENDEE;CN="Martin, Zoé";ROLE=REQ-PARTICIPANT:mailto:zoe@example.org',
        "ATTENDEE:tel:+33612345678",
        "X-GUICHET-PARTY:2",
        "DESCRIPTION:whatever it says\\, it is not read",
        "BEGIN:VALARM",
        "SUMMARY:Permits",
        "TRIGGER:-PT15M",
        "END:VALARM",
    )
    contact = Contact(name="Martin, Zoé", phone="+33612345678", email="zoe@example.org")
    entry = Entry(
        uid="a-1@example.org",
        line=4,
        service="passports",
        slot_at=SLOT,
        party_people=2,
        contact=contact,
        sequence=3,
    )
    assert reading(event) == Reading(entries=(entry,))


@pytest.mark.parametrize(
    ("start", "notes"),
    [
        (AT_930, ()),
        ('DTSTART;TZID="Europe/Paris":20270301T093000', ()),
        ("DTSTART:20270301T083000Z", ()),
        ("DTSTART;TZID=America/New_York:20270301T033000", ()),
        ("DTSTART;TZID=Romance Standard Time:20270301T093000", ()),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20270301T093000", ()),
        ("DTSTART:20270301T093000", ("times without a zone were read as Europe/Paris",)),
    ],
)
def test_a_beginning_may_be_in_any_zone_in_utc_or_floating(start: str, notes: tuple[str, ...]) -> None:
    found = reading(an_event("1", start, "SUMMARY:A"))
    assert (found.entries[0].slot_at, found.notes) == (SLOT, notes)


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:Permits",),
        ("SUMMARY:Zoé Martin", "CATEGORIES:Red,Permis"),
        ("SUMMARY:Passports", "CATEGORIES:Red", "CATEGORIES:B"),
        ("SUMMARY:Per\r\n mits",),
    ],
)
def test_the_service_is_a_category_or_the_summary(lines: tuple[str, ...]) -> None:
    assert reading(an_event("1", AT_930, *lines)).entries[0].service == "permits"


def test_a_cancelled_event_is_a_cancellation_whatever_else_it_says() -> None:
    found = reading(an_event("1", "STATUS:CANCELLED", "SEQUENCE:4", "RRULE:FREQ=DAILY"))
    assert found.cancellations == (Cancellation(uid="1", line=4, sequence=4),)
    found = reading(an_event("1", AT_930, "SUMMARY:A"), head="METHOD:CANCEL\r\n")
    assert [each.uid for each in found.cancellations] == ["1"]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("SUMMARY:A", "DTSTART:20270229T093000"), "DTSTART cannot be read ('Wrong datetime format: 20270229T093000')"),
        (("SUMMARY:A", "DTSTART;VALUE=DATE:20270301"), "the event has a day and no time"),
        (("SUMMARY:A", "DTSTART;TZID=Mars/Hellas:20270301T093000"), "time zone 'Mars/Hellas' is not known"),
        (("SUMMARY:A", "DTSTART;TZID=../../etc/passwd:20270301T093000"), "time zone '../../etc/passwd' is not known"),
        (
            ("SUMMARY:A", "DTSTART;TZID=Europe/Paris:20270328T023000"),
            "2027-03-28 02:30 does not exist: clocks go forward then",
        ),
        (("SUMMARY:A", "DTSTART:20271031T023000"), "2027-10-31 02:30 comes twice: clocks go back then"),
        (("SUMMARY:A", "DTSTART:00010101T000000"), "the year 1 cannot be meant"),
        (("SUMMARY:A",), "DTSTART is missing"),
        ((AT_930, "SUMMARY:Fishing"), "SUMMARY 'Fishing' is no service here"),
        ((AT_930,), "SUMMARY is missing"),
        ((AT_930, "SUMMARY:A", "RRULE:FREQ=WEEKLY"), "the event is a series"),
        ((AT_930, "SUMMARY:A", "RECURRENCE-ID:20270301T083000Z"), "the event is a series"),
        ((AT_930, "SUMMARY:A", "SEQUENCE:-1"), "SEQUENCE '-1' is no count of changes"),
        ((AT_930, "SUMMARY:A", "SEQUENCE:new"), "SEQUENCE cannot be read ('Expected int, got: new')"),
        ((AT_930, AT_930, "SUMMARY:A"), "DTSTART stands there more than once"),
        ((AT_930, "SUMMARY:A", "X-GUICHET-PARTY:99"), "party '99' is no number from 1 to 50"),
        ((AT_930, f"SUMMARY:{'A' * 3_000}"), "SUMMARY has 3008 characters, more than 2048"),
        ((AT_930, "SUMMARY;:A"), None),
    ],
)
def test_a_wrong_event_is_refused_alone_with_its_reason(lines: tuple[str, ...], what: str | None) -> None:
    fault = assert_only_fault(*lines)
    assert fault.uid == "x"
    assert fault.do
    assert fault.what == what if what else "cannot be read" in fault.what


def test_ten_megabytes_on_one_line_spoil_the_event_they_stand_in() -> None:
    fault = assert_only_fault(AT_930, "SUMMARY:A", "DESCRIPTION:" + "z" * 10_000_000)
    assert fault.what == "a line of 10000012 bytes is longer than 65536"
    fault = assert_only_fault(AT_930, "SUMMARY:A", "DESCRIPTION:" + "z\r\n " * 100_000)
    assert fault.what.startswith("a line of 100012 bytes")


def test_an_event_without_a_uid_is_refused() -> None:
    found = reading(f"BEGIN:VEVENT\r\n{AT_930}\r\nSUMMARY:A\r\nEND:VEVENT\r\n")
    assert [fault.what for fault in found.faults] == ["uid is missing"]
    assert not found.is_whole


def test_of_two_events_with_one_uid_the_first_counts_or_the_newer() -> None:
    first = an_event("1", AT_930, "SUMMARY:A")
    found = reading(first, an_event("1", AT_930, "SUMMARY:B"))
    assert [entry.service for entry in found.entries] == ["passports"]
    assert [fault.what for fault in found.faults] == ["UID '1' is taken by line 4"]
    found = reading(first, an_event("1", AT_930, "SUMMARY:B", "SEQUENCE:1"))
    assert [entry.service for entry in found.entries] == ["permits"]
    assert [fault.what for fault in found.faults] == ["SEQUENCE 0 of UID '1' is older than line 9"]


def test_the_uid_of_a_refused_event_is_told_as_a_screen_shows_it() -> None:
    (fault,) = reading(an_event("a\x11\u2028\tb", "SUMMARY:Passports")).faults
    assert (fault.uid, fault.what) == ("a b", "DTSTART is missing")


@pytest.mark.parametrize(
    "end", ["", "END:VCALENDAR\r\n", "BEGIN:VEVENT\r\nUID:2\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"]
)
def test_an_event_without_an_end_is_refused(end: str) -> None:
    found = read(f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{AT_930}\r\nSUMMARY:A\r\n{end}".encode(), paris())
    assert [(fault.uid, fault.what) for fault in found.faults] == [("1", "the event has no END:VEVENT")]
    assert (found.entries, len(found.cancellations)) == ((), int("UID:2" in end))


def test_other_components_are_passed_over() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    found = reading(an_event("1", AT_930, "SUMMARY:A"), head=zone)
    assert (len(found.entries), found.faults) == (1, ())


def test_a_calendar_may_have_so_many_events() -> None:
    events = "BEGIN:VEVENT\r\n" * (ENTRIES_MAX - 1)
    last = an_event("1", AT_930, "SUMMARY:A")
    found = reading(events, last)
    assert (len(found.entries), len(found.faults)) == (1, ENTRIES_MAX - 1)
    assert reading(events, last, last).faults[-1].what == f"the file goes on after {ENTRIES_MAX} entries"


def test_so_many_events_are_read_and_no_more() -> None:
    found = reading("BEGIN:VEVENT\r\n" * (ENTRIES_MAX + 5))
    assert len(found.faults) == ENTRIES_MAX + 1
    assert found.faults[-1].what == f"the file goes on after {ENTRIES_MAX} entries"
