"""What counters, printers and people say of rooms and paper."""

from datetime import datetime

from hub.day import events, inputs, people_events
from hub.day.decide.decision import Decision, Rule
from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.day.refusal import Code, Refusal

PEOPLE_MAX = 100_000
"""As many as a room may hold by its description."""

COUNTER = DeviceKind.COUNTER
CROSSINGS_MAX = 10_000
"""Of one counter between two reports; a stadium's gate would need hours of silence for it."""


def _count_people(day: Day, an_input: inputs.CountPeople, now: datetime) -> Decision:
    device = day.devices.get(an_input.device)
    if device is None or device.kind is not COUNTER:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    known = day.counters.get(an_input.device)
    last = known.totals.get(an_input.epoch) if known else None
    if known and last and (an_input.entered < last[0] or an_input.left < last[1]):
        if an_input.epoch in known.fell_back:
            return Refusal(code=Code.TOTALS_FELL_BACK, facts={"device": an_input.device})
        fell_back = people_events.TotalsFellBack(
            device=an_input.device, epoch=an_input.epoch, entered=an_input.entered, left=an_input.left
        )
        return [fell_back]
    entered, left = last or (0, 0)
    is_repeated = last is not None and entered == an_input.entered and left == an_input.left
    if known and is_repeated and known.quality is an_input.quality and not known.implausible:
        return []
    is_implausible = an_input.entered - entered > CROSSINGS_MAX or an_input.left - left > CROSSINGS_MAX
    if known and is_implausible:
        if an_input.epoch == known.implausible:
            return Refusal(code=Code.IMPLAUSIBLE_TOTALS, facts={"device": an_input.device, "max": CROSSINGS_MAX})
        implausible = people_events.TotalsImplausible(
            device=an_input.device, epoch=an_input.epoch, entered=an_input.entered, left=an_input.left
        )
        return [implausible]
    counted = people_events.PeopleCounted(
        device=an_input.device,
        epoch=an_input.epoch,
        entered=an_input.entered,
        left=an_input.left,
        quality=an_input.quality,
    )
    return [counted]


def _note_silence(day: Day, an_input: inputs.NoteSilence, now: datetime) -> Decision:
    counter = day.counters.get(an_input.device)
    if counter is None:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    if counter.is_silent == an_input.is_silent:
        return []
    kind = people_events.CounterSilenced if an_input.is_silent else people_events.CounterHeard
    return [kind(device=an_input.device)]


def _correct_people(day: Day, an_input: inputs.CorrectPeople, now: datetime) -> Decision:
    if an_input.room not in day.rooms:
        return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": an_input.room})
    people_max = 0 if an_input.why == "empty" else PEOPLE_MAX
    if not 0 <= an_input.people <= people_max:
        return Refusal(code=Code.BAD_PEOPLE, facts={"people": an_input.people, "max": people_max})
    return [people_events.PeopleCorrected(room=an_input.room, people=an_input.people, why=an_input.why)]


def _note_paper(day: Day, an_input: inputs.NotePaper, now: datetime) -> Decision:
    device = day.devices.get(an_input.device)
    if device is None or device.kind is not DeviceKind.PRINTER:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    if day.paper.get(an_input.device) is an_input.paper:
        return []
    return [events.PaperNoted(device=an_input.device, paper=an_input.paper)]


RULES: dict[type, Rule] = {
    inputs.CountPeople: _count_people,
    inputs.NoteSilence: _note_silence,
    inputs.CorrectPeople: _correct_people,
    inputs.NotePaper: _note_paper,
}
