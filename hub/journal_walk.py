"""A walk through everything that a hub's journals keep, once after it has started, from each first row to today.

What a start reads is today; a row of an earlier day that was altered, or is gone, would be found by nobody but a chart
that is made anew. So the hub looks through the chain in small pieces with rests between them, and names what is not as
it was written. The lobby goes on: its day is sound. No row is ever deleted, so every journal begins at row 1.
"""

import asyncio
from collections.abc import Iterator, Sequence

import structlog

from hub.chain import Place, missing, never_committed
from hub.errors import Unwritten
from hub.journal import Journal
from hub.journal_thread import JournalThread

FIRST_REST_S = 10.0
"""A hub that has just started has enough to do."""

PIECE_ROWS = 100
"""Some milliseconds of the journal's thread, as many as history takes when it catches up."""

REST_S = 0.1
REST_TIMES = 9
"""Between two pieces at least the first, and nine times as long as the piece took: a slow disk is left alone."""

RETRY_S = 60.0
"""A database that does not answer is asked again."""

FAULTS_MAX = 5
"""So many are named of a site; then the walk goes on to the next one: whoever is told looks at the rest."""

log = structlog.get_logger()


class JournalWalk:
    """Through the journals of one hub's sites, one after the other."""

    def __init__(self, thread: JournalThread) -> None:
        self._named: list[str] = []
        self._waits_for = ""
        """What cannot be read at the moment, or ever: a torn row may be no text at all."""
        self._thread = thread

    @property
    def faults(self) -> list[str]:
        """A sentence for each row that is not as it was written, and for where the walk comes no further."""
        return [*self._named, self._waits_for] if self._waits_for else self._named

    async def run(self, sites: Sequence[str]) -> None:
        """Once, through those of `sites`, which have begun."""
        await asyncio.sleep(FIRST_REST_S)
        for site in sites:
            await self._walk(site)

    async def _walk(self, site: str) -> None:
        """Up to where the day began that the start has read."""
        loop, place = asyncio.get_running_loop(), Place()
        last = self._thread.journal.head(site).opened_seq - 1
        named = 0
        while place.seq < last and named < FAULTS_MAX:
            began_s = loop.time()
            try:
                place, faults = await self._thread.call(piece, self._thread.journal, site, place, last)
            except Unwritten as error:
                self._wait(f"journal of site {site!r}: what follows row {place.seq} cannot be looked through: {error}")
                await asyncio.sleep(RETRY_S)
                continue
            self._waits_for = ""
            for fault in faults[: FAULTS_MAX - named]:
                log.error("journal damaged", site=site, fault=fault)
                self._named.append(f"{fault}; the lobby goes on, see what the copies have there")
            named += len(faults)
            await asyncio.sleep(max(REST_S, REST_TIMES * (loop.time() - began_s)))
        log.info("journal looked through", site=site, rows=place.seq, faults=named)

    def _wait(self, fault: str) -> None:
        if self._waits_for != fault:
            log.warning("journal not looked through", fault=fault)
        self._waits_for = fault


def piece(journal: Journal, site: str, place: Place, last: int) -> tuple[Place, list[str]]:
    """Go on behind `place`, but not behind row `last`: where that ends, and what is not as it was written.

    Raises:
        Unwritten: the database does not answer.
    """
    reached, faults = journal.look_through(site, place, last, PIECE_ROWS)
    if reached == place:
        return Place(last), [missing(site, place.seq + 1, last)]
    return reached, faults


def faults_of(journal: Journal) -> Iterator[str]:
    """A sentence for each row of a database that is not as it was written, the ends of its journals included; all at
    once, for a database on which nobody works.

    Raises:
        Unwritten: the database does not answer.
    """
    for site, (noted_seq, newest_seq) in journal.ends().items():
        place = Place()
        while place.seq < noted_seq:
            place, faults = piece(journal, site, place, noted_seq)
            yield from faults
        if newest_seq > noted_seq:
            yield never_committed(site, noted_seq + 1)
