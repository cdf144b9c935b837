"""The sentences that people read, in their languages. One catalog per language serves pages, screens and slips.

A sentence is written in English where it is used, `words.gettext("Please come in")`, and translated in
`words/{language}.po`. The catalogs are read as text when a process starts, so there is nothing to compile. This room
knows languages; it does not know what the sentences are about.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.core import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "fr", "de", "it")
"""Languages with a catalog. English is the source and needs none."""


@cache
def of(language: str) -> Translations:
    """The catalog of `language`: `gettext(text)`, `ngettext(one, many, n)`, `pgettext(context, text)`.

    A language without a catalog speaks English. A missing sentence falls back to its English.
    """
    if language == SOURCE_LANGUAGE or language not in LANGUAGES:
        return Translations()
    with files("words").joinpath(f"{language}.po").open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def negotiate(accept_language: str, offered: Sequence[str]) -> str:
    """The best of `offered` for an Accept-Language header; the first offered when none fits."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language[:500].split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), name.strip().replace("-", "_")))
        except ValueError:
            continue
    preferred = [name for quality, name in sorted(wanted, key=lambda pair: pair[0]) if name and quality < 0]
    return negotiate_locale(preferred, list(offered)) or offered[0]


def language_name(code: str, language: str) -> str:
    """The name of the language `code`, said in `language`: `French`, `français`. Empty for no code."""
    return (Locale.parse(code).get_language_name(language) or code) if code else ""


def pick(label: Mapping[str, str], language: str) -> str:
    """The text of `label` in `language`, else in English, else in whatever it has; empty when it has none."""
    return label.get(language) or label.get(SOURCE_LANGUAGE) or next(iter(label.values()), "")
