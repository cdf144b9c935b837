"""Templates to pages. One Jinja environment per language, each with that language's catalog."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache, partial
from gettext import NullTranslations
from typing import Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

import words
from hub.accounts.rights import Identity
from hub.web import language as languages
from hub.web.assets import Assets
from hub.web.scopes import IDENTITY
from words import dates, shares, waits

COUNTS_KEPT = 1_000
"""Sentences about a number, per language: some for each length of a line."""


class _Compiled(BytecodeCache):
    """Templates that were compiled in this process: no other language, and no later hub, does it again."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}
        """By what jinja names a template and its source; bounded by the templates there are."""

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


class Drawing:
    """Draws templates in a reader's language."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self._environment = cache(self._new_environment)

    def fragment(self, template: str, language: str, **values: Any) -> str:
        """A piece of a page."""
        return self._environment(language).get_template(template).render(values)

    def page(
        self,
        request: HTTPConnection,
        template: str,
        language: str,
        offered: tuple[str, ...],
        *,
        status_code: int = 200,
        here: str = "",
        **values: Any,
    ) -> Response:
        """A whole page. `here` is the path where it can be asked for again, when that is not the request's own."""
        me: Identity | None = request.scope.get(IDENTITY)
        html = self.fragment(template, language, offered=offered, here=here or request.url.path, me=me, **values)
        response = HTMLResponse(
            html, status_code=status_code, headers={"cache-control": "no-store", "content-language": language}
        )
        languages.remember(request, response, language)
        return response

    def _new_environment(self, language: str) -> Environment:
        environment = Environment(
            loader=PackageLoader("hub.web"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_compiled,
        )
        environment.globals |= _speech(words.of(language))
        environment.globals |= {"language": language, "language_name": words.language_name, "asset": self.assets.path}
        environment.filters |= {
            "label": partial(words.pick, language=language),
            "wait": partial(waits.about, language=language),
            "percent": partial(shares.percent, language=language),
            "clock": _clock,
            "day": _day,
            "weekday": partial(dates.weekday, language=language),
            "short_weekday": partial(dates.short_weekday, language=language),
        }
        return environment


def _speech(catalog: NullTranslations) -> dict[str, Callable[..., str]]:
    """`_` and `ngettext` for templates: sentences are markup, and what is put into them is escaped.

    Jinja's own functions do the same, and look each sentence up and format it anew for every page.
    """

    @cache
    def sentence(text: str) -> Markup:
        return Markup(catalog.gettext(text))

    def said(text: str, **facts: object) -> Markup:
        return sentence(text) % facts if facts else sentence(text)

    @lru_cache(COUNTS_KEPT)
    def counted(one: str, many: str, num: int) -> Markup:
        return Markup(catalog.ngettext(one, many, num)) % {"num": num}

    return {"_": said, "ngettext": counted}


def _clock(at: datetime) -> str:
    """A local time of day as everybody reads it: `08:30`."""
    return f"{at:%H:%M}"


def _day(at: datetime) -> str:
    """A local day, short, as it sorts and as nobody mistakes it: `2026-03-02`."""
    return f"{at:%Y-%m-%d}"
