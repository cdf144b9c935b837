"""Requests of browsers, read as what they wished for. Pure; here alone the web's addresses are known."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from hub.keyring import token_hash
from simulator.record import Asked

TICKETS = ("join", "check-in", "check-ins", "tickets")
"""Where a ticket is to be had."""


class Wish(NamedTuple):
    """A request that changes something."""

    began_s: float
    ended_s: float
    path: str
    action: str
    """What was asked for: a desk's button, or `ticket`."""
    desk: str
    """Empty if it was not asked at a desk."""
    request: str
    """The name that the browser gave its wish; empty if none."""
    seen: int | None
    is_answered: bool
    is_done: bool
    token_hash: str
    """Of the ticket that the answer named; empty if it named none."""


def wishes(asked: Iterable[Asked]) -> Iterator[Wish]:
    """What browsers wished for at desks and wherever tickets are to be had, in the order of the answers."""
    for it in asked:
        parts = it.path.strip("/").split("/")
        body = _fields(it.body)
        desk = next((after for part, after in pairwise(parts) if part in ("desks", "desk")), "")
        action = "ticket" if parts[-1] in TICKETS and not desk else parts[-1]
        if not desk and action != "ticket":
            continue
        status = it.answer.status if it.answer is not None else 0
        token = _token(it) if action == "ticket" and status in (201, 303) else ""
        seen = body.get("seen")
        yield Wish(
            it.began_s,
            it.ended_s,
            it.path,
            action,
            desk,
            str(body.get("request_id") or ""),
            int(seen) if isinstance(seen, int | str) and str(seen).isdecimal() else None,
            is_answered=it.answer is not None and status < 500,
            # The desk page's script is told of a refusal within an answer that is well.
            is_done=200 <= status < 400 and not (it.answer and _fields(it.answer.body).get("refused")),
            token_hash=token_hash(token) if token else "",
        )


def _token(it: Asked) -> str:
    assert it.answer is not None
    location = it.answer.headers.get("location", "").rpartition("/")[2]
    return location or str(_fields(it.answer.body).get("token", ""))


def _fields(body: bytes) -> Mapping[str, Any]:
    """The fields of a form or of a JSON object."""
    if body.startswith(b"{"):
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))
