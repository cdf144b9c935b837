"""Why something was refused, as a sentence. Codes and facts are those of `hub.day.refusal`."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import words
from words import dates

Fact = str | int | float | bool | None


def _said(text: str) -> str:
    """Marks `text` for translation; the catalog is asked when a reader is known."""
    return text


SENTENCES: dict[str, tuple[str, ...]] = {
    "no-day": (_said("The lobby is not open yet. Please come back during opening hours."),),
    "day-open": (_said("The day has begun already."),),
    "closed": (
        _said("We are closed. We open again on %(day)s at %(time)s."),
        _said("We are closed."),
    ),
    "last-ticket": (
        _said("No more tickets are issued before we close at %(closing)s. We open again on %(day)s at %(time)s."),
        _said("No more tickets are issued before we close at %(closing)s."),
        _said("No more tickets are issued before we close."),
    ),
    "unknown-service": (_said("We do not offer this service here. Please choose another one."),),
    "unknown-priority": (_said("This reason to be called earlier is not known here. Please ask at a desk."),),
    "unknown-desk": (_said("There is no such desk here."),),
    "unknown-device": (_said("There is no such device here."),),
    "unknown-ticket": (_said("We do not know this ticket. A ticket is good for one day only."),),
    "bad-party": (
        _said("One ticket is good for 1 to %(max)s people."),
        _said("So many people cannot share one ticket."),
    ),
    "desk-closed": (_said("This desk is closed. Please open it first."),),
    "desk-open": (_said("This desk is open already."),),
    "moved-on": (_said("The desk has changed meanwhile. Please look again."),),
    "nobody-waiting": (_said("Nobody is waiting."),),
    "nobody-here": (_said("No visitor has been called to this desk."),),
    "already-started": (_said("You are already serving this visitor."),),
    "recalled-enough": (
        _said("%(number)s has been called again %(times)s times already. If nobody comes, choose “No-show”."),
        _said("This visitor has been called often enough. If nobody comes, choose “No-show”."),
    ),
    "ticket-ended": (_said("This ticket can no longer be changed."),),
    "not-parked": (
        _said("Ticket %(number)s does not have to come back: it is somewhere else."),
        _said("This ticket does not have to come back: it is somewhere else."),
    ),
    "not-served-here": (
        _said("Desk %(desk)s does not serve what ticket %(number)s is for."),
        _said("This desk does not serve what this ticket is for."),
    ),
    "at-other-desk": (
        _said("Ticket %(number)s is at desk %(desk)s: only that desk can do this."),
        _said("This ticket is at another desk: only that desk can do this."),
    ),
    "other-service": (
        _said("Tickets %(number)s and %(other)s are for different services, so they stay two."),
        _said("These tickets are for different services, so they stay two."),
    ),
    "not-invited": (
        _said("Ticket %(number)s waits outside: there has been no place inside so far."),
        _said("This ticket waits outside: there has been no place inside so far."),
    ),
    "desk-away": (
        _said("Desk %(desk)s is closed at the moment: nobody can be sent there."),
        _said("That desk is closed at the moment: nobody can be sent there."),
    ),
    "nothing-to-undo": (_said("There is no call to undo, or something has happened since."),),
    "undo-too-late": (
        _said("A call can be undone for %(max_s)s seconds. If nobody should come, choose “No-show”."),
        _said("It is too late to undo this call. If nobody should come, choose “No-show”."),
    ),
    "no-place": (
        _said("Ticket %(number)s is next, but has no free place in the room of desk %(desk)s yet."),
        _said("The visitor who is next has no free place in the room of this desk yet."),
    ),
    "unknown-room": (_said("There is no such room here."),),
    "bad-people": (
        _said("A room can hold 0 to %(max)s people. Please count again."),
        _said("A room cannot hold so many people. Please count again."),
    ),
    "unknown-code": (
        _said("No appointment of today has this code. Please check the code, or take a ticket without it."),
    ),
    "checked-in": (
        _said("This appointment has been checked in already: the number is %(number)s."),
        _said("This appointment has been checked in already."),
    ),
    "unknown-appointment": (_said("This appointment is not in today’s book."),),
    "appointment-known": (_said("This appointment is in today’s book already."),),
    "implausible-totals": (_said("The counter reported more people at once than can be, so this was not counted."),),
    "totals-fell-back": (_said("The counter reported fewer people than before, so this was not counted."),),
    "service-paused": (
        _said("No tickets are issued for this service until %(until)s. Who has one is still called."),
        _said("No tickets are issued for this service at the moment. Who has one is still called."),
    ),
    "bad-limit": (
        _said("A room can be limited to 0 to %(max)s people."),
        _said("A room cannot be limited to so many people."),
    ),
    "bad-notice": (
        _said("A notice needs a text of at most %(max)s characters, in a language of this lobby."),
        _said("A notice needs a short text, in a language of this lobby."),
    ),
    "until-past": (
        _said("%(until)s is over already. Please choose a later time."),
        _said("That time is over already. Please choose a later one."),
    ),
    "evacuation": (
        _said("The building is being evacuated: please leave it calmly. Tickets keep their places in line."),
    ),
    "other-day": (_said("This number was good for another day."),),
    "not-leased": (_said("This number was not given here."),),
    "number-taken": (_said("Somebody else has this number."),),
    "no-numbers": (_said("There are no more numbers today."),),
    "door-code-needed": (
        _said("Please look at the sign at the door, and scan or type what it shows. This tells us that you are here."),
    ),
    "door-code-old": (
        _said("This code is over. Please look at the sign again, and scan or type the code that it shows now."),
    ),
    "door-code-unknown": (
        _said("We do not know this code. Please look at the sign again, and scan or type the code that it shows now."),
    ),
    "door-code-used-up": (
        _said("Many visitors have just used this code. Please look at the sign again: it shows a new one in a moment."),
    ),
    "expired": (_said("That came too late, so nothing was done. Please try again."),),
    "unavailable": (_said("We could not save this, so nothing was done. Please try again in a moment."),),
    "poison": (_said("Something went wrong here, and nothing was done. Please ask a member of staff."),),
}
"""Code to its sentence. Of several the first is said whose facts are all there."""

UNKNOWN = _said("That did not work. Please ask a member of staff.")

_PLACEHOLDER = re.compile(r"%\((\w+)\)")


def sentence(code: str, facts: Mapping[str, Fact], language: str, time_zone: str = "UTC") -> str:
    """The sentence for a refusal. `time_zone` is that of the lobby, for the instants among the facts."""
    known: dict[str, Fact] = {name: fact for name, fact in facts.items() if fact is not None}
    known |= _opening(facts, language, time_zone)
    known |= _clock("closing", facts.get("closes_at"), time_zone) | _clock("until", facts.get("until_at"), time_zone)
    text = next((text for text in SENTENCES.get(code, ()) if _names(text) <= known.keys()), UNKNOWN)
    return words.of(language).gettext(text) % known


def _names(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _opening(facts: Mapping[str, Fact], language: str, time_zone: str) -> dict[str, Fact]:
    """`opens_at` as a weekday and a time of day in the lobby's zone."""
    opens_at = facts.get("opens_at")
    if not isinstance(opens_at, str):
        return {}
    here = datetime.fromisoformat(opens_at).astimezone(ZoneInfo(time_zone))
    return {"day": dates.weekday(here, language), "time": f"{here:%H:%M}"}


def _clock(name: str, instant: Fact, time_zone: str) -> dict[str, Fact]:
    """An instant as a time of day in the lobby's zone, under `name`; nothing if it is none."""
    if not isinstance(instant, str):
        return {}
    return {name: f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone)):%H:%M}"}
