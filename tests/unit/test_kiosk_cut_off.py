"""A kiosk that nobody hears: it gives numbers that were leased to it, prints them itself and hands them in later."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from edge.roles.kiosk import HELP_AFTER_S
from hub.intake import REQUEST_STALE_MS
from tests.edge_stage import KIOSK, PRINTER, Stage, on_stage
from wire.messages import (
    CutOff,
    Done,
    DoneOutcome,
    Event,
    KioskService,
    KioskView,
    Lease,
    NumbersWanted,
    Outcome,
    Paper,
    PrintSlip,
    TicketGiven,
    TicketRequest,
)

MONDAY = date(2026, 3, 2)
CLOSES_AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)

Scene = Callable[[Stage], Awaitable[None]]


def events(stage: Stage, kind: type[Any]) -> list[Any]:
    return [event.body for event in stage.heard(Event) if isinstance(event.body, kind)]


def show(stage: Stage, *, holder: str = "", first: int = 1, last: int = 3, **changes: Any) -> None:
    """The kiosk's view; with a lease if `holder` is named."""
    lease = Lease(
        holder=holder or "-",
        day=MONDAY,
        series="K",
        first=first,
        last=last,
        until_at=changes.get("until_at", CLOSES_AT),
    )
    day = changes.get("day", MONDAY)
    cut_off = CutOff(printer="printer", time_zone="UTC", day=day, lease=lease if holder else None)
    services = [
        KioskService(id="passport", letter="A", name={"en": "Passports"}, open=True, waiting=0, desk="3"),
        KioskService(id="permit", letter="B", name={"en": "Permits"}, open=changes.get("open", True), waiting=0),
    ]
    view = KioskView(title={"en": "Town hall"}, languages=["en"], services=services, cut_off=cut_off)
    stage.show("kiosk", replace(view, printer=changes.get("printer")))


async def lease(stage: Stage, **changes: Any) -> None:
    """The kiosk asks for numbers and gets some."""
    show(stage, **changes)
    await stage.wait(2)
    show(stage, holder=events(stage, NumbersWanted)[-1].holder, **changes)
    await stage.wait(1)


async def press(stage: Stage, key: str = "passport", times: int = 1) -> None:
    """One visitor after the other, each with a slip in the hand."""
    for _ in range(times):
        stage.hands.press("kiosk", key)
        await stage.wait(12)


def slips(stage: Stage) -> list[list[str]]:
    """The lines of each slip."""
    return [slip.text.split("\n") for slip in stage.hands.slips("printer")]


def numbers(stage: Stage) -> list[str]:
    return [lines[2] for lines in slips(stage) if lines[2].startswith("K")]


def at_kiosk(scene: Scene, data_dir: Path | None = None) -> Stage:
    async def leased(stage: Stage) -> None:
        await lease(stage)
        await scene(stage)

    return on_stage(leased, [KIOSK, PRINTER], data_dir)


def print_slip(request: str) -> PrintSlip:
    return PrintSlip(
        number="A001", service={"en": "Passports"}, title={"en": "Town hall"}, language="en", ticket_url="",
        issued_at=datetime(2026, 3, 2, 8, tzinfo=UTC), request=request,
    )  # fmt: skip


def test_the_hub_gives_a_request_up_before_the_kiosk_does() -> None:
    assert REQUEST_STALE_MS < HELP_AFTER_S * 1_000


def test_while_it_is_cut_off_visitors_get_leased_numbers_and_the_hub_hears_of_them_in_order() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        await press(stage, "passport")
        await press(stage, "permit")
        assert numbers(stage) == ["K001", "K002"]
        assert events(stage, TicketGiven) == []
        stage.heal()
        stage.is_telling_time = True
        await stage.wait(10)

    stage = at_kiosk(scene)
    given = events(stage, TicketGiven)
    assert [(it.service, it.series, it.number, it.day) for it in given] == [
        ("passport", "K", 1, MONDAY),
        ("permit", "K", 2, MONDAY),
    ]
    assert given[0].pressed_at < given[1].pressed_at
    assert given[0].pressed.since_ms < given[1].pressed.since_ms
    assert (given[1].pressed_at - given[0].pressed_at).total_seconds() == pytest.approx(12, abs=0.1)


def test_a_request_without_a_slip_in_time_is_helped_under_the_same_name() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        await press(stage)

    stage = at_kiosk(scene)
    (asked,) = {it.request for it in events(stage, TicketRequest)}
    assert {it.request for it in events(stage, TicketGiven)} == {asked}
    assert numbers(stage) == ["K001"]


def test_a_receipt_without_a_slip_is_not_enough() -> None:
    async def scene(stage: Stage) -> None:
        await press(stage)

    assert numbers(at_kiosk(scene)) == ["K001"]


def test_the_hubs_slip_settles_the_request() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.press("kiosk", "passport")
        await stage.wait(9)
        stage.job("printer", print_slip(events(stage, TicketRequest)[-1].request))
        await stage.wait(20)

    stage = at_kiosk(scene)
    assert [lines[2] for lines in slips(stage)] == ["A001"]
    assert events(stage, TicketGiven) == []


def test_the_hubs_slip_for_somebody_who_was_helped_is_not_printed() -> None:
    async def scene(stage: Stage) -> None:
        await press(stage)
        for _ in range(2):  # also when the ticket has been handed in long ago
            stage.job("printer", print_slip(events(stage, TicketGiven)[-1].request))
            await stage.wait(60)

    stage = at_kiosk(scene)
    assert len(slips(stage)) == 1
    assert [done.outcome for done in stage.heard(Done, "printer")] == [DoneOutcome.DONE] * 2


def test_what_the_hub_refuses_gets_no_slip() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: (Outcome.REFUSED, "closed")
        await press(stage)

    assert slips(at_kiosk(scene)) == []


def test_what_the_hub_lets_expire_is_helped_at_once() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: (Outcome.EXPIRED, "expired")
        stage.hands.press("kiosk", "passport")
        await stage.wait(2)
        assert numbers(stage) == ["K001"]

    at_kiosk(scene)


def test_when_the_range_is_used_up_the_slip_says_where_to_go() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        await press(stage, times=4)

    stage = at_kiosk(scene)
    assert numbers(stage) == ["K001", "K002", "K003"]
    assert slips(stage)[-1][2:4] == ["No number can be given at the moment", "Please go to desk 3"]


@pytest.mark.parametrize("changes", [{"until_at": datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)}, {"open": False}])
def test_no_number_of_a_day_that_is_over_or_of_a_closed_service(changes: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        await lease(stage, **changes)
        stage.cut()
        await stage.wait(5)
        await press(stage, "permit")

    stage = on_stage(scene, [KIOSK, PRINTER])
    assert slips(stage)[-1][2:4] == ["No number can be given at the moment", "Please ask at a desk"]


def test_a_machine_that_starts_anew_while_it_is_cut_off_gives_no_number_and_forgets_none(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        await press(stage)
        await stage.restart()
        stage.cut()
        await press(stage)
        assert [lines[2] for lines in slips(stage)] == ["No number can be given at the moment"]
        stage.heal()
        stage.is_telling_time = True
        await stage.wait(10)
        assert [it.number for it in events(stage, TicketGiven)] == [1]
        stage.cut()
        await stage.wait(5)
        await press(stage)

    assert numbers(at_kiosk(scene, tmp_path)) == ["K002"]


def test_an_agent_that_starts_anew_on_a_machine_that_went_on_goes_on_giving_numbers(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        await press(stage)
        await stage.restart()
        stage.cut()
        await press(stage)

    async def on_one_machine(stage: Stage) -> None:
        stage.machine = "machine"
        await stage.restart()
        await lease(stage)
        await scene(stage)

    assert numbers(on_stage(on_one_machine, [KIOSK, PRINTER], tmp_path)) == ["K002"]


def test_a_lost_memory_asks_for_numbers_of_its_own(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        (tmp_path / "desk-1-kiosk-offline.json").write_text('{"holder')
        await stage.restart()
        await stage.wait(2)
        first, second = events(stage, NumbersWanted)
        assert second.holder != first.holder
        stage.cut()
        await stage.wait(5)
        await press(stage)

    stage = at_kiosk(scene, tmp_path)
    assert numbers(stage) == []
    assert slips(stage)[0][2] == "No number can be given at the moment"


def test_a_slip_that_a_power_cut_came_between_is_printed_again_as_a_copy(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        # The power goes while the printer is at work: the ticket is kept, and whether its slip is out is not known.
        saved: list[bytes] = []
        kiosk = tmp_path / "desk-1-kiosk-offline.json"
        stage.hands.printer("printer").cut = lambda slip: saved.append(kiosk.read_bytes())
        await press(stage)
        kiosk.write_bytes(saved[0])
        jobs = tmp_path / "desk-1-printer-jobs.json"
        jobs.write_bytes(jobs.read_bytes().replace(b"true", b"false"))
        await stage.restart()
        await stage.wait(5)

    stage = at_kiosk(scene, tmp_path)
    assert slips(stage)[0][0] == "Copy"
    assert slips(stage)[0][3] == "K001"


def test_without_paper_nobody_has_the_ticket_and_its_number_is_not_given_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        stage.hands.printer("printer").paper = Paper.OUT
        await press(stage)
        stage.hands.printer("printer").load_paper()
        await press(stage)
        stage.heal()
        await stage.wait(10)

    stage = at_kiosk(scene)
    assert numbers(stage) == ["K002"]
    assert {it.number for it in events(stage, TicketGiven)} == {2}


def test_half_a_range_is_enough_reason_to_ask_for_another() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        await press(stage, times=2)
        stage.heal()
        await stage.wait(10)
        wanted = events(stage, NumbersWanted)[-1]
        assert wanted.next == 3
        show(stage, holder=wanted.holder, first=11, last=13)
        await stage.wait(1)
        stage.cut()
        await stage.wait(5)
        await press(stage)

    assert numbers(at_kiosk(scene)) == ["K001", "K002", "K011"]


def test_an_answer_that_is_lost_lets_the_ticket_be_handed_in_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        await press(stage)
        await stage.wait(30)
        stage.answer = lambda event: (Outcome.DONE, "")
        await stage.wait(10)
        before = len(events(stage, TicketGiven))
        await stage.wait(60)
        assert len(events(stage, TicketGiven)) == before

    given = events(at_kiosk(scene), TicketGiven)
    assert len(given) > 2
    assert all(it == given[0] for it in given)


def test_a_lamp_is_lit_while_there_is_a_number() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        assert stage.hands.is_lit("kiosk", "passport")
        await press(stage, times=3)
        await stage.wait(30)
        assert not stage.hands.is_lit("kiosk", "passport")

    at_kiosk(scene)
