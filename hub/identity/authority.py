"""The hub's own authority: it signs the certificates of nodes, hub and broker, and the list of the revoked ones.

Its key is made from the hub's key, like every other secret of the hub: one file to guard and to copy, and two hubs with
one key are one authority. It knows certificates; which of them there are is `hub.identity.ledger`'s.

Nothing that it signs begins later than 1970, so a Raspberry Pi whose clock has stood still since the factory finds all
of it valid. What ends, ends by the clock of whoever looks: the broker's for nodes, the node's for the broker.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from hub.errors import HubError
from hub.keyring import Keyring

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What RFC 5280 writes for a certificate that does not end."""

FIRST_LIST_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""A list's date is its number, in seconds after this: of two lists OpenSSL believes the one of the later second, and of
a date in the future none at all. No clock can promise both."""

AUTHORITY = "guichet authority"
BROKER = "guichet broker"
SCOUT = "guichet scout"
"""Whoever tries whether the broker has taken a list. It may say and hear nothing."""

AUTHORITY_SERIAL = 1
SERIAL_BYTES = 16
CURVE = ec.SECP256R1()
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_CLIENT, _SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


class BadRequest(Exception):
    """A certificate, or a request for one, that cannot be used; the message says why."""


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in one PEM: what a TLS library loads."""

    pem: bytes


class Authority:
    """Signs. Everything but signatures follows from the keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._key = _private_key(keyring.secret("authority"))
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self.certificate = _pem(self._own_certificate())
        """PEM. Made anew at each start, and yet the same authority: it is its key that counts."""

    def certify_node(self, node: str, request: str, serial: int, until: datetime) -> str:
        """The certificate (PEM) for the key of `request`, whatever else the request says.

        Raises:
            BadRequest: it is no request, its key is not on P-256, or it is not signed with its key.
        """
        return _pem(self._certificate(node, request_key(request), serial, until, _CLIENT))

    def identity(self, name: str, serial: int, until: datetime) -> Identity:
        """A new key and certificate for ourselves, under `name` at the broker."""
        key = ec.generate_private_key(CURVE)
        return Identity(
            _key_pem(key) + _pem(self._certificate(name, key.public_key(), serial, until, _CLIENT)).encode()
        )

    def broker_identity(self, hosts: Sequence[str], until: datetime) -> Identity:
        """A key and certificate for a broker that is reached under `hosts`, names or addresses."""
        key = ec.generate_private_key(CURVE)
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        signed = self._certificate(BROKER, key.public_key(), x509.random_serial_number(), until, _SERVER, names)
        return Identity(_key_pem(key) + _pem(signed).encode())

    def scout(self, number: int) -> Identity:
        """One whom list `number` revokes and no other does."""
        return self.identity(SCOUT, self._scout_serial(number), NEVER)

    def revoked_list(self, number: int, serials: Iterable[int]) -> bytes:
        """List `number` (PEM): the certificates with these serials, and the scout of this number."""
        said_at = FIRST_LIST_AT + timedelta(seconds=number)
        listed = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_name(AUTHORITY))
            .last_update(said_at)
            .next_update(NEVER)
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(self._signed_by(), critical=False)
        )
        for serial in sorted({*serials, self._scout_serial(number)}):
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(FIRST_LIST_AT).build()
            listed = listed.add_revoked_certificate(revoked)
        return listed.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def is_ours(self, certificate: x509.Certificate) -> bool:
        """Whether this authority has signed it."""
        try:
            self._key.public_key().verify(
                certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256())
            )
        except InvalidSignature:
            return False
        return True

    def _own_certificate(self) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            _begun(AUTHORITY, self._key.public_key(), AUTHORITY_SERIAL, NEVER)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        serial: int,
        until: datetime,
        purpose: ObjectIdentifier,
        hosts: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        signed = (
            _begun(name, key, serial, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            # A node's opens the broker's door and is no broker's: nobody can lure other nodes with it.
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
            .add_extension(self._signed_by(), critical=False)
        )
        if hosts is not None:
            signed = signed.add_extension(hosts, critical=False)
        return signed.sign(self._key, hashes.SHA256())

    def _signed_by(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier)

    def _scout_serial(self, number: int) -> int:
        return serial_of(self._keyring.secret(f"scout/{number}"))


def serial_of(chance: bytes) -> int:
    """A serial from at least `SERIAL_BYTES` random bytes: positive, and as long as any other."""
    return int.from_bytes(chance[:SERIAL_BYTES]) | 1 << (8 * SERIAL_BYTES)


def request_key(request: str) -> ec.EllipticCurvePublicKey:
    """The public key of a request in PEM. Raises as `Authority.certify_node` does."""
    try:
        asked = x509.load_pem_x509_csr(request.encode())
        key, is_signed = asked.public_key(), asked.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise BadRequest(f"this is no certificate request that can be used ({error})") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != CURVE.name:
        raise BadRequest("the key of a node is one on P-256")
    if not is_signed:
        raise BadRequest("the certificate request is not signed with its own key")
    return key


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """Names a public key: SHA-256, hexadecimal."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(
        key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
    )
    return digest.finalize().hex()


def certificate_of(pem: str) -> x509.Certificate:
    """
    Raises:
        BadRequest: it is none.
    """
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise BadRequest(f"this is no certificate ({error})") from None


def check_signature(certificate: x509.Certificate, signature: str, text: bytes) -> None:
    """
    Raises:
        BadRequest: `signature` is not one of `text` with the key of `certificate`.
    """
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise BadRequest("the key of a node is one on P-256")
    try:
        key.verify(bytes.fromhex(signature), text, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        raise BadRequest("the request is not signed with the key of the certificate") from None


def _begun(name: str, key: ec.EllipticCurvePublicKey, serial: int, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(AUTHORITY))
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(EPOCH)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _private_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret) % (P256_ORDER - 1) + 1, CURVE)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:
        raise HubError(f"broker's name {host!r} is neither a name nor an address; write it in ASCII") from None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
