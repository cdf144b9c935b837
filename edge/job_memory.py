"""Which jobs a device has begun and done, so that none is done twice, not even after a power cut.

This room knows ids and where they are kept. It does not know what the jobs were.
"""

from collections import OrderedDict

import msgspec
import structlog

from edge.keep import Keep

JOBS_MAX = 500
"""More than a day's slips of one printer come to; the oldest are forgotten."""

log = structlog.get_logger()


class JobMemory:
    """Job id to whether it is done; a job that was begun and not finished may or may not have been done."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._jobs: OrderedDict[str, bool] = OrderedDict()
        self.is_whole = False
        """It holds all that was ever begun, as far as it can know: what is not in it has not been done."""

    def load(self) -> None:
        """Remember. What is damaged is said and counts as empty: printing goes on."""
        try:
            kept = self._keep.load()
            jobs = None if kept is None else msgspec.json.decode(kept, type=dict[str, bool])
        except (OSError, msgspec.DecodeError) as error:
            log.warning("job memory unreadable", error=str(error))
            return
        if jobs is not None:
            self._jobs = OrderedDict(list(jobs.items())[-JOBS_MAX:])
            self.is_whole = True

    def is_done(self, job: str) -> bool:
        return self._jobs.get(job, False)

    def is_begun(self, job: str) -> bool:
        return job in self._jobs

    def begin(self, job: str) -> bool:
        """Mark `job` before it is done; True if it was begun before, and so may have been done."""
        was_begun = job in self._jobs
        self._mark(job, is_done=False)
        return was_begun

    def finish(self, job: str) -> None:
        self._mark(job, is_done=True)

    def _mark(self, job: str, *, is_done: bool) -> None:
        self._jobs[job] = is_done
        while len(self._jobs) > JOBS_MAX:
            self._jobs.popitem(last=False)
        try:
            self._keep.save(msgspec.json.encode(self._jobs))
        except OSError:
            # A full disk, which the keep has told of, must not stop the slips: until it has room again, a restart may
            # print a slip twice.
            return
