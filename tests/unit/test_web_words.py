"""Every sentence is in every catalog, well formed, and the catalogs hold nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

import words
from hub.day.refusal import Code
from wire.messages import Fact
from words import dates, waits
from words.refusals import SENTENCES, UNKNOWN, sentence

ROOT = Path(__file__).parents[2]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
FACTS: dict[str, Fact] = {
    "opens_at": "2026-03-02T07:00:00+00:00",
    "max": 50,
    "number": "A042",
    "times": 3,
    "max_s": 10,
    "desk": "7",
    "other": "A043",
    "until_at": "2026-03-02T11:30:00+00:00",
    "closes_at": "2026-03-02T17:00:00+00:00",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[ds]|\{\w+\}")


TRANSLATED = tuple(language for language in words.LANGUAGES if language != words.SOURCE_LANGUAGE)
in_every_catalog = pytest.mark.parametrize("language", TRANSLATED)


def path_of(language: str) -> Path:
    return ROOT / f"words/{language}.po"


def catalog_of(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def sentences(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each sentence of the catalog with its plural, and what stands for it."""
    for message in catalog_of(language):
        if message.id:
            yield forms(message.id), forms(message.string)


def forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


@cache
def said() -> set[str]:
    """Every sentence of the source, by its singular."""
    found = set()
    for room in ("words", "edge", "hub", "simulator"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / room, METHODS, keywords=DEFAULT_KEYWORDS | {"_said": None}, options_map={"**.html": {"trimmed": "1"}}
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def test_there_is_a_catalog_for_every_language_and_none_is_forgotten() -> None:
    assert sorted(path.stem for path in (ROOT / "words").glob("*.po")) == sorted(TRANSLATED)


@in_every_catalog
def test_every_sentence_is_translated_and_no_translation_is_left_over(language: str) -> None:
    catalog = {ids[0] for ids, _ in sentences(language)}
    assert said() - catalog == set(), f"sentences that are not in {language}.po"
    assert catalog - said() == set(), f"translations in {language}.po without a sentence"


@in_every_catalog
def test_no_translation_is_empty_or_a_guess(language: str) -> None:
    for ids, texts in sentences(language):
        assert all(texts), f"{ids[0]!r} has no text"
    assert [message.id for message in catalog_of(language) if message.id and message.fuzzy] == []


@in_every_catalog
def test_no_sentence_is_translated_twice(language: str) -> None:
    ids = re.findall(r'^msgid "(.+)"$', path_of(language).read_text(), re.MULTILINE)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


@in_every_catalog
def test_a_translation_uses_what_its_sentence_uses(language: str) -> None:
    """The last form is said of many, the first perhaps of one only: it may write the number as a word."""
    for ids, texts in sentences(language):
        assert placeholders(texts[-1]) == placeholders(ids[-1]), ids[-1]
        assert all(placeholders(text) <= placeholders(ids[-1]) for text in texts), ids[-1]


def placeholders(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text)}


@in_every_catalog
def test_a_translation_has_a_form_for_each_number_as_its_language_counts(language: str) -> None:
    plural = get_plural(language)
    head = re.search(r'^"Plural-Forms: (.+)\\n"$', path_of(language).read_text(), re.MULTILINE)
    assert head is not None
    assert head[1] == str(plural)
    for ids, texts in sentences(language):
        assert len(texts) == (plural.num_plurals if len(ids) > 1 else 1), ids[0]


@in_every_catalog
def test_a_translation_ends_as_its_sentence_does(language: str) -> None:
    for ids, texts in sentences(language):
        for text in texts:
            assert text == text.strip()
            assert ids[-1][-1] not in ".:" or text[-1] == ids[-1][-1], text


def test_german_is_written_alike_wherever_it_is_read() -> None:
    assert not re.search(r"^msgstr.*ß", path_of("de").read_text(), re.MULTILINE)


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("code", Code)
def test_every_refusal_is_a_sentence_in_every_language_with_and_without_its_facts(code: Code, language: str) -> None:
    none: dict[str, Fact] = {}
    for facts in (FACTS, none):
        text = sentence(code, facts, language)
        assert text.endswith(".")
        assert "%" not in text
        assert text != words.of(language).gettext(UNKNOWN)


def test_there_is_no_sentence_for_a_refusal_that_does_not_exist() -> None:
    assert SENTENCES.keys() == set(Code)


def test_an_unknown_refusal_sends_to_the_staff() -> None:
    assert sentence("of-a-newer-hub", {}, "fr") == "Cela n’a pas fonctionné. Adressez-vous au personnel."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We are closed. We open again on Monday at 08:00."),
        ("fr", "Nous sommes fermés. Nous rouvrons lundi à 08:00."),
        ("de", "Wir haben geschlossen. Wir öffnen wieder am Montag um 08:00 Uhr."),
        ("it", "Siamo chiusi. Riapriamo lunedì alle 08:00."),
    ],
)
def test_an_opening_is_said_in_the_lobbys_own_time(language: str, text: str) -> None:
    facts = {"opens_at": "2026-03-30T06:00:00+00:00"}
    assert sentence(Code.CLOSED, facts, language, "Europe/Paris") == text


def test_an_opening_that_nobody_knows_is_not_promised() -> None:
    assert sentence(Code.CLOSED, {"opens_at": None}, "en") == "We are closed."
    facts = {"closes_at": "2026-03-02T16:30:00+00:00"}
    last = sentence(Code.LAST_TICKET, facts, "fr", "Europe/Paris")
    assert last == "Il n’y a plus de tickets avant la fermeture à 17:30."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Sunday, 1 March 2026"),
        ("fr", "dimanche 1 mars 2026"),
        ("de", "Sonntag, 1. März 2026"),
        ("it", "domenica 1 marzo 2026"),
        ("of a newer hub", "Sunday, 1 March 2026"),
    ],
)
def test_a_day_is_written_as_its_readers_write_it(language: str, text: str) -> None:
    assert dates.whole(date(2026, 3, 1), language) == text


def test_a_language_is_named_in_the_readers_own() -> None:
    assert [words.language_name("de", language) for language in words.LANGUAGES] == [
        "German", "allemand", "Deutsch", "tedesco",
    ]  # fmt: skip
    assert words.language_name("", "en") == ""


@pytest.mark.parametrize(
    ("wait_s", "text"),
    [
        (None, ""),
        (0, "a minute or two"),
        (120, "a minute or two"),
        (121, "about 5 minutes"),
        (301, "about 10 minutes"),
        (1_800, "about 30 minutes"),
        (1_801, "about 40 minutes"),
        (3_000, "about 50 minutes"),
        (3_001, "about one hour"),
        (3_601, "about 1 h 15 min"),
        (7_200, "about 2 hours"),
    ],
)
def test_a_wait_is_rounded_up_the_more_the_longer(wait_s: int | None, text: str) -> None:
    assert waits.about(wait_s, "en") == text
