"""The fewest mishaps that still do it: delta debugging, within a time.

It knows plans and a question that can be asked of them; how long that takes is the caller's clock.
"""

from collections.abc import Callable, Sequence

Fails = Callable[[Sequence[int]], bool]
"""Whether a plan with only these mishaps still fails."""


def shrink(indices: Sequence[int], fails: Fails, has_time: Callable[[], bool]) -> list[int]:
    """Some of `indices` of which none can be left out, as far as there was time to find out. `indices` fail."""
    kept, pieces = list(indices), 2
    if kept and has_time() and fails([]):
        return []
    while len(kept) > 1 and has_time():
        size = -(-len(kept) // pieces)
        chunks = [kept[i : i + size] for i in range(0, len(kept), size)]
        without = ([it for it in kept if it not in chunk] for chunk in chunks)
        smaller = next((rest for rest in without if rest and has_time() and fails(rest)), None)
        if smaller is not None:
            kept, pieces = smaller, max(pieces - 1, 2)
        elif size == 1:
            break
        else:
            pieces = min(2 * pieces, len(kept))
    return kept
