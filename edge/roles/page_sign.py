"""A door sign on a screen, which rings when somebody is invited in who has no phone to tell them.

It knows what a browser says of its sound. It does not know how a page rings.
"""

from datetime import tzinfo

import structlog
from msgspec.structs import replace

from edge.display import DisplayDriver, Moment
from edge.role import Node
from edge.roles.sign import Sign, SignPicture
from wire.messages import DeviceInfo, SignView

BLOCKED = "the browser may make no sound; start it with --autoplay-policy=no-user-gesture-required"

log = structlog.get_logger()


class PageSign(Sign):
    """The role of a door sign that is a page."""

    def __init__(
        self, node: Node, info: DeviceInfo, driver: DisplayDriver[SignPicture], zone: tzinfo, *, rings: bool
    ) -> None:
        super().__init__(node, info, driver, zone)
        self._rings = rings
        self._is_heard = True

    def compose(self, view: SignView | None, moment: Moment) -> tuple[SignPicture, float]:
        picture, changes_at_s = super().compose(view, moment)
        return replace(picture, rings=self._rings), changes_at_s

    def sounds(self, is_heard: bool) -> None:
        """A browser says whether it can be heard."""
        if is_heard == self._is_heard:
            return
        self._is_heard = is_heard
        if not is_heard:
            log.warning("sign cannot be heard", device=self.info.id, needs=BLOCKED)
        self.node.set_fault(self.info.id, None if is_heard else BLOCKED)
