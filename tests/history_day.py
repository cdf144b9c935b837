"""A morning of history for tests: sixty visitors, two desks, a room that fills, a counter that falls silent."""

from hub.day.inputs import CallNext, CancelTicket, CloseDay, NoShow, NotePaper, NoteSilence, Start
from hub.history.chronicle import Chronicle
from hub.history.points import Point
from hub.journal import Entry
from tests.given import COUNTER, Story, a_lobby
from wire.messages import Paper

VISITORS = 60


def a_morning() -> Story:
    """Somebody comes every two minutes; every tenth gives the ticket back, every ninth does not answer the call."""
    story = Story(a_lobby(limit_people=20, margin_per_crossing=0.02)).with_open_desk("1").with_open_desk("2")
    story.counted(0, 0)
    story.when(NotePaper(device="kiosk-1/printer", paper=Paper.NEAR_END))
    for n in range(1, VISITORS + 1):
        ticket = story.after(60).with_ticket("permits" if n % 4 == 0 else "passports")
        story.counted(n, n // 2)
        desk = story.day.desks[str(1 + n % 2)]
        story.after(60).when(CallNext(desk=desk.desk.id, seen=desk.seq, by="page"))
        if n % 10 == 0:
            story.when(CancelTicket(ticket=ticket.id))
        elif n % 9 == 0:
            story.when(NoShow(desk=desk.desk.id, seen=desk.seq, by="page"))
        else:
            story.after(10).when(Start(desk=desk.desk.id, seen=desk.seq, by="page"))
        if n == VISITORS // 2:
            story.when(NoteSilence(device=COUNTER, is_silent=True))
            story.after(900).when(NoteSilence(device=COUNTER, is_silent=False))
        story.elapsed()
    story.when(CloseDay())
    return story


def points_of(story: Story) -> list[Point]:
    chronicle = Chronicle(story.lobby.site.id)
    entries = (Entry(seq, "", at, event) for seq, (at, event) in enumerate(story.journal, start=1))
    return [point for entry in entries for point in chronicle.take(entry)]
