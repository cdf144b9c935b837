"""Single sign-on by OpenID Connect: who somebody is, as a provider of the house says it. Authorization code with PKCE.

Between leaving and coming back, everything lies sealed in a cookie of the browser that left: nobody else can finish
what it began, and any hub with the same key can. The provider's word is taken for the name and the roles alone; what
roles may do is said here. This room knows HTTP and tokens; accounts are made by `hub.accounts.office`.
"""

import asyncio
import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from hub.accounts.rights import Role

if TYPE_CHECKING:
    import httpx

ANSWER_S = 10.0
"""How long the provider may take for each answer."""
LASTS = timedelta(minutes=10)
"""How long somebody may take to sign in there."""
LEEWAY_S = 60
"""By so much may the provider's clock differ."""
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
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        trip = Trip(
            state=self._new_token(),
            nonce=self._new_token(),
            verifier=self._new_token() + self._new_token(),
            onward=onward,
            leaves_at=self._now(),
        )
        address = prepare_grant_uri(
            (await self._description())["authorization_endpoint"],
            self.provider.client_id,
            "code",
            back,
            self.provider.scope,
            trip.state,
            nonce=trip.nonce,
            code_challenge=create_s256_code_challenge(trip.verifier),
            code_challenge_method="S256",
        )
        return str(address), self._packed(trip)

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
            found = await self._ask("GET", f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise NotSignedOn(f"it calls itself {found.get('issuer')!r}")
            self._described = found
        return self._described

    async def _claims(self, code: str, trip: Trip, back: str) -> dict[str, Any]:
        """What the provider says of who has brought `code`."""
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        known = self.provider
        # A client without a secret names itself in the body.
        named = {} if known.client_secret else {"client_id": known.client_id}
        wish = prepare_token_request("authorization_code", "", back, code=code, code_verifier=trip.verifier, **named)
        endpoint = (await self._description())["token_endpoint"]
        answer = await self._ask("POST", endpoint, wish, (known.client_id, known.client_secret))
        return await self._verified(str(answer.get("id_token", "")), trip.nonce)

    async def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an identity token: signed by the provider, for us, now, for this trip."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        known = self.provider
        wanted = {
            "iss": {"essential": True, "value": known.issuer},
            "aud": {"essential": True, "value": known.client_id},
        }
        try:
            try:
                decoded = jwt.decode(token, KeySet.import_key_set(await self._known_keys()), list(ALGORITHMS))
            except (JoseError, ValueError):  # its keys may have changed
                decoded = jwt.decode(token, KeySet.import_key_set(await self._known_keys(anew=True)), list(ALGORITHMS))
            claims = CodeIDToken(
                decoded.claims, decoded.header, wanted, params={"nonce": nonce, "client_id": known.client_id}
            )
            claims.validate(now=int(self._now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise NotSignedOn(f"its token is not good: {error}") from error
        return dict(claims)

    async def _known_keys(self, *, anew: bool = False) -> Any:
        if anew or self._keys_at is None or self._now() - self._keys_at > KEYS_LAST:
            self._keys = await self._ask("GET", (await self._description())["jwks_uri"])
            self._keys_at = self._now()
        return self._keys

    async def _ask(self, method: str, url: str, form: str = "", client: tuple[str, str] = ("", "")) -> dict[str, Any]:
        """What the provider answers, as JSON; `client` is who asks, if it has a secret."""
        import httpx

        headers = {"content-type": "application/x-www-form-urlencoded"} if form else {}
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                httpx.AsyncClient(transport=self._transport, trust_env=False) as lines,
            ):
                auth = client if client[1] else None
                answer = await lines.request(method, url, content=form or None, headers=headers, auth=auth)
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


def _roles(provider: Provider, claimed: object) -> tuple[Role, ...]:
    """What the claim means here; it may be one value or a list of them."""
    values = claimed if isinstance(claimed, list) else [claimed]
    meant = {provider.roles[value] for value in values if isinstance(value, str) and value in provider.roles}
    return tuple(role for role in Role if role in meant)
