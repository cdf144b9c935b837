"""A reader with a fault that chance alone does not find: one way in four billion leads there."""


def read(data: bytes, *, hangs: bool) -> None:
    """Stumbles over whatever begins with `GUI!`, or never comes back from it."""
    # Each step is one of its own: whoever watches where bytes lead comes nearer with each.
    if len(data) < 4 or data[0] != ord("G"):
        return
    if data[1] != ord("U"):
        return
    if data[2] != ord("I"):
        return
    if data[3] == ord("!"):
        while hangs:
            pass
        raise ZeroDivisionError("planted")
