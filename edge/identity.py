"""The node's certificate: asked for once with a code, and from then on renewed by the node itself.

The key is made here and never leaves. The clock of the machine decides nothing: a Raspberry Pi may believe that it is
1970. What is valid when, the hub says, with the code at first and over the broker's verified connection later.
"""

import asyncio
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import msgspec
import structlog

from edge.errors import EdgeError
from edge.keep import KeptFile
from wire import enrolment
from wire.enrolment import Grant, Renewal, Wish

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

ANSWER_S = 10.0
ANSWER_BYTES_MAX = 65_536
LOOK_EVERY_S = 3_600.0
ASK_AGAIN_S = 300.0
"""After a hub that did not answer."""

RENEW_WHEN_LEFT = timedelta(days=120)
"""A third of its year: a node that was off for a summer still renews by itself."""

Ask = Callable[[str, str, Wish | Renewal], Grant]
"""Where the hub is, what for, and the wish."""

log = structlog.get_logger()


class IdentityFolder:
    """Where a node keeps who it is. Each file is replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ca_file = path / "ca.pem"
        """Whom we believe that somebody is our broker."""
        self.own_file = path / "node.pem"
        """Our key and certificate."""
        self._hub_file = path / "hub"
        self._new_key_file = path / "new-key.pem"

    @property
    def hub(self) -> str:
        """Where the hub is asked for the next certificate."""
        return self._hub_file.read_text("utf-8").strip()

    def new_key(self, make: Callable[[], bytes]) -> bytes:
        """The key (PEM) that waits for its certificate. It outlives a lost answer: the hub gives a code to one key."""
        kept = KeptFile(self._new_key_file)
        key = kept.load()
        if key is None:
            key = make()
            kept.save(key)
        return key

    def put(self, key: bytes, grant: Grant, hub: str | None = None) -> None:
        """Be who `grant` says from the next connection on. `hub` is where it came from, at the first time."""
        if hub is not None:
            KeptFile(self.ca_file).save(grant.authority.encode())
            KeptFile(self._hub_file).save(hub.encode())
        KeptFile(self.own_file).save(key + grant.certificate.encode())
        self._new_key_file.unlink(missing_ok=True)


def folder_of(path: Path | None) -> IdentityFolder:
    """The folder that the agent's file names.

    Raises:
        EdgeError: it names none.
    """
    if path is None:
        raise EdgeError("identity_dir is missing in the agent's file; add the folder for the node's certificate")
    return IdentityFolder(path)


def enrol(folder: IdentityFolder, hub: str, node: str, code: str, ask: Ask | None = None) -> datetime:
    """Exchange `code` for the certificate of `node`, by asking the hub at the address `hub`; until when it is valid.
    `ask` goes there.

    Raises:
        EdgeError: the hub refuses, does not answer, or is not who gave out the code; or the folder cannot be written.
    """
    if not enrolment.normal(code):
        raise EdgeError(f"a code has {enrolment.CODE_CHARS} signs, like those of: guichet-hub enrol {node}")
    try:
        key = folder.new_key(_made_key)
        request = _request(key, node)
        wish = Wish(node=node, request=request, proof=enrolment.wish_proof(code, node, request))
        grant = (ask or ask_hub)(hub, "enrolments", wish)
        expected = enrolment.grant_proof(code, request, grant.certificate, grant.authority)
        if not hmac.compare_digest(expected.encode(), grant.proof.encode()):
            raise EdgeError(f"whoever answered at {hub} does not know the code: that is not our hub, nothing was kept")
        folder.put(key, grant, hub)
    except OSError as error:
        raise EdgeError(f"folder {folder.path} cannot be used ({error.strerror}); see its owner") from None
    return _until(grant.certificate)


def renew(folder: IdentityFolder, ask: Ask | None = None) -> datetime:
    """Get the next certificate, for a new key; until when it is valid.

    Raises:
        EdgeError: the hub refuses or does not answer, or the answer is not the authority's.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        own = folder.own_file.read_bytes()
        held, old_key = _certificate(own), _private(own)
        key = folder.new_key(_made_key)
        request = _request(key, _name(held))
        signature = old_key.sign(enrolment.renewal_text(request), ec.ECDSA(hashes.SHA256())).hex()
        renewal = Renewal(certificate=_pem(held), request=request, signature=signature)
        grant = (ask or ask_hub)(folder.hub, "renewals", renewal)
        _check(grant, folder.ca_file.read_bytes(), _name(held), key)
        folder.put(key, grant)
    except (OSError, ValueError) as error:
        raise EdgeError(f"folder {folder.path} cannot be used ({error}); enrol the node again") from None
    return _until(grant.certificate)


async def keep_valid(folder: IdentityFolder, hub_now: Callable[[], datetime | None], ask: Ask | None = None) -> None:
    """Renew when little of the certificate's time is left, until cancelled. `hub_now` is None until it is known."""
    said = ""
    while True:
        pause_s, now = LOOK_EVERY_S, hub_now()
        if now is None:
            pause_s = ASK_AGAIN_S
        elif await asyncio.to_thread(is_due, folder, now):
            try:
                until = await asyncio.to_thread(renew, folder, ask)
            except EdgeError as error:
                if str(error) != said:
                    log.warning("certificate not renewed, trying again", error=str(error))
                said, pause_s = str(error), ASK_AGAIN_S
            else:
                log.info("certificate renewed", until=until.isoformat())
                said = ""
        await asyncio.sleep(pause_s)


def is_due(folder: IdentityFolder, now: datetime) -> bool:
    """Whether it is time to renew; not if there is nothing to read it from."""
    try:
        return valid_until(folder) - now < RENEW_WHEN_LEFT
    except EdgeError:
        return False


def valid_until(folder: IdentityFolder) -> datetime:
    """
    Raises:
        EdgeError: there is no certificate.
    """
    try:
        return _until(folder.own_file.read_text("ascii"))
    except (OSError, ValueError):
        raise EdgeError(f"there is no certificate in {folder.path}; get one: guichet-edge enrol") from None


# --- asking --------------------------------------------------------------------------------------------------


def ask_hub(hub: str, what: str, wish: Wish | Renewal) -> Grant:
    """POST `wish` to the hub.

    Raises:
        EdgeError: it refuses, or does not answer.
    """
    url = f"{hub.rstrip('/')}/api/v1/{what}"
    headers = {"content-type": "application/json"}
    # Never by way of a proxy: the hub is in this house.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(Request(url, msgspec.json.encode(wish), headers), timeout=ANSWER_S) as answer:
            return msgspec.json.decode(answer.read(ANSWER_BYTES_MAX), type=Grant)
    except HTTPError as error:
        with error:
            raise EdgeError(f"the hub at {hub} refused: {_said(error)}") from None
    except msgspec.MsgspecError:
        raise EdgeError(f"what answers at {hub} is no hub; give its address like http://192.0.2.10:8080") from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise EdgeError(f"no hub answers at {hub} ({getattr(error, 'reason', None) or error})") from None


def _said(error: HTTPError) -> str:
    """The sentence of a problem document, else the status."""
    try:
        return str(json.loads(error.read(ANSWER_BYTES_MAX))["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"{error.code} {error.reason}"


# --- certificates; the library is loaded by whoever needs it -------------------------------------------------


def _made_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _request(key: bytes, node: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(_private(key), hashes.SHA256())
    return asked.public_bytes(serialization.Encoding.PEM).decode()


def _check(grant: Grant, ca: bytes, node: str, key: bytes) -> None:
    """
    Raises:
        EdgeError: the certificate is not the authority's, not of this node, or not for this key.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    given = _certificate(grant.certificate.encode())
    try:
        given.verify_directly_issued_by(x509.load_pem_x509_certificate(ca))
    except (InvalidSignature, ValueError, TypeError):
        raise EdgeError("the answer is not signed by our authority: that is not our hub, nothing was kept") from None
    if _name(given) != node or given.public_key() != _private(key).public_key():
        raise EdgeError(f"the certificate that came is not for node {node!r} and its key; nothing was kept")


def _certificate(pem: bytes) -> "Certificate":
    from cryptography import x509

    return x509.load_pem_x509_certificate(pem)


def _private(pem: bytes) -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ValueError("its key is not one that we made")  # noqa: TRY004  # a file's content, not an argument
    return key


def _name(certificate: "Certificate") -> str:
    from cryptography.x509.oid import NameOID

    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _pem(certificate: "Certificate") -> str:
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _until(pem: str) -> datetime:
    return _certificate(pem.encode()).not_valid_after_utc
