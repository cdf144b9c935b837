"""What can go wrong on the wire.

WireError (ValueError)
├── UnknownTopic     a topic that is not ours, or not of this version
├── BadMessage       a payload that its leaf does not allow
└── LinkDown         no connection to the broker, or no acknowledgement in time
"""


class WireError(ValueError):
    """Something on the wire is not as the contract says."""


class UnknownTopic(WireError):
    """A topic that the contract does not know."""


class BadMessage(WireError):
    """A payload that the contract does not allow on its topic."""


class LinkDown(WireError, ConnectionError):
    """The broker is not reachable, or did not acknowledge in time; the message may be lost."""
