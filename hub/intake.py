"""Intake: what nodes say, turned into inputs of the day, and the answers turned into receipts.

`Reception` is the link's listener: it takes messages apart and puts aside what nobody understands. `Intake` is one
site's: it judges how old a press is, finds the desk behind a panel, submits and answers. Neither knows a rule of the
lobby beyond which device may say what.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from hub.counts import Counts
from hub.day.inputs import (
    AnyInput,
    CallNext,
    CheckIn,
    CloseDesk,
    Expire,
    Finish,
    HandInTicket,
    IssueTicket,
    LeaseRange,
    NoShow,
    NotePaper,
    OpenDesk,
    Recall,
    Start,
)
from hub.day.lobby import Device, DeviceKind
from hub.day.refusal import Code
from hub.desired import Desired
from hub.displays import Displays
from hub.journal_head import JournalHead
from hub.keyring import Keyring, token_hash
from hub.metrics import Metrics
from hub.outbox import Outbox
from hub.quarantine import Quarantine
from hub.site import Answer
from hub.support import Support
from hub.under_way import UnderWay
from hub.writer import Writer
from wire import codec, topics
from wire.errors import LinkDown, UnknownTopic, WireError
from wire.link import Link
from wire.messages import (
    CheckInRequest,
    Count,
    Done,
    Event,
    Head,
    Health,
    Heard,
    Key,
    Message,
    NodeState,
    NodeStatus,
    NumbersWanted,
    PaperChanged,
    Press,
    Receipt,
    TicketGiven,
    TicketRequest,
)
from wire.topics import Topic

PRESS_STALE_MS = 8_000
"""A key that was pressed longer ago than this is not what anybody at the desk means now."""

REQUEST_STALE_MS = 8_000
"""Less than a kiosk waits before it helps its visitor itself: what comes later has been taken care of."""

AHEAD_MS_MAX = 1_000
"""A press from further in the future than this was stamped by a clock that is not ours."""

EVENTS_MAX = 1_000
"""Events that wait to be submitted. What comes on top is dropped and counted: its node sends it again."""

EVENTS_AT_ONCE = 32
"""Events of a site that wait for a commit or for the broker at one time."""

SPEAKERS: dict[type, DeviceKind] = {
    Press: DeviceKind.PANEL,
    TicketRequest: DeviceKind.KIOSK,
    CheckInRequest: DeviceKind.KIOSK,
    PaperChanged: DeviceKind.PRINTER,
    NumbersWanted: DeviceKind.KIOSK,
    TicketGiven: DeviceKind.KIOSK,
}
"""Which kind of device may say what."""

KEYS: dict[Key, Callable[[str, int], AnyInput]] = {
    Key.NEXT: lambda desk, seen: CallNext(desk=desk, seen=seen, by="panel"),
    Key.RECALL: lambda desk, seen: Recall(desk=desk, seen=seen, by="panel"),
    Key.NO_SHOW: lambda desk, seen: NoShow(desk=desk, seen=seen, by="panel"),
    Key.START: lambda desk, seen: Start(desk=desk, seen=seen, by="panel"),
    Key.FINISH: lambda desk, seen: Finish(desk=desk, seen=seen, by="panel"),
    Key.OPEN: lambda desk, seen: OpenDesk(desk=desk, seen=seen, by="panel"),
    Key.CLOSE: lambda desk, seen: CloseDesk(desk=desk, seen=seen, by="panel"),
}

log = structlog.get_logger()


class Unwelcome(Exception):
    """A message that is well formed but not for this lobby; `kind` is its word for the metrics."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


class _Heard(NamedTuple):
    """An event that waits to be submitted."""

    device: Device
    event: Event


class Intake:
    """One site's."""

    def __init__(
        self,
        site: Writer,
        link: Link,
        now: Callable[[], datetime],
        *,
        boot: str,
        keyring: Keyring,
        new_token: Callable[[], str],
        metrics: Metrics,
        displays: Displays,
        outbox: Outbox,
        head: JournalHead,
        desired: Desired,
        support: Support,
        under_way: UnderWay,
    ) -> None:
        """`boot` is what this hub's HubTime says; presses that were stamped by another are expired."""
        self.nodes = support.heard
        self._site = site
        self._link = link
        self._now = now
        self._boot = boot
        self._keyring = keyring
        self._new_token = new_token
        self._metrics = metrics
        self._displays = displays
        self._outbox = outbox
        self._head = head
        self._desired = desired
        self._support = support
        self._under_way = under_way
        self._counts = Counts(site)
        self._devices = {device.address: device for device in site.lobby.devices}
        self._events: asyncio.Queue[_Heard] = asyncio.Queue(EVENTS_MAX)

    @property
    def serves(self) -> bool:
        """Whether its site has a day. Until then nothing is taken: nodes say again what must not be lost."""
        return self._site.serves

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._counts.run())
            for _ in range(EVENTS_AT_ONCE):
                group.create_task(self._answer_events())

    def connected(self) -> None:
        """The link stands again."""
        self._displays.connected()
        self._outbox.connected()
        self._head.connected()
        self._desired.connected()

    def take(self, topic: Topic, message: Message) -> None:
        """Take a message of this site, without waiting.

        Raises:
            Unwelcome: no such node or device here, or it may not say that.
        """
        if isinstance(message, Head):
            self._head.heard(message)
            return
        if topic.node not in self.nodes.by_name:
            raise Unwelcome("unknown-node", f"no node {topic.node!r} in the lobby file")
        if isinstance(message, NodeState | Event) and self.nodes.is_anothers(topic.node, message.session):
            raise Unwelcome("foreign-session", f"node {topic.node!r} speaks in the session of another")
        match message:
            case NodeState():
                self._take_state(topic.node, message)
            case Health():
                self._take_health(topic.node, message)
            case Count():
                is_online = self.nodes.by_name[topic.node].status is NodeStatus.ONLINE
                self._counts.take(self._device(topic, DeviceKind.COUNTER).address, message, is_heard=is_online)
            case Event():
                self._take_event(topic, message)
            case Done():
                self._take_done(self._device(topic).address, message)
            case _:
                raise Unwelcome("not-for-the-hub", f"{type(message).__name__} is the hub's own to say")

    def _device(self, topic: Topic, kind: DeviceKind | None = None) -> Device:
        """The device of `topic`, if it is of that kind."""
        device = self._devices.get(f"{topic.node}/{topic.device}")
        if device is None:
            raise Unwelcome("unknown-device", f"no device {topic.node}/{topic.device} in the lobby file")
        if kind is not None and device.kind is not kind:
            raise Unwelcome("wrong-kind", f"{device.address} is a {device.kind}; only a {kind} may say that")
        return device

    def _take_state(self, node: str, state: NodeState) -> None:
        if self.nodes.take_state(node, state, self._now()):
            log.info("node online", site=self._site.id, node=node, version=state.version)
            self._displays.announced(node)
            self._outbox.announced(node)
        if self.nodes.by_name[node].status is NodeStatus.LOST:
            self._counts.lose(node)
        self._metrics.nodes_online.labels(self._site.id).set(self.nodes.online)

    def _take_health(self, node: str, health: Health) -> None:
        self.nodes.take_health(node, health, self._now())
        if health.views is not None:
            self._displays.told(node, health.views)
        if health.revisions is not None:
            self._desired.told(node, health.revisions)

    def _take_done(self, address: str, done: Done) -> None:
        if not self._desired.answered(address, done) and not self._support.answered(address, done):
            self._outbox.answered(address, done)

    def _take_event(self, topic: Topic, event: Event) -> None:
        device = self._device(topic, SPEAKERS[type(event.body)])
        try:
            self._events.put_nowait(_Heard(device, event))
            self._under_way.events += 1
        except asyncio.QueueFull:
            raise Unwelcome("overflow", f"{EVENTS_MAX} events wait already; the node sends it again") from None

    # --- events ------------------------------------------------------------------------------------------------

    async def _answer_events(self) -> None:
        while True:
            device, event = await self._events.get()
            try:
                answer = await self._site.submit(self._input(device, event), self._mark(device, event))
            finally:
                self._under_way.events -= 1
            # Nothing happened and nothing is remembered: without a receipt the node will send it again.
            if answer.code != Code.UNAVAILABLE:
                await self._send_receipt(device, event, answer)

    def _input(self, device: Device, event: Event) -> AnyInput:
        """What the event asks of the day, judged at this moment."""
        match event.body:
            case Press(key=key, seen=seen):
                return self._unless_stale(event.heard, PRESS_STALE_MS) or KEYS[key](device.desk, seen)
            case TicketRequest():
                return self._unless_stale(event.heard, REQUEST_STALE_MS) or self._ticket_for(device, event.body)
            case CheckInRequest():
                return self._unless_stale(event.heard, REQUEST_STALE_MS) or self._check_in_for(device, event.body)
            case PaperChanged(paper=paper):
                return NotePaper(device=device.address, paper=paper)
            case NumbersWanted(holder=holder, next=number):
                return LeaseRange(device=device.address, holder=holder, next=number)
            case TicketGiven():
                return self._handed_in(device, event.body)

    def _ticket_for(self, device: Device, request: TicketRequest) -> IssueTicket:
        ticket = self._new_token()
        return IssueTicket(
            ticket=ticket,
            token_hash=token_hash(self._keyring.token(ticket)),
            service=request.service,
            language=request.language,
            channel="kiosk",
            party_people=request.party_people,
            printer=device.printer if request.on_paper else "",
            room=device.room,
            request=request.request,
        )

    def _check_in_for(self, device: Device, request: CheckInRequest) -> CheckIn:
        ticket = self._new_token()
        return CheckIn(
            code_hash=self._keyring.code_hash(request.code),
            ticket=ticket,
            token_hash=token_hash(self._keyring.token(ticket)),
            language=request.language,
            channel="kiosk",
            printer=device.printer if request.on_paper else "",
            room=device.room,
            request=request.request,
        )

    def _handed_in(self, device: Device, given: TicketGiven) -> HandInTicket:
        ticket = self._new_token()
        age_ms = self._age_ms(given.pressed)
        return HandInTicket(
            ticket=ticket,
            token_hash=token_hash(self._keyring.token(ticket)),
            request=given.request,
            device=device.address,
            service=given.service,
            language=given.language,
            party_people=given.party_people,
            day=given.day,
            series=given.series,
            number=given.number,
            arrived_at=given.pressed_at if age_ms is None else self._now() - timedelta(milliseconds=age_ms),
        )

    def _unless_stale(self, heard: Heard | None, stale_ms: int) -> Expire | None:
        age_ms = None if heard is None else self._age_ms(heard)
        return Expire(age_ms=age_ms) if age_ms is None or age_ms > stale_ms else None

    def _age_ms(self, heard: Heard) -> int | None:
        """How long ago that was; None if it was stamped by another boot of the hub, or in the future."""
        age_ms = round(asyncio.get_running_loop().time() * 1_000) - heard.ms - heard.since_ms
        return age_ms if heard.boot == self._boot and age_ms >= -AHEAD_MS_MAX else None

    def _mark(self, device: Device, event: Event) -> str:
        if isinstance(event.body, TicketRequest | CheckInRequest):
            return f"request/{event.body.request}"
        if isinstance(event.body, TicketGiven):
            return f"offline/{event.body.request}"
        return f"{device.address}/{event.session}/{event.seq}"

    def _ticket_url(self, event: Event, answer: Answer) -> str:
        """Where the visitor before a kiosk with a screen follows her ticket; empty for everybody else."""
        is_shown = isinstance(event.body, TicketRequest | CheckInRequest | TicketGiven) and event.body.shows
        return self._outbox.ticket_url(answer.ticket) if is_shown and answer.ticket else ""

    async def _send_receipt(self, device: Device, event: Event, answer: Answer) -> None:
        receipt = Receipt(
            term=self._site.term,
            seq=self._site.seq,
            session=event.session,
            event_seq=event.seq,
            outcome=answer.outcome,
            code=answer.code,
            facts=answer.facts,
            ticket_url=self._ticket_url(event, answer),
        )
        try:
            await self._link.publish(topics.receipt(self._site.id, device.node, device.id), receipt)
        except LinkDown:
            # The node has heard nothing and sends its event again; the mark answers it.
            self._metrics.failed_publications.labels(topics.Leaf.RECEIPT.value).inc()


def _without_code(message: Message, payload: bytes) -> bytes:
    """`payload` as it may be put aside: a code opens an appointment to whoever reads it."""
    if not isinstance(message, Event) or not isinstance(message.body, CheckInRequest):
        return payload
    return codec.encode(replace(message, body=replace(message.body, code="-")))


class Reception:
    """The hub's `wire.link.Listener`: sorts messages by site."""

    def __init__(self, intakes: Mapping[str, Intake], quarantine: Quarantine, metrics: Metrics) -> None:
        self._intakes = intakes
        self._quarantine = quarantine
        self._metrics = metrics

    def connected(self) -> None:
        for intake in self._intakes.values():
            if intake.serves:
                intake.connected()

    def disconnected(self) -> None:
        """Nothing to do: followers meet a link that is down when they speak, and begin again when it stands."""

    def received(self, topic: str, payload: bytes) -> None:
        site = ""
        try:
            parsed, message = codec.decode(topic, payload)
            payload = _without_code(message, payload)
            site = parsed.site
            self._metrics.messages_of(parsed.leaf.value).inc()
            intake = self._intake(site)
            if intake.serves:
                intake.take(parsed, message)
        except Unwelcome as error:
            self._quarantine.put(site, topic, error.kind, str(error), payload)
        except WireError as error:
            kind = "unknown-topic" if isinstance(error, UnknownTopic) else "bad-message"
            self._quarantine.put(site, topic, kind, str(error), payload)

    def _intake(self, site: str) -> Intake:
        if site not in self._intakes:
            raise Unwelcome("unknown-site", f"no site {site!r} in this hub")
        return self._intakes[site]
