"""What follows when the book changes an appointment of the open day: it is known, moved or cancelled. Pure."""

from datetime import datetime

from hub.day import events, inputs
from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.day.refusal import Code, Refusal


def know(day: Day, an_input: inputs.KnowAppointment, now: datetime) -> list[AnyEvent] | Refusal:
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


def move(day: Day, an_input: inputs.MoveAppointment, now: datetime) -> list[AnyEvent] | Refusal:
    appointment = day.appointments.get(an_input.appointment)
    if appointment is None:
        return Refusal(code=Code.UNKNOWN_APPOINTMENT)
    if appointment.ticket:
        return Refusal(code=Code.CHECKED_IN, facts={"number": day.tickets[appointment.ticket].number})
    if an_input.service not in day.services:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    moved = events.AppointmentMoved(
        appointment=an_input.appointment,
        service=an_input.service,
        slot_at=an_input.slot_at,
        party_people=an_input.party_people,
    )
    return [moved]


def cancel(day: Day, an_input: inputs.CancelAppointment, now: datetime) -> list[AnyEvent] | Refusal:
    appointment = day.appointments.get(an_input.appointment)
    if appointment is None:
        return Refusal(code=Code.UNKNOWN_APPOINTMENT)
    if appointment.ticket:
        return Refusal(code=Code.CHECKED_IN, facts={"number": day.tickets[appointment.ticket].number})
    return [events.AppointmentCancelled(appointment=appointment.id)]
