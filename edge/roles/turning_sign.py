"""A door sign with room for one language at a time: those of the lobby take turns.

It knows the moment. It does not know on what the sign is drawn.
"""

from msgspec.structs import replace

import words
from edge.display import Moment
from edge.roles.sign import Sign, SignPicture
from wire.messages import SignView

TURN_S = 4.0
"""Long enough for the few words of a sign, short enough to wait for one's own."""


class TurningSign(Sign):
    """The role of a door sign that speaks one language after the other."""

    def compose(self, view: SignView | None, moment: Moment) -> tuple[SignPicture, float]:
        picture, changes_at_s = super().compose(view, moment)
        spoken = picture.languages or words.LANGUAGES
        turn = int(moment.now_s // TURN_S)
        if len(spoken) > 1:
            changes_at_s = min(changes_at_s, (turn + 1) * TURN_S)
        return replace(picture, languages=(spoken[turn % len(spoken)],)), changes_at_s
