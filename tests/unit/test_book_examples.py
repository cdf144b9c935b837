"""The files of the town hall are what `docs/book.md` says they are."""

from pathlib import Path

import pytest

from hub.book.reading import read
from hub.config import load_lobby
from hub.day.hours import is_open

TOWN_HALL = Path(__file__).parents[2] / "examples" / "town-hall"


@pytest.mark.parametrize(
    ("name", "entries", "cancellations"), [("appointments.csv", 10, 0), ("appointments.ics", 4, 1)]
)
def test_an_example_is_accepted_as_a_whole(name: str, entries: int, cancellations: int) -> None:
    lobby = load_lobby(TOWN_HALL / "lobby.toml")
    found = read((TOWN_HALL / name).read_bytes(), lobby)
    assert found.faults == ()
    assert (len(found.entries), len(found.cancellations)) == (entries, cancellations)
    assert all(is_open(lobby, entry.slot_at) for entry in found.entries)
