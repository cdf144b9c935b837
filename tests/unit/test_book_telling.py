"""What the command line says of the book."""

import csv
from io import StringIO

import pytest

from hub.book.book import BookedView
from hub.book.entries import Contact
from hub.book.telling import CODE_COLUMNS, code_list
from tests.given import MONDAY_9H


def a_view(uid: str = "1", contact: Contact | None = None) -> BookedView:
    return BookedView(
        uid=uid,
        source="f",
        service="passports",
        slot_at=MONDAY_9H,
        party_people=1,
        is_cancelled=False,
        number="",
        code="K70F2M1X",
        contact=contact or Contact(),
    )


def codes_of(view: BookedView) -> dict[str, str]:
    (row,) = csv.DictReader(StringIO(code_list([view], "UTC"), newline=""))
    return row


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x.example")', "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_list_of_codes_holds_no_formula(text: str) -> None:
    row = codes_of(a_view(text, Contact(name=text, phone=text, email=text)))
    assert [row[column] for column in ("uid", "name", "phone", "email")] == [f"'{text}"] * 4


def test_a_list_of_codes_leaves_other_texts_as_they_are() -> None:
    row = codes_of(a_view("g-1", Contact(name="Zoé d'Arc", phone="06 12", email="zoe@example.org")))
    values = ("g-1", "K70F-2M1X", "passports", "2026-03-02 09:00", "1", "Zoé d'Arc", "06 12", "zoe@example.org")
    assert row == dict(zip(CODE_COLUMNS, values, strict=True))
