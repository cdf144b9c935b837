"""What journals are given in tests."""

from hub.day.events import AnyEvent
from hub.journal import Batch, Entry
from tests.given import MONDAY_9H

DAY = "2026-03-02"


def batch(first: int, events: list[AnyEvent], **more: object) -> Batch:
    entries = [Entry(seq, DAY if seq > 1 else "", MONDAY_9H, event) for seq, event in enumerate(events, start=first)]
    marks, jobs = more.get("marks", []), more.get("jobs", [])
    assert isinstance(marks, list)
    assert isinstance(jobs, list)
    return Batch("hall", 1, MONDAY_9H, entries, marks, jobs)
