"""What follows from an input: events, or a refusal. Pure, and the only place where the lobby's rules stand."""

from datetime import datetime

from hub.day import inputs
from hub.day.decide import appointments, changes, days, desks, devices, evacuation, numbers, tickets
from hub.day.decide.decision import Decision, Rule
from hub.day.inputs import AnyInput
from hub.day.model import Day
from hub.day.refusal import Code, Refusal

_WITHOUT_A_DAY = (inputs.OpenDay, inputs.TakeOver, inputs.Expire)

_RULES: dict[type, Rule] = (
    days.RULES
    | tickets.RULES
    | numbers.RULES
    | appointments.RULES
    | desks.RULES
    | devices.RULES
    | changes.RULES
    | evacuation.RULES
)


def decide(day: Day, an_input: AnyInput, now: datetime) -> Decision:
    """The events that `an_input` causes at `now`, in order, or why it is refused. `day` is not changed.

    An empty list means that the input asks for nothing that is not so already. `now` is aware UTC and not earlier
    than `day.at`.
    """
    if day.day is None and not isinstance(an_input, _WITHOUT_A_DAY):
        return Refusal(code=Code.NO_DAY)
    if day.evacuation is not None and type(an_input) in evacuation.HELD:
        return Refusal(code=Code.EVACUATION)
    return _RULES[type(an_input)](day, an_input, now)
