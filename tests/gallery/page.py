"""The words of `docs/devices.md`, and which picture stands where. A table at its end lists what an agent can drive."""

from pathlib import Path
from typing import NamedTuple

from edge.devices import known, usual_driver
from tests.gallery.pages import STEPS

PAGE = Path(__file__).parents[2] / "docs" / "devices.md"
FOLDER = "images/devices"

HEAD = """# Devices

What hangs in a lobby, as the drivers of an agent draw it: nothing here is a sketch. `python -m tests.gallery` draws all
of it again. Which settings each device has stands in [settings](settings.md); how another one is added, in
[CONTRIBUTING](../CONTRIBUTING.md#a-new-device).
"""


class Section(NamedTuple):
    """A heading, what is said, and the pictures with what they show."""

    heading: str
    words: str
    pictures: dict[str, str]


SECTIONS = [
    Section(
        "Call board on a screen",
        """Calls with their desks, the newest largest, and how many wait. Two languages stand beside each other; more
take turns. Capital letters are as high as the room needs them to be read (EN 301 549: 0.7° of sight, 12.2 mm for each
metre); where the screen is too small for that, the page, health and `--check` say so. A board that does not hear the
hub says since when, and shows no old call as a new one.""",
        {"board": "A call board in four languages, in two at once, and while the hub is silent"},
    ),
    Section(
        "Call board of LEDs",
        "Eight modules of 8 × 8 LEDs and digits of our own. What is new blinks; of several calls each has its turn.",
        {"leds": "A call, a silent hub, no call yet, the name of the display, and the way out"},
    ),
    Section(
        "Door sign",
        """May I come in? Word, shape and colour say the same. Below: how full it is, how long one waits, and the code
with which a phone joins. Numbers that are invited in stand largest of all.""",
        {"sign": "Door signs in four languages: come in, wait, called in, closed, silent"},
    ),
    Section(
        "Door sign on a small panel",
        "The same on 320 × 240 pixels on SPI, where a screen has no room.",
        {"small-sign": "Small door signs in four languages: come in, wait, invited, silent"},
    ),
    Section(
        "Ticket printer",
        "The bytes that a printer gets, read by a second reader that allows a short list of commands, and drawn.",
        {
            "slip": "A slip in four languages",
            "other-slips": "Slips for weak sight, a copy, one of a kiosk that is cut off, and a narrow one",
        },
    ),
    Section(
        "Kiosk to touch",
        "Every step by finger, by keys alone or with a reader of codes; large targets, high contrast, read aloud.",
        {f"kiosk-{step}": f"At a kiosk, in four languages: {what}" for step, what in STEPS.items()},
    ),
    Section(
        "Everybody leaves",
        """In an evacuation every display says so at once, in the languages of the lobby, and goes on saying it though
it hears no hub any more ([people in a room](occupancy.md#everybody-leaves)).""",
        {"evacuation": "A board, a sign, a sign without a hub and a kiosk ask everybody to leave the building"},
    ),
    Section(
        "Lamp of a call panel",
        "Four seconds of the lamp after a press; at rest it is lit while somebody waits and the desk is free.",
        {"lamp": "When the lamp is lit, for each thing that it says"},
    ),
]


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for section in SECTIONS:
        parts.append(f"## {section.heading}\n\n{section.words}\n")
        parts += [f"![{shows}]({FOLDER}/{name}.png)\n" for name, shows in section.pictures.items()]
    rows = [
        f"| `{variant.split('/')[0]}` | `{variant.split('/')[1]}`{_usual(variant)} | {_first_sentence(it.__doc__)} |"
        for variant, it in known().items()
    ]
    parts.append("## All that an agent drives\n\n| `kind` | `driver` | |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _usual(variant: str) -> str:
    kind, _, driver = variant.partition("/")
    return ", usual" if usual_driver(kind) == driver else ""


def _first_sentence(words: str | None) -> str:
    sentence = " ".join((words or "").split()).partition(". ")[0]
    return sentence if sentence.endswith(".") else f"{sentence}."
