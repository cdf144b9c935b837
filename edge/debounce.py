"""Contacts that bounce, made into presses.

Pure: levels and instants go in, presses come out. It does not know pins or clocks.

    contact   ____|‾|_|‾‾‾‾‾‾‾‾‾‾‾|_|‾|________|‾‾‾‾
    press         ^                            ^
                  at once, on the first edge   only after QUIET_S without any edge

Acting on the first edge costs no time. A release is never needed: some drivers lose the last edge of a short press.
"""

QUIET_S = 0.03
"""Contacts of push buttons bounce for up to some 10 ms; nobody presses twice within three times that."""


class Debounce:
    """One contact."""

    def __init__(self) -> None:
        self._edge_at_s: float | None = None

    def edge(self, is_down: bool, at_s: float) -> bool:
        """The contact changed to `is_down` at `at_s`, never earlier than the edge before; True if this is a press."""
        was_quiet = self._edge_at_s is None or at_s - self._edge_at_s >= QUIET_S
        self._edge_at_s = at_s
        return is_down and was_quiet
