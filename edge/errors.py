"""What can go wrong at the edge.

    EdgeError
    ├── ConfigError (ValueError)    an agent file that cannot be used; one line per fault
    └── DeviceFault (OSError)       a device that does not work, and what it needs

Each text is complete in itself: what is wrong, and what to do.
"""

from collections.abc import Sequence


class EdgeError(Exception):
    """Something at the edge is not as it should be."""


class ConfigError(EdgeError, ValueError):
    """An agent file that cannot be used. `faults` holds all of them, a line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class DeviceFault(EdgeError, OSError):
    """A device does not work. The text says what is wrong and what it needs, in one line."""
