"""What a planted bug is, and the few tools that bugs are planted with. All is put back when the block is left."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from hub.day import apply, decide
from hub.day.events import AnyEvent
from hub.day.inputs import AnyInput
from hub.day.model import Day
from hub.day.refusal import Refusal

K = TypeVar("K")
V = TypeVar("V")

Decision = list[AnyEvent] | Refusal
Rule = Callable[[Day, Any, datetime], Decision]
Effect = Callable[[Day, Any, datetime], None]


ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One bug."""

    name: str
    room: str
    """Where it is planted."""
    breaks: str
    """What is broken, in a sentence."""
    plant: Callable[[], AbstractContextManager[None]]


@contextmanager
def swapped(owner: object, name: str, new: object) -> Iterator[None]:
    """`owner.name` is `new` while the block lasts."""
    before = vars(owner).get(name, ABSENT)
    setattr(owner, name, new)
    try:
        yield
    finally:
        if before is ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


@contextmanager
def entry(table: MutableMapping[K, V], key: K, new: V) -> Iterator[None]:
    """`table[key]` is `new` while the block lasts."""
    before = table[key]
    table[key] = new
    try:
        yield
    finally:
        table[key] = before


def decided(kind: type[AnyInput], change: Callable[[Rule], Rule]) -> AbstractContextManager[None]:
    """The rule for inputs of `kind` is what `change` makes of it."""
    rules: dict[type, Rule] = vars(decide)["_RULES"]
    return entry(rules, kind, change(rules[kind]))


def applied(kind: type[AnyEvent], change: Callable[[Effect], Effect]) -> AbstractContextManager[None]:
    """The effect of events of `kind` is what `change` makes of it."""
    effects: dict[type, Effect] = vars(apply)["_EFFECTS"]
    return entry(effects, kind, change(effects[kind]))


def without_effect(kind: type[AnyEvent]) -> AbstractContextManager[None]:
    """Events of `kind` change nothing."""
    return applied(kind, lambda effect: lambda day, event, at: None)
