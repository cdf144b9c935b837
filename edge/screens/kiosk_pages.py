"""From what a kiosk offers to HTML: one step of a visit on each page, in the language of who stands before it.

Nothing here knows HTTP, and nothing is remembered: where a visitor is stands in the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from typing import cast
from urllib.parse import urlencode

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

import words
from edge.kiosk_face import ENDS, How
from edge.screens.kiosk_screen import KioskScreen, Visit
from edge.screens.pages import qr_svg, templates
from wire.messages import KioskService
from words import refusals, waits

STEPS = ("start", "services", "service", "appointment", "ticket")
SERVICES_MAX = 7
"""On one page, beside the appointment, so that each is a large target. Where there are more, the last place leads on to
them."""
CODE_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of which codes are made."""
CODE_CHARS_MAX = 40
SCANNED_CHARS_MAX = 400
"""A code may come in an address."""
IDLE_S = 40
"""After so long without a touch the visitor is asked whether she is still there."""
WARNING_S = 20
"""So long she has to say so: what WCAG 2.2.1 wants at least."""
OWN_NAMES = {"en": "English", "fr": "Français", "de": "Deutsch", "it": "Italiano", "rm": "Rumantsch", "es": "Español"}


@dataclass(frozen=True)
class Here:
    """Where a visitor is, and how she wants to see it. All of it stands in the address of the page."""

    at: str = "start"
    language: str = ""
    """Empty until one is chosen."""
    contrast: bool = False
    large: bool = False
    service: str = ""
    key: str = ""
    """Of her wish."""
    code: str = ""
    """As far as it has been typed. Never in an address."""
    first: int = 0
    """The first of the services on this page."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Here":
        """What an address or a form says; what makes no sense is as at the start."""
        at, first = query.get("at", ""), query.get("first", "")
        return cls(
            at=at if at in STEPS else "start",
            language=query.get("l", "")[:2],
            contrast=query.get("c") == "1",
            large=query.get("b") == "1",
            service=query.get("service", "")[:64],
            key=query.get("key", "")[:64],
            code=query.get("code", "")[:SCANNED_CHARS_MAX],
            first=int(first) if first.isdecimal() and len(first) < 3 else 0,
        )

    def to(self, at: str, **changes: object) -> str:
        """The address of another step, as a link on this page."""
        there = replace(self, at=at, **{"service": "", "first": 0, "key": "", **changes})  # type: ignore[arg-type]
        said = {"at": there.at if there.at != "start" else "", "l": "" if there.at == "start" else there.language}
        said |= {"c": "1" if there.contrast else "", "b": "1" if there.large else ""}
        said |= {"service": there.service, "key": there.key, "first": str(there.first or "")}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def switched(self, name: str) -> str:
        """This page with `contrast` or `large` the other way round."""
        return self.to(self.at, service=self.service, key=self.key, first=self.first, **{name: not getattr(self, name)})


class KioskPages:
    """All pages of kiosks."""

    def __init__(self, version: str) -> None:
        """`version` is that of the static files."""
        environment = templates()
        environment.globals.update(_=_sentence, gettext=_in_each, name=_name, qr_svg=qr_svg, How=How, ENDS=ENDS)
        names = [f"kiosk_{step}.html" for step in STEPS]
        self._templates = {step: environment.get_template(name) for step, name in zip(STEPS, names, strict=True)}
        digest = sha256(version.encode())
        for name in ("kiosk.html", *names):
            digest.update(files("edge.screens").joinpath("templates", name).read_bytes())
        self.version = digest.hexdigest()[:12]

    def page(self, screen: KioskScreen, device: str, here: Here) -> str:
        """The page for where a visitor is. A step that makes no sense now is the nearest one that does."""
        offer = screen.newest
        view = offer.view
        languages = tuple(view.languages) if view else words.LANGUAGES
        here = here if here.language in languages else replace(here, language=languages[0])
        services = list(view.services) if view else []
        chosen = next((it for it in services if it.id == here.service), None)
        visit = screen.visit(here.key)
        if (here.at == "service" and chosen is None) or (here.at == "ticket" and visit is None) or view is None:
            here = replace(here, at="start")
        shown, more = _part(services, here.first)
        return self._templates[here.at].render(
            here=here,
            device=device,
            offer=offer,
            title=view.title if view else {},
            languages=languages,
            own_names=OWN_NAMES,
            services=shown,
            more=more,
            chosen=chosen,
            bring=_things(chosen.bring, here.language) if chosen else [],
            visit=visit,
            no=_no(visit, here.language, screen.time_zone),
            new_key=screen.new_token(),
            looked_for=screen.name if screen.is_looked_for else "",
            offer_mark=screen.offer_mark,
            about=waits.about,
            signs=CODE_SIGNS,
            idle_s=IDLE_S,
            warning_s=WARNING_S,
            version=self.version,
        )


def _part(services: list[KioskService], first: int) -> tuple[list[KioskService], int]:
    """The services of the page that begins with `first`, and with which one the next page begins; 0 for none."""
    if len(services) <= SERVICES_MAX:
        return services, 0
    first = first if first < len(services) else 0
    last = first + SERVICES_MAX - 1
    return services[first:last], last if last < len(services) else 0


def _things(bring: Mapping[str, str], language: str) -> list[str]:
    """What to have ready, thing by thing."""
    return [thing.strip() for thing in words.pick(bring, language).split("\n") if thing.strip()]


def _no(visit: Visit | None, language: str, time_zone: str) -> str:
    """Why the lobby has said no; empty if it has not."""
    if visit is None or visit.told.how is not How.REFUSED:
        return ""
    return refusals.sentence(visit.told.code, visit.told.facts, language, time_zone)


# --- sentences ---------------------------------------------------------------------------------------------------


def _language(context: Context) -> str:
    return cast(Here, context["here"]).language


@pass_context
def _sentence(context: Context, message: str, **facts: object) -> str:
    """`message` in the language of the page, with `{fact}` filled in."""
    return str(words.of(_language(context)).gettext(message)).format(**facts)


@pass_context
def _name(context: Context, label: Mapping[str, str]) -> str:
    """A label of the hub's in the language of the page."""
    return words.pick(label, _language(context))


@pass_context
def _in_each(context: Context, message: str) -> Markup:
    """`message` in each language of the lobby, for before one has been chosen."""
    languages = cast(tuple[str, ...], context["languages"])
    spans = (
        Markup('<span lang="{}">{}</span>').format(language, words.of(language).gettext(message))
        for language in languages
    )
    return Markup(" ").join(spans)
