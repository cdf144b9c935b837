"""What the book tells the open day of its appointments."""

from datetime import datetime

from hub.day import events, inputs
from hub.day.decide.decision import Decision, Rule
from hub.day.model import Day
from hub.day.refusal import Code, Refusal


def _know_appointment(day: Day, an_input: inputs.KnowAppointment, now: datetime) -> Decision:
    if an_input.service not in day.services:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    if an_input.appointment in day.appointments:
        return Refusal(code=Code.APPOINTMENT_KNOWN)
    known = events.AppointmentKnown(
        appointment=an_input.appointment,
        service=an_input.service,
        slot_at=an_input.slot_at,
        code_hash=an_input.code_hash,
        party_people=an_input.party_people,
    )
    return [known]


def _move_appointment(day: Day, an_input: inputs.MoveAppointment, now: datetime) -> Decision:
    appointment = day.appointments.get(an_input.appointment)
    if appointment is None:
        return Refusal(code=Code.UNKNOWN_APPOINTMENT)
    if (holder := day.holder(appointment)) is not None:
        return Refusal(code=Code.CHECKED_IN, facts={"number": holder.number})
    if an_input.service not in day.services:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    moved = events.AppointmentMoved(
        appointment=an_input.appointment,
        service=an_input.service,
        slot_at=an_input.slot_at,
        party_people=an_input.party_people,
    )
    return [moved]


def _cancel_appointment(day: Day, an_input: inputs.CancelAppointment, now: datetime) -> Decision:
    appointment = day.appointments.get(an_input.appointment)
    if appointment is None:
        return Refusal(code=Code.UNKNOWN_APPOINTMENT)
    if (holder := day.holder(appointment)) is not None:
        return Refusal(code=Code.CHECKED_IN, facts={"number": holder.number})
    return [events.AppointmentCancelled(appointment=appointment.id)]


RULES: dict[type, Rule] = {
    inputs.KnowAppointment: _know_appointment,
    inputs.MoveAppointment: _move_appointment,
    inputs.CancelAppointment: _cancel_appointment,
}
