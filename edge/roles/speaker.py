"""The speaker: says each call of a board once, and again when it is repeated; or each number that a sign invites.

Speech follows the view, too. What is said is what the view holds, has not been said and is young; what has left the
view while it waited is not said any more, nor anything while the hub is silent. Invitations carry no time: one is young
when the view before did not have it. The speaker knows sentences. It does not know what makes them sound.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from msgspec import Struct

import words
from edge.by_hour import ByHour
from edge.lane import WorkLane
from edge.node import Node
from edge.role import Role
from edge.roles.board import NEW, CallKey
from wire.messages import BoardCall, BoardView, DeviceInfo, Done, DoneOutcome, GateState, Identify, Job, Show, SignView
from words import spoken

LATE = timedelta(seconds=30)
"""A call that waited longer than this for others to be said stays unsaid: the board has shown it long since."""
WAITING_MAX = 8
"""More calls than this cannot be said before they are late."""
LANGUAGES_SAID = 2
"""As many as stand on a board together, unless the agent file names others: each costs some three seconds."""
LEAVE_EVERY_S = 20.0
"""Who has to leave the building is told again and again, also while the hub is silent."""
VOLUME = 80
CHECK_EVERY_S = 60.0


class Sentence(Struct, frozen=True):
    """What is said, and in which language."""

    text: str
    language: str


class Voice(Protocol):
    """What a speaker is made of. It does one thing at a time."""

    async def say(self, sentences: Sequence[Sentence], volume: int) -> None:
        """A chime and then `sentences`, one after the other; `volume` in per cent. Returns when all has been heard.

        Raises:
            DeviceFault: not all of it was heard, and what it needs.
        """

    async def check(self) -> None:
        """
        Raises:
            DeviceFault: nothing could be said now, and what it needs.
        """

    def close(self) -> None: ...


class Invited(Struct, frozen=True):
    """A number that may come in."""

    number: str
    since_s: float
    """The loop's instant at which it was seen first."""


class Leave(Struct, frozen=True):
    """Everybody is to leave the building."""


Piece = BoardCall | Invited | Identify | Leave


class Speaker(Role):
    """The role of a speaker."""

    def __init__(self, node: Node, info: DeviceInfo, voice: Voice, *, languages: Sequence[str], zone: tzinfo) -> None:
        """`languages` are those that are said, one after the other; empty for the first ones of the lobby."""
        super().__init__(node, info)
        self._voice = voice
        self.volume = ByHour(VOLUME, {})
        """In per cent."""
        self._languages = tuple(languages)
        self._zone = zone
        self._view: BoardView | SignView | None = None
        self._again: asyncio.TimerHandle | None = None
        """When people are told again to leave."""
        self._invited: frozenset[str] | None = None
        """Numbers that a sign's view had when it was last looked at; None before the first."""
        self._said: dict[CallKey, datetime] = {}
        """Calls that were taken into the lane, with when they were made. Kept for as long as one might be said again;
        an agent that starts anew within seconds of a call says that one twice."""
        # Overflow: a call that comes when all places are taken is not taken; the next view offers it again.
        self._lane = WorkLane[Piece](
            node, info.id, self._do, length_max=WAITING_MAX, idle=voice.check, idle_every_s=CHECK_EVERY_S
        )

    @property
    def queue_length(self) -> int:
        return self._lane.queue_length

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, BoardView | SignView):
            return False
        self._view = show.view
        self._offer()
        self._offer_leave()
        return True

    def lose_view(self) -> None:
        self._view = None

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        outcome = DoneOutcome.DONE if self._lane.put(job.body) else DoneOutcome.FAILED
        why = "" if outcome is DoneOutcome.DONE else "calls are waiting to be said; try again"
        self.node.send_done(self.info.id, Done(id=job.id, outcome=outcome, why=why))

    async def run(self) -> None:
        self.node.hub_clock.watch(self._note_hub)
        await self._lane.run()

    def close(self) -> None:
        if self._again is not None:
            self._again.cancel()
        self._voice.close()

    def _note_hub(self, is_silent: bool) -> None:
        if not is_silent:
            self._offer()

    # --- what is to be said ----------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Put what is young and unsaid into the lane, the oldest first."""
        now_at = self._hub_at()
        if self._view is None or now_at is None or self._leaves:
            return
        if isinstance(self._view, SignView):
            self._offer_invitations(self._view.invited)
            return
        self._said = {key: called_at for key, called_at in self._said.items() if now_at - called_at < 2 * NEW}
        for call in reversed(self._view.calls):
            key = _key(call)
            if key not in self._said and now_at - call.called_at < NEW and self._lane.put(call):
                self._said[key] = call.called_at

    @property
    def _leaves(self) -> bool:
        return self._view is not None and self._view.room_state is GateState.EVACUATE

    def _offer_leave(self) -> None:
        """At once, and again every while as long as it is so. One timer is enough."""
        if not self._leaves or self._again is not None:
            return
        self._lane.put(Leave())
        self._again = asyncio.get_running_loop().call_later(LEAVE_EVERY_S, self._leave_again)

    def _leave_again(self) -> None:
        self._again = None
        self._offer_leave()

    def _offer_invitations(self, numbers: Sequence[str]) -> None:
        known = frozenset(numbers) if self._invited is None else self._invited
        now_s = asyncio.get_running_loop().time()
        taken = [it for it in numbers if it not in known and self._lane.put(Invited(it, now_s))]
        self._invited = (known & frozenset(numbers)) | frozenset(taken)

    def _hub_at(self) -> datetime | None:
        """The hub's wall clock; None while the hub is silent."""
        hub = self.node.hub_clock.read()
        return None if hub is None or hub.is_silent else hub.wall_at

    def _is_current(self, piece: BoardCall | Invited) -> bool:
        now_at = self._hub_at()
        if self._leaves:
            return False
        match self._view, piece:
            case SignView(invited=invited), Invited(number=number, since_s=since_s):
                is_late = asyncio.get_running_loop().time() - since_s >= LATE.total_seconds()
                return now_at is not None and not is_late and number in invited
            case BoardView(calls=calls), BoardCall(called_at=called_at):
                is_late = now_at is None or now_at - called_at >= LATE
                return not is_late and _key(piece) in [_key(it) for it in calls]
        return False

    # --- saying it -------------------------------------------------------------------------------------------

    async def _do(self, piece: Piece) -> None:
        if isinstance(piece, Identify):
            await self._say([Sentence(self.info.id, language) for language in self._spoken()[:1]])
        elif isinstance(piece, Leave):
            if self._leaves and self._view is not None:  # in each language of the lobby: it is for everybody
                await self._say([Sentence(spoken.leave(it), it) for it in self._view.languages])
        elif self._is_current(piece):
            sentences = [_sentence(piece, language) for language in self._spoken()]
            await self._say(sentences)
        else:
            self.node.count_dropped()

    async def _say(self, sentences: Sequence[Sentence]) -> None:
        now_at = self.node.hub_clock.wall_at()
        volume = self.volume.at(None if now_at is None else now_at.astimezone(self._zone))
        await self._voice.say(sentences, volume)

    def _spoken(self) -> tuple[str, ...]:
        told = tuple(self._view.languages) if self._view is not None else ()
        return self._languages or told[:LANGUAGES_SAID] or (words.SOURCE_LANGUAGE,)


def _key(call: BoardCall) -> CallKey:
    return call.number, call.desk, call.called_at, call.times


def _sentence(piece: BoardCall | Invited, language: str) -> Sentence:
    if isinstance(piece, Invited):
        return Sentence(spoken.invitation(piece.number, language), language)
    room = words.pick(piece.room, language)
    return Sentence(spoken.call(piece.number, piece.desk, room, language), language)
