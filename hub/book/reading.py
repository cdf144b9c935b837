"""A file of appointments, whatever it is: told apart by its first bytes, never by its name."""

from hub.book.entries import FILE_BYTES_MAX, LINES_MAX, Fault, Reading
from hub.book.read_csv import read_csv
from hub.day.lobby import Lobby

_UNREADABLE = {
    b"PK\x03\x04": "is a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet",
    b"%PDF": "is a PDF",
    b"\xff\xfe": "is UTF-16",
    b"\xfe\xff": "is UTF-16",
}
"""How files begin that offices send instead."""


def read(data: bytes, lobby: Lobby) -> Reading:
    """What the file says. It never fails: what cannot be read is among the faults."""
    if len(data) > FILE_BYTES_MAX:
        return _refused(f"has {len(data)} bytes, more than {FILE_BYTES_MAX}", "import it in parts")
    if data.count(b"\n") > LINES_MAX:
        return _refused(f"has more than {LINES_MAX} lines", "import it in parts")
    for beginning, what in _UNREADABLE.items():
        if data.startswith(beginning):
            return _refused(what, "save it as CSV in UTF-8")
    head = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        return _refused("is empty", "export it again")
    if head.upper().startswith(b"BEGIN:VCALENDAR"):
        # Only here: most hubs never see a calendar, and the library takes a while to load.
        from hub.book.read_ics import read_ics

        return read_ics(data.removeprefix(b"\xef\xbb\xbf"), lobby)
    return read_csv(data, lobby)


def _refused(what: str, do: str) -> Reading:
    return Reading(faults=(Fault(line=0, what=f"the file {what}", do=do),))
