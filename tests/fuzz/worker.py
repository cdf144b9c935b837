"""One target in a process of its own, which atheris watches and ends: `python -m tests.fuzz.worker TARGET FOLDER …`

What follows the folder goes to libFuzzer. It is started by `tests.fuzz.exploring`.
"""

import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType

from tests.fuzz.targets import BY_NAME


def main(name: str, folder: str, *options: str) -> None:
    atheris = importlib.import_module("atheris")  # carries no types, and is not for every machine
    target = BY_NAME[name]
    read = target.load(Path(folder))
    # Not while they are imported: that is for whole packages only, and to watch all of the hub takes seconds.
    for function in _functions(target.modules):
        atheris.instrument_func(function)
    atheris.Setup(["fuzz", *options], read)
    atheris.Fuzz()


def _functions(modules: Sequence[str]) -> list[FunctionType]:
    """All that were defined in `modules`, in the order of their names, so that two searches are the same."""
    within = tuple(f"{module}." for module in modules)
    found = [it for it in gc.get_objects() if isinstance(it, FunctionType) and f"{it.__module__}.".startswith(within)]
    return sorted(found, key=lambda it: (it.__module__, it.__qualname__, it.__code__.co_firstlineno))


if __name__ == "__main__":
    main(*sys.argv[1:])
