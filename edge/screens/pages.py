"""From pictures to HTML: the templates, the sentences in all of a site's languages, the QR code.

Everything is read when the process starts. Nothing here knows HTTP.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple, cast

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

import words
from edge.roles.board import BoardPicture
from edge.screens.screen import Picture

STATIC_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
TEMPLATES = ("index.html", "screen.html", "board.html", "sign.html")
LANGUAGES_TOGETHER = 2
"""With a third beside them letters would be too small to be read from across a hall, so more take turns."""


class StaticFile(NamedTuple):
    """A file that pages refer to, kept in memory."""

    content: bytes
    media_type: str


def templates() -> Environment:
    """Where the pages of a node come from: escaped, and without anything left out by mistake."""
    return Environment(
        loader=PackageLoader("edge.screens"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


class Pages:
    """All pages of the screens."""

    def __init__(self) -> None:
        self.static = dict(_static_files())
        digest = sha256()
        for name in sorted(self.static):
            digest.update(self.static[name].content)
        environment = templates()
        environment.globals.update(gettext=_gettext, ngettext=_ngettext, said=_said, qr_svg=qr_svg)
        self._templates = {name: environment.get_template(name) for name in TEMPLATES}
        for name in TEMPLATES:
            digest.update(_template_source(name))
        self.version = digest.hexdigest()[:12]
        """Changes with any page or style, so that a browser that has run for months notices an update."""

    def index(self, screens: list[str], matrices: list[str]) -> str:
        """The list of what this agent shows."""
        return self._templates["index.html"].render(screens=screens, matrices=matrices, version=self.version)

    def screen(self, device: str, picture: Picture, turn: int) -> str:
        """The whole page of a device. `turn` counts up; it decides which of many languages are shown now."""
        return self._templates["screen.html"].render(
            device=device,
            kind=_kind(picture),
            body=Markup(self.fragment(device, picture, turn)),
            languages=_shown(picture, turn),
            version=self.version,
        )

    def fragment(self, device: str, picture: Picture, turn: int) -> str:
        """What changes on a page: the picture, and behind it how it will look once the agent is silent too."""
        now, later = (self._picture(device, it, turn) for it in (picture, picture.gone_stale()))
        return f"{now}<template>{later}</template>"

    def _picture(self, device: str, picture: Picture, turn: int) -> str:
        template = self._templates[f"{_kind(picture)}.html"]
        return template.render(device=device, picture=picture, languages=_shown(picture, turn))


def takes_turns(picture: Picture) -> bool:
    """More languages are spoken here than a screen shows together."""
    return len(_spoken(picture)) > LANGUAGES_TOGETHER


def _kind(picture: Picture) -> str:
    return "board" if isinstance(picture, BoardPicture) else "sign"


def _shown(picture: Picture, turn: int) -> tuple[str, ...]:
    """The languages that have their turn, one after the other in the lobby's order."""
    spoken = _spoken(picture)
    if not takes_turns(picture):
        return spoken
    first = turn * LANGUAGES_TOGETHER
    return tuple(spoken[(first + place) % len(spoken)] for place in range(LANGUAGES_TOGETHER))


def _spoken(picture: Picture) -> tuple[str, ...]:
    """Before the hub has said which languages are spoken here, all that we know."""
    return picture.languages or words.LANGUAGES


def _static_files() -> list[tuple[str, StaticFile]]:
    folder = files("edge.screens").joinpath("static")
    found = []
    for entry in folder.iterdir():
        media_type = STATIC_TYPES.get("." + entry.name.rpartition(".")[2])
        if media_type is not None:
            found.append((entry.name, StaticFile(entry.read_bytes(), media_type)))
    return sorted(found)


def _template_source(name: str) -> bytes:
    return files("edge.screens").joinpath("templates", name).read_bytes()


# --- sentences ---------------------------------------------------------------------------------------------------


@pass_context
def _gettext(context: Context, message: str, **facts: object) -> Markup:
    """`message` in each language of the page, with `{fact}` filled in."""
    return _in_each(context, lambda language: words.of(language).gettext(message).format(**facts))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> Markup:
    """The form for `count`, which stands in it as `{count}`, in each language of the page."""
    return _in_each(context, lambda language: words.of(language).ngettext(one, many, count).format(count=count))


@pass_context
def _said(context: Context, label: Mapping[str, str]) -> Markup:
    """A label of the hub's in each language of the page."""
    return _in_each(context, lambda language: words.pick(label, language))


def _in_each(context: Context, text: Callable[[str], str]) -> Markup:
    """A span per language; what is the same in two languages is said once."""
    languages = cast(tuple[str, ...], context["languages"])
    said: dict[str, str] = {}
    for language in languages:
        said.setdefault(text(language), language)
    spans = (Markup('<span lang="{}">{}</span>').format(language, it) for it, language in said.items() if it)
    return Markup(" ").join(spans)


@lru_cache(maxsize=8)
def qr_svg(url: str) -> Markup:
    """The code of `url` with a quiet zone of four modules, scaled by its container.

    Level M is read through fingerprints and reflections, and keeps the modules large.
    """
    code = segno.make(url, error="m", micro=False, boost_error=False)
    return Markup(code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None))
