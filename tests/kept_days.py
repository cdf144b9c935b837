"""Two days of a lobby that leave something in every table of the hub's database."""

import asyncio
from datetime import timedelta

from hub.day.inputs import CallNext, CountPeople, OpenDesk, Start
from hub.history.sql_store import SqlStore
from tests.given import COUNTER, MONDAY_9H
from tests.hubs import Node, Stage, issue
from wire import topics
from wire.messages import Done, DoneOutcome, Job, NodeState, NodeStatus
from wire.topics import Leaf

TUESDAY_9H = MONDAY_9H + timedelta(days=1)
TUESDAY_AFTER_ITS_TURN = TUESDAY_9H + timedelta(minutes=90)

ROWS = (
    *("TookOver", "DayOpened", "AppointmentKnown", "DeskOpened", "PeopleCounted", "PeopleCounted"),
    *("TicketIssued", "TicketCalled", "TookOver", "ServiceStarted"),
    *("TookOver", "TicketClosed", "DayClosed", "DayOpened"),
)
"""What happens, in the journal's words: on Monday, after the restart, and on Tuesday."""


async def monday(stage: Stage) -> None:
    """Two have appointments, somebody comes, gets a slip and is called; the hub is stopped and started again."""
    hub = await stage.hub(open_history=SqlStore)
    kiosk = Node(stage, "kiosk-1")
    await asyncio.sleep(2)
    await kiosk.say(topics.state("hall", "kiosk-1"), NodeState(status=NodeStatus.ONLINE, session="s", version="1"))
    slots = [f"{day + timedelta(hours=1):%Y-%m-%dT%H:%M}" for day in (MONDAY_9H, TUESDAY_9H)]
    lines = "".join(f"{n},A,{slot},Zoé\n" for n, slot in enumerate(slots))
    await hub.books["hall"].import_file(f"uid,service,start,name\n{lines}".encode(), source="office")
    site = hub.sites["hall"]
    await site.submit(OpenDesk(desk="1", by="page"))
    for entered in (3, 4):
        await site.submit(CountPeople(device=COUNTER, epoch="e1", entered=entered, left=1))
    taken = await site.submit(issue(1, printer="kiosk-1/printer"), "request/1")
    await site.submit(CallNext(desk="1", seen=None, by="page"), "request/call-1")
    await asyncio.sleep(5)
    job = kiosk.of(Job, Leaf.JOB)[0]
    await kiosk.say(topics.done("hall", "kiosk-1", "printer"), Done(id=job.id, outcome=DoneOutcome.DONE))
    stage.broker.accept("guichet/1/hall/kiosk-1/state", b"nonsense", retain=False)
    await asyncio.sleep(10)
    await stage.stop()
    hub = await stage.hub(open_history=SqlStore)
    site = hub.sites["hall"]
    assert await site.submit(issue(9), "request/1") == taken
    await site.submit(Start(desk="1", seen=None, by="page"))
    await asyncio.sleep(10)


async def tuesday(stage: Stage, *, knows_book: bool = True) -> None:
    """The next morning; whoever has an appointment is known if there was a book."""
    hub = await stage.hub(open_history=SqlStore)
    known = await hub.sites["hall"].read(lambda day, now: [it.slot_at for it in day.appointments.values()])
    assert known == [TUESDAY_9H + timedelta(hours=1)] * knows_book
    await asyncio.sleep(10)
