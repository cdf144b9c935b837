"""What people read, in every language: each sentence is translated, once, with the same blanks to fill in."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

import words

ROOT = Path(__file__).parents[2]
ROOMS = ("words", "edge", "hub", "simulator")
BLANK = re.compile(r"%\(\w+\)s|\{\w+\}")
TRANSLATED = [language for language in words.LANGUAGES if language != words.SOURCE_LANGUAGE]


def catalog(language: str) -> Catalog:
    with (ROOT / "words" / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def sentences() -> set[tuple[str, str]]:
    """(context, English) of every sentence in the code and the templates."""
    return {
        (context or "", forms(message)[0])
        for room in ROOMS
        for _, _, message, _, context in extract_from_dir(
            ROOT / room, [("**.py", "python"), ("**.html", "jinja2")], keywords={**DEFAULT_KEYWORDS, "_said": None}
        )
    }


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A sentence's text or, if it counts something, its texts."""
    return [text] if isinstance(text, str) else list(text or ())


def key(message: Message) -> tuple[str, str]:
    return message.context or "", forms(message.id)[0]


def blanks(texts: list[str]) -> set[str]:
    return {blank for text in texts for blank in BLANK.findall(text)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    translated = {key(message) for message in catalog(language) if all(forms(message.string))}

    assert sorted(sentences() - translated) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_of_a_sentence_that_is_gone(language: str) -> None:
    kept = {key(message) for message in catalog(language) if message.id}

    assert sorted(kept - sentences()) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_is_translated_twice(language: str) -> None:
    text = (ROOT / "words" / f"{language}.po").read_text("utf-8")
    ids = re.findall(r'^((?:msgctxt .*\n)?msgid "(?:.*)"(?:\n".*")*)', text, re.MULTILINE)

    assert [each for each, times in Counter(ids).items() if times > 1] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_blanks_of_its_sentence_and_no_others(language: str) -> None:
    wrong = [
        (message.id, message.string)
        for message in catalog(language)
        if message.id and blanks(forms(message.string)) != blanks(forms(message.id))
    ]

    assert wrong == []
