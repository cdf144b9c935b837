"""Calls as a voice says them."""

import pytest

from words import LANGUAGES, spoken


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Number A, 0 4 2. Desk 3."),
        ("fr", "Numéro A, 42. Guichet 3."),
        ("de", "Nummer A, 0 4 2. Schalter 3."),
        ("it", "Numero A, 42. Sportello 3."),
    ],
)
def test_a_call_is_said_as_each_language_says_numbers(language: str, sentence: str) -> None:
    assert spoken.call("A042", "3", "", language) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_desk_elsewhere_is_said_with_its_room(language: str) -> None:
    assert "Salle 2, " in spoken.call("A042", "3", "Salle 2", language)


def test_a_number_of_another_form_is_left_as_it_is() -> None:
    assert spoken.number("Ω-7", "en") == "Ω-7"
    assert spoken.number("AB12", "fr") == "A B, 12"
