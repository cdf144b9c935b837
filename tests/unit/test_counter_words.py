"""Whatever counters of other makers say, in whatever order and by whatever settings: totals grow, or begin anew."""

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.counters.totals import Kept, Totals
from edge.counters.wiring import Wiring, label
from edge.dialects import Decoded, decode
from tests import said_by_counters as said

ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
WORDS = [
    word for it in said.ALL if isinstance(word := decode(it.family, it.message, topic=it.topic, port=it.port), Decoded)
]
NAMES = sorted({label(reading) for word in WORDS for reading in word.readings})
WIRINGS = st.builds(
    Wiring,
    line=st.sampled_from(["", *NAMES]),
    entered=st.sampled_from(["", *NAMES]),
    left=st.sampled_from(["", *NAMES]),
    swapped=st.booleans(),
    net=st.booleans(),
)


@given(
    wiring=WIRINGS,
    heard=st.lists(st.tuples(st.sampled_from(WORDS), st.booleans(), st.integers(-5, 90)), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_totals_grow_or_begin_anew_and_a_restart_changes_nothing(
    wiring: Wiring, heard: list[tuple[Decoded, bool, int]]
) -> None:
    tokens, more_tokens = count(2), count(2)
    totals = Totals(wiring, Kept(epoch="e1"), lambda: f"e{next(tokens)}")
    restarted = Totals(wiring, Kept(epoch="e1"), lambda: f"e{next(more_tokens)}")
    now = NOW
    for word, was_kept, minutes in heard:
        before = totals.kept.epoch, totals.kept.entered, totals.kept.left
        now += timedelta(minutes=minutes)
        taken = totals.take(word, now=now, zone=ZONE, is_kept=was_kept)
        epoch, entered, left = totals.kept.epoch, totals.kept.entered, totals.kept.left
        assert taken.counted >= 0
        assert entered >= 0 <= left
        assert epoch != before[0] or (entered >= before[1] and left >= before[2])
        assert epoch != before[0] or taken.counted == entered + left - before[1] - before[2]
        restarted.kept = msgspec.json.decode(msgspec.json.encode(restarted.kept), type=Kept)
        assert restarted.take(word, now=now, zone=ZONE, is_kept=was_kept) == taken
        assert restarted.kept == totals.kept


def test_every_kind_of_word_is_among_them() -> None:
    assert len({word.family for word in WORDS}) >= 24
    assert len(NAMES) > 10
