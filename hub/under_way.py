"""What somebody stands and waits for: events of nodes that the hub has heard and not yet answered.

A press is short and rare; what can wait lets it pass. This room counts; who lets whom pass, it does not know.
"""


class UnderWay:
    """One hub's."""

    def __init__(self) -> None:
        self.events = 0
        """Bounded by what intakes keep."""

    def __bool__(self) -> bool:
        return self.events > 0
