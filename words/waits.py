"""How long it will take, in words that promise no more than is known."""

from math import ceil

import words

SOON_MIN = 2
HALF_HOUR_MIN = 30
HOUR_MIN = 60


def about(wait_s: int | None, language: str) -> str:
    """`about 15 minutes`. Rounded up, the more the longer; empty when `wait_s` is None."""
    if wait_s is None:
        return ""
    catalog = words.of(language)
    minutes = ceil(wait_s / 60)
    if minutes <= SOON_MIN:
        return catalog.gettext("a minute or two")
    if minutes <= HALF_HOUR_MIN:
        return catalog.gettext("about %(minutes)s minutes") % {"minutes": _up_to(5, minutes)}
    if (rounded := _up_to(10, minutes)) < HOUR_MIN:
        return catalog.gettext("about %(minutes)s minutes") % {"minutes": rounded}
    hours, rest = divmod(_up_to(15, minutes), HOUR_MIN)
    if rest:
        return catalog.gettext("about %(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    return catalog.ngettext("about one hour", "about %(hours)s hours", hours) % {"hours": hours}


def _up_to(step: int, minutes: int) -> int:
    """The next multiple of `step` that is not less."""
    return ceil(minutes / step) * step
