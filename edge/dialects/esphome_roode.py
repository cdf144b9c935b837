"""ESPHome with Roode: a distance sensor above a door, which counts over MQTT.

It tells how many it believes to be inside, somebody's direction in the moment of a crossing, and whether somebody
stands in the door. The broker keeps all of them and says them again at each connection, so a crossing that was kept is
none. It has no totals and no clock. ESPHome's own topics are <prefix>/<component>/<object>/state. Source:
Lyr3x/Roode and ESPHome's MQTT component. Counters that we ship ourselves speak our own topics instead.
"""

import json

from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.topics import each, liveness, people
from edge.dialects import TextDialect

COUNTERS = ("", "number", "sensor")
ENTRY, EXIT = "entry", "exit"
UNTOLD = ("", "None", "nan", "unknown", "unavailable")


def read(topic: str, text: str) -> Said:
    return each(topic, _scalar(text), _one)


def _scalar(text: str) -> str:
    """A word may come as a JSON text."""
    text = text.strip()
    if text.startswith('"'):
        try:
            unquoted = json.loads(text)
        except ValueError:
            raise Refuse("not-json", "a text in quotation marks that does not end") from None
        return str(unquoted)
    return text


def _one(topic: str, text: str) -> Said:
    parts = topic.split("/") if topic else []
    said = Said(device=_device(parts))
    text = text.strip()
    if parts and parts[-1] == "command":
        said.flag("command-ignored")  # somebody told the device so; it is nothing that it says
        return said
    if parts[-1:] == ["status"] or (not parts and text in ("online", "offline")):
        liveness(said, text)
        return said
    if len(parts) > 1 and (len(parts) < 4 or parts[-1] != "state"):
        raise Refuse("not-a-count", f"topic …/{parts[-1][:40]} is no state of ESPHome")
    component, what = (parts[-3], parts[-2]) if len(parts) >= 4 else ("", "")
    if text in UNTOLD:
        said.flag("not-known-yet")
        return said
    _state(said, component, what, text)
    return said


def _device(parts: list[str]) -> str:
    """The prefix of its topics, which may have several parts."""
    is_state = len(parts) >= 4 and parts[-1] in ("state", "command")
    return "/".join(parts[:-3] if is_state else parts[:-1]) or "".join(parts)


def _state(said: Said, component: str, what: str, text: str) -> None:
    unsaid = ("instant",)
    word = text.lower()
    if component in COUNTERS and text[:1].isdigit() and _is_counter(what):
        reading = Reading(kind=Kind.OCCUPANCY, people=people(text, "the number of people"), unsaid=unsaid)
    elif component in ("", "text_sensor") and word in (ENTRY, EXIT):
        entered, left = (1, None) if word == ENTRY else (None, 1)
        reading = Reading(kind=Kind.CROSSING, entered=entered, left=left, unsaid=unsaid)
    elif component in ("", "binary_sensor") and text in ("ON", "OFF"):
        if what and not any(word in what for word in ("presence", "occupancy")):
            raise Refuse("not-a-count", f"{what[:40]!r} tells nothing of people")
        reading = Reading(kind=Kind.PRESENCE, register="door", present=text == "ON", unsaid=("count", *unsaid))
    elif (component in COUNTERS and _is_counter(what)) or component == "":
        raise Refuse("bad-value", f"{text[:20]!r} is neither a number nor a crossing nor ON nor OFF")
    else:
        raise Refuse("not-a-count", f"{component[:20]}/{what[:40]} tells nothing of people")
    said.read([reading])


def _is_counter(what: str) -> bool:
    return not what or "people" in what or "counter" in what


DIALECT = TextDialect(
    family="esphome-roode",
    names=("esphome", "roode", "esphome-roode-topics"),
    what="ESPHome with Roode over MQTT: people inside, crossings, somebody in the door",
    read=read,
)
