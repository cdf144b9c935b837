"""The registrar: who may become which node, and whose certificates count. One for all sites of a hub.

What it decides is in the database before anybody is told; what the broker must know of it lies in the folder.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from hub.accounts import acts
from hub.accounts.records import Act
from hub.identity import ledger
from hub.identity.authority import (
    Authority,
    BadRequest,
    certificate_of,
    check_signature,
    fingerprint,
    request_key,
    serial_of,
)
from hub.identity.bouncer import Expulsion
from hub.identity.folder import Folder
from hub.identity.views import Enrolment, NodeIdentity, NotGranted, Revocation, Why
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from wire import acl, enrolment
from wire.enrolment import Grant, Renewal, Wish

CERTIFICATE_VALID = timedelta(days=365)
"""A node asks for the next one when a third of it is left, so one that was off for a summer comes back by itself."""

T = TypeVar("T")

log = structlog.get_logger()


class NodeOffice:
    """A `hub.identity.views.Registrar`."""

    def __init__(
        self,
        thread: JournalThread,
        sites: Mapping[str, str],
        *,
        authority: Authority,
        keyring: Keyring,
        folder: Folder,
        expel: Callable[[str, int], Awaitable[Expulsion]],
        now: Callable[[], datetime],
        new_token: Callable[[], str],
    ) -> None:
        """`sites` has the site of each node; `expel` throws one out once the broker has the list of that number."""
        self._thread = thread
        self._sites = sites
        self._authority = authority
        self._keyring = keyring
        self._folder = folder
        self._expel = expel
        self._now = now
        self._new_token = new_token
        self._one_at_a_time = asyncio.Lock()
        """A newer list takes the place of the one that the broker is asked for, and the stand-in has one file."""

    async def start(self) -> None:
        """Put what the broker needs into the folder.

        Raises:
            Unwritten: the database cannot be read.
            HubError: the folder cannot be written.
        """
        await self._thread.call(self._put_list)
        rights = acl.for_nodes((site, node) for node, site in self._sites.items())
        self._folder.put(self._folder.acl_file, rights.encode())

    async def invite(self, node: str, valid_s: int, *, who: str) -> Enrolment:
        if node not in self._sites:
            known = ", ".join(self._sites) or "none"
            raise NotGranted(Why.UNKNOWN_NODE, f"no lobby has a node {node!r}; they have {known}")
        now = self._now()
        code = ledger.Code(node, self._new_token(), now + timedelta(seconds=valid_s), "")
        act = self._act(who, "node-invited", node, now)
        await self._thread.call(self._owned, partial(_invite, code=code, act=act))
        log.info("node may enrol", node=node, until=code.expires_at.isoformat())
        return Enrolment(node=node, site=self._sites[node], code=self._code(code), expires_at=code.expires_at)

    async def enrol(self, wish: Wish) -> Grant:
        grant = await self._thread.call(self._owned, partial(self._enrol, wish=wish, now=self._now()))
        log.info("node enrolled", node=wish.node)
        return grant

    async def renew(self, renewal: Renewal) -> Grant:
        return await self._thread.call(self._owned, partial(self._renew, renewal=renewal, now=self._now()))

    async def revoke(self, node: str, *, who: str) -> Revocation:
        count = await self._thread.call(self._owned, partial(self._revoke, node=node, who=who, now=self._now()))
        log.info("node revoked", node=node, certificates=count)
        async with self._one_at_a_time:
            number = await self._thread.call(self._put_list)
            seen = await self._expel(node, number)
        return Revocation(node=node, certificates=count, is_listed=seen.is_listed, is_out=seen.is_out)

    async def nodes(self) -> tuple[NodeIdentity, ...]:
        return await self._thread.call(self._owned, partial(self._nodes, now=self._now()))

    # --- on the journal's thread ---------------------------------------------------------------------------------

    def _owned(self, work: Callable[[Connection], T]) -> T:
        """`work` in a transaction of its own, if this hub may write."""
        with self._thread.journal.owned() as connection:
            return work(connection)

    def _put_list(self) -> int:
        """Bring the list of revoked certificates into the folder; its number."""
        number, serials = self._owned(ledger.revoked)
        self._folder.put(self._folder.list_file, self._authority.revoked_list(number, serials))
        return number

    def _enrol(self, connection: Connection, wish: Wish, now: datetime) -> Grant:
        key = _key(wish.request)
        code = ledger.code_of(connection, wish.node)
        if wish.node not in self._sites or code is None or code.expires_at <= now:
            said = f"there is no code for node {wish.node!r}, or it has expired; make one: guichet-hub enrol NODE"
            raise NotGranted(Why.NO_CODE, said)
        secret = self._code(code)
        wanted = enrolment.wish_proof(secret, wish.node, wish.request)
        if not hmac.compare_digest(wanted.encode(), wish.proof.encode()):
            raise NotGranted(Why.WRONG_CODE, f"this is not the code of node {wish.node!r}; see how it is typed")
        if code.key not in ("", key):
            said = (
                f"the code of node {wish.node!r} was used already; if not by you, revoke the node: guichet-hub revoke"
            )
            raise NotGranted(Why.CODE_USED, said)
        if not code.key:
            ledger.use_code(connection, wish.node, key)
            acts.note(connection, [self._act(f"node:{wish.node}", "node-enrolled", wish.node, now)])
        pem = self._certify(connection, wish.node, wish.request, now)
        proof = enrolment.grant_proof(secret, wish.request, pem, self._authority.certificate)
        return Grant(certificate=pem, authority=self._authority.certificate, proof=proof)

    def _renew(self, connection: Connection, renewal: Renewal, now: datetime) -> Grant:
        try:
            held = certificate_of(renewal.certificate)
            check_signature(held, renewal.signature, enrolment.renewal_text(renewal.request))
        except BadRequest as error:
            raise NotGranted(Why.BAD_REQUEST, str(error)) from None
        known = ledger.of_serial(connection, f"{held.serial_number:x}") if self._authority.is_ours(held) else None
        if known is None or known.revoked_at is not None or known.until_at <= now or known.node not in self._sites:
            raise NotGranted(
                Why.NO_CERTIFICATE, "this certificate counts no longer; enrol the node again: guichet-hub enrol NODE"
            )
        pem = self._certify(connection, known.node, renewal.request, now)
        return Grant(certificate=pem, authority=self._authority.certificate)

    def _certify(self, connection: Connection, node: str, request: str, now: datetime) -> str:
        """The certificate of `node` for the key of `request`: the same one whenever it is asked for."""
        key = _key(request)
        known = ledger.of_key(connection, node, key)
        if known is not None:
            return known.pem
        serial = serial_of(sha256(self._new_token().encode()).digest())
        until_at = now.replace(microsecond=0) + CERTIFICATE_VALID
        pem = self._authority.certify_node(node, request, serial, until_at)
        ledger.add(connection, ledger.Certificate(f"{serial:x}", node, key, pem, now, until_at, None))
        return pem

    def _revoke(self, connection: Connection, node: str, who: str, now: datetime) -> int:
        count = ledger.revoke(connection, node, now)
        if not count and all(one.node != node for one in ledger.certificates(connection)):
            raise NotGranted(Why.UNKNOWN_NODE, f"node {node!r} was never enrolled; guichet-hub nodes shows who was")
        acts.note(connection, [self._act(who, "node-revoked", node, now)])
        return count

    def _nodes(self, connection: Connection, now: datetime) -> tuple[NodeIdentity, ...]:
        codes = {one.node: one for one in ledger.codes(connection) if not one.key and one.expires_at > now}
        newest: dict[str, ledger.Certificate] = {}
        revoked: dict[str, datetime] = {}
        for one in ledger.certificates(connection):
            if one.revoked_at is None:
                newest[one.node] = one
            else:
                revoked[one.node] = max(one.revoked_at, revoked.get(one.node, one.revoked_at))
        return tuple(
            NodeIdentity(
                node=node,
                site=self._sites.get(node, ""),
                code_until=codes[node].expires_at if node in codes else None,
                certified_at=newest[node].issued_at if node in newest else None,
                certified_until=newest[node].until_at if node in newest else None,
                revoked_at=revoked.get(node),
            )
            for node in dict.fromkeys([*self._sites, *newest, *revoked])
        )

    def _act(self, who: str, what: str, node: str, at: datetime) -> Act:
        return Act(at=at, who=who, what=what, site=self._sites.get(node, ""), place=node)

    def _code(self, code: ledger.Code) -> str:
        return enrolment.spelled(self._keyring.secret(f"enrolment/{code.node}/{code.nonce}"))


def _invite(connection: Connection, code: ledger.Code, act: Act) -> None:
    ledger.put_code(connection, code)
    acts.note(connection, [act])


def _key(request: str) -> str:
    """Names the key of `request`."""
    try:
        return fingerprint(request_key(request))
    except BadRequest as error:
        raise NotGranted(Why.BAD_REQUEST, str(error)) from None
