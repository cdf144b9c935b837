"""Which time a counter has already been counted for: spans that touch are one. Pure; instants are texts that sort."""

from typing import Literal

Span = tuple[str, str]
"""From, and up to but without; both in one zone, as ISO 8601."""

SPANS_MAX = 64
"""A day with a gap each quarter of an hour; of more, the oldest are taken for counted."""

Added = Literal["new", "duplicate", "overlapping"]


def add(spans: list[Span], since: str, until: str) -> tuple[list[Span], Added]:
    """The spans with one more, and whether its time was counted before: not at all, all of it, or some."""
    if any(known_since <= since and until <= known_until for known_since, known_until in spans):
        return spans, "duplicate"
    if any(since < known_until and known_since < until for known_since, known_until in spans):
        return spans, "overlapping"
    merged: list[Span] = []
    for span in sorted([*spans, (since, until)]):
        if merged and merged[-1][1] == span[0]:
            merged[-1] = (merged[-1][0], span[1])
        else:
            merged.append(span)
    while len(merged) > SPANS_MAX:
        merged[:2] = [(merged[0][0], merged[1][1])]
    return merged, "new"
