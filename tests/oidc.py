"""A provider of OpenID Connect, small and strict: discovery, keys, authorization code with PKCE, identity tokens.

It knows its people and one client. What it finds wrong it refuses, as a real one does; `spoil` lets it lie.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = "http://localhost:7"
CLIENT, SECRET = "guichet", "a secret of client and provider"
LASTS_S = 300
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})

Claims = dict[str, Any]


class Provider:
    """`app` answers at `issuer`; `people` are subjects and what there is to say of them."""

    def __init__(self, now: Callable[[], datetime], people: dict[str, Claims], issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.back = ""
        """The one redirect address that it knows; empty for the first that asks."""
        self.people = people
        self.keys = [KEY]
        self.signs_with = KEY
        self.spoil: Callable[[Claims], Claims] = lambda claims: claims
        self.write: Callable[[Claims], str] = self._signed
        self.is_away = False
        self.asked: list[str] = []
        self._now = now
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._show_keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, request: Request) -> Response:
        self.asked.append("description")
        if self.is_away:
            return Response(status_code=503)
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse({"issuer": self.issuer, **{k: f"{self.issuer}/{v}" for k, v in endpoints.items()}})

    async def _show_keys(self, request: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _authorize(self, request: Request) -> Response:
        """Asks who it is, unless `as` says it."""
        asked = dict(request.query_params)
        person = asked.pop("as", "")
        self.back = self.back or asked["redirect_uri"]
        if asked["client_id"] != CLIENT or asked["redirect_uri"] != self.back:
            return Response("no such client", status_code=400)
        wanted = (asked["response_type"], asked["code_challenge_method"], "openid" in asked["scope"].split())
        if wanted != ("code", "S256", True) or not asked.get("nonce") or not asked.get("state"):
            return Response("asked badly", status_code=400)
        if person not in self.people:
            links = "".join(
                f'<p><a href="/authorize?{urlencode({**asked, "as": name})}">{name}</a></p>' for name in self.people
            )
            return HTMLResponse(f"<h1>Who are you?</h1>{links}")
        code = hashlib.sha256(f"{asked['state']}{person}".encode()).hexdigest()
        self._codes[code] = {**asked, "person": person}
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=303)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        asked = self._codes.pop(form.get("code", ""), None)  # good once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or form["grant_type"] != "authorization_code"
            or asked["code_challenge"] != challenge.decode().rstrip("=")
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now_s = int(self._now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": asked["person"], "nonce": asked["nonce"],
            "iat": now_s, "exp": now_s + LASTS_S, **self.people[asked["person"]],
        }  # fmt: skip
        token = self.write(self.spoil(claims))
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    def _signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.signs_with.kid}, claims, self.signs_with)
