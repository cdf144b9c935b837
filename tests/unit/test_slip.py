"""What stands on a slip, and the bytes that it becomes."""

from datetime import UTC, datetime
from itertools import takewhile

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

import words
from edge.drivers.escpos import CODE_PAGE, LETTER_PX, LINE_PX, REPLACEMENT, code_modules, printable, slip_bytes
from edge.drivers.fake_printer import FakePrinter, PrintedCode, PrintedImage, PrintedLine, PrintedSlip
from edge.slip import SIZE_MAX, Code, Line, Slip, slip_of
from wire.messages import PrintSlip

COLUMNS = 42
BORDER = 4
"""Light modules around a QR code, which readers need to find it."""


def a_job(**changes: object) -> PrintSlip:
    fields: dict[str, object] = {
        "number": "A042",
        "service": {"fr": "Cartes d’identité", "en": "Identity cards"},
        "title": {"fr": "Hôtel de ville", "en": "Town hall"},
        "language": "fr",
        "ticket_url": "https://guichet.example.org/t/7Vt3n0q0Yw8rS1kQ",
        "issued_at": datetime(2026, 3, 2, 8, 15, tzinfo=UTC),
        "time_zone": "Europe/Paris",
        "ahead": 4,
        "wait_s": 700,
    }
    return PrintSlip(**{**fields, **changes})  # type: ignore[arg-type]


def lines(slip: Slip) -> list[str]:
    return [element.text for element in slip if isinstance(element, Line)]


def printed(slip: Slip, columns: int = COLUMNS, *, draws_codes: bool = False) -> PrintedSlip:
    printer = FakePrinter(columns)
    printer.take(slip_bytes(slip, columns, draws_codes=draws_codes))
    assert not printer.unknown
    (only,) = printer.slips
    return only


def test_a_slip_is_in_the_language_of_its_visitor() -> None:
    assert lines(slip_of(a_job(), COLUMNS, str)) == [
        "Hôtel de ville",
        "Cartes d’identité",
        "A042",
        "4 personnes avant vous",
        "Environ 12 minutes",
        "Suivez votre tour sur votre téléphone",
        "lundi 2 mars 2026, 09:15",
    ]
    assert lines(slip_of(a_job(language="en", ahead=1, wait_s=60), COLUMNS, str))[2:5] == [
        "A042",
        "1 person before you",
        "About 1 minute",
    ]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_each_sentence_of_a_slip_has_a_line_of_its_own(language: str) -> None:
    for ahead in (0, 1, 120):
        slip = slip_of(a_job(language=language, ahead=ahead, wait_s=7_200), COLUMNS, printable, is_copy=True)
        assert len(lines(slip)) == 8
        assert REPLACEMENT not in "".join(lines(slip))


def test_who_is_next_is_told_so_and_an_unknown_wait_is_not_guessed() -> None:
    assert lines(slip_of(a_job(language="en", ahead=0, wait_s=None), COLUMNS, str))[2:5] == [
        "A042",
        "You are next",
        "Follow your turn on your phone",
    ]


def test_a_slip_says_what_to_have_ready_a_thing_in_each_line() -> None:
    bring = {"fr": "Ancien titre\nPhoto", "en": "Your old document\n\nA photo"}
    said = lines(slip_of(a_job(language="en", bring=bring), COLUMNS, str))
    assert said[5:8] == ["Please have ready", "Your old document", "A photo"]


def test_a_slip_for_weak_sight_is_twice_as_large_and_its_number_as_large_as_printers_can() -> None:
    def sizes(*, is_large: bool) -> dict[str, int]:
        slip = slip_of(a_job(language="en"), COLUMNS, printable, is_large=is_large)
        return {it.text: it.size for it in slip if isinstance(it, Line)}

    small, large = sizes(is_large=False), sizes(is_large=True)
    assert (small["A042"], large["A042"]) == (6, SIZE_MAX)
    assert (small["4 people before you"], large["4 people before you"]) == (1, 2)


def test_a_slip_that_may_exist_already_says_so_first() -> None:
    assert lines(slip_of(a_job(language="en"), COLUMNS, str, is_copy=True))[0] == "Copy"
    assert "Copy" not in lines(slip_of(a_job(language="en"), COLUMNS, str))


def test_a_zone_that_this_machine_does_not_know_prints_utc() -> None:
    assert lines(slip_of(a_job(time_zone="Moon/Sea"), COLUMNS, str))[-1] == "lundi 2 mars 2026, 08:15"


@given(
    service=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=120),
    columns=st.integers(24, 64),
)
def test_no_line_is_longer_than_the_paper_is_wide(service: str, columns: int) -> None:
    for element in slip_of(a_job(service={"fr": service}), columns, printable):
        if isinstance(element, Line):
            assert len(element.text) * element.size <= columns


def test_letters_that_the_printer_has_not_are_written_alike() -> None:
    assert printable("Œuvre – “d’été”… Șoseaua Łódź €5") == 'OEuvre - "d\'été"... Soseaua Lódz €5'


@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=60))
def test_whatever_is_written_the_printer_has_its_letters_and_none_becomes_a_question_mark(text: str) -> None:
    spelt = printable(text)
    spelt.encode(CODE_PAGE)
    assert "?" not in spelt


def test_what_is_printed_is_what_stands_on_the_slip() -> None:
    slip = slip_of(a_job(), COLUMNS, printable)
    assert printed(slip).text.split("\n") == lines(slip)
    assert lines(slip)[1] == "Cartes d'identité"


def test_the_number_is_the_largest_thing_on_paper() -> None:
    rows = [row for row in printed(slip_of(a_job(), COLUMNS, printable)).rows if isinstance(row, PrintedLine)]
    assert max(rows, key=lambda row: row.height).text == "A042"


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_the_code_on_paper_is_the_address_of_the_ticket(columns: int) -> None:
    job = a_job()
    slip = slip_of(job, columns, printable)
    assert Code(job.ticket_url) in slip
    (image,) = printed(slip, columns).images
    assert image.width_px <= columns * LETTER_PX
    code = [[bool(module) for module in row] for row in segno.make(job.ticket_url, error="m", micro=False).matrix]
    scale = image.height_px // (len(code) + 2 * BORDER)
    assert scale >= 2, "a code of single dots cannot be read"
    for y, row in enumerate(code):
        middles = [is_black(image, (x + BORDER) * scale + scale // 2, (y + BORDER) * scale + scale // 2)
                   for x in range(len(row))]  # fmt: skip
        assert middles == row


@pytest.mark.parametrize("columns", [24, 42, 48, 64])
def test_a_code_that_the_printer_draws_is_as_large_as_its_picture_and_keeps_its_border(columns: int) -> None:
    job = a_job()
    slip = slip_of(job, columns, printable)
    rows = printed(slip, columns, draws_codes=True).rows
    (picture,) = printed(slip, columns).images
    (at,) = (i for i, row in enumerate(rows) if isinstance(row, PrintedCode))
    code = rows[at]
    assert isinstance(code, PrintedCode)
    assert code.payload == job.ticket_url
    assert code.image.height_px + 2 * BORDER * code.module_px == picture.height_px
    for direction in (-1, 1):
        free = list(
            takewhile(lambda row: isinstance(row, PrintedLine) and not row.text, rows[at + direction :: direction])
        )
        assert len(free) * LINE_PX >= BORDER * code.module_px


@settings(max_examples=25)
@given(st.integers(1, 450))
def test_the_size_of_a_code_is_known_before_it_is_drawn(length: int) -> None:
    payload = "u" * length
    assert code_modules(payload) == segno.make(payload, error="m", micro=False).symbol_size(border=BORDER)[0]


def test_a_drawn_code_shows_its_text() -> None:
    (drawn,) = printed((Code("https://example.org/t/1"),), draws_codes=True).images
    code = segno.make("https://example.org/t/1", error="m", boost_error=False, micro=False).matrix
    scale = drawn.height_px // len(code)
    assert [
        [is_black(drawn, x * scale, y * scale) for x in range(len(row))] for y, row in enumerate(code)
    ] == [[bool(module) for module in row] for row in code]  # fmt: skip


def is_black(image: PrintedImage, x: int, y: int) -> bool:
    return bool(image.dots[y * image.width_px // 8 + x // 8] >> (7 - x % 8) & 1)
