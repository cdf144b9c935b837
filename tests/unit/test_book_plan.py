"""What a file changes in the book: new, moved, cancelled, left alone, and nothing when it says nothing new."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from hub.book.entries import Cancellation, Contact, Entry, Fault, Reading
from hub.book.plan import Booked, Kind, Plan, day_input, plan
from hub.day.inputs import CancelAppointment, KnowAppointment, MoveAppointment
from tests.books import booked
from tests.given import MONDAY_9H, Story, a_lobby

LOBBY = a_lobby()
ZOE = Contact(name="Zoé", phone="+33612345678")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def entry(uid: str = "1", slot_at: datetime = MONDAY_9H + HOUR, **more: object) -> Entry:
    values: dict[str, object] = {"service": "passports", "contact": ZOE, "line": 2, **more}
    return Entry(uid=uid, slot_at=slot_at, **values)  # type: ignore[arg-type]


def planned(book: list[Booked], *entries: Entry | Cancellation, **more: object) -> Plan:
    reading = Reading(
        entries=tuple(each for each in entries if isinstance(each, Entry)),
        cancellations=tuple(each for each in entries if isinstance(each, Cancellation)),
        faults=more.pop("faults", ()),  # type: ignore[arg-type]
    )
    values: dict[str, object] = {"source": "file", "now": MONDAY_9H, "checked_in": {}, **more}
    return plan(book, reading, lobby=LOBBY, retention=DAY, **values)  # type: ignore[arg-type]


def kinds(made: Plan) -> list[tuple[str, Kind]]:
    return [(change.after.uid, change.kind) for change in made.changes]


def test_a_new_entry_is_added() -> None:
    made = planned([], entry())
    assert kinds(made) == [("1", Kind.ADDED)]
    assert made.changes[0].after == replace(booked(entry()), id="", code_hash="")


def test_the_same_file_again_changes_nothing() -> None:
    made = planned([booked(entry())], entry())
    assert (made.changes, made.unchanged, made.faults, made.left) == ((), 1, (), ())


def test_another_time_service_or_party_moves() -> None:
    book = [booked(entry())]
    for other in (entry(slot_at=MONDAY_9H + DAY), entry(service="permits"), entry(party_people=3)):
        made = planned(book, other)
        assert kinds(made) == [("1", Kind.MOVED)]
        assert (made.changes[0].after.id, made.changes[0].after.code_hash) == ("id-1", "hash-1")


def test_another_contact_is_no_move() -> None:
    made = planned([booked(entry())], entry(contact=Contact(name="Zoé", phone="+33600000000")))
    assert kinds(made) == [("1", Kind.CONTACT)]


def test_an_erased_contact_stays_erased() -> None:
    yesterday = entry(slot_at=MONDAY_9H - DAY - HOUR)
    made = planned([replace(booked(yesterday), contact=Contact())], yesterday)
    assert (made.changes, made.unchanged) == ((), 1)


def test_what_is_missing_in_the_same_file_is_cancelled() -> None:
    book = [booked(entry("1")), booked(entry("2"))]
    made = planned(book, entry("1"))
    assert kinds(made) == [("2", Kind.CANCELLED)]
    assert (made.changes[0].line, made.changes[0].after.contact) == (0, Contact())


def test_what_is_missing_stays_if_it_is_of_another_file_another_day_or_over() -> None:
    tuesday = entry("tuesday", MONDAY_9H + DAY)
    early = entry("early", MONDAY_9H - HOUR)
    book = [booked(entry("1")), booked(entry("other"), "other"), booked(tuesday), booked(early)]
    assert planned(book, entry("1")).changes == ()


def test_a_whole_week_cancels_what_is_missing_on_any_of_its_days() -> None:
    days = [entry(str(n), MONDAY_9H + n * DAY + HOUR) for n in range(5)]
    made = planned([booked(day) for day in days], days[0], days[4])
    assert kinds(made) == [("1", Kind.CANCELLED), ("2", Kind.CANCELLED), ("3", Kind.CANCELLED)]


def test_nothing_is_cancelled_on_suspicion() -> None:
    book = [booked(entry("1")), booked(entry("2"))]
    assert planned(book, entry("1"), keep_missing=True).changes == ()
    assert planned(book).changes == (), "a file without a good entry cancels nothing"
    spoilt = planned(book, entry("1"), faults=(Fault(line=3, uid="2", what="no day", do="mend it"),))
    assert spoilt.changes == (), "what has a fault is not missing"
    unreadable = planned(book, entry("1"), faults=(Fault(line=3, what="no line", do="mend it"),))
    assert unreadable.changes == ()
    assert unreadable.notes == ("1 missing appointments were kept: some entries have no readable UID",)


def test_a_cancellation_cancels_once_and_an_entry_books_again() -> None:
    made = planned([booked(entry())], Cancellation(uid="1", line=4, sequence=1))
    assert kinds(made) == [("1", Kind.CANCELLED)]
    gone = [booked(entry(), is_cancelled=True)]
    assert planned(gone, Cancellation(uid="1", line=4)).unchanged == 1
    assert planned([], Cancellation(uid="1", line=4)).unchanged == 1
    again = planned(gone, entry())
    assert kinds(again) == [("1", Kind.ADDED)]
    assert again.changes[0].after.id == "id-1", "the visitor's code is good again"


def test_who_is_here_already_is_left_alone() -> None:
    book = [booked(entry("1")), booked(entry("2")), booked(entry("3"))]
    here = {"id-1": "A001", "id-2": "A002", "id-3": "A003"}
    later = entry("2", MONDAY_9H + 2 * HOUR)
    made = planned(book, later, Cancellation(uid="3", line=4), checked_in=here)
    assert (made.changes, [(one.uid, one.number) for one in made.left]) == (
        (),
        [("2", "A002"), ("3", "A003"), ("1", "A001")],
    )


def test_a_day_that_is_over_is_not_booked() -> None:
    sunday = entry(slot_at=MONDAY_9H - DAY)
    assert [fault.what for fault in planned([], sunday).faults] == ["its day is over"]
    moved_back = planned([booked(entry())], sunday)
    assert (moved_back.changes, len(moved_back.faults)) == ((), 1)
    assert planned([booked(sunday)], sunday).unchanged == 1, "a file of the week may be imported on any of its days"


def test_an_older_sequence_is_refused() -> None:
    book = [booked(entry(sequence=2))]
    made = planned(book, entry(service="permits", sequence=1))
    assert [fault.what for fault in made.faults] == ["SEQUENCE 1 is older than 2, which the book has"]
    assert len(planned(book, Cancellation(uid="1", line=2, sequence=1)).faults) == 1


def test_a_newer_sequence_of_the_same_is_kept() -> None:
    made = planned([booked(entry())], entry(sequence=1))
    assert kinds(made) == [("1", Kind.KEPT)]
    assert (made.unchanged, made.changes[0].after) == (1, booked(entry(sequence=1)))


def test_an_appointment_of_another_source_is_not_touched() -> None:
    what = "UID '1' belongs to source 'theirs.csv', and this file is source 'ours.csv'"
    do = "give it a UID of its own; if it is the same appointment, import it with --source 'theirs.csv'"
    refused = Plan(changes=(), left=(), faults=(Fault(line=2, uid="1", what=what, do=do),), unchanged=0, notes=())
    theirs = booked(entry(), "theirs.csv")
    gone = booked(entry(), "theirs.csv", is_cancelled=True)
    assert planned([theirs], entry(), source="ours.csv") == refused
    assert planned([theirs], entry(service="permits", slot_at=MONDAY_9H + 2 * HOUR), source="ours.csv") == refused
    assert planned([theirs], Cancellation(uid="1", line=2), source="ours.csv") == refused
    assert planned([gone], entry(), source="ours.csv") == refused, "its code was sent to somebody else"


def test_the_open_day_learns_what_concerns_it() -> None:
    day = Story().day
    today = booked(entry())
    tomorrow = replace(today, slot_at=today.slot_at + DAY)
    know = KnowAppointment(
        appointment="id-1", service="passports", slot_at=today.slot_at, code_hash="hash-1", party_people=1
    )
    assert day_input(today, day) == know
    assert day_input(tomorrow, day) is None
    assert day_input(replace(today, is_cancelled=True), day) is None


def test_the_open_day_follows_what_it_knows() -> None:
    story = Story()
    today = booked(entry())
    known = day_input(today, story.day)
    assert known is not None
    story.when(known)
    later = replace(today, slot_at=today.slot_at + HOUR)
    assert day_input(today, story.day) is None
    assert day_input(later, story.day) == MoveAppointment(
        appointment="id-1", service="passports", slot_at=later.slot_at, party_people=1
    )
    gone = CancelAppointment(appointment="id-1")
    assert day_input(replace(today, slot_at=today.slot_at + DAY), story.day) == gone
    assert day_input(replace(today, is_cancelled=True), story.day) == gone


def test_a_slot_before_the_day_turns_is_of_the_day_before() -> None:
    story = Story(now=datetime(2026, 3, 2, 23, 0, tzinfo=UTC))
    assert day_input(booked(entry(slot_at=datetime(2026, 3, 3, 3, 30, tzinfo=UTC))), story.day) is not None
    assert day_input(booked(entry(slot_at=datetime(2026, 3, 3, 4, 0, tzinfo=UTC))), story.day) is None
