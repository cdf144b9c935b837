"""A screen: the driver of a board or sign that is a page in a browser. It holds the newest picture and wakes who
follows it. It does not know how a picture becomes a page."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge.roles.board import BoardPicture
from edge.roles.sign import SignPicture
from edge.screens.media import Media

Picture = BoardPicture | SignPicture

FOLLOWERS_MAX = 16
"""Browsers that follow one screen. One more sends the oldest away: it may be what a reload has left behind."""


class Follower:
    """One browser's slot: it is told that there is a newer picture, not how many it has missed."""

    def __init__(self) -> None:
        self.is_followed = True
        self._woken = asyncio.Event()
        self._woken.set()

    def wake(self) -> None:
        self._woken.set()

    def send_away(self) -> None:
        """Its stream ends, and its browser may come back."""
        self.is_followed = False
        self._woken.set()

    async def is_woken(self, timeout_s: float) -> bool:
        """True when there is something new, at once the first time; False when there was nothing for `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Screen:
    """A page as the driver of a board or a sign. All on the event loop."""

    calls_shown: int | None = None
    is_instant = True

    def __init__(self) -> None:
        self.picture: Picture | None = None
        """As last drawn; None before the first."""
        self.media: Media | None = None
        """The pictures beside the calls of a board."""
        self.measured: Callable[[float, int, int], None] = lambda cap_px, width_px, height_px: None
        """Told how high the smallest capital letters of a board's calls are in a browser, and how large its screen."""
        self.sounds: Callable[[bool], None] = lambda is_heard: None
        """Told whether a browser may make the sounds of a sign."""
        self._followers: list[Follower] = []

    def draw(self, picture: Picture) -> None:
        """Show `picture`. Browsers get it as fast as they take it, and only the newest."""
        self.picture = picture
        for follower in self._followers:
            follower.wake()

    def close(self) -> None:
        """Let all browsers go, so that the server can end."""
        for follower in self._followers:
            follower.send_away()

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """A slot for as long as the block lasts."""
        follower = Follower()
        if len(self._followers) >= FOLLOWERS_MAX:
            self._followers.pop(0).send_away()
        self._followers.append(follower)
        try:
            yield follower
        finally:
            if follower in self._followers:
                self._followers.remove(follower)
