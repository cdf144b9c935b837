"""What a file of appointments says, entry by entry, whatever its format: what is sound, and what is wrong and why.

Readers put what they find into a `Gathering`, which holds the limits that keep any file's cost in bounds.
"""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from io import BytesIO

from msgspec import Struct

from hub.day.decide.tickets import PARTY_PEOPLE_MAX
from hub.day.lobby import Lobby

RETENTION_H = 24
"""How long after the slot the book knows who came."""

FILE_BYTES_MAX = 20_000_000
LINES_MAX = 1_000_000
LINE_BYTES_MAX = 65_536
ENTRIES_MAX = 20_000
"""A year of a large office; sound and faulty ones together, so that a file of rubbish ends as soon."""

UID_CHARS_MAX = 255
NAME_CHARS_MAX = 200
PHONE_CHARS_MAX = 40
EMAIL_CHARS_MAX = 254
SERVICE_CHARS_MAX = 200
SHOWN_CHARS_MAX = 60
"""Of a wrong value, in a fault."""

YEARS = range(2000, 2100)
"""What is outside is a slip of the pen, and some of it cannot be computed with."""

HINTS_MAX = 50
"""Looking for what was meant costs more than all the rest; after so many the pattern is clear."""


class Contact(Struct, frozen=True, kw_only=True):
    """Who comes. Personal data: only the book's table holds it, and not for long."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.phone or self.email)


class Entry(Struct, frozen=True, kw_only=True):
    """An appointment as a file has it."""

    uid: str
    """Its name in the system that it comes from; the same whenever it is exported."""
    line: int
    service: str
    """A service's id."""
    slot_at: datetime
    party_people: int = 1
    contact: Contact = Contact()
    sequence: int = 0
    """Grows with each change, where the format counts them."""


class Cancellation(Struct, frozen=True, kw_only=True):
    """A file says that an appointment does not take place."""

    uid: str
    line: int
    sequence: int = 0


class Fault(Struct, frozen=True, kw_only=True):
    """An entry that is not taken, and why."""

    line: int
    """Where the entry begins; 0 for the file as a whole."""
    uid: str = ""
    """Empty when it could not be read."""
    what: str
    do: str
    """What to do about it."""


class Reading(Struct, frozen=True, kw_only=True):
    """All that a file says."""

    entries: tuple[Entry, ...] = ()
    cancellations: tuple[Cancellation, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    """What was assumed about the file."""

    @property
    def uids(self) -> frozenset[str]:
        """Every UID that the file mentions, also in an entry with a fault."""
        mentioned: list[Entry | Cancellation | Fault] = [*self.entries, *self.cancellations, *self.faults]
        return frozenset(each.uid for each in mentioned if each.uid)

    @property
    def is_whole(self) -> bool:
        """Whether every entry's UID is known, so that what is not mentioned is really missing."""
        return all(fault.uid for fault in self.faults)


class Wrong(ValueError):
    """Raised while an entry is read, and caught by its reader: what is wrong, and what to do."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what = what
        self.do = do


class Gathering:
    """What has been read of a file so far. A UID counts once: a second entry is a fault, unless it is newer."""

    def __init__(self) -> None:
        self._sound: dict[str, Entry | Cancellation] = {}
        self._faults: list[Fault] = []
        self._notes: dict[str, None] = {}

    @property
    def is_full(self) -> bool:
        return len(self._sound) + len(self._faults) >= ENTRIES_MAX

    def keep(self, entry: Entry | Cancellation) -> None:
        """Take a sound entry."""
        other = self._sound.setdefault(entry.uid, entry)
        if other is entry:
            return
        older, newer = (entry, other) if entry.sequence < other.sequence else (other, entry)
        if older.sequence == newer.sequence:
            do = "give each appointment a UID of its own"
            self.refuse(entry.line, entry.uid, Wrong(f"UID {shown(entry.uid)} is taken by line {other.line}", do))
            return
        self._sound[entry.uid] = newer
        what = f"SEQUENCE {older.sequence} of UID {shown(entry.uid)} is older than line {newer.line}"
        self.refuse(older.line, entry.uid, Wrong(what, "nothing: the newer one counts"))

    def refuse(self, line: int, uid: str, wrong: Wrong) -> None:
        """Note a fault."""
        self._faults.append(Fault(line=line, uid=uid, what=wrong.what, do=wrong.do))

    def refuse_the_rest(self, line: int) -> None:
        """The file is longer than what is read of one."""
        what = f"the file goes on after {len(self._sound) + len(self._faults)} entries"
        self.refuse(line, "", Wrong(what, "import it in parts"))

    def note(self, text: str) -> None:
        """Say once what was assumed."""
        self._notes[text] = None

    def decoded(self, line: bytes) -> str:
        """`line` as text: UTF-8, or what Windows programs write instead."""
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.note("what is not UTF-8 was read as Windows-1252")
            return line.decode("cp1252", "replace")

    def reading(self) -> Reading:
        sound = self._sound.values()
        return Reading(
            entries=tuple(each for each in sound if isinstance(each, Entry)),
            cancellations=tuple(each for each in sound if isinstance(each, Cancellation)),
            faults=tuple(sorted(self._faults, key=lambda fault: fault.line)),
            notes=tuple(self._notes),
        )


class Services:
    """The services of a lobby by everything that people call them."""

    def __init__(self, lobby: Lobby) -> None:
        self._ids: dict[str, str] = {}
        self._written: dict[str, str] = {}
        """Folded to how the lobby writes it, for hints."""
        self._hints: dict[str, str] = {}
        for service in lobby.services:
            for name in (service.id, service.letter, *service.name.values()):
                self._ids.setdefault(_folded(name), service.id)
                self._written.setdefault(_folded(name), name)

    def id_of(self, name: str) -> str | None:
        """The service called `name`: by id, letter or name in any language; capitals and accents do not matter."""
        return self._ids.get(_folded(name)) if len(name) <= SERVICE_CHARS_MAX else None

    def named(self, name: str, what: str) -> str:
        """As `id_of`; `what` is what the file calls this field.

        Raises:
            Wrong: there is none.
        """
        if not name.strip():
            raise Wrong(f"{what} is missing", "write a service's id, letter or name")
        found = self.id_of(name)
        if found is None:
            raise Wrong(f"{what} {shown(name)} is no service here", self._hint(_folded(name[:SERVICE_CHARS_MAX])))
        return found

    def _hint(self, folded: str) -> str:
        if folded not in self._hints and len(self._hints) < HINTS_MAX:
            close = get_close_matches(folded, [*self._written], n=1)
            if close:
                self._hints[folded] = f"did you mean {self._written[close[0]]!r}?"
            else:
                self._hints[folded] = f"there are {', '.join(dict.fromkeys(self._ids.values()))}"
        return self._hints.get(folded, "write a service's id, letter or name")


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a file from 1 on, without their ends."""
    for number, line in enumerate(BytesIO(data), start=1):
        yield number, line.rstrip(b"\r\n")


def too_long(size: int) -> Wrong:
    what = f"a line of {size} bytes is longer than {LINE_BYTES_MAX}"
    return Wrong(what, "look whether quotes or line ends are missing before it")


def shown(value: str) -> str:
    """A wrong value as a fault repeats it."""
    return repr(value if len(value) <= SHOWN_CHARS_MAX else f"{value[:SHOWN_CHARS_MAX]}…")


def text(value: str, what: str, chars_max: int) -> str:
    """A text of people, on one line.

    Raises:
        Wrong: it is too long.
    """
    line = one_line(value)
    if len(line) > chars_max:
        raise Wrong(f"{what} has {len(line)} characters, more than {chars_max}", "shorten it")
    return line


def one_line(value: str) -> str:
    """Line ends and other signs that no screen shows become blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())


def uid(value: str) -> str:
    """
    Raises:
        Wrong: it is missing or too long.
    """
    known = text(value, "uid", UID_CHARS_MAX)
    if not known:
        raise Wrong("uid is missing", "give the appointment the name that it has where it comes from")
    return known


def party(value: str) -> int:
    """How many people come; 1 when nothing is said.

    Raises:
        Wrong: it is no such number.
    """
    said = value.strip() or "1"
    people = int(said) if said.isascii() and said.isdecimal() and len(said) <= 4 else 0
    if not 1 <= people <= PARTY_PEOPLE_MAX:
        raise Wrong(f"party {shown(said)} is no number from 1 to {PARTY_PEOPLE_MAX}", "write how many people come")
    return people


def instant(here: datetime) -> datetime:
    """`here`, aware in the zone it was written in, as UTC.

    Raises:
        Wrong: there is no such moment, or there are two, or the year is a slip.
    """
    if here.year not in YEARS:
        raise Wrong(f"the year {here.year} cannot be meant", "mend the date")
    at = here.astimezone(UTC)
    if at.astimezone(here.tzinfo).replace(tzinfo=None) != here.replace(tzinfo=None):
        raise Wrong(f"{here:%Y-%m-%d %H:%M} does not exist: clocks go forward then", "choose another time")
    if here.replace(fold=1).utcoffset() != here.replace(fold=0).utcoffset():
        raise Wrong(f"{here:%Y-%m-%d %H:%M} comes twice: clocks go back then", "write it in UTC, or with its offset")
    return at
