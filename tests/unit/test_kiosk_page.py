"""A kiosk that is touched: the real role, printer and pages, and a hub that does as the test says."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.applications import Starlette

from edge.kiosk_face import Asked, How, Told
from edge.screens.app import screens_app
from edge.screens.kiosk_screen import VISITS_MAX, KioskScreen
from edge.screens.kiosk_site import code_in
from simulator.asgi_client import AsgiClient
from tests.edge_stage import NODE, PRINTER, SITE, Stage, on_stage, receipt
from tests.unit.test_kiosk_cut_off import events, lease, numbers, print_slip, show, slips
from wire import topics
from wire.messages import CheckInRequest, Done, Event, Identify, Outcome, Paper, TicketGiven, TicketRequest

KIOSK_PAGE = {"id": "kiosk", "kind": "kiosk", "driver": "page"}
URL = "https://hub.test/t/7Vt3n0q0Yw8rS1kQ"

Scene = Callable[[Stage], Awaitable[None]]


def at_kiosk(scene: Scene, devices: tuple[dict[str, Any], ...] = (PRINTER,)) -> Stage:
    async def leased(stage: Stage) -> None:
        await lease(stage)
        await scene(stage)

    return on_stage(leased, [KIOSK_PAGE, *devices])


def face(stage: Stage) -> KioskScreen:
    return stage.devices.kiosks["kiosk"]


def wish(stage: Stage, key: str = "visit", **changes: Any) -> str:
    changes.setdefault("service", "" if "code" in changes else "passport")
    face(stage).ask(Asked(key=key, language="en", **changes))
    return key


def told(stage: Stage, key: str = "visit") -> Told:
    visit = face(stage).visit(key)
    assert visit is not None
    return visit.told


def asked(stage: Stage) -> Any:
    return events(stage, TicketRequest)[-1].request


def issues(stage: Stage, *, slip: bool) -> None:
    """From now on the hub issues A001 for each wish, and sends a slip for it or loses that."""

    def answer(event: Event) -> tuple[Outcome, str] | None:
        body = event.body
        if not isinstance(body, TicketRequest | CheckInRequest):
            return Outcome.DONE, ""
        done = receipt(event, Outcome.DONE)
        said = type(done)(**{name: getattr(done, name) for name in done.__struct_fields__ if name != "facts"} | {
            "facts": {"number": "A001"}, "ticket_url": URL})  # fmt: skip
        stage.say(topics.receipt(SITE, NODE, "kiosk"), said)
        if slip and body.on_paper:
            stage.job("printer", print_slip(body.request), job=f"job-{event.seq}")
        return None

    stage.answer = answer


def knows_where(stage: Stage) -> None:
    """From now on the hub says where to follow a number that the kiosk gave by itself, to who can show it."""

    def answer(event: Event) -> tuple[Outcome, str] | None:
        if isinstance(event.body, TicketGiven) and event.body.shows:
            said = replace(receipt(event, Outcome.DONE), ticket_url=URL)
            stage.say(topics.receipt(SITE, NODE, "kiosk"), said)
            return None
        return Outcome.DONE, ""

    stage.answer = answer


def test_a_visitor_reads_her_number_at_once_and_is_told_when_the_slip_is_there() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=False)
        wish(stage)
        await stage.wait(0.5)
        assert told(stage) == Told(how=How.PROMISED, number="A001", url=URL, on_paper=True)
        stage.job("printer", print_slip(asked(stage)))
        await stage.wait(1)
        assert told(stage) == Told(how=How.DONE, number="A001", url=URL, on_paper=True)

    assert len(slips(at_kiosk(scene))) == 1


def test_who_wants_no_paper_gets_the_address_of_her_ticket() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage, on_paper=False)
        await stage.wait(15)
        assert told(stage) == Told(how=How.DONE, number="A001", url=URL)

    stage = at_kiosk(scene)
    assert slips(stage) == []
    assert not events(stage, TicketRequest)[-1].on_paper


@pytest.mark.parametrize("trouble", ["out of paper", "silent", "unplugged"])
def test_a_ticket_whose_slip_cannot_be_printed_is_shown_and_its_slip_does_not_come_later(trouble: str) -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        printer = stage.hands.printer("printer")
        match trouble:
            case "out of paper":
                printer.paper = Paper.OUT
            case "silent":
                printer.is_on = False
            case _:
                printer.unplug()
        wish(stage)
        await stage.wait(5)
        assert told(stage) == Told(how=How.UNPRINTED, number="A001", url=URL)
        printer.load_paper()
        printer.switch_on()
        printer.plug_in()
        stage.job("printer", print_slip(asked(stage)), job="again")
        await stage.wait(60)

    stage = at_kiosk(scene)
    assert slips(stage) == []
    assert stage.heard(Done, "printer")[-1].id == "again"
    assert events(stage, TicketGiven) == []


def test_a_slip_that_never_comes_does_not_keep_the_visitor_waiting() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=False)
        wish(stage)
        await stage.wait(11)
        assert told(stage).how is How.UNPRINTED

    assert events(at_kiosk(scene), TicketGiven) == []


def test_a_page_knows_that_the_printer_cannot_print_before_anybody_asks() -> None:
    async def scene(stage: Stage) -> None:
        assert face(stage).newest.prints
        printer = stage.hands.printer("printer")
        for is_open, paper in ((True, Paper.OK), (False, Paper.OUT)):
            printer.is_cover_open, printer.paper = is_open, paper
            await stage.wait(12)
            assert not face(stage).newest.prints
            printer.is_cover_open, printer.paper = False, Paper.NEAR_END
            await stage.wait(12)
            assert face(stage).newest.prints

    at_kiosk(scene)


def test_while_it_is_cut_off_it_prints_numbers_of_its_own_says_so_and_hands_them_in() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        assert face(stage).newest.is_silent
        assert face(stage).newest.given == {"passport", "permit"}
        wish(stage)
        await stage.wait(2)
        assert told(stage) == Told(how=How.DONE, number="K001", on_paper=True, is_own=True)
        stage.heal()
        stage.is_telling_time = True
        await stage.wait(10)

    stage = at_kiosk(scene)
    assert numbers(stage) == ["K001"]
    assert [it.number for it in events(stage, TicketGiven)] == [1]


def test_who_still_stands_there_when_the_hub_has_heard_of_her_number_gets_the_address_of_her_ticket() -> None:
    async def scene(stage: Stage) -> None:
        knows_where(stage)
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        wish(stage)
        await stage.wait(2)
        before = told(stage)
        assert before == Told(how=How.DONE, number="K001", on_paper=True, is_own=True)
        stage.heal()
        stage.is_telling_time = True
        await stage.wait(10)
        after = told(stage)
        assert after == Told(how=How.DONE, number="K001", on_paper=True, is_own=True, url=URL)
        assert before.mark != after.mark, "the page looks again"

    assert [it.shows for it in events(at_kiosk(scene), TicketGiven)] == [True]


def test_nobody_is_shown_the_address_of_the_ticket_of_somebody_before() -> None:
    async def scene(stage: Stage) -> None:
        knows_where(stage)
        stage.cut()
        stage.is_telling_time = False
        await stage.wait(5)
        wish(stage, "first")
        await stage.wait(2)
        wish(stage, "second")
        await stage.wait(2)
        stage.heal()
        stage.is_telling_time = True
        await stage.wait(10)
        assert [(told(stage, key).number, told(stage, key).url) for key in ("first", "second")] == [
            ("K001", ""),
            ("K002", URL),
        ]

    assert [it.shows for it in events(at_kiosk(scene), TicketGiven)] == [False, True]


def test_a_kiosk_whose_slips_another_node_prints_waits_for_none_and_does_not_say_that_nothing_was_printed() -> None:
    async def scene(stage: Stage) -> None:
        show(stage, printer="reception/printer")
        issues(stage, slip=False)
        wish(stage)
        await stage.wait(0.5)
        assert told(stage) == Told(how=How.DONE, number="A001", url=URL, on_paper=True)
        await stage.wait(15)
        assert told(stage).how is How.DONE
        stage.hands.printer("printer").paper = Paper.OUT
        await stage.wait(15)
        assert face(stage).newest.prints, "what this node's printer lacks concerns nobody here"

    at_kiosk(scene)


def test_a_kiosk_without_a_printer_offers_no_paper() -> None:
    async def scene(stage: Stage) -> None:
        show(stage, printer="")
        await stage.wait(1)
        assert not face(stage).newest.prints

    at_kiosk(scene)


def test_a_number_of_its_own_that_cannot_be_printed_is_shown_and_counts() -> None:
    async def scene(stage: Stage) -> None:
        stage.hands.printer("printer").paper = Paper.OUT
        stage.cut()
        await stage.wait(5)
        wish(stage)
        await stage.wait(3)
        assert told(stage) == Told(how=How.UNPRINTED, number="K001", is_own=True)
        stage.heal()
        await stage.wait(10)

    assert [it.number for it in events(at_kiosk(scene), TicketGiven)] == [1]


def test_without_numbers_it_names_a_desk() -> None:
    async def scene(stage: Stage) -> None:
        stage.cut()
        await stage.wait(5)
        for n in range(4):
            wish(stage, f"visit-{n}")
            await stage.wait(3)
        assert told(stage, "visit-3") == Told(how=How.NO_NUMBER, desk="3", on_paper=True)

    at_kiosk(scene)


def test_an_appointment_is_checked_in_and_cannot_be_while_it_is_cut_off() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage, code="7K3M-Q9TZ")
        await stage.wait(2)
        assert told(stage).number == "A001"
        assert events(stage, CheckInRequest)[-1].code == "7K3M-Q9TZ"
        stage.cut()
        await stage.wait(5)
        wish(stage, "later", code="7K3M-Q9TZ")
        await stage.wait(1)
        assert told(stage, "later") == Told(how=How.OFFLINE)

    at_kiosk(scene)


def test_a_refusal_is_told_with_its_reason() -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: (Outcome.REFUSED, "closed")
        wish(stage)
        await stage.wait(1)
        assert told(stage) == Told(how=How.REFUSED, code="closed")

    at_kiosk(scene)


def test_a_slip_that_was_taken_is_told_where_the_printer_can_tell() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage)
        await stage.wait(3)
        assert told(stage).how is How.DONE
        stage.hands.tear_off("printer")
        await stage.wait(2)
        assert told(stage) == Told(how=How.TAKEN, number="A001", url=URL, on_paper=True)
        stage.cut()
        await stage.wait(5)
        wish(stage, "own")
        await stage.wait(3)
        assert told(stage, "own").how is How.DONE
        stage.hands.tear_off("printer")
        await stage.wait(2)
        assert told(stage, "own").how is How.TAKEN

    at_kiosk(scene, (PRINTER | {"dialect": "custom"},))


def test_a_form_that_is_sent_twice_is_one_wish() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage)
        wish(stage)
        await stage.wait(2)
        wish(stage)
        await stage.wait(2)

    assert len({it.request for it in events(at_kiosk(scene), TicketRequest)}) == 1


def test_a_slip_for_weak_sight_is_chosen_at_the_kiosk() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage, is_large=True)
        await stage.wait(2)

    (slip,) = at_kiosk(scene).hands.slips("printer")
    assert max(getattr(row, "height", 0) for row in slip.rows) == 8


def test_a_kiosk_without_a_printer_shows_tickets() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=False)
        wish(stage)
        await stage.wait(1)
        assert told(stage).how is How.DONE
        assert told(stage).url == URL

    at_kiosk(scene, ())


def test_who_looks_for_a_kiosk_sees_its_name() -> None:
    async def scene(stage: Stage) -> None:
        before = face(stage).offer_mark
        stage.job("kiosk", Identify(seconds=10))
        await stage.wait(1)
        assert face(stage).is_looked_for
        assert face(stage).offer_mark != before
        await stage.wait(10)
        assert face(stage).offer_mark == before

    at_kiosk(scene)


async def test_wishes_that_nobody_came_back_for_are_forgotten() -> None:
    screen = KioskScreen("node/kiosk", lambda: "token")
    screen.listen(lambda asked: None)
    for n in range(VISITS_MAX + 1):
        screen.ask(Asked(key=str(n), language="en", service="passport"))
    assert screen.visit("0") is None
    assert screen.visit(str(VISITS_MAX)) is not None


# --- over HTTP -----------------------------------------------------------------------------------------------------


def app_of(stage: Stage) -> Starlette:
    return screens_app({}, matrices={}, kiosks=stage.devices.kiosks, heard=stage.node.heard_screen)


async def get(stage: Stage, query: str) -> Any:
    return await AsgiClient(app_of(stage)).get(f"/kiosk?{query}")


@pytest.mark.parametrize("query", ["at=ticket&key=gone", "at=service&service=none", "at=nowhere", "l=xx&first=99999"])
def test_an_address_that_makes_no_sense_is_the_start(query: str) -> None:
    async def scene(stage: Stage) -> None:
        answer = await get(stage, query)
        assert answer.status == 200
        assert "Welcome" in answer.text

    at_kiosk(scene)


def test_whoever_comes_next_does_not_see_the_ticket_of_who_has_gone() -> None:
    async def scene(stage: Stage) -> None:
        issues(stage, slip=True)
        wish(stage)
        await stage.wait(2)
        assert "A001" in (await get(stage, "at=ticket&key=visit&l=en")).text
        face(stage).forget("visit")
        assert "A001" not in (await get(stage, "at=ticket&key=visit&l=en")).text

    at_kiosk(scene)


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("7K3M-Q9TZ", "7K3M-Q9TZ"),
        (" 7k3m q9tz ", "7k3m q9tz"),
        ("https://hub.test/check-in?code=7K3MQ9TZ", "7K3MQ9TZ"),
        ("https://hub.test/hall/check-in#7K3MQ9TZ", "7K3MQ9TZ"),
        ("https://hub.test/c/7K3MQ9TZ/", "7K3MQ9TZ"),
        ("https://[", "https://["),
        ("", ""),
    ],
)
def test_a_code_is_found_in_what_was_typed_or_scanned(scanned: str, code: str) -> None:
    assert code_in(scanned) == code
