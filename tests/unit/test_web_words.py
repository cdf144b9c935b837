"""Every sentence has its French, and the French catalog holds nothing else."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

import words
from hub.day.refusal import Code
from wire.messages import Fact
from words import waits
from words.refusals import SENTENCES, UNKNOWN, sentence

ROOT = Path(__file__).parents[2]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
FACTS: dict[str, Fact] = {"opens_at": "2026-03-02T07:00:00+00:00", "max": 50, "number": "A042", "times": 3}
PLACEHOLDER = re.compile(r"%\((\w+)\)[ds]|\{(\w+)\}")


def french() -> Catalog:
    with (ROOT / "words/fr.po").open("rb") as file:
        return read_po(file, locale="fr")


def said() -> set[str]:
    """Every sentence of the source, by its singular."""
    found = set()
    for room in ("words", "edge", "hub", "simulator"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / room, METHODS, keywords=DEFAULT_KEYWORDS | {"_said": None}, options_map={"**.html": {"trimmed": "1"}}
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def singular(message_id: object) -> str:
    return str(message_id[0] if isinstance(message_id, list | tuple) else message_id)


def test_every_sentence_has_its_french_and_no_french_is_left_over() -> None:
    catalog = {singular(message.id) for message in french() if message.id}
    assert said() - catalog == set(), "sentences without French"
    assert catalog - said() == set(), "French without a sentence"


def test_no_translation_is_empty_or_a_guess() -> None:
    for message in french():
        texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
        assert all(texts), f"{message.id} has no French"
        assert not message.fuzzy, f"{message.id} is a guess"


def test_no_sentence_is_translated_twice() -> None:
    ids = re.findall(r'^msgid "(.+)"$', (ROOT / "words/fr.po").read_text(), re.MULTILINE)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_a_translation_uses_what_its_sentence_uses() -> None:
    for message in french():
        sources = message.id if isinstance(message.id, list | tuple) else (message.id,)
        texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
        wanted = {name for source in sources for name in PLACEHOLDER.findall(source)}
        for text in filter(None, texts):
            assert set(PLACEHOLDER.findall(text)) <= wanted, f"{message.id} does not say {text}"


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


def test_an_opening_is_said_in_the_lobbys_own_time() -> None:
    facts = {"opens_at": "2026-03-30T06:00:00+00:00"}
    said_in_paris = sentence(Code.CLOSED, facts, "fr", "Europe/Paris")
    assert said_in_paris == "Nous sommes fermés. Nous rouvrons lundi à 08:00."
    assert sentence(Code.CLOSED, {"opens_at": None}, "en") == "We are closed."


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
