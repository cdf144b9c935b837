"""What can go wrong in the hub. Each message is one line: what, the value, the limit, what to do.

HubError
├── ConfigError      a lobby file with faults: all of them, a line each
├── HistoryDown      the store of history did not take or give it
├── SiteDown         a site's day could not be opened
└── JournalError
    ├── Conflict     somebody else owns the site or the database
    ├── Corrupt      a row is missing or was altered
    └── Unwritten    the database did not take it
"""

from collections.abc import Sequence


class HubError(Exception):
    """The hub cannot go on, and says why."""


class ConfigError(HubError):
    """A lobby file, or the command line, has faults; `faults` holds them all."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{source}: {fault}" if source else fault for fault in self.faults))


class HistoryDown(HubError):
    """The store of history refused, or did not answer in time."""


class SiteDown(HubError):
    """The site's day could not be opened, so there is nothing to read and nobody to ask."""


class JournalError(HubError):
    """Something about the journal."""


class Conflict(JournalError):
    """Another hub owns what this one wanted to write."""


class Corrupt(JournalError):
    """The journal does not hold what was written into it."""


class Unwritten(JournalError):
    """The database refused, or did not answer in time."""
