"""Which printers of its node print for a kiosk, as its views say. Another node's may print its slips too: of those it
hears nothing, and waits for nothing.

It does not know what is printed.
"""

from collections.abc import Mapping

from edge.roles.printer import Printer
from wire.messages import KioskView


class KioskPrinters:
    """One kiosk's."""

    def __init__(self, node: str, printers: Mapping[str, Printer]) -> None:
        """`printers` are all of the node called `node`, by their names, once it runs."""
        self._node = node
        self._all = printers

    def every(self) -> list[Printer]:
        """All of the node."""
        return list(self._all.values())

    def of_hub(self, view: KioskView | None) -> list[Printer]:
        """On which the hub has this kiosk's slips printed; every one of the node while nobody has said which."""
        if view is None or view.printer is None:
            return self.every()
        node, _, device = view.printer.partition("/")
        return [self._all[device]] if node == self._node and device in self._all else []

    def of_its_own(self, view: KioskView | None) -> Printer | None:
        """On which it prints by itself while nobody hears it; None if it cannot help anybody."""
        return self._all.get(view.cut_off.printer) if view is not None and view.cut_off is not None else None

    def prints(self, view: KioskView | None) -> bool:
        """False if there is no printer for its slips, or none of them can print, as far as they have said."""
        if view is not None and view.printer == "":
            return False
        known = [it.prints for it in self.of_hub(view) if it.prints is not None]
        return not known or any(known)
