"""Waiting for something to happen, or for its time to come, whichever is first."""

import asyncio


async def set_by(event: asyncio.Event, at_s: float | None) -> None:
    """Wait until `event` is set; at the loop's instant `at_s` it is set by itself, never if that is None.

    For those who look themselves what is to be done then: cheaper than a timeout, which cancels and raises.
    """
    timer = None if at_s is None else asyncio.get_running_loop().call_at(at_s, event.set)
    try:
        await event.wait()
    finally:
        if timer is not None:
            timer.cancel()
