"""Evidence made by hand: a sound moment of the town hall, for tests that spoil it."""

from datetime import UTC, datetime, timedelta

import words
from edge.drivers.fake_printer import PrintedCode, PrintedLine, PrintedSlip
from hub.config import load_lobby
from hub.day import events
from hub.journal import Entry, Mark
from hub.keyring import token_hash
from hub.site import Answer
from simulator.asgi_client import Response
from simulator.evidence import Evidence, JobRow
from simulator.record import Asked, Drawing, Pressed, Printed, Record, Said
from tests.simulation.stage import TOWN_HALL
from wire import codec, topics
from wire.messages import Event, Heard, HubTime, Key, Message, Outcome, Press, Receipt

LOBBY = load_lobby(TOWN_HALL / "lobby.toml")
SITE = LOBBY.site.id
START_AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
ENDS_S = 200.0
MOMENT_S = 0.01
TOLD_EVERY_S = 4
"""The hub's clock: less often than it is, and often enough for who listens."""
TOKEN = "abcdefghijklmnopqrstuv"


def at(at_s: float) -> datetime:
    return START_AT + timedelta(seconds=at_s)


class Scene:
    """What has happened so far; `evidence` is what checkers get. Make it on a running loop."""

    def __init__(self) -> None:
        self.record = Record()
        self.entries: list[Entry] = []
        self.marks: dict[str, Mark] = {}
        self.jobs: list[JobRow] = []
        for told_s in range(1, int(ENDS_S), TOLD_EVERY_S):
            self.time(told_s)

    @property
    def evidence(self) -> Evidence:
        self.record.said.sort(key=lambda it: it.at_s)
        return Evidence(LOBBY, self.entries, self.record, ends_s=ENDS_S, marks=self.marks, jobs=self.jobs)

    # --- the hub -----------------------------------------------------------------------------------------------

    def row(self, at_s: float, event: events.AnyEvent) -> int:
        """An event in the journal; its seq."""
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, "2026-03-04", at(at_s), event))
        self.record.rows_s[seq] = at_s
        return seq

    def issued(self, at_s: float, ticket: str = "t1", number: int = 1, printer: str = "", channel: str = "api") -> None:
        self.row(
            at_s,
            events.TicketIssued(
                ticket=ticket, token_hash=token_hash(TOKEN), service="residents", series="C", number=number,
                language="fr", channel=channel, due_at=at(at_s), printer=printer,  # type: ignore[arg-type]
            ),
        )  # fmt: skip

    def called(self, at_s: float, ticket: str = "t1", desk: str = "desk-1") -> int:
        return self.row(at_s, events.TicketCalled(ticket=ticket, desk=desk, rule="earliest-due", due_at=at(at_s)))

    def mark(self, at_s: float, name: str, outcome: Outcome = Outcome.DONE, ticket: str = "", code: str = "") -> None:
        self.marks[name] = Mark(name, Answer(outcome=outcome, ticket=ticket, code=code), at(at_s))
        self.record.marks_s[name] = at_s

    def time(self, at_s: float, boot: str = "boot-1") -> None:
        """The hub tells the time."""
        message = HubTime(term=0, seq=0, boot=boot, ms=round(at_s * 1_000), wall_at=at(at_s))
        self.said(at_s, topics.hub_time(SITE), message)

    def said(self, at_s: float, topic: str, message: Message) -> None:
        self.record.said.append(Said(at_s, topic, codec.encode(message)))

    # --- a desk ------------------------------------------------------------------------------------------------

    def finger(self, at_s: float, key: Key = Key.NEXT, device: str = "desk-1/panel") -> None:
        self.record.presses.append(Pressed(at_s, device, key))

    def press(self, at_s: float, *, seen: int = 1, seq: int = 1, key: Key = Key.NEXT, boot: str = "boot-1") -> None:
        """What the panel of desk 1 sends of a finger."""
        heard = Heard(boot=boot, ms=round(at_s * 1_000), since_ms=0)
        event = Event(session="s", seq=seq, body=Press(key=key, seen=seen), heard=heard)
        self.said(at_s, topics.event(SITE, "desk-1", "panel"), event)

    def receipt(self, at_s: float, *, seq: int = 1, outcome: Outcome = Outcome.DONE, code: str = "") -> None:
        receipt = Receipt(term=0, seq=0, session="s", event_seq=seq, outcome=outcome, code=code)
        self.said(at_s, topics.receipt(SITE, "desk-1", "panel"), receipt)

    def pressed_and_called(self, at_s: float = 100.0, after_s: float = 0.05, ticket: str = "t1") -> None:
        """A press from the finger to the receipt."""
        self.finger(at_s)
        self.press(at_s)
        self.called(at_s + after_s, ticket)
        self.mark(at_s + after_s, "desk-1/panel/s/1", ticket=ticket)
        self.receipt(at_s + after_s + MOMENT_S)

    # --- what is seen ------------------------------------------------------------------------------------------

    def drawn(self, at_s: float, *numbers: str, is_current: bool = True) -> None:
        """What all boards show from now on."""
        for address in ("board-1/board", "board-2/board"):
            drawing = Drawing(at_s, numbers, numbers, is_current)
            self.record.drawings.setdefault(address, []).append(drawing)

    def printed(self, at_s: float, number: str, *, is_copy: bool = False, token: str = TOKEN) -> None:
        rows = [PrintedLine(words.of("fr").gettext("Copy"))] if is_copy else []
        code = PrintedCode(f"https://h.example/t/{token}", "M", 4)
        slip = PrintedSlip((*rows, PrintedLine("Accueil"), PrintedLine(number, 6, 6), code))
        self.record.printed.append(Printed(at_s, "kiosk-1/printer", slip))

    def asked(self, began_s: float, ended_s: float, path: str, body: bytes, *, status: int, location: str = "") -> None:
        """A request of a browser, and the answer."""
        answer = Response(status=status, headers={"location": location} if location else {}, body=b"")
        self.record.asked.append(Asked(began_s, ended_s, path, body, answer))
