"""From a look to the parts of the page, in a reader's language: strings of HTML, or tables of texts.

A part carries the id of the element that it belongs to. Only what differs from the last look travels.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from zlib import crc32

from babel.support import Translations
from markupsafe import Markup

import words
from edge.drivers.fake_printer import PrintedCode, PrintedImage, PrintedLine, PrintedSlip, Row
from simulator.glance.scene import DeskLook, Look, RoomLook, RoomPlace, Stage
from wire.messages import PanelState

Part = str | Mapping[str, str]
Parts = dict[str, Part]


def parts_of(look: Look, stage: Stage, language: str) -> Parts:
    """Every part of the page, by the id of its element."""
    texts = words.of(language)
    page = f"{look.phone}?lang={language}" if look.phone else ""
    # Curves go on with the minute, also when nothing happens.
    now = f"{look.seq}-{look.clock_at:%H:%M}"
    found: Parts = {"figures": _figures(look), "phone": {"page": page}, "facilities": {"now": now}}
    found |= {f"led-{i}": svg for i, svg in enumerate(look.leds)}
    for desk, desk_look in zip(stage.desks, look.desks, strict=True):
        found[f"desk-{desk.id}"] = _desk(desk_look, texts)
    for room, room_look in zip(stage.rooms, look.rooms, strict=True):
        found[f"room-{room.id}"] = _room(room, room_look, texts)
    if stage.paper_columns:
        found["slips"] = _slip(look.slip)
    return found


def _figures(look: Look) -> Part:
    return {
        "clock": f"{look.clock_at:%H:%M}",
        "second": f"{look.clock_at:%S}",
        "waiting": str(look.waiting),
        "calls": str(look.calls),
        "messages": _rate(look.messages_per_s),
        "commits": _rate(look.commits_per_s),
    }


def _rate(per_s: float) -> str:
    """Two figures that mean something; nobody compares tenths of a hundred."""
    return f"{per_s:.1f}" if per_s < 10 else f"{per_s:.0f}"


def _desk(look: DeskLook, texts: Translations) -> Part:
    said = {
        PanelState.CLOSED: texts.gettext("closed"),
        PanelState.FREE: texts.gettext("free"),
        PanelState.CALLED: texts.gettext("calling"),
        PanelState.SERVING: texts.gettext("serving"),
    }
    return {
        "state": look.state.value,
        "said": said[look.state],
        "number": look.number,
        "waiting": str(look.waiting),
        "lit": "yes" if look.is_lit else "no",
    }


def _room(place: RoomPlace, look: RoomLook, texts: Translations) -> Part:
    if look.people is None:
        count = texts.gettext("not counted yet")
    else:
        count = texts.gettext("%(people)d of %(limit)d people") % {"people": look.people, "limit": place.limit_people}
    return {
        "people": "" if look.people is None else str(look.people),
        "count": count,
        "entered": str(look.entered),
        "left": str(look.left),
    }


# --- the printer's paper -----------------------------------------------------------------------------------------


def _slip(slip: PrintedSlip | None) -> Part:
    """The paper, and a name by which the page knows another one."""
    if slip is None:
        return {"name": "", "html": ""}
    return {"name": f"{crc32(slip.text.encode()):08x}", "html": slip_html(slip)}


@lru_cache(maxsize=8)
def slip_html(slip: PrintedSlip) -> str:
    """A slip as lines of letters and pictures of dots, to be laid out by the style sheet."""
    return str(Markup("").join(_row(row) for row in slip.rows))


def _row(row: Row) -> Markup:
    if isinstance(row, PrintedLine):
        name = f"line size-{row.width}{' bold' if row.is_bold else ''}"
        return Markup('<p class="{}">{}</p>').format(name, row.text or "\u00a0")
    return _dots(row.image if isinstance(row, PrintedCode) else row)


def _dots(image: PrintedImage) -> Markup:
    path = "".join(f"M{x} {y}h{width}v{height}h-{width}z" for x, y, width, height in dot_runs(image))
    svg = Markup('<svg class="dots" viewBox="0 0 {} {}" aria-hidden="true"><path d="{}"/></svg>')
    return svg.format(image.width_px, image.height_px, path)


def dot_runs(image: PrintedImage) -> Iterator[tuple[int, int, int, int]]:
    """The black dots as rectangles (x, y, width, height): runs of a row, as high as the rows below are the same."""
    stride = image.width_px // 8
    rows = [image.dots[y * stride : (y + 1) * stride] for y in range(image.height_px)]
    y = 0
    for row, same in groupby(rows):
        height = len(list(same))
        bits = "".join(f"{byte:08b}" for byte in row)
        for run in re.finditer("1+", bits):
            yield run.start(), y, len(run[0]), height
        y += height
