"""The slip printer: prints each job once, says how much paper it has, and never claims more than it knows.

It knows jobs, documents and what a printer can answer. It does not know ESC/POS or serial lines.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

import structlog

from edge.errors import DeviceFault
from edge.job_memory import JobMemory
from edge.keep import Keep
from edge.lane import WorkLane
from edge.node import Node
from edge.role import Role
from edge.slip import Line, OwnSlip, Slip, Space, own_slip_of, slip_of
from wire.messages import DeviceInfo, Done, DoneOutcome, Job, Paper, PaperChanged, PrintSlip

STATUS_EVERY_S = 5.0
"""How soon a new roll is noticed."""
STATUS_WAITING_EVERY_S = 1.0
"""How soon it is noticed that a slip was taken."""
TAKE_MAX_S = 30.0
"""A slip that hangs there longer was forgotten: its address is somebody's own."""
STATUS_WELL_EVERY_S = 10.0
"""How soon it is noticed that the roll was taken out; one that ends does so while a slip is printed, which tells."""
SLIP_S_MAX = 180.0
"""A slip whose code is a picture has some 20 kB, and the slowest line carries 120 of them in a second."""
JOBS_MAX = 32
"""Jobs in line. One more is not taken and not answered, so the hub sends it again."""
OWN = "own-"
"""Before the request of a slip that a kiosk prints by itself, in the printer's memory of what it has printed."""
LARGE_MAX = 100
"""Requests whose slips shall be large; each is printed within seconds of its wish, or not at all."""
PRINTS = (Paper.OK, Paper.NEAR_END)

log = structlog.get_logger()


class Status(Protocol):
    """What a printer says of itself."""

    @property
    def paper(self) -> Paper: ...

    @property
    def is_online(self) -> bool | None: ...

    @property
    def needs(self) -> str:
        """What somebody should do about it, in a sentence; empty for nothing."""

    @property
    def is_taken(self) -> bool | None:
        """False while a slip waits in its mouth; None if it cannot say."""


class SlipPrinter(Protocol):
    """What this role needs of its driver. Called from a worker thread; DeviceFault when the printer is gone."""

    @property
    def columns(self) -> int: ...

    def spell(self, text: str) -> str:
        """`text` in letters that the printer has."""

    def status(self) -> Status: ...

    def print(self, slip: Slip) -> Status:
        """Print `slip`; the status is that of afterwards."""

    def take_back(self) -> None:
        """Clear its mouth of a slip that nobody takes."""

    def close(self) -> None: ...


class Companion(Protocol):
    """A kiosk beside the printer. All calls are on the event loop."""

    def slip_comes(self, request: str) -> bool:
        """The hub's slip for that request of the kiosk's is here: False if its visitor needs none any more."""

    def slip_done(self, request: str, why_not: str) -> None:
        """That slip is on paper; or it is not, or not surely, which `why_not` explains."""

    def slip_taken(self, request: str) -> None:
        """The slip for that request was torn off, as far as the printer can tell."""

    def printer_changed(self) -> None:
        """Whether slips can be printed has changed."""


class _Own(NamedTuple):
    """A slip of a kiosk beside the printer."""

    id: str
    slip: OwnSlip
    is_out: "asyncio.Future[bool]"


class Printer(Role):
    """One printer. Its lane prints the jobs and, when there is none, asks for the paper."""

    def __init__(
        self, node: Node, info: DeviceInfo, driver: SlipPrinter, keep: Keep, *, is_large: bool = False
    ) -> None:
        """`keep` has the ids of jobs across a restart. With `is_large` every slip is in large letters."""
        super().__init__(node, info)
        self._is_large = is_large
        self._driver = driver
        self._memory = JobMemory(keep)
        self._companions: list[Companion] = []
        self._own: set[str] = set()
        """Slips of the kiosk that wait or are being printed."""
        self._large: deque[str] = deque(maxlen=LARGE_MAX)
        self._waiting: dict[str, None] = {}
        self._why = ""
        """Why slips are not printed, as far as the log knows."""
        self._paper: Paper | None = None
        self._prints: bool | None = None
        self._needs = ""
        self._waits_since_s: float | None = None
        """Since when a slip waits to be taken; None when none does."""
        self._waits_for = ""
        """The request that the waiting slip answers."""
        self._lane = WorkLane[Job | _Own](
            node,
            info.id,
            self._do,
            length_max=JOBS_MAX,
            idle=self._ask,
            idle_every_s=STATUS_EVERY_S,
            stuck_s=SLIP_S_MAX,
        )

    @property
    def queue_length(self) -> int:
        return self._lane.queue_length

    def job(self, job: Job) -> None:
        request = job.body.request if isinstance(job.body, PrintSlip) else ""
        is_helped = request and not all(it.slip_comes(request) for it in self._companions)
        if is_helped and not self._is_cut_short(request):
            self._answer(job, DoneOutcome.DONE)  # the visitor has a slip of the kiosk's own
        elif job.id not in self._waiting and self._lane.put(job):
            self._waiting[job.id] = None

    def _is_cut_short(self, request: str) -> bool:
        """Whether the kiosk's own slip for that request was begun, and may not be on paper as a whole."""
        own = f"{OWN}{request}"
        return own not in self._own and self._memory.is_begun(own) and not self._memory.is_done(own)

    @property
    def prints(self) -> bool | None:
        """Whether it can print, by what it said last; None before the first time."""
        return self._prints

    @property
    def is_slip_waiting(self) -> bool:
        """A slip is printed and not taken, as far as this printer can tell."""
        return self._waits_since_s is not None

    def heed(self, companion: Companion) -> None:
        """Ask and tell that kiosk of the slips that answer its requests."""
        self._companions.append(companion)

    def enlarge(self, request: str) -> None:
        """Print the slip for that request in large letters."""
        self._large.append(request)

    async def print_own(self, slip_id: str, slip: OwnSlip) -> bool:
        """Print a slip that no job asked for; whether it is on paper, or may be. The same id again is a copy."""
        piece = _Own(slip_id, slip, asyncio.get_running_loop().create_future())
        self._own.add(slip_id)
        try:
            return self._lane.put(piece) and await piece.is_out
        finally:
            self._own.discard(slip_id)

    async def run(self) -> None:
        await asyncio.to_thread(self._memory.load)
        await self._lane.run()

    def close(self) -> None:
        self._driver.close()

    # --- the lane --------------------------------------------------------------------------------------------

    async def _ask(self) -> None:
        try:
            self._tell(await asyncio.to_thread(self._driver.status))
            if self._waits_since_s is not None and self._waited_s() >= TAKE_MAX_S:
                log.info("forgotten slip taken back", device=self.info.id)
                await asyncio.to_thread(self._driver.take_back)
                self._waits_since_s = None
        except DeviceFault:
            self._tell_lost()
            raise

    def _waited_s(self) -> float:
        """How long a slip has been waiting to be taken."""
        since_s = self._waits_since_s
        return 0.0 if since_s is None else asyncio.get_running_loop().time() - since_s

    async def _do(self, piece: Job | _Own) -> None:
        if isinstance(piece, _Own):
            await self._do_own(piece)
        else:
            await self._do_job(piece)

    async def _do_own(self, own: _Own) -> None:
        def slip(is_copy: bool) -> Slip:
            meant = replace(own.slip, is_large=own.slip.is_large or self._is_large)
            return own_slip_of(meant, self._driver.columns, self._driver.spell, is_copy=is_copy)

        try:
            request = own.id.removeprefix(OWN)
            if not self._memory.is_done(own.id) and (why := await self._print(own.id, request, slip)):
                self._note(why)
        except DeviceFault:
            self._tell_lost()
            raise
        finally:
            if not own.is_out.done():
                own.is_out.set_result(self._memory.is_begun(own.id))

    async def _do_job(self, job: Job) -> None:
        del self._waiting[job.id]
        if self._memory.is_done(job.id):
            self._answer(job, DoneOutcome.DONE)
            return
        now_at = self.node.hub_clock.wall_at()
        if now_at is None:
            return  # Nobody can say whether it has expired. HubTime comes within a second, and the job again.
        if now_at >= job.expires_at:
            self._answer(job, DoneOutcome.EXPIRED)
            return
        try:
            request = job.body.request if isinstance(job.body, PrintSlip) else ""
            why = await self._print(job.id, request, lambda is_copy: self._slip(job, is_copy))
        except DeviceFault as error:
            self._tell_lost()
            self._answer(job, DoneOutcome.FAILED, str(error))
            raise
        self._answer(job, DoneOutcome.FAILED if why else DoneOutcome.DONE, why)

    async def _print(self, slip_id: str, request: str, slip: Callable[[bool], Slip]) -> str:
        """Why `slip(is_copy)` is not, or not surely, on paper; empty when it is.

        Its id is marked before the first byte leaves. If what happens then stays unknown, even by a power cut, the
        next attempt prints a slip that says it is a copy.
        """
        before = await asyncio.to_thread(self._driver.status)
        self._tell(before)
        if why := _cannot_print(before):
            return why
        if before.is_taken is False:
            # The next slip would push it out, into the hands of whoever stands there now.
            await asyncio.to_thread(self._driver.take_back)
        may_be_copy = await asyncio.to_thread(self._memory.begin, slip_id)
        self._waits_for = request
        after = await asyncio.to_thread(self._driver.print, slip(may_be_copy))
        self._tell(after)
        if after.paper not in PRINTS or not after.is_online:
            return f"{_cannot_print(after)}; the slip may be incomplete"
        await asyncio.to_thread(self._memory.finish, slip_id)
        return ""

    def _slip(self, job: Job, may_be_copy: bool) -> Slip:
        columns, spell = self._driver.columns, self._driver.spell
        match job.body:
            case PrintSlip():
                # Whoever sent the job before knows less than a memory that has lost nothing.
                is_doubted = job.body.copy_of_slip and not self._memory.is_whole
                is_half_out = bool(job.body.request) and self._memory.is_begun(f"{OWN}{job.body.request}")
                is_copy = may_be_copy or is_doubted or is_half_out
                is_large = self._is_large or job.body.request in self._large
                return slip_of(job.body, columns, spell, is_copy=is_copy, is_large=is_large)
            case _:  # Identify; a picture is the agent's to take
                return Line(self.info.id[:columns], is_bold=True), Space()

    # --- telling ---------------------------------------------------------------------------------------------

    def _answer(self, job: Job, outcome: DoneOutcome, why: str = "") -> None:
        if outcome in (DoneOutcome.DONE, DoneOutcome.FAILED):
            self._note(why if outcome is DoneOutcome.FAILED else "")
        self.node.send_done(self.info.id, Done(id=job.id, outcome=outcome, why=why[:400]))
        if isinstance(job.body, PrintSlip) and job.body.request:
            for companion in self._companions:
                companion.slip_done(job.body.request, "" if outcome is DoneOutcome.DONE else why or outcome.value)

    def _note(self, why: str) -> None:
        """Why slips are not printed, empty when one is: the hub sends them again and again, the log has it once."""
        if why == self._why:
            return
        if why:
            log.warning("slips not printed", device=self.info.id, why=why)
        else:
            log.info("slips printed again", device=self.info.id)
        self._why = why

    def _tell(self, status: Status) -> None:
        """The hub hears of every change of the paper, and of the first state after a start; health says what the
        printer needs."""
        is_waiting, now_s = status.is_taken is False, asyncio.get_running_loop().time()
        if status.is_taken and self._waits_since_s is not None:
            for companion in self._companions:
                companion.slip_taken(self._waits_for)
        self._waits_since_s = (self._waits_since_s or now_s) if is_waiting else None
        well_s = STATUS_WELL_EVERY_S if status.paper in PRINTS and status.is_online else STATUS_EVERY_S
        self._lane.idle_every_s = STATUS_WAITING_EVERY_S if is_waiting else well_s
        if status.needs != self._needs:
            self._log_needs(status.needs)
            self._needs = status.needs
            # After the lane, which says that a device works once it has answered.
            asyncio.get_running_loop().call_soon(self.node.set_fault, self.info.id, status.needs or None)
        self._tell_rest(status.paper, prints=not _cannot_print(status))

    def _log_needs(self, needs: str) -> None:
        if needs:
            log.warning("printer needs somebody", device=self.info.id, needs=needs)
        else:
            log.info("printer is well again", device=self.info.id)

    def _tell_lost(self) -> None:
        """Nobody knows how it is. What it needs, its lane tells."""
        self._needs, self._waits_since_s = "", None
        self._lane.idle_every_s = STATUS_EVERY_S
        self._tell_rest(Paper.UNKNOWN, prints=False)

    def _tell_rest(self, paper: Paper, *, prints: bool) -> None:
        """The hub of its paper, kiosks of whether it prints."""
        if paper is not self._paper:
            self._paper = paper
            self.node.send_event(self.info.id, PaperChanged(paper=paper), None)
        if prints is not self._prints:
            self._prints = prints
            for companion in self._companions:
                companion.printer_changed()


def _cannot_print(status: Status) -> str:
    """Why nothing can be printed; empty if it can."""
    if status.is_online and status.paper in PRINTS:
        return ""
    return status.needs or "the printer is not ready"
