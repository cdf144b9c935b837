"""The OpenAPI document says what the API does, and is the one beside the docs."""

from collections.abc import AsyncIterator, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from hub.day.inputs import KnowAppointment
from hub.keyring import Keyring
from hub.web import openapi
from hub.web.app import described_app
from tests.books import StillBook
from tests.sites import MemorySite, a_browser, an_app

ROOT = Path(__file__).parents[2]
DOCUMENT = openapi.document(described_app())
SITE = "/api/v1/sites/{site}"


@pytest.fixture
async def browser() -> AsyncIterator[AsyncClient]:
    async with a_browser(an_app(MemorySite())) as browser:
        yield browser


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from references(item)


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    validator = Draft202012Validator(schema | {"components": DOCUMENT["components"]}, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


def assert_as_described(path: str, method: str, response: Response) -> None:
    """`response` is one that the document promises for `method` on `path`."""
    described = DOCUMENT["paths"][path][method]["responses"]
    assert str(response.status_code) in described, f"{response.status_code} is not described for {method} {path}"
    (kind, content), *_ = described[str(response.status_code)]["content"].items()
    assert response.headers["content-type"] == kind
    assert faults(content["schema"], response.json()) == []


def test_the_document_beside_the_docs_is_the_generated_one() -> None:
    kept = (ROOT / "docs/openapi.json").read_text()
    assert kept == openapi.text(described_app()), "run: python -m hub.web.openapi > docs/openapi.json"


async def test_the_hub_serves_the_document(browser: AsyncClient) -> None:
    assert (await browser.get("/api/v1/openapi.json")).json() == DOCUMENT


def test_every_reference_resolves_and_every_schema_is_used() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        assert reduce(lambda place, key: place[key], reference[2:].split("/"), DOCUMENT)
    assert {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]} == found


def test_every_route_is_described_and_named_once() -> None:
    operations = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    assert all(operation["description"] and operation["tags"] for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)


def test_examples_are_what_they_are_examples_of() -> None:
    fields = DOCUMENT["components"]["schemas"]["NewTicket"]["properties"].values()
    examples = [(field, example) for field in fields for example in field.get("examples", ())]
    assert examples
    for field, example in examples:
        assert faults(field, example) == []


def test_what_is_written_beside_a_field_is_its_description() -> None:
    ahead = DOCUMENT["components"]["schemas"]["TicketView"]["properties"]["ahead"]
    assert ahead["description"] == "People before this one in line; None when not in line."


async def test_sites_are_as_described(browser: AsyncClient) -> None:
    assert_as_described("/api/v1/sites", "get", await browser.get("/api/v1/sites"))
    assert_as_described(SITE, "get", await browser.get("/api/v1/sites/hall"))
    assert_as_described(SITE, "get", await browser.get("/api/v1/sites/nowhere"))


async def test_tickets_are_as_described(browser: AsyncClient) -> None:
    tickets, ticket = f"{SITE}/tickets", "/api/v1/tickets/{token}"
    issued = await browser.post("/api/v1/sites/hall/tickets", json={"service": "passports"})
    assert_as_described(tickets, "post", issued)
    for body in ({"service": "fishing"}, {"service": 7}, {}):
        assert_as_described(tickets, "post", await browser.post("/api/v1/sites/hall/tickets", json=body))
    token = issued.json()["token"]
    assert_as_described(ticket, "get", await browser.get(f"/api/v1/tickets/{token}"))
    assert_as_described(ticket, "get", await browser.get("/api/v1/tickets/nobodys"))
    for _ in "12":
        assert_as_described(ticket, "delete", await browser.delete(f"/api/v1/tickets/{token}"))


async def test_desks_are_as_described(browser: AsyncClient) -> None:
    desks = f"{SITE}/desks"
    assert_as_described(desks, "get", await browser.get("/api/v1/sites/hall/desks"))
    assert_as_described(f"{desks}/{{desk}}", "get", await browser.get("/api/v1/sites/hall/desks/1"))
    await browser.post("/api/v1/sites/hall/tickets", json={"service": "passports"})
    for desk, action in (("1", "next"), ("1", "open"), ("1", "next"), ("1", "start"), ("99", "open"), ("1", "sing")):
        pressed = await browser.post(f"/api/v1/sites/hall/desks/{desk}/{action}", json={"seen": None})
        assert_as_described(f"{desks}/{{desk}}/{{action}}", "post", pressed)
    assert (await browser.get("/api/v1/sites/hall/desks/1")).json()["state"] == "serving"


async def test_what_staff_do_with_a_ticket_is_as_described(browser: AsyncClient) -> None:
    desk, ticket = f"{SITE}/desks/{{desk}}", "/api/v1/tickets/{token}/resume"
    issued = await browser.post("/api/v1/sites/hall/tickets", json={"service": "passports"})
    token = issued.json()["token"]
    for action in ("open", "next", "park"):
        pressed = await browser.post(f"/api/v1/sites/hall/desks/1/{action}")
        assert_as_described(f"{desk}/{{action}}", "post", pressed)
    for body in ({"service": "permits"}, {"to_desk": "99"}, {"seen": "no"}):
        await browser.post("/api/v1/sites/hall/desks/1/next")
        sent_on = await browser.post("/api/v1/sites/hall/desks/1/transfer", json=body)
        assert_as_described(f"{desk}/transfer", "post", sent_on)
    for number in ("A001", "A009"):
        resumed = await browser.post(f"/api/v1/sites/hall/desks/1/tickets/{number}/resume", json={})
        assert_as_described(f"{desk}/tickets/{{number}}/resume", "post", resumed)
    for number, body in (("A009", {"reason": "left"}), ("A001", {}), ("A001", {"reason": "nonsense"})):
        cancelled = await browser.post(f"/api/v1/sites/hall/desks/2/tickets/{number}/cancel", json=body)
        assert_as_described(f"{desk}/tickets/{{number}}/cancel", "post", cancelled)
    for number, body in (("A001", {}), ("Z001", {}), ("A001", {"seen": "no"})):
        called = await browser.post(f"/api/v1/sites/hall/desks/1/tickets/{number}/call", json=body)
        assert_as_described(f"{desk}/tickets/{{number}}/call", "post", called)
    for body in ({"duplicate": "A001"}, {"duplicate": "Z001"}, {}):
        merged = await browser.post("/api/v1/sites/hall/desks/1/tickets/A001/merge", json=body)
        assert_as_described(f"{desk}/tickets/{{number}}/merge", "post", merged)
    for _ in "12":
        resumed = await browser.post(f"/api/v1/tickets/{token}/resume")
        assert_as_described(ticket, "post", resumed)
        assert resumed.json().get("state", "") in ("waiting", "")
        await browser.post("/api/v1/sites/hall/desks/1/next")


async def test_rooms_are_as_described(browser: AsyncClient) -> None:
    rooms, curve, corrections = f"{SITE}/rooms", f"{SITE}/rooms/{{room}}/curve", f"{SITE}/rooms/{{room}}/corrections"
    await browser.post("/api/v1/sites/hall/rooms/main/corrections", json={"people": 3})
    assert_as_described(rooms, "get", await browser.get("/api/v1/sites/hall/rooms"))
    for room in ("main", "attic"):
        assert_as_described(curve, "get", await browser.get(f"/api/v1/sites/hall/rooms/{room}/curve"))
        for body in ({"people": 12}, {"people": -1}, {"people": 0, "why": "empty"}):
            corrected = await browser.post(f"/api/v1/sites/hall/rooms/{room}/corrections", json=body)
            assert_as_described(corrections, "post", corrected)


async def test_what_changes_for_the_day_is_as_described(browser: AsyncClient) -> None:
    bodies: dict[str, tuple[object, ...]] = {
        "rooms/{room}/limit": ({"limit_people": 3, "why": "safety"}, {"limit_people": -1}, {"why": "because"}),
        "services/{service}/pause": (
            {},
            {"until_at": "2026-03-02T11:00:00+01:00"},
            {"until_at": "2020-01-01T00:00:00Z"},
        ),
        "notice": ({"text": {"en": "Wet floor"}}, {"text": {}}, {"text": {"en": "Wet floor"}, "until_at": "noon"}),
        "rooms/{room}/notice": ({"text": {"en": "Wet floor"}}, {"text": {"rm": "x"}}),
    }
    for path, wishes in bodies.items():
        for room, service in (("main", "passports"), ("attic", "fishing")):
            address = f"/api/v1/sites/hall/{path}".format(room=room, service=service)
            for body in wishes:
                assert_as_described(f"{SITE}/{path}", "put", await browser.put(address, json=body))
            assert_as_described(f"{SITE}/{path}", "delete", await browser.delete(address))


async def test_check_ins_are_as_described() -> None:
    site, keyring = MemorySite(), Keyring(b"0123456789abcdef")
    code = keyring.code("x")
    known = KnowAppointment(
        appointment="x", service="passports", slot_at=site.now, code_hash=keyring.code_hash(code), party_people=1
    )
    await site.submit(known)
    async with a_browser(an_app(site)) as browser:
        for body in ({"code": "x"}, {"code": code, "printer": "no/printer"}, {"code": code}, {"code": code}, {}):
            answer = await browser.post("/api/v1/sites/hall/check-ins", json=body)
            assert_as_described(f"{SITE}/check-ins", "post", answer)


async def test_the_book_is_as_described() -> None:
    token = Keyring(b"0123456789abcdef").office_token()
    imports, appointments = "/api/v1/sites/hall/book/imports", "/api/v1/sites/hall/book/appointments"
    async with a_browser(an_app(MemorySite(), book=StillBook())) as browser:
        for headers in ({"authorization": f"Bearer {token}"}, {"authorization": "Bearer x"}):
            answer = await browser.post(imports, content=b"x", headers=headers)
            assert_as_described(f"{SITE}/book/imports", "post", answer)
            answer = await browser.get(appointments, headers=headers)
            assert_as_described(f"{SITE}/book/appointments", "get", answer)
