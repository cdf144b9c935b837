"""Slips as a second pair of eyes reads them: every byte is on a short list, and a phone's reader finds the code."""

import pytest
import zxingcpp

import words
from edge.drivers.escpos import printable, slip_bytes
from edge.drivers.printer_status import DIALECTS
from edge.slip import OwnSlip, own_slip_of, slip_of
from tests.slip_reader import NotAllowed, ReadSlip, read_slip
from tests.unit.test_slip import a_job

BRING = {
    "fr": "Ancien titre d’identité\nPhoto d’identité",
    "de": "Bisheriges Dokument\nPassfoto für Ausländerausweis",
    "it": "Documento precedente\nFototessera, 35 × 45 mm",
    "en": "Your old document\nA photo – not older than a year",
}
TITLE = {"fr": "Hôtel de ville", "de": "Gemeindeverwaltung Zürich", "it": "Città di Lugano", "en": "Town hall"}
SERVICE = {"fr": "Cartes d’identité", "de": "Identitätskarten", "it": "Carte d’identità", "en": "Identity cards"}


def read(
    language: str, *, columns: int = 42, is_large: bool = False, draws: bool = False, make: str = "epson"
) -> ReadSlip:
    job = a_job(language=language, bring=BRING, title=TITLE, service=SERVICE)
    slip = slip_of(job, columns, printable, is_large=is_large)
    return read_slip(slip_bytes(slip, columns, draws_codes=draws, end=DIALECTS[make].end_of_slip), columns)


@pytest.mark.parametrize("make", DIALECTS)
@pytest.mark.parametrize("draws", [False, True], ids=["sent", "drawn"])
@pytest.mark.parametrize("is_large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_slip_is_read_whole_and_its_code_by_a_phone(
    language: str, columns: int, is_large: bool, draws: bool, make: str
) -> None:
    slip = read(language, columns=columns, is_large=is_large, draws=draws, make=make)
    assert slip.cuts == 1
    assert "A042" in slip.lines
    said = " ".join(slip.lines)
    assert printable(TITLE[language]) in said
    assert printable(words.of(language).gettext("Please have ready")) in said
    for thing in BRING[language].split("\n"):
        assert printable(thing) in said
    (code,) = zxingcpp.read_barcodes(slip.picture)
    assert code.text == a_job().ticket_url


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_slip_of_a_kiosk_that_is_alone_is_read_whole(language: str) -> None:
    own = OwnSlip(
        title=TITLE, service=SERVICE, language=language, number="K007", desk="", issued_at=None, time_zone="UTC",
        bring=BRING, is_large=True,
    )  # fmt: skip
    slip = read_slip(slip_bytes(own_slip_of(own, 42, printable), 42), 42)
    assert "K007" in slip.lines
    assert zxingcpp.read_barcodes(slip.picture) == []


@pytest.mark.parametrize(
    "data", [b"\x1bx", b"\x1dL\x00\x00", b"\x07", b"A042", b"\x1dv0\x00\x01\x00\x02\x00\xff", b"\x1bt\x10"]
)
def test_the_reader_lets_nothing_pass_that_it_does_not_know(data: bytes) -> None:
    with pytest.raises(NotAllowed):
        read_slip(data, 42)
