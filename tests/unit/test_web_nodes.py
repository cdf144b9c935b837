"""Nodes over the API: who may ask what, and what a "no" looks like."""

from datetime import timedelta

import pytest

from hub.accounts.rights import Right
from hub.errors import Unwritten
from hub.identity.views import Enrolment, NodeIdentity, NotGranted, Revocation, Why
from hub.keyring import Keyring
from hub.web import limits
from hub.web.limits import Kind
from tests.accounts import an_office
from tests.given import MONDAY_9H, a_lobby
from tests.sites import MemorySite, a_visitor, an_app
from wire.enrolment import Grant, Renewal, Wish

ADMIN = {"authorization": f"Bearer {Keyring(b'0123456789abcdef').admin_token()}"}
OFFICE = {"authorization": f"Bearer {Keyring(b'0123456789abcdef').office_token()}"}
WISH = {"node": "desk-1", "request": "a request", "proof": "00"}
RENEWAL = {"certificate": "a certificate", "request": "a request", "signature": "00"}
FOR_ADMINS = [("GET", "/nodes"), ("POST", "/nodes/desk-1/enrolment"), ("POST", "/nodes/desk-1/revocation")]
FOR_NODES = [("/enrolments", WISH), ("/renewals", RENEWAL)]


class Registrar:
    """Grants everything, unless it is told what to say instead."""

    def __init__(self) -> None:
        self.no: Exception | None = None
        self.asked: list[object] = []
        self.known: tuple[NodeIdentity, ...] = ()

    async def start(self) -> None: ...

    async def invite(self, node: str, valid_s: int, *, who: str) -> Enrolment:
        self._hear(node, valid_s, who)
        expires_at = MONDAY_9H + timedelta(seconds=valid_s)
        return Enrolment(node=node, site="hall", code="K7QF", expires_at=expires_at)

    async def enrol(self, wish: Wish) -> Grant:
        self._hear(wish)
        return Grant(certificate="its", authority="ours", proof="11")

    async def renew(self, renewal: Renewal) -> Grant:
        self._hear(renewal)
        return Grant(certificate="its", authority="ours")

    async def revoke(self, node: str, *, who: str) -> Revocation:
        self._hear(node, who)
        return Revocation(node=node, certificates=1, is_listed=True, is_out=False)

    async def nodes(self) -> tuple[NodeIdentity, ...]:
        self._hear()
        return self.known

    def _hear(self, *asked: object) -> None:
        self.asked.append(asked)
        if self.no is not None:
            raise self.no


def a_node(site: str) -> NodeIdentity:
    """The first of `site`."""
    never = {"code_until": None, "certified_at": None, "certified_until": None, "revoked_at": None}
    return NodeIdentity(node=f"{site}-1", site=site, **never)


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.mark.parametrize(("method", "path"), FOR_ADMINS)
@pytest.mark.parametrize(("headers", "no"), [({}, 401), (OFFICE, 403), ({"authorization": "Bearer x"}, 401)])
async def test_only_who_may_do_so_enrols_revokes_and_lists(
    registrar: Registrar, method: str, path: str, headers: dict[str, str], no: int
) -> None:
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar)) as browser:
        answer = await browser.request(method, f"/api/v1{path}", headers=headers)
        assert answer.status_code == no
        assert registrar.asked == []
        assert (await browser.request(method, f"/api/v1{path}", headers=ADMIN)).status_code in (200, 201)


async def test_who_enrols_the_nodes_of_one_site_enrols_and_revokes_no_others(
    registrar: Registrar,
) -> None:
    registrar.known = tuple(map(a_node, ("hall", "annex", "")))
    office = an_office()
    token = await office.add_token("fleet", (Right.NODES,), ("hall",), None, "ada")
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar, office=office)) as program:
        program.headers["authorization"] = f"Bearer {token}"
        assert [it["node"] for it in (await program.get("/api/v1/nodes")).json()] == ["hall-1"]
        for node, wanted in (("hall-1", {200, 201}), ("annex-1", {403}), ("-1", {403}), ("nobody", {403})):
            answers = [await program.post(f"/api/v1/nodes/{node}/{wish}") for wish in ("enrolment", "revocation")]
            assert {it.status_code for it in answers} == wanted, node
    assert [it for it in registrar.asked if it] == [("hall-1", 86_400, "token:fleet"), ("hall-1", "token:fleet")]


async def test_an_admin_gets_a_code_for_as_long_as_she_says(registrar: Registrar) -> None:
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar)) as browser:
        answer = await browser.post("/api/v1/nodes/desk-1/enrolment?valid_s=60", headers=ADMIN)
        assert answer.json() == {"node": "desk-1", "site": "hall", "code": "K7QF", "expires_at": "2026-03-02T09:01:00Z"}
        too_long = await browser.post("/api/v1/nodes/desk-1/enrolment?valid_s=604801", headers=ADMIN)
        assert too_long.status_code == 422
        assert registrar.asked == [("desk-1", 60, "operator")]


@pytest.mark.parametrize(("path", "wish"), FOR_NODES)
async def test_a_node_needs_no_token(registrar: Registrar, path: str, wish: dict[str, str]) -> None:
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar)) as browser:
        answer = await browser.post(f"/api/v1{path}", json=wish)
        assert (answer.status_code, answer.json()["certificate"]) == (201, "its")


@pytest.mark.parametrize(("path", "wish"), FOR_NODES)
async def test_who_asks_for_certificates_on_and_on_is_asked_to_wait(
    registrar: Registrar, path: str, wish: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_now_s", lambda: 0.0)
    at_once = Kind.ENROL.value[0].burst
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar)) as browser:
        answers = [await browser.post(f"/api/v1{path}", json=wish) for _ in range(at_once + 1)]
        assert {it.status_code for it in answers[:-1]} == {201}
        assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "1")


@pytest.mark.parametrize(("path", "wish"), FOR_NODES)
@pytest.mark.parametrize(
    ("no", "status", "code"),
    [
        (NotGranted(Why.WRONG_CODE, "no"), 403, "wrong-code"),
        (NotGranted(Why.CODE_USED, "no"), 409, "code-used"),
        (NotGranted(Why.BAD_REQUEST, "no"), 422, "bad-request"),
        (Unwritten("gone"), 503, "unavailable"),
    ],
)
async def test_a_no_to_a_node_says_why(
    registrar: Registrar, path: str, wish: dict[str, str], no: Exception, status: int, code: str
) -> None:
    registrar.no = no
    async with a_visitor(an_app(MemorySite(a_lobby()), registrar=registrar)) as browser:
        answer = await browser.post(f"/api/v1{path}", json=wish)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_hub_that_is_no_authority_has_none_of_this() -> None:
    async with a_visitor(an_app(MemorySite(a_lobby()))) as browser:
        answers = [await browser.request(method, f"/api/v1{path}", headers=ADMIN) for method, path in FOR_ADMINS]
        answers += [await browser.post(f"/api/v1{path}", json=wish) for path, wish in FOR_NODES]
        assert [answer.status_code for answer in answers] == [404] * 5
