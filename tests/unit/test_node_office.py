"""Codes, certificates and their ends: what the registrar gives to whom, with the node's own side of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from edge import identity
from edge.errors import EdgeError
from edge.identity import RENEW_WHEN_LEFT, IdentityFolder
from hub import schema
from hub.database import open_journal
from hub.identity.authority import NEVER, Authority
from hub.identity.bouncer import Expulsion
from hub.identity.folder import Folder
from hub.identity.registrar import CERTIFICATE_VALID, NodeOffice
from hub.identity.views import NotGranted, Why
from hub.journal import Journal
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from simulator.clock import Now, run_virtual
from wire import enrolment
from wire.enrolment import Grant, Renewal, Wish

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
IN_1970 = datetime(1970, 1, 1, tzinfo=UTC)
HUB = "http://hub.test"
DAY_S = 86_400
LATER = timedelta(days=300)
"""When a certificate has little time left."""
CODE = "K7QF-2M9X-K7QF-2M9X-K7QF"
KEY = b"0123456789abcdef" * 2


@dataclass
class Stage:
    """An office with a clock that a test may turn, and a node that asks it."""

    office: NodeOffice
    journal: Journal
    lists: Folder
    node: IdentityFolder
    now: datetime = NOW
    expelled: list[tuple[str, int]] = field(default_factory=list)
    wishes: list[Wish | Renewal] = field(default_factory=list)
    may_leave: asyncio.Event = field(default_factory=asyncio.Event)
    """Whoever is thrown out is gone once this is set."""

    def __post_init__(self) -> None:
        self.may_leave.set()

    async def ask(self, wish: Wish | Renewal) -> Grant:
        """As the API does."""
        self.wishes.append(wish)
        return await (self.office.enrol(wish) if isinstance(wish, Wish) else self.office.renew(wish))

    async def enrol(self, code: str, folder: IdentityFolder | None = None) -> datetime:
        """On the node's own thread; its wish reaches the office on the loop."""
        return await asyncio.to_thread(identity.enrol, folder or self.node, HUB, "desk-1", code, self.asked())

    async def renew(self) -> datetime:
        return await asyncio.to_thread(identity.renew, self.node, self.asked())

    def asked(self) -> identity.Ask:
        loop = asyncio.get_running_loop()
        return lambda _hub, _what, wish: asyncio.run_coroutine_threadsafe(self.ask(wish), loop).result()

    def acts(self) -> list[tuple[str, ...]]:
        """Who did what at which site and node."""
        columns = schema.act.c.who, schema.act.c.what, schema.act.c.site, schema.act.c.place
        with self.journal.transaction() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(schema.act.c.id))]

    @property
    def certificate(self) -> x509.Certificate:
        """The node's."""
        return x509.load_pem_x509_certificate(self.node.own_file.read_bytes())

    async def refusal_of(self, wish: Wish | Renewal) -> Why:
        with pytest.raises(NotGranted) as caught:
            await self.ask(wish)
        return caught.value.why


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[Stage]:
    keyring, tokens = Keyring(KEY), count(1)
    lists = Folder(folder / "authority")

    async def expel(node: str, number: int) -> Expulsion:
        stage.expelled.append((node, number))
        await stage.may_leave.wait()
        return Expulsion(is_listed=True, is_out=True)

    with open_journal("sqlite://") as journal:
        thread = JournalThread(journal)
        office = NodeOffice(
            thread,
            {"desk-1": "hall", "board-1": "hall"},
            authority=Authority(keyring),
            keyring=keyring,
            folder=lists,
            expel=expel,
            now=lambda: stage.now,
            new_token=lambda: f"token-{next(tokens)}",
        )
        stage = Stage(office, journal, lists, IdentityFolder(folder / "node"))
        await office.start()
        yield stage
        thread.close()


def a_request(node: str) -> str:
    """Somebody asks for the certificate of `node`."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, node)])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name)
    return asked.sign(generate_private_key(SECP256R1()), SHA256()).public_bytes(Encoding.PEM).decode()


async def test_a_node_gets_its_certificate_for_a_code_that_never_travels(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        made = await stage.office.invite("desk-1", 60, who="ada")
        assert await stage.enrol(made.code) == NOW + CERTIFICATE_VALID
        assert stage.certificate.subject.rfc4514_string() == "CN=desk-1"
        (wish,) = stage.wishes
        said = msgspec.json.encode(wish).decode()
        assert made.code not in said
        assert enrolment.normal(made.code) not in said
        assert "PRIVATE KEY" not in said


async def test_all_that_is_signed_was_valid_in_1970(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        authority = Authority(Keyring(KEY))
        broker = authority.broker_identity(["192.0.2.10", "hub.lan"], NEVER).pem
        signed = [stage.node.own_file.read_bytes(), stage.node.ca_file.read_bytes(), broker]
        assert [x509.load_pem_x509_certificate(pem).not_valid_before_utc for pem in signed] == [IN_1970] * 3
        listed = x509.load_pem_x509_crl(stage.lists.list_file.read_bytes())
        assert listed.last_update_utc < datetime(2001, 1, 1, tzinfo=UTC)


async def test_a_code_is_good_for_one_key_and_a_lost_answer_is_asked_for_again(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        made = await stage.office.invite("desk-1", 60, who="ada")
        await stage.enrol(made.code)
        first = stage.certificate
        (wish,) = stage.wishes
        again = await stage.ask(wish)
        assert x509.load_pem_x509_certificate(again.certificate.encode()) == first

        with pytest.raises(NotGranted) as caught:
            await stage.enrol(made.code, IdentityFolder(tmp_path / "thief"))
        assert caught.value.why is Why.CODE_USED


async def test_no_code_an_old_one_a_late_one_or_a_wrong_one_gets_nothing(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        request = a_request("desk-1")

        def wish(code: str, node: str = "desk-1") -> Wish:
            return Wish(node=node, request=request, proof=enrolment.wish_proof(code, node, request))

        older = await stage.office.invite("desk-1", 60, who="ada")
        newer = await stage.office.invite("desk-1", 60, who="ada")
        assert await stage.refusal_of(wish(newer.code, "board-1")) is Why.NO_CODE
        assert await stage.refusal_of(wish(older.code)) is Why.WRONG_CODE
        assert await stage.refusal_of(msgspec.structs.replace(wish(newer.code), proof="")) is Why.WRONG_CODE
        assert await stage.refusal_of(msgspec.structs.replace(wish(newer.code), request="x")) is Why.BAD_REQUEST
        stage.now += timedelta(seconds=60)
        assert await stage.refusal_of(wish(newer.code)) is Why.NO_CODE
        with pytest.raises(NotGranted, match="no lobby has a node 'desk-9'"):
            await stage.office.invite("desk-9", 60, who="ada")


@pytest.mark.parametrize("altered", ["certificate", "authority", "proof"])
async def test_a_node_keeps_nothing_of_a_hub_that_does_not_know_its_code(tmp_path: Path, altered: str) -> None:
    async with a_stage(tmp_path) as stage:
        made = await stage.office.invite("desk-1", 60, who="ada")
        stranger = Authority(Keyring(b"somebody-in-the-middle"))

        async def meddle(wish: Wish | Renewal) -> Grant:
            grant = await stage.office.enrol(wish) if isinstance(wish, Wish) else None
            assert grant
            return msgspec.structs.replace(grant, **{altered: stranger.certificate})

        stage.ask = meddle  # type: ignore[method-assign]  # somebody between the node and its hub
        with pytest.raises(EdgeError, match="does not know the code: that is not our hub"):
            await stage.enrol(made.code)
        assert not stage.node.own_file.exists()
        assert not stage.node.ca_file.exists()


async def test_a_renewal_gives_a_new_key_a_new_year(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        first, stage.now = stage.certificate, NOW + timedelta(days=300)

        assert await stage.renew() == stage.now + CERTIFICATE_VALID
        assert stage.certificate.public_key() != first.public_key()
        (desk, _) = await stage.office.nodes()
        assert desk.certified_until == stage.now + CERTIFICATE_VALID


def test_a_node_renews_by_itself_by_the_clock_of_the_hub(tmp_path: Path) -> None:
    authority, node = Authority(Keyring(KEY)), IdentityFolder(tmp_path)
    asked_at: list[datetime] = []

    async def main(now: Now) -> None:
        def ask(_hub: str, _what: str, wish: Wish | Renewal) -> Grant:
            asked_at.append(now())
            if len(asked_at) == 2:
                raise EdgeError("no hub answers")
            begin = now() if isinstance(wish, Wish) else now() + LATER
            pem = authority.certify_node("desk-1", wish.request, len(asked_at), begin + CERTIFICATE_VALID)
            proof = enrolment.grant_proof(CODE, wish.request, pem, authority.certificate)
            return Grant(certificate=pem, authority=authority.certificate, proof=proof)

        identity.enrol(node, HUB, "desk-1", CODE, ask)
        for hub_now in (lambda: None, lambda: now() + LATER):
            with suppress(TimeoutError):
                async with asyncio.timeout(DAY_S):
                    await identity.keep_valid(node, hub_now, ask)

    run_virtual(main, seed=1, start_at=NOW)
    # Nothing while the hub's time is not heard; then again soon when it does not answer; then nothing for long.
    assert [round((at - NOW).total_seconds()) for at in asked_at] == [0, DAY_S, DAY_S + identity.ASK_AGAIN_S]
    due_at = identity.valid_until(node) - RENEW_WHEN_LEFT
    assert (identity.is_due(node, due_at), identity.is_due(node, due_at + timedelta(seconds=1))) == (False, True)


async def test_a_renewed_certificate_of_another_authority_is_not_kept(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        first = stage.certificate
        stranger = Authority(Keyring(b"somebody-in-the-middle"))

        async def meddle(wish: Wish | Renewal) -> Grant:
            forged = stranger.certify_node("desk-1", wish.request, 7, NEVER)
            return Grant(certificate=forged, authority=stranger.certificate)

        stage.ask = meddle  # type: ignore[method-assign]  # somebody between the node and its hub
        with pytest.raises(EdgeError, match="not signed by our authority"):
            await stage.renew()
        assert stage.certificate == first


async def test_only_a_certificate_that_counts_is_renewed_and_only_for_its_own_key(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        await stage.renew()
        renewal = stage.wishes[-1]
        assert isinstance(renewal, Renewal)
        stranger = Authority(Keyring(b"somebody-else-s-key"))
        forged = stranger.certify_node("desk-1", renewal.request, stage.certificate.serial_number, NEVER)
        held = partial(msgspec.structs.replace, renewal)

        assert await stage.refusal_of(held(signature="00")) is Why.BAD_REQUEST
        assert await stage.refusal_of(held(signature="no digits")) is Why.BAD_REQUEST
        assert await stage.refusal_of(held(certificate="x")) is Why.BAD_REQUEST
        assert await stage.refusal_of(held(certificate=forged)) is Why.BAD_REQUEST
        stage.now += CERTIFICATE_VALID
        assert await stage.refusal_of(renewal) is Why.NO_CERTIFICATE
        stage.now = NOW
        await stage.office.revoke("desk-1", who="ada")
        assert await stage.refusal_of(renewal) is Why.NO_CERTIFICATE


async def test_each_list_is_newer_than_the_one_before_whatever_the_clock_says(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        dates, listed = [], []
        for day in (0, 0, -400):
            stage.now = NOW + timedelta(days=day)
            await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
            serial = stage.certificate.serial_number
            await stage.office.revoke("desk-1", who="ada")
            crl = x509.load_pem_x509_crl(stage.lists.list_file.read_bytes())
            dates.append(crl.last_update_utc)
            listed.append(crl.get_revoked_certificate_by_serial_number(serial) is not None)
        assert dates == sorted(set(dates))
        assert listed == [True] * 3
        assert stage.expelled == [("desk-1", 1), ("desk-1", 2), ("desk-1", 3)]


async def test_revoking_takes_the_code_too_and_may_be_tried_again(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        with pytest.raises(NotGranted, match="was never enrolled"):
            await stage.office.revoke("desk-1", who="ada")
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        unused = await stage.office.invite("desk-1", 60, who="ada")
        assert (await stage.office.revoke("desk-1", who="ada")).certificates == 1
        assert (await stage.office.revoke("desk-1", who="ada")).certificates == 0
        assert stage.expelled == [("desk-1", 1), ("desk-1", 1)]
        with pytest.raises(NotGranted) as caught:
            await stage.enrol(unused.code)
        assert caught.value.why is Why.NO_CODE


async def test_who_enrolled_and_revoked_is_noted_and_what_was_refused_is_not(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.enrol((await stage.office.invite("desk-1", 60, who="ada")).code)
        await stage.ask(stage.wishes[0])
        await stage.office.revoke("desk-1", who="operator")
        with pytest.raises(NotGranted):
            await stage.ask(stage.wishes[0])
        assert stage.acts() == [
            ("ada", "node-invited", "hall", "desk-1"),
            ("node:desk-1", "node-enrolled", "hall", "desk-1"),
            ("operator", "node-revoked", "hall", "desk-1"),
        ]


def test_one_key_is_one_authority() -> None:
    first, second = Authority(Keyring(KEY)), Authority(Keyring(KEY))
    theirs = x509.load_pem_x509_certificate(first.identity("hub", 2, NEVER).pem)

    assert second.is_ours(theirs)
    theirs.verify_directly_issued_by(x509.load_pem_x509_certificate(second.certificate.encode()))
    assert not Authority(Keyring(b"another-key-of-a-hub")).is_ours(theirs)


async def test_one_node_is_thrown_out_after_the_other(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        for node in ("desk-1", "board-1"):
            code, request = (await stage.office.invite(node, 60, who="ada")).code, a_request(node)
            await stage.ask(Wish(node=node, request=request, proof=enrolment.wish_proof(code, node, request)))
        stage.may_leave.clear()
        async with asyncio.TaskGroup() as group:
            for node in ("desk-1", "board-1"):
                group.create_task(stage.office.revoke(node, who="ada"))
            while not all(it.revoked_at for it in await stage.office.nodes()):
                pass
            for _ in range(3):
                await stage.office.nodes()  # on the one thread behind whatever is asked for already
            assert len(stage.expelled) == 1, "the other one's list would take the place of the list it is waited for"
            stage.may_leave.set()
        assert [node for node, _ in stage.expelled] == ["desk-1", "board-1"]
