"""Every event that a journal may hold, byte for byte. A golden file is never changed or deleted: old days must replay.

A new event, or a new shape of an old one, gets a golden file of its own beside the others.
"""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from hub.day.events import AnyEvent

GOLDEN = Path(__file__).parent / "golden" / "journal"
FILES = sorted(GOLDEN.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_old_row_still_means_what_it_said(file: Path) -> None:
    written = file.read_bytes().strip()
    event = msgspec.json.decode(written, type=AnyEvent)
    again = msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent)
    assert again == event
    retold = msgspec.json.decode(msgspec.json.encode(event))
    assert_contains(retold, msgspec.json.decode(written), file.stem)


def assert_contains(retold: object, told: object, where: str) -> None:
    """All that was told is told again; what has been added since has its default, and may stand beside it."""
    if isinstance(told, dict):
        assert isinstance(retold, dict), where
        for field, value in told.items():
            assert_contains(retold[field], value, f"{where}.{field}")
    elif isinstance(told, list):
        assert isinstance(retold, list), where
        assert len(retold) == len(told), where
        for n, value in enumerate(told):
            assert_contains(retold[n], value, f"{where}[{n}]")
    else:
        assert retold == told, where


def test_every_event_has_a_golden_file() -> None:
    kinds = {kind.__name__ for kind in get_args(AnyEvent)}
    assert {file.stem.partition("-")[0] for file in FILES} == kinds


def test_an_event_of_an_unknown_type_is_refused_not_guessed() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type":"TicketEaten"}', type=AnyEvent)
