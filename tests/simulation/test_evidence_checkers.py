"""Each checker finds what it is for, in a record that is sound but for that."""

import pytest

from hub.day import events, number_events, people_events
from hub.journal import Batch
from simulator.answer_checker import answer_violations
from simulator.board_checker import board_violations
from simulator.counter_checker import counter_violations
from simulator.evidence import JobRow
from simulator.press_checker import press_violations
from simulator.record import Pressed
from simulator.said_checker import said_violations
from simulator.slip_checker import slip_violations
from simulator.wire_checker import wire_violations
from tests.simulation.evidence_stage import SITE, TOKEN, Scene, at
from wire import topics
from wire.messages import (
    Count,
    Done,
    DoneOutcome,
    Event,
    Heard,
    Key,
    Outcome,
    PanelState,
    PanelView,
    Show,
    TicketRequest,
)

PANEL = topics.show(SITE, "desk-1", "panel")
COUNTER = topics.count(SITE, "door-1", "counter")
NEXT = f"/api/v1/sites/{SITE}/desks/desk-1/next"


def all_of(scene: Scene) -> list[str]:
    it = scene.evidence
    return [
        *answer_violations(it),
        *press_violations(it),
        *said_violations(it),
        *board_violations(it),
        *slip_violations(it),
        *wire_violations(it),
        *counter_violations(it),
    ]


def assert_only(scene: Scene, words: str) -> None:
    """There is one violation, and it says so."""
    found = all_of(scene)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.fixture
async def scene() -> Scene:
    """Somebody came, was called by a press, and stands on the boards."""
    scene = Scene()
    scene.row(1, events.DeskOpened(desk="desk-1"))
    scene.issued(50)
    scene.pressed_and_called()
    scene.drawn(5)
    scene.drawn(100.2, "C001")
    return scene


# --- presses -----------------------------------------------------------------------------------------------------


async def test_a_sound_moment_has_no_violation(scene: Scene) -> None:
    assert all_of(scene) == []


async def test_a_call_without_a_press_is_found(scene: Scene) -> None:
    scene.issued(51, "t2", 2)
    scene.called(150, "t2", "desk-3")
    scene.row(150.5, events.ServiceStarted(ticket="t2", desk="desk-3"))
    assert_only(scene, "desk-3 called C002 at 150.000 s, and no press or button")


async def test_two_calls_of_one_press_are_found(scene: Scene) -> None:
    scene.issued(51, "t2", 2)
    scene.row(103, events.TicketServed(ticket="t1", desk="desk-1"))
    scene.called(103, "t2")
    scene.row(103.5, events.ServiceStarted(ticket="t2", desk="desk-1"))
    assert_only(scene, "desk-1 called C002")


async def test_a_button_of_a_page_accounts_for_a_call_once(scene: Scene) -> None:
    scene.issued(51, "t2", 2)
    scene.called(150, "t2", "desk-3")
    scene.row(150.5, events.ServiceStarted(ticket="t2", desk="desk-3"))
    body = b'{"request_id": "once"}'
    for began_s in (149.9, 160.0):
        scene.asked(began_s, began_s + 0.2, NEXT.replace("desk-1", "desk-3"), body, status=200)
    assert all_of(scene) == []


async def test_a_press_that_is_taken_late_is_found() -> None:
    scene = Scene()
    scene.issued(50)
    trouble = scene.record.begin("delay")
    trouble.began_s, trouble.ended_s = 90.0, 300.0
    scene.pressed_and_called(after_s=9.0)
    found = all_of(scene)
    assert len(found) == 2
    assert "was taken 9.0 s after it was pressed" in found[0]


async def test_a_press_of_another_run_of_the_hub_is_found(scene: Scene) -> None:
    scene.time(99.9, "boot-2")
    assert_only(scene, "another run of the hub than it was stamped in")


async def test_a_press_that_no_finger_made_is_found(scene: Scene) -> None:
    scene.record.presses.clear()
    found = all_of(scene)
    assert "says that next was pressed at 100.000 s, and nobody did" in found[0]


async def test_presses_that_had_seen_the_same_are_found(scene: Scene) -> None:
    scene.finger(100.04, Key.START)
    scene.press(100.04, seq=2, key=Key.START)
    scene.row(100.06, events.ServiceStarted(ticket="t1", desk="desk-1"))
    scene.mark(100.06, "desk-1/panel/s/2", ticket="t1")
    scene.receipt(100.1, seq=2)
    assert_only(scene, "had both seen desk-1 as it was at row 1")


async def test_a_press_in_calm_that_is_not_answered_is_found(scene: Scene) -> None:
    scene.finger(120, Key.RECALL)
    assert_only(scene, "recall of desk-1/panel was pressed at 120.000 s, in calm, and never sent")


# --- answers -----------------------------------------------------------------------------------------------------


async def test_a_receipt_before_the_commit_is_found(scene: Scene) -> None:
    scene.record.marks_s["desk-1/panel/s/1"] = scene.record.rows_s[3] = 100.06
    assert_only(scene, "before that was durable")


async def test_an_answer_that_nobody_remembers_is_found(scene: Scene) -> None:
    scene.marks.clear()
    assert_only(scene, "which nobody remembers")


async def test_another_answer_to_the_same_event_is_found(scene: Scene) -> None:
    scene.receipt(101, outcome=Outcome.REFUSED, code="moved-on")
    found = all_of(scene)
    assert "was answered with done, and then with refused moved-on" in found[0]


async def test_a_done_press_that_the_journal_does_not_know_is_found(scene: Scene) -> None:
    scene.finger(120, Key.RECALL)
    scene.press(120, seq=2, seen=3, key=Key.RECALL)
    scene.mark(120.1, "desk-1/panel/s/2")
    scene.receipt(120.2, seq=2)
    assert_only(scene, "recall of desk-1/panel was done at 120.100 s, and the journal does not know of it")


async def test_a_ticket_that_a_page_promised_and_the_journal_does_not_know_is_found(scene: Scene) -> None:
    scene.asked(60, 60.1, f"/{SITE}/join", b"request_id=r", status=303, location="/t/another-token-of-22-chr")
    assert_only(scene, "with a ticket that was not durable")


async def test_a_request_that_was_answered_with_two_tickets_is_found(scene: Scene) -> None:
    scene.asked(60, 60.1, f"/{SITE}/join", b"request_id=r", status=303, location=f"/t/{TOKEN}")
    scene.asked(61, 61.1, f"/{SITE}/join", b"request_id=r", status=303, location="/t/another-token-of-22-chr")
    assert any("was answered with two tickets" in it for it in all_of(scene))


# --- boards ------------------------------------------------------------------------------------------------------


async def test_a_call_that_a_board_shows_late_is_found(scene: Scene) -> None:
    for drawings in scene.record.drawings.values():
        drawings[-1] = drawings[-1]._replace(at_s=103)
    assert [it.split(",")[0] for it in all_of(scene)] == ["C001"] * len(scene.record.drawings)


async def test_a_late_call_is_no_breach_while_the_board_is_cut_off(scene: Scene) -> None:
    for drawings in scene.record.drawings.values():
        drawings[-1] = drawings[-1]._replace(at_s=103)
    for board in scene.record.drawings:
        trouble = scene.record.begin("cut", board.partition("/")[0])
        trouble.began_s, trouble.ended_s = 99, 101
    assert all_of(scene) == []


async def test_a_call_that_goes_off_a_board_while_it_is_awaited_is_found(scene: Scene) -> None:
    scene.drawn(150)
    assert "was not on board-1/board at 150.0 s, in calm" in all_of(scene)[0]


async def test_a_number_that_was_taken_back_and_stays_is_found(scene: Scene) -> None:
    scene.row(120, events.TicketParked(ticket="t1", desk="desk-1", until_at=scene.entries[0].at))
    scene.drawn(130)
    assert "showed C001 until 130.0 s" in all_of(scene)[0]


async def test_a_board_that_goes_on_while_the_hub_is_silent_is_found(scene: Scene) -> None:
    scene.record.said[:] = [it for it in scene.record.said if not (130 < it.at_s < 170)]
    found = all_of(scene)
    assert [it.partition(" at 132.5 s")[0] for it in found] == [
        f"{board} showed calls as current" for board in scene.record.drawings
    ]
    for drawings in scene.record.drawings.values():
        drawings += [drawings[-1]._replace(at_s=130, is_current=False), drawings[-1]._replace(at_s=174)]
    trouble = scene.record.begin("hub killed")
    trouble.began_s, trouble.ended_s = 129, 173
    assert all_of(scene) == []


# --- slips -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def slip() -> Scene:
    """A ticket whose slip was asked for, printed and answered."""
    scene = Scene()
    scene.issued(50, printer="kiosk-1/printer")
    scene.printed(52, "C001")
    scene.said(52.1, topics.done(SITE, "kiosk-1", "printer"), Done(id="t1-1", outcome=DoneOutcome.DONE))
    scene.jobs.append(JobRow("t1-1", "kiosk-1/printer", "t1", "answered", "done"))
    return scene


async def test_a_sound_slip_has_no_violation(slip: Scene) -> None:
    assert all_of(slip) == []


async def test_a_doubled_slip_is_found_and_a_marked_copy_in_trouble_is_not(slip: Scene) -> None:
    slip.printed(55, "C001")
    assert_only(slip, "printed C001 2 times without marking a copy")
    slip.record.printed.pop()
    trouble = slip.record.begin("power cut", "kiosk-1")
    trouble.began_s, trouble.ended_s = 52.0, 53.0
    slip.printed(55, "C001", is_copy=True)
    assert all_of(slip) == []


def handed_in(scene: Scene, at_s: float) -> None:
    """A ticket that its kiosk gave by itself, as its first number of the day."""
    scene.row(
        at_s,
        events.TicketIssued(
            ticket="t2", token_hash="", service="residents", series="K", number=1, language="fr", channel="kiosk",
            due_at=at(at_s), printer="kiosk-1/printer", offline="kiosk-1/kiosk",
        ),
    )  # fmt: skip


def leased(scene: Scene, at_s: float) -> None:
    lease = number_events.RangeLeased(device="kiosk-1/kiosk", holder="h", series="K", first=1, last=3)
    scene.row(at_s, lease)


async def test_a_number_that_a_kiosk_gave_on_two_days_is_no_doubled_slip_and_twice_on_one_day_it_is() -> None:
    scene = Scene()
    leased(scene, 10)
    scene.printed(52, "K001")
    leased(scene, 60)
    scene.printed(70, "K001")
    handed_in(scene, 80)
    assert not any("times without marking a copy" in it for it in all_of(scene))
    scene.printed(75, "K001")
    assert any("printed K001 2 times without marking a copy" in it for it in all_of(scene))


async def test_a_slip_that_never_comes_is_found_and_its_answer_too(slip: Scene) -> None:
    slip.record.printed.clear()
    missing, lied = all_of(slip)
    assert "did not print C001 within 20 s of 50.0 s, in calm" in missing
    assert "says that it printed C001, and did not" in lied


async def test_a_job_that_counts_as_done_before_the_printer_says_so_is_found(slip: Scene) -> None:
    slip.record.said.clear()
    assert_only(slip, "counts as done, and kiosk-1/printer never said so")


async def test_a_slip_for_nobody_a_late_one_and_one_with_a_wrong_address_are_found(slip: Scene) -> None:
    slip.printed(60, "D004")
    assert_only(slip, "printed a slip for D004, which was not asked of it")
    slip.record.printed[:] = [slip.record.printed[0]._replace(at_s=180)]
    assert any("130 s after it was asked for" in it for it in all_of(slip))
    slip.record.printed.clear()
    slip.printed(52, "C001", token="another-token-of-22-chr")
    assert_only(slip, "the address of another ticket")


async def test_a_slip_that_was_never_asked_of_its_printer_is_found(slip: Scene) -> None:
    slip.jobs.clear()
    assert_only(slip, "was never asked of kiosk-1/printer")


# --- the wire ----------------------------------------------------------------------------------------------------


def panel(term: int, seq: int, number: str = "") -> Show:
    view = PanelView(desk="1", desk_seq=0, state=PanelState.FREE, waiting=0, number=number)
    return Show(term=term, seq=seq, view=view)


async def test_a_view_that_goes_back_is_found() -> None:
    scene = Scene()
    scene.row(1, events.DeskOpened(desk="desk-1"))
    for at_s, seq in ((2, 1), (3, 0)):
        scene.said(at_s, PANEL, panel(0, seq))
    assert_only(scene, "was shown row 0 of term 0 after row 1")


async def test_a_view_of_what_is_not_durable_is_found() -> None:
    scene = Scene()
    scene.row(1, events.DeskOpened(desk="desk-1"))
    scene.said(1, PANEL, panel(0, 1))
    scene.said(2, PANEL, panel(0, 2))
    early, nowhere = all_of(scene)
    assert "of row 1, before it was durable" in early
    assert "speaks of row 2, and the journal ends at 1" in nowhere


async def test_a_hub_that_speaks_for_another_term_is_found() -> None:
    scene = Scene()
    scene.row(1, events.TookOver(term=2, holder="hub"))
    scene.said(2, PANEL, panel(1, 1))
    assert_only(scene, "spoke at 2.000 s for term 1, and row 1 is of another")


async def test_a_visitors_secret_on_the_wire_is_found() -> None:
    scene = Scene()
    scene.issued(1)
    scene.asked(0.5, 1.1, f"/{SITE}/join", b"request_id=r", status=303, location=f"/t/{TOKEN}")
    scene.said(2, PANEL, panel(0, 1, TOKEN))
    assert_only(scene, "carries what is a visitor's own")


async def test_totals_that_nobody_counted_or_nobody_said_are_found() -> None:
    scene = Scene()
    scene.said(1, COUNTER, Count(epoch="e", entered=3, left=1))
    assert_only(scene, "says at the end that 3 came and 1 went, and nobody counted them")
    for entered in (3, 2):
        scene.row(2, people_events.PeopleCounted(device="door-1/counter", epoch="e", entered=entered, left=1))
    found = all_of(scene)
    assert any("never said that 2 came and 1 went" in it for it in found)
    assert any("was believed that (2, 1) came and went, after (3, 1)" in it for it in found)


async def test_what_was_decided_twice_is_found(scene: Scene) -> None:
    scene.record.committed(Batch(SITE, 1, at(150), marks=[scene.marks["desk-1/panel/s/1"]]))
    scene.mark(100.05, "desk-1/panel/s/1", ticket="t1")
    assert_only(scene, "desk-1/panel/s/1 was asked again, and decided anew")


# --- what nodes say again, and what they stop saying ----------------------------------------------------------------


async def test_an_event_that_is_said_again_and_otherwise_is_found(scene: Scene) -> None:
    scene.press(100.02, seq=1)
    assert_only(scene, "event 1 of desk-1/panel was said again at 100.020 s, and not as before")


async def test_one_finger_under_two_names_is_found(scene: Scene) -> None:
    scene.press(100.0, seq=2)
    scene.mark(100.05, "desk-1/panel/s/2", Outcome.REFUSED, code="moved-on")
    scene.receipt(100.06, seq=2, outcome=Outcome.REFUSED, code="moved-on")
    assert_only(scene, "desk-1/panel says of one finger that it was event 1, and event 2")


async def test_an_unanswered_event_that_is_not_said_again_is_found(scene: Scene) -> None:
    with scene.record.trouble("hub killed"):
        scene.finger(150, Key.RECALL)
        scene.press(150, seq=2, key=Key.RECALL)
    scene.record.troubles[-1].began_s, scene.record.troubles[-1].ended_s = 149.0, 160.0
    assert_only(scene, "event 2 of desk-1/panel was said at 150.000 s, not answered, and not said again")


def asks(scene: Scene, at_s: float, seq: int) -> None:
    """The kiosk asks for a ticket."""
    heard = Heard(boot="boot-1", ms=round(at_s * 1_000), since_ms=0)
    body = TicketRequest(request=f"request-{seq}", service="residents", language="fr")
    scene.record.presses.append(Pressed(at_s, "kiosk-1/kiosk", "residents"))
    for again_s in (0.0, 1.0):
        event = Event(session="k", seq=seq, body=body, heard=heard)
        scene.said(at_s + again_s, topics.event(SITE, "kiosk-1", "kiosk"), event)


async def test_two_wishes_of_one_visitor_at_a_kiosk_are_found(scene: Scene) -> None:
    asks(scene, 150, 1)
    asks(scene, 153, 2)
    with scene.record.trouble("hub killed"):
        pass
    scene.record.troubles[-1].began_s, scene.record.troubles[-1].ended_s = 149.0, 190.0
    assert_only(scene, "kiosk-1/kiosk asked twice for residents, at 150.000 s and 153.000 s, for one visitor")


def counts(scene: Scene, *at_s: float) -> None:
    for told_s in at_s:
        scene.said(told_s, COUNTER, Count(epoch="e", entered=1, left=0))


def first_count(scene: Scene, at_s: float) -> None:
    counts(scene, at_s)
    scene.row(at_s + 0.1, people_events.PeopleCounted(device="door-1/counter", epoch="e", entered=1, left=0))


async def test_a_silence_that_nobody_noted_is_found(scene: Scene) -> None:
    first_count(scene, 20)
    counts(scene, 50)
    assert_only(scene, "door-1/counter was not heard after 50.0 s, and is believed at 150.0 s")


async def test_a_silence_that_was_none_is_found(scene: Scene) -> None:
    first_count(scene, 20)
    counts(scene, 50, 80, 110, 140, 170, 199)
    scene.row(160, people_events.CounterSilenced(device="door-1/counter"))
    scene.row(160.5, people_events.CounterHeard(device="door-1/counter"))
    assert_only(scene, "door-1/counter fell silent at 160.0 s, and nothing was wrong with it")


async def test_a_silence_that_does_not_end_is_found(scene: Scene) -> None:
    with scene.record.trouble("counter-silent", "door-1/counter"):
        first_count(scene, 20)
    scene.record.troubles[-1].began_s, scene.record.troubles[-1].ended_s = 21.0, 140.0
    scene.row(110, people_events.CounterSilenced(device="door-1/counter"))
    counts(scene, 139, 169)
    assert_only(scene, "door-1/counter was heard at 169.0 s, in calm, and counts as silent at 179.0 s")
