"""Single sign-on by OpenID Connect: who somebody is, as a provider of the house says it. Authorization code with PKCE.

Between leaving and coming back, everything lies sealed in a cookie of the browser that left: nobody else can finish
what it began, and any hub with the same key can. The provider's word is taken for the name and the roles alone; what
roles may do is said here. This room knows HTTP and tokens; accounts are made by `hub.accounts.office`.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from hub.accounts.rights import Role

if TYPE_CHECKING:
    import httpx

ANSWER_S = 10.0
"""How long the provider may take for each answer."""
LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in there."""
KEYS_LAST = timedelta(hours=1)
"""After that, or when a key is unknown, the provider's keys are asked for anew."""
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Never `none`, nor one with a shared secret."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub was told of it."""

    issuer: str
    client_id: str
    client_secret: str = ""
    """Empty for a client that has none; PKCE holds all the same."""
    scope: str = "openid profile"
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: Mapping[str, Role] = {}
    """Value of the claim to the role that it means here."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who came back."""

    subject: str
    """Issuer and subject: nobody else has it, whatever she is called."""
    name: str
    roles: tuple[Role, ...]


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser takes along to the provider and back."""

    state: str
    nonce: str
    verifier: str
    onward: str
    leaves_at: datetime


class NotSignedOn(Exception):
    """It did not work, for a reason that is the log's."""


class SignOn:
    """One hub's way to its provider."""

    def __init__(
        self,
        provider: Provider,
        *,
        seal: Callable[[str], str],
        now: Callable[[], datetime],
        new_token: Callable[[], str],
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        """`transport` leads to the provider; the network without it."""
        self.provider = provider
        self._seal, self._now, self._new_token = seal, now, new_token
        self._transport = transport
        self._described: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._keys_at: datetime | None = None

    async def leave(self, onward: str, back: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie that it takes along. `back` is where it comes back to.

        Raises:
            NotSignedOn: the provider does not answer.
        """
        trip = Trip(
            state=self._new_token(),
            nonce=self._new_token(),
            verifier=self._new_token() + self._new_token(),
            onward=onward,
            leaves_at=self._now(),
        )
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back,
            "scope": self.provider.scope,
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": _challenge(trip.verifier),
            "code_challenge_method": "S256",
        }
        described = await self._description()
        address = described["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", self._packed(trip)

    async def come_back(self, cookie: str, asked: Mapping[str, str], back: str) -> tuple[Person, str]:
        """Who has come back with `cookie` and the query `asked`, and where she wanted to go.

        Raises:
            NotSignedOn: this is not the browser that left, it took too long, or the provider did not say who it is.
        """
        trip = self._unpacked(cookie)
        if not hmac.compare_digest(asked.get("state", "").encode(), trip.state.encode()):
            raise NotSignedOn("the state is not the one that was sent")
        # Another provider's answer must not be taken for this one's (RFC 9207).
        if asked.get("iss", self.provider.issuer) != self.provider.issuer:
            raise NotSignedOn("another issuer answers")
        if "code" not in asked:
            raise NotSignedOn(f"the provider says {asked.get('error', 'nothing')[:100]!r}")
        claims = await self._claims(asked["code"], trip, back)
        name = claims.get(self.provider.name_claim) or claims.get("email") or claims["sub"]
        person = Person(
            subject=f"{self.provider.issuer}|{claims['sub']}",
            name=str(name),
            roles=_roles(self.provider, claims.get(self.provider.roles_claim)),
        )
        return person, trip.onward

    # --- what the provider says --------------------------------------------------------------------------------

    async def _description(self) -> dict[str, Any]:
        if not self._described:
            found = await self._get(f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise NotSignedOn(f"it calls itself {found.get('issuer')!r}")
            self._described = found
        return self._described

    async def _claims(self, code: str, trip: Trip, back: str) -> dict[str, Any]:
        from authlib.integrations.base_client.errors import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client
        from httpx import HTTPError

        described = await self._description()
        method = "client_secret_basic" if self.provider.client_secret else "none"
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                AsyncOAuth2Client(
                    self.provider.client_id,
                    self.provider.client_secret or None,
                    token_endpoint_auth_method=method,
                    redirect_uri=back,
                    transport=self._transport,
                    trust_env=False,
                ) as client,
            ):
                answer = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=trip.verifier, grant_type="authorization_code"
                )
        except (HTTPError, OAuthError, TimeoutError, ValueError) as error:
            raise NotSignedOn(f"no token: {error}") from error
        return await self._verified(str(answer.get("id_token", "")), trip.nonce)

    async def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an identity token: signed by the provider, for us, now, for this trip."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            try:
                decoded = jwt.decode(token, KeySet.import_key_set(await self._known_keys()), list(ALGORITHMS))
            except (JoseError, ValueError):  # its keys may have changed
                decoded = jwt.decode(token, KeySet.import_key_set(await self._known_keys(anew=True)), list(ALGORITHMS))
            wanted = jwt.JWTClaimsRegistry(
                now=int(self._now().timestamp()),
                leeway=60,
                iss={"essential": True, "value": self.provider.issuer},
                aud={"essential": True, "value": self.provider.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            wanted.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise NotSignedOn(f"its token is not good: {error}") from error
        claims: dict[str, Any] = decoded.claims
        if claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise NotSignedOn("its token is for another client")
        return claims

    async def _known_keys(self, *, anew: bool = False) -> Any:
        if anew or self._keys_at is None or self._now() - self._keys_at > KEYS_LAST:
            self._keys = await self._get((await self._description())["jwks_uri"])
            self._keys_at = self._now()
        return self._keys

    async def _get(self, url: str) -> dict[str, Any]:
        import httpx

        try:
            async with (
                asyncio.timeout(ANSWER_S),
                httpx.AsyncClient(transport=self._transport, trust_env=False) as client,
            ):
                answer = await client.get(url)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
                return found
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise NotSignedOn(f"{url}: {error}") from error

    # --- what the browser takes along --------------------------------------------------------------------------

    def _packed(self, trip: Trip) -> str:
        text = base64.urlsafe_b64encode(msgspec.json.encode(trip)).decode().rstrip("=")
        return f"{self._seal(f'sign-on/{text}')}.{text}"

    def _unpacked(self, cookie: str) -> Trip:
        seal, _, text = cookie.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(f"sign-on/{text}").encode()):
            raise NotSignedOn("this browser has not left from here")
        trip = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Trip)
        if self._now() - trip.leaves_at > LASTS:
            raise NotSignedOn("it took too long")
        return trip


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _roles(provider: Provider, claimed: object) -> tuple[Role, ...]:
    """What the claim means here; it may be one value or a list of them."""
    values = claimed if isinstance(claimed, list) else [claimed]
    meant = {provider.roles[value] for value in values if isinstance(value, str) and value in provider.roles}
    return tuple(role for role in Role if role in meant)
