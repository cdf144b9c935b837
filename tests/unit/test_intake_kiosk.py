"""What a kiosk with a screen asks of the hub: tickets without paper, and tickets for those who have an appointment."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day.inputs import KnowAppointment
from hub.keyring import Keyring, token_hash
from tests.given import a_lobby
from tests.hubs import Node, Stage, run
from tests.unit.test_intake import KIOSK, PANEL, heard_now
from wire.messages import (
    CheckInRequest,
    Event,
    Job,
    KioskView,
    NumbersWanted,
    Outcome,
    PrintSlip,
    Receipt,
    Show,
    TicketGiven,
    TicketRequest,
)
from wire.topics import Leaf

KEYRING = Keyring(b"0123456789abcdef")
CODE = KEYRING.code("a1")
BRING = {"en": "Identity document\nPhoto"}
LOBBY = replace(a_lobby(), services=tuple(replace(it, bring=BRING) for it in a_lobby().services))


async def a_kiosk(stage: Stage) -> Node:
    """A kiosk, and a hub in whose day there is an appointment."""
    hub = await stage.hub(LOBBY)
    slot_at = stage.wall() + timedelta(minutes=10)
    code_hash = KEYRING.code_hash(CODE)
    known = KnowAppointment(appointment="a1", service="permits", slot_at=slot_at, code_hash=code_hash)
    await hub.sites["hall"].submit(known)
    kiosk = Node(stage, "kiosk-1")
    await asyncio.sleep(2)
    return kiosk


async def ask(kiosk: Node, body: TicketRequest | CheckInRequest, seq: int = 1, topic: str = KIOSK) -> None:
    await kiosk.say(topic, Event(session="s", seq=seq, body=body, heard=heard_now(kiosk)))


def test_a_receipt_tells_a_kiosk_the_number_and_the_page_of_the_ticket() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        await ask(kiosk, TicketRequest(request="wish", service="permits", language="fr", shows=True))
        (receipt,), (job,) = kiosk.of(Receipt, Leaf.RECEIPT), kiosk.of(Job, Leaf.JOB)
        assert receipt.facts == {"number": "B001"}
        assert isinstance(job.body, PrintSlip)
        assert receipt.ticket_url == job.body.ticket_url != ""

    run(story)


def test_a_ticket_that_is_shown_is_not_printed() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        await ask(kiosk, TicketRequest(request="wish", service="permits", language="fr", on_paper=False, shows=True))
        await asyncio.sleep(10)
        assert kiosk.of(Job, Leaf.JOB) == []
        assert kiosk.of(Receipt, Leaf.RECEIPT)[0].ticket_url.startswith("http://hub.test/t/")

    run(story)


def test_a_kiosk_that_shows_no_tickets_is_not_told_where_they_are_followed() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        await ask(kiosk, TicketRequest(request="wish", service="permits", language="fr"))
        assert kiosk.of(Receipt, Leaf.RECEIPT)[0].ticket_url == ""

    run(story)


@pytest.mark.parametrize("shows", [True, False])
def test_who_still_stands_there_is_told_where_to_follow_a_number_that_her_kiosk_gave_by_itself(*, shows: bool) -> None:
    async def story(stage: Stage) -> None:
        devices = tuple(replace(it, offline_letter="K") if it.id == "kiosk" else it for it in LOBBY.devices)
        hub = await stage.hub(replace(LOBBY, devices=devices))
        kiosk = Node(stage, "kiosk-1")
        await asyncio.sleep(2)
        wanted = NumbersWanted(holder="memory", next=0)
        await kiosk.say(KIOSK, Event(session="s", seq=1, body=wanted, heard=heard_now(kiosk)))
        given = TicketGiven(
            request="wish",
            service="permits",
            language="fr",
            day=stage.wall().date(),
            series="K",
            number=1,
            pressed=heard_now(kiosk),
            pressed_at=stage.wall(),
            shows=shows,
        )
        await kiosk.say(KIOSK, Event(session="s", seq=2, body=given, heard=heard_now(kiosk)))
        receipt = kiosk.of(Receipt, Leaf.RECEIPT)[-1]
        assert (receipt.event_seq, receipt.outcome) == (2, Outcome.DONE)
        assert bool(receipt.ticket_url) is shows
        if shows:
            token = receipt.ticket_url.rpartition("/")[2]
            numbers = await hub.sites["hall"].read(
                lambda day, now: [it.number for it in day.tickets.values() if it.token_hash == token_hash(token)]
            )
            assert numbers == ["K001"]

    run(story)


def test_a_kiosk_is_told_which_printer_prints_its_slips() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        views = [it.view for it in kiosk.of(Show, Leaf.SHOW) if isinstance(it.view, KioskView)]
        assert views[-1].printer == "kiosk-1/printer"

    run(story)


def test_a_code_at_a_kiosk_becomes_one_ticket_whose_slip_answers_the_wish() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        for seq, request in ((1, "wish"), (2, "wish"), (3, "again")):
            await ask(
                kiosk,
                CheckInRequest(request=request, code=f"{CODE[:4]}-{CODE[4:].lower()}", language="de", shows=True),
                seq,
            )
        first, repeated, again = kiosk.of(Receipt, Leaf.RECEIPT)
        assert (first.outcome, first.facts) == (Outcome.DONE, {"number": "B001"})
        assert (repeated.facts, repeated.ticket_url) == (first.facts, first.ticket_url)
        assert (again.outcome, again.code, again.ticket_url) == (Outcome.REFUSED, "checked-in", "")
        (job,) = kiosk.of(Job, Leaf.JOB)
        assert isinstance(job.body, PrintSlip)
        assert job.body.request == "wish"

    run(story)


def test_a_wrong_code_is_refused() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        await ask(kiosk, CheckInRequest(request="wish", code="00000000", language="de", shows=True))
        assert kiosk.of(Receipt, Leaf.RECEIPT)[0].code == "unknown-code"

    run(story)


def test_a_code_that_comes_from_where_none_can_is_put_aside_without_the_code() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        await ask(kiosk, CheckInRequest(request="wish", code=CODE, language="de", shows=True), topic=PANEL)
        await asyncio.sleep(1)
        (payload,) = stage.column("SELECT CAST(payload AS TEXT) FROM quarantine")
        assert "check-in-request" in str(payload)
        assert CODE not in str(payload)

    run(story)


def test_a_kiosk_and_a_slip_say_what_to_have_ready() -> None:
    async def story(stage: Stage) -> None:
        kiosk = await a_kiosk(stage)
        view = kiosk.of(Show, Leaf.SHOW)[-1].view
        assert isinstance(view, KioskView)
        assert {tuple(it.bring.items()) for it in view.services} == {tuple(BRING.items())}
        await ask(kiosk, TicketRequest(request="wish", service="passports", language="fr", shows=True))
        body = kiosk.of(Job, Leaf.JOB)[0].body
        assert isinstance(body, PrintSlip)
        assert body.bring == BRING

    run(story)
