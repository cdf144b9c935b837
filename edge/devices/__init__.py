"""The devices that an agent knows, one file each: what its table in the agent file says, and the role it becomes.

Adding a device is adding a file to this folder. It is found by itself, and nothing else has to name it.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import get_args, get_type_hints

from edge.settings import DeviceSettings


@cache
def known() -> dict[str, type[DeviceSettings]]:
    """All of them by kind and driver, such as `board/page`, in the order of their files."""
    found: dict[str, type[DeviceSettings]] = {}
    for file in iter_modules(__path__):
        module = import_module(f"{__name__}.{file.name}")
        for described in vars(module).values():
            is_own = isinstance(described, type) and described.__module__ == module.__name__
            if is_own and issubclass(described, DeviceSettings):
                found[variant_of(described)] = described
    return found


def usual_driver(kind: str) -> str | None:
    """What a table of this kind means that names no driver; None if it must name one."""
    for variant, described in known().items():
        if variant.startswith(f"{kind}/") and "driver" in vars(described):
            return variant.partition("/")[2]
    return None


def drivers() -> dict[str, list[str]]:
    """Kind to its drivers, the usual one first."""
    found: dict[str, list[str]] = {}
    for variant in known():
        kind, _, driver = variant.partition("/")
        found.setdefault(kind, []).insert(0 if driver == usual_driver(kind) else 99, driver)
    return found


def variant_of(described: type[DeviceSettings]) -> str:
    """Kind and driver, such as `board/page`."""
    hints = get_type_hints(described)
    kind, driver = get_args(hints["kind"]), get_args(hints["driver"])
    if len(kind) != 1 or len(driver) != 1:
        raise TypeError(f"{described.__name__} names no kind and driver; write both, like kind: Literal['board']")
    return f"{kind[0]}/{driver[0]}"
