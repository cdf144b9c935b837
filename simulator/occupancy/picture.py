"""Estimates as a picture: the whole file above, its busiest day below; truth, bounds, and the count without correction.

The estimate is a line within a band, the truth a dotted one, the bare count a thin one: what tells them apart is not
their colour alone.
"""

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.occupancy.replay import Estimated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#8A8A8A"
SIZE_IN = (11.0, 7.0)
DPI = 150
FORMATS = (".png", ".svg")
MOST_POINTS = 20_000
"""Of a line; more are not seen, and make an SVG that nobody opens."""


class CannotDraw(RuntimeError):
    """No picture can be made; says why."""


def check(path: Path) -> None:
    """
    Raises:
        CannotDraw: what draws is not installed, or the file is to be of a kind that is not drawn.
    """
    if path.suffix.lower() not in FORMATS:
        raise CannotDraw(f"--picture {path}: the name ends in neither .png nor .svg")
    if find_spec("matplotlib") is None:
        raise CannotDraw("--picture needs matplotlib; install it with: pip install 'guichet[what-if]'")


def draw(estimated: Sequence[Estimated], name: str, path: Path) -> None:
    """The same estimates give the same bytes.

    Raises:
        OSError: `path` cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "guichet", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=SIZE_IN, layout="constrained", facecolor="white")
        above, below = figure.subplots(2, 1)
        _lines(above, estimated, above_everything=False)
        above.set_title(f"{name}: people inside", loc="left", fontsize=10, fontweight="bold")
        busiest = _busiest_day(estimated)
        _lines(below, busiest, above_everything=True)
        day = busiest[0].row.at.date()
        below.set_title(f"The busiest day, {day.isoformat()}", loc="left", fontsize=10, fontweight="bold")
        below.legend(loc="upper left", frameon=False, ncols=4)
        figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _busiest_day(estimated: Sequence[Estimated]) -> list[Estimated]:
    crossings = Counter[object]()
    for it in estimated:
        crossings[it.row.at.date()] += it.row.counted
    busiest = max(crossings, key=lambda day: crossings[day])
    return [it for it in estimated if it.row.at.date() == busiest]


def _lines(axes: "Axes", estimated: Sequence[Estimated], *, above_everything: bool) -> None:
    """In the picture of a day the bare count begins at the estimate, so that it stays in sight."""
    shown = estimated[:: len(estimated) // MOST_POINTS + 1]
    dates: Any = import_module("matplotlib.dates")  # its functions have no types
    at = dates.date2num([it.known_at for it in shown])
    offset = shown[0].value - shown[0].raw if above_everything else 0.0
    axes.fill_between(
        at, [it.lower for it in shown], [it.upper for it in shown],
        step="post", color=BLUE, alpha=0.22, linewidth=0, label="between the bounds",
    )  # fmt: skip
    axes.step(at, [it.value for it in shown], where="post", color=BLUE, linewidth=1.3, label="estimate")
    raw = [it.raw + offset for it in shown]
    axes.step(at, raw, where="post", color=GREY, linewidth=0.8, linestyle="--", label="counted, not corrected")
    known = [(it.known_at, it.row.true_people) for it in shown if it.row.true_people is not None]
    if known:
        instants, people = dates.date2num([at for at, _ in known]), [people for _, people in known]
        axes.step(instants, people, where="post", color=VERMILION, linewidth=1.0, linestyle=":", label="truth")
    axes.margins(x=0.01, y=0.12)  # above, for what the lines are called
    axes.set_ylim(bottom=min(0.0, min(raw)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#E8E8E8", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8)
    locator = dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
