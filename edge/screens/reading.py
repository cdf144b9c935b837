"""A page as it can be read: its words line by line, without its shapes, codes and addresses.

The code of the moment proves that somebody stands before the door; whoever looks from afar does not, so it is left out.
"""

from functools import cache
from html.parser import HTMLParser
from typing import Protocol

from edge.screens.kiosk_pages import Here, KioskPages
from edge.screens.kiosk_screen import KioskScreen
from edge.screens.pages import Pages
from edge.screens.screen import Picture

UNREAD = frozenset({"dialog", "head", "svg", "template", "script", "style"})
"""Elements of which nothing is read."""
SECRET_CLASSES = frozenset({"digits", "address", "secret"})
"""Nothing is read of elements of these classes either."""
LINES = frozenset(
    {"p", "div", "li", "ol", "ul", "h1", "h2", "h3", "header", "footer", "section", "main", "tr", "table"}
)
"""Elements that begin a line."""
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr"})
"""Elements without an end."""


class Shows(Protocol):
    """What has a picture that could be a page."""

    @property
    def picture(self) -> Picture | None: ...


def lines_on(screen: Shows) -> list[str]:
    """What is to be read on `screen` now, in the languages that have the first turn."""
    return [] if screen.picture is None else lines_of(_pages().fragment("", screen.picture, 0))


def lines_on_kiosk(screen: KioskScreen, device: str) -> list[str]:
    """What the next visitor is offered, in the lobby's first language. What somebody does before a kiosk is hers, and
    is told to nobody."""
    return lines_of(_kiosk_pages().page(screen, device, Here(at="services")))


def lines_of(html: str) -> list[str]:
    """What is to be read in `html`."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return reading.lines()


@cache
def _kiosk_pages() -> KioskPages:
    return KioskPages("")


@cache
def _pages() -> Pages:
    """Read when somebody first asks; a node without screens never does."""
    return Pages()


class _Reading(HTMLParser):
    """Collects words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text = ""
        self._unread = 0
        """How deep we are in something of which nothing is read."""

    def lines(self) -> list[str]:
        found = (" ".join(line.split()) for line in self._text.split("\n"))
        return [line for line in found if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self._text += " "
        elif self._unread or tag in UNREAD or self._is_hidden(attrs):
            self._unread += 1
        else:
            self._text += "\n" if tag in LINES else " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """It holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self._unread:
            self._unread -= 1
        else:
            self._text += "\n" if tag in LINES else " "

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._text += data.replace("\n", " ")

    @staticmethod
    def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
        if any(name == "hidden" for name, _ in attrs):
            return True
        classes = next((value or "" for name, value in attrs if name == "class"), "")
        return not SECRET_CLASSES.isdisjoint(classes.split())
