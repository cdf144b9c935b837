"""Invitation codes: easy to read aloud, hard to mistype, and of no use in a stolen database."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.book import codes
from hub.keyring import Keyring

KEYRING = Keyring(b"0123456789abcdef")


@given(st.binary(min_size=codes.CODE_BYTES, max_size=codes.CODE_BYTES))
def test_a_code_is_what_it_is_however_it_is_shown(secret: bytes) -> None:
    code = codes.spelled(secret)
    assert len(code) == codes.CODE_CHARS
    assert codes.normal(code) == codes.normal(codes.shown(code)) == code


@pytest.mark.parametrize("typed", ["K70F-2M1X", " k70f 2m1x ", "K7OF-2MIX", "k7of·2mlx", "K70F2M1X"])
def test_capitals_blanks_and_look_alikes_do_not_matter(typed: str) -> None:
    assert codes.normal(typed) == "K70F2M1X"


@pytest.mark.parametrize("typed", ["", "K70F2M1", "K70F2M1XX", "K70F2M1U", "é" * 8, "K70F2M1X" + " " * 50, "ß" * 8])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.normal(typed) == ""


@given(st.text())
def test_anything_can_be_typed(typed: str) -> None:
    assert codes.normal(typed) == codes.normal(codes.normal(typed))
    assert len(KEYRING.code_hash(typed)) == 64


def test_a_code_is_made_from_the_key_and_never_stored() -> None:
    code = KEYRING.code("an-appointment")
    assert code == KEYRING.code("an-appointment") != KEYRING.code("another")
    assert code != Keyring(b"fedcba9876543210").code("an-appointment")


def test_a_codes_hash_needs_the_key() -> None:
    code = KEYRING.code("an-appointment")
    assert KEYRING.code_hash(code) == KEYRING.code_hash(codes.shown(code).lower())
    assert KEYRING.code_hash(code) != Keyring(b"fedcba9876543210").code_hash(code)
    assert KEYRING.code_hash(code) != hashlib.sha256(code.encode()).hexdigest()
