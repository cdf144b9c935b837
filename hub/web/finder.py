"""Finding the route of an address without asking each route in turn: there are many, and a request passes half of them.

It knows how addresses are made of parts. What is behind a route it does not know.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

_FOUND = "guichet.found"

_Node: TypeAlias = dict[str | None, Any]
"""A part of an address, None for any, to what may follow it; at the `_END`, the places and routes that end there."""

_END = "/"
"""No part of an address: it is what parts are divided by."""


class Finder(BaseRoute):
    """Stands before the routes that it knows. Among those whose parts fit it asks each in turn, as a router does."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._root: _Node = {}
        for place, route in enumerate(routes):
            if isinstance(route, Route):
                node = self._root
                for part in route.path.split("/"):
                    node = node.setdefault(None if part.startswith("{") else part, {})
                node.setdefault(_END, []).append((place, route))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}  # the router looks by itself
        best: tuple[Match, Scope] = Match.NONE, {}
        for _, route in _ends(self._root, scope["path"].split("/")):
            match, more = route.matches(scope)
            if match is Match.FULL or (match is Match.PARTIAL and best[0] is Match.NONE):
                best = match, {**more, _FOUND: route}
                if match is Match.FULL:
                    break
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: Route = scope[_FOUND]
        await route.handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def _ends(root: _Node, parts: list[str]) -> list[tuple[int, Route]]:
    """All that ends where `parts` do, in the order of their places."""
    nodes = [root]
    for part in parts:
        nodes = [node[known] for node in nodes for known in (part, None) if known in node]
    ends = [end for node in nodes for end in node.get(_END, ())]
    return ends if len(ends) < 2 else sorted(ends, key=lambda it: it[0])
