"""Whatever comes is read or refused: random bytes, cut frames, turned bits, JSON that somebody has shaken."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counters import loose_json
from edge.counters.readings import Kind, Refuse
from edge.dialects import Decoded, FrameDialect, Refused, decode, known
from tests import said_by_counters as said

FAMILIES = st.sampled_from(sorted(known()))
ODD: list[Any] = [None, True, -1, 2**70, 1.5, 1e300, "", "x", "2026-13-01", [], {}, [[]], {"a": 1}, "9" * 400]


def check(result: Decoded | Refused) -> None:
    """It can be told, and does not contradict itself."""
    assert b"\n" not in msgspec.json.encode(result)
    if isinstance(result, Refused):
        assert result.refused
        assert result.refused.replace("-", "").isalpha()
        assert result.why.isprintable()
        return
    for reading in result.readings:
        numbers = [reading.entered, reading.left, reading.count, reading.people]
        assert all(number is None or number >= 0 for number in numbers)
        is_there = reading.kind in (Kind.OCCUPANCY, Kind.PRESENCE)
        assert ((reading.people, reading.present) != (None, None)) == is_there
        assert ((reading.entered, reading.left, reading.count) == (None, None, None)) == is_there


@given(FAMILIES, st.binary(max_size=64), st.none() | st.integers(0, 255))
def test_random_bytes(family: str, message: bytes, port: int | None) -> None:
    check(decode(family, message, port=port))


@given(FAMILIES, st.text(max_size=64), st.text(max_size=20))
def test_random_texts_on_random_topics(family: str, text: str, topic: str) -> None:
    check(decode(family, text.encode("utf-8", "replace"), topic=topic))


@given(st.sampled_from(said.FRAMES), st.binary(min_size=1, max_size=60), st.integers(0, 60))
def test_frames_that_begin_well(one: said.Said, noise: bytes, cut: int) -> None:
    whole = bytes.fromhex(one.message.decode().replace(" ", ""))

    check(decode(one.family, (whole[:cut] + noise).hex().encode(), port=one.port))


@given(st.sampled_from(said.FRAMES), st.integers(0, 8 * 60))
def test_frames_with_a_turned_bit(one: said.Said, bit: int) -> None:
    whole = bytearray.fromhex(one.message.decode().replace(" ", ""))
    whole[bit // 8 % len(whole)] ^= 1 << bit % 8

    check(decode(one.family, whole.hex().encode(), port=one.port))


def shaken(value: Any, chance: random.Random) -> Any:
    """The same with one part of it gone, or something odd in its place."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        rest = {name: part for name, part in value.items() if name != key}
        return rest if chance.random() < 0.2 else {**rest, key: shaken(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], shaken(value[place], chance), *value[place + 1 :]]
    return chance.choice(ODD)


JSONS = [one for one in (*said.JSONS, *said.SERVERS) if one.message[:1] in b"{["]
SOUND = [one for one in JSONS if one.message.count(b"}{") == 0 and b":192.0" not in one.message]


@given(st.sampled_from(SOUND), st.integers(0, 2**32))
def test_json_that_somebody_has_shaken(one: said.Said, seed: int) -> None:
    check(decode(one.family, json.dumps(shaken(json.loads(one.message), random.Random(seed))).encode()))


@given(st.sampled_from([*JSONS, *(one for one in said.JSONS if one.message[:1] == b"<")]), st.data())
def test_texts_with_other_letters_in_their_midst(one: said.Said, data: st.DataObject) -> None:
    text = one.message
    place = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 4))
    noise = data.draw(
        st.sampled_from([b"", b",", b'"', b"{", b"]", b"<a>", b"&b;", b"//", b"\x00", b"\xff", b"9", b"-"])
    )

    check(decode(one.family, text[:place] + noise + text[place + length :]))


@pytest.mark.parametrize("one", [one for one in said.ALL if len(one.message) < 4_000], ids=str)
def test_a_message_that_is_cut_anywhere_is_refused_or_says_less(one: said.Said) -> None:
    for end in range(len(one.message)):
        check(decode(one.family, one.message[:end], topic=one.topic, port=one.port))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(JSON)
def test_sound_json_is_read_as_python_reads_it(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert loose_json.strict(text) == loose_json.loose(text) == (json.loads(text), [])


@given(st.text(st.sampled_from('{}[]":,abc 019.-+eE\\/*\n\tu'), max_size=40))
def test_what_python_does_not_read_as_json_is_not_sound(text: str) -> None:
    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=distinct)
    except (ValueError, AssertionError):
        value = None
    try:
        read = loose_json.strict(text)[0]
    except Refuse:
        return
    assert read == value


def test_every_frame_dialect_reads_every_first_byte() -> None:
    for family, dialect in known().items():
        if isinstance(dialect, FrameDialect):
            for first in range(256):
                for port in (None, *dialect.ports, 2, 4, 10, 100, 101, 190):
                    check(decode(family, bytes((first, first, 1, 0, 0)).hex().encode(), port=port))
