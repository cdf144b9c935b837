"""Kiosk, counter and printer on a stage: what the hub hears when hands move the fakes."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.beams import BLOCKED_S, Crossing
from tests.edge_stage import DOOR, KIOSK, PRINTER, START_AT, Stage, on_stage
from wire.messages import (
    Count,
    CountQuality,
    Done,
    DoneOutcome,
    Event,
    Health,
    KioskService,
    KioskView,
    Outcome,
    Paper,
    PaperChanged,
    PrintSlip,
    TakePicture,
    TicketRequest,
)


def a_slip(number: str = "A001") -> PrintSlip:
    return PrintSlip(
        number=number,
        service={"en": "Passports"},
        title={"en": "Town hall"},
        language="en",
        ticket_url="https://guichet.example.org/t/1",
        issued_at=START_AT,
    )


def dones(stage: Stage) -> list[tuple[str, DoneOutcome]]:
    return [(done.id, done.outcome) for done in stage.heard(Done)]


def papers(stage: Stage) -> list[Paper]:
    return [event.body.paper for event in stage.heard(Event) if isinstance(event.body, PaperChanged)]


# --- kiosk ---------------------------------------------------------------------------------------------------


def a_kiosk(*open_services: str) -> KioskView:
    services = [
        KioskService(id=name, letter=name[0].upper(), name={}, open=name in open_services, waiting=0)
        for name in ("passport", "permit")
    ]
    return KioskView(title={}, languages=["en"], services=services)


def test_a_key_of_the_kiosk_asks_for_a_ticket_of_its_service_once_however_often_it_is_pressed() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        stage.hands.press("kiosk", "permit")
        await stage.wait(0.3)
        stage.hands.press("kiosk", "permit")
        await stage.wait(0.3)
        stage.answer = lambda event: (Outcome.DONE, "")
        await stage.wait(5)
        stage.hands.press("kiosk", "permit")
        await stage.wait(1)

    stage = on_stage(scene, [KIOSK])
    requests = {event.seq: event.body for event in stage.heard(Event)}
    assert [body.service for body in requests.values() if isinstance(body, TicketRequest)] == ["permit", "permit"]
    first, second = requests.values()
    assert first != second, "each wish has its own request id"


def test_the_lamp_of_a_service_is_lit_while_it_is_open() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("kiosk", a_kiosk("passport"))
        await stage.wait(0.5)
        assert stage.hands.is_lit("kiosk", "passport")
        stage.show("kiosk", a_kiosk("permit"))
        await stage.wait(0.5)
        assert not stage.hands.is_lit("kiosk", "passport")

    on_stage(scene, [KIOSK])


def test_no_lamp_promises_a_ticket_while_the_hub_is_silent() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("kiosk", a_kiosk("passport"))
        stage.is_telling_time = False
        await stage.wait(7)
        assert not stage.hands.is_lit("kiosk", "passport")
        stage.is_telling_time = True
        await stage.wait(5)
        assert stage.hands.is_lit("kiosk", "passport")

    on_stage(scene, [KIOSK])


# --- counter -------------------------------------------------------------------------------------------------


def test_totals_grow_with_crossings_and_are_told_at_most_four_times_a_second() -> None:
    async def scene(stage: Stage) -> None:
        for _ in range(20):
            stage.hands.cross("door", Crossing.ENTERED)
            await stage.wait(0.05)
        stage.hands.cross("door", Crossing.LEFT)
        await stage.wait(2)

    counts = on_stage(scene, [DOOR]).heard(Count)
    assert (counts[0].entered, counts[0].left) == (0, 0)
    assert (counts[-1].entered, counts[-1].left) == (20, 1)
    assert len(counts) <= 7
    assert len({count.epoch for count in counts}) == 1


def test_who_looks_from_afar_sees_the_totals_and_which_beam_is_dark() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.cross("door", Crossing.ENTERED)
        await stage.wait(1)
        stage.hands.block("door")
        stage.job("door", TakePicture())
        await stage.wait(1)

    (done,) = on_stage(scene, [DOOR]).heard(Done)
    assert done.picture == ["1 entered, 0 left: ok", "dark: outer"]


def test_totals_that_the_broker_may_have_lost_are_told_again_at_every_connection() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        for _ in range(3):
            stage.hands.cross("door", Crossing.ENTERED)
            await stage.wait(0.5)
        stage.heal()
        await stage.wait(10)
        stage.broker.restart(keep_retained=False)
        await stage.wait(10)

    assert [count.entered for count in on_stage(scene, [DOOR]).heard(Count)] == [0, 3, 3]


def test_a_restarted_counter_begins_a_new_epoch_at_zero() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.cross("door", Crossing.ENTERED)
        await stage.wait(1)
        await stage.restart()
        stage.hands.cross("door", Crossing.LEFT)
        await stage.wait(1)

    counts = on_stage(scene, [DOOR]).heard(Count)
    assert [(count.entered, count.left) for count in counts] == [(0, 0), (1, 0), (0, 0), (0, 1)]
    assert counts[1].epoch != counts[2].epoch


def test_a_blocked_door_says_so_and_says_when_it_is_clear() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.block("door")
        await stage.wait(BLOCKED_S + 1)
        stage.hands.block("door", is_blocked=False)
        await stage.wait(1)

    qualities = [count.quality for count in on_stage(scene, [DOOR]).heard(Count)]
    assert qualities == [CountQuality.OK, CountQuality.BLOCKED, CountQuality.OK]


# --- printer -------------------------------------------------------------------------------------------------


def test_a_job_is_printed_once_however_often_it_comes() -> None:
    async def scene(stage: Stage) -> None:
        for _ in range(3):
            stage.job("printer", a_slip())
        await stage.wait(5)
        stage.job("printer", a_slip())
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    (slip,) = stage.hands.slips("printer")
    assert "A001" in slip.text
    assert dones(stage) == [("job-1", DoneOutcome.DONE)] * 2


def test_jobs_are_printed_in_their_order() -> None:
    async def scene(stage: Stage) -> None:
        for n in range(5):
            stage.job("printer", a_slip(f"A{n}"), job=f"job-{n}")
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    numbers = [slip.text.split("\n")[2] for slip in stage.hands.slips("printer")]
    assert numbers == ["A0", "A1", "A2", "A3", "A4"]


def test_a_job_that_has_expired_is_not_printed() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", a_slip(), expires_in_s=-1)
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    assert dones(stage) == [("job-1", DoneOutcome.EXPIRED)]
    assert stage.hands.slips("printer") == []


def test_without_paper_a_job_fails_with_what_to_do_and_is_printed_when_there_is_some() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").paper = Paper.OUT
        stage.job("printer", a_slip())
        await stage.wait(5)
        assert stage.heard(Done)[-1].why == "no paper; load a roll"
        stage.hands.printer("printer").load_paper()
        stage.job("printer", a_slip())
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    assert dones(stage) == [("job-1", DoneOutcome.FAILED), ("job-1", DoneOutcome.DONE)]
    assert "Copy" not in stage.hands.slips("printer")[0].text
    assert papers(stage) == [Paper.OK, Paper.OUT, Paper.OK]


def test_a_printer_without_paper_is_logged_once_and_once_when_it_prints_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").paper = Paper.OUT
        for _ in range(20):
            stage.job("printer", a_slip(), expires_in_s=3600)
            await stage.wait(30)
        stage.hands.printer("printer").load_paper()
        stage.job("printer", a_slip(), expires_in_s=3600)
        await stage.wait(5)

    with capture_logs() as logs:
        on_stage(scene, [PRINTER])
    assert [line["event"] for line in logs if "slip" in line["event"]] == ["slips not printed", "slips printed again"]


def test_a_disk_that_does_not_take_what_a_printer_must_remember_is_named_and_logged_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("a file where a folder should be")

    async def scene(stage: Stage) -> None:
        for number in range(5):
            stage.job("printer", a_slip(), job=f"job-{number}")
            await stage.wait(5)
        await stage.wait(60)
        assert "what it must remember is not kept" in stage.heard(Health)[-1].faults["printer"]
        folder.unlink()
        stage.job("printer", a_slip(), job="job-9")
        await stage.wait(60)
        assert stage.heard(Health)[-1].faults == {}

    with capture_logs() as logs:
        stage = on_stage(scene, [PRINTER], folder)
    assert len(stage.hands.slips("printer")) == 6, "slips go on"
    said = [line["event"] for line in logs if line.get("part") == "memory of jobs"]
    assert said == ["device lost", "device back"]


def test_a_slip_that_may_be_on_paper_is_printed_again_as_a_copy() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").lines_left = 3
        stage.job("printer", a_slip())
        await stage.wait(5)
        assert "may be incomplete" in stage.heard(Done)[-1].why
        stage.hands.printer("printer").load_paper()
        stage.job("printer", a_slip())
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    assert dones(stage) == [("job-1", DoneOutcome.FAILED), ("job-1", DoneOutcome.DONE)]
    assert "Copy" in stage.hands.slips("printer")[0].text


@pytest.mark.parametrize("lines", [1, 3, 6])
def test_a_printer_that_loses_its_power_in_the_midst_of_a_slip_prints_a_copy_when_it_has_it_again(lines: int) -> None:
    async def scene(stage: Stage) -> None:
        printer = stage.hands.printer("printer")
        printer.lines_of_power = lines
        stage.job("printer", a_slip())
        await stage.wait(5)
        assert (list(printer.slips), printer.is_on) == ([], False)
        printer.switch_on()
        await stage.wait(60)
        stage.job("printer", a_slip())
        await stage.wait(5)
        stage.job("printer", a_slip())
        await stage.wait(5)

    stage = on_stage(scene, [PRINTER])
    assert dones(stage) == [("job-1", DoneOutcome.FAILED), *[("job-1", DoneOutcome.DONE)] * 2]
    (slip,) = stage.hands.slips("printer")
    assert "Copy" in slip.text.split("\n")[:3], "what was on paper already is torn off"


@pytest.mark.parametrize("trouble", ["unplug", "switch off", "garbage"])
def test_a_printer_that_cannot_be_asked_is_unknown_and_its_jobs_fail(trouble: str) -> None:
    async def scene(stage: Stage) -> None:
        printer = stage.hands.printer("printer")
        printer.is_plugged_in = trouble != "unplug"
        printer.is_on = trouble != "switch off"
        printer.answers_garbage = trouble == "garbage"
        stage.job("printer", a_slip())
        await stage.wait(5)
        printer.is_plugged_in = printer.is_on = True
        printer.answers_garbage = False
        await stage.wait(60)

    stage = on_stage(scene, [PRINTER])
    assert dones(stage) == [("job-1", DoneOutcome.FAILED)]
    assert papers(stage) == [Paper.OK, Paper.UNKNOWN, Paper.OK]


def test_a_restarted_agent_remembers_what_it_has_printed(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.job("printer", a_slip())
        await stage.wait(5)
        await stage.restart()
        stage.job("printer", a_slip())
        await stage.wait(5)
        assert stage.hands.slips("printer") == []

    assert dones(on_stage(scene, [PRINTER], tmp_path)) == [("job-1", DoneOutcome.DONE)] * 2


def test_a_slip_that_was_begun_before_a_power_cut_is_printed_again_as_a_copy(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").lines_left = 3
        stage.job("printer", a_slip())
        await stage.wait(5)
        await stage.restart()
        stage.job("printer", a_slip())
        await stage.wait(5)

    (slip,) = on_stage(scene, [PRINTER], tmp_path).hands.slips("printer")
    assert slip.text.startswith("Copy")


def test_a_damaged_memory_does_not_stop_the_printer(tmp_path: Path) -> None:
    (tmp_path / "desk-1-printer-jobs.json").write_text('{"job-')

    async def scene(stage: Stage) -> None:
        stage.job("printer", a_slip())
        await stage.wait(5)

    assert len(on_stage(scene, [PRINTER], tmp_path).hands.slips("printer")) == 1
