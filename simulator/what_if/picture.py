"""A comparison as a picture: on the left what a day is like, on the right its difference to the first scenario.

A scenario is told by its place, its marker and its colour, and a difference that is not clear by a hollow marker. The
colours are those of Okabe and Ito, which people see apart whose eyes tell red and green poorly.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.what_if.compare import MEASURES, Answer, Comparison, Measure
from simulator.what_if.intervals import Interval
from simulator.what_if.table import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
INK = "#222222"
FAINT = "#BBBBBB"
WIDTH_IN = 10.0
ROW_IN = 0.27
"""Of one scenario in one measure."""
HEAD_IN = 0.62
"""Of one measure, above and below its rows."""
FRAME_IN = 1.1
DPI = 150


class NoMatplotlib(RuntimeError):
    """What draws is not installed."""


def check() -> None:
    """
    Raises:
        NoMatplotlib: nothing can be drawn; with what to install.
    """
    if find_spec("matplotlib") is None:
        raise NoMatplotlib("--out: the picture needs matplotlib; install it with: pip install 'guichet[what-if]'")


def draw(comparison: Comparison, folder: Path) -> list[Path]:
    """Write `compare.png` and `compare.svg` into `folder`; the same comparison gives the same bytes.

    Raises:
        OSError: `folder` cannot be written.
    """
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "guichet", "svg.fonttype": "none", "font.size": 9, "text.color": INK}):
        figure = _figure(comparison)
        png, svg = folder / "compare.png", folder / "compare.svg"
        figure.savefig(png, dpi=DPI)
        figure.savefig(svg, metadata={"Date": None})
    return [png, svg]


def _figure(comparison: Comparison) -> "Figure":
    from matplotlib.figure import Figure

    rows = len(comparison.outcomes)
    height_in = FRAME_IN + len(MEASURES) * (HEAD_IN + rows * ROW_IN)
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(h_pad=0.06, w_pad=0.1)  # type: ignore[union-attr, call-arg]  # the constrained one
    axes = figure.subplots(len(MEASURES), 2, squeeze=False, width_ratios=[1.15, 1.0])
    for (left, right), measure in zip(axes, MEASURES, strict=True):
        answers = [outcome.answers[measure.id] for outcome in comparison.outcomes]
        names = [outcome.name for outcome in comparison.outcomes]
        _draw_days(left, measure, names, [it.days for it in answers])
        _draw_differences(right, answers)
    first = comparison.outcomes[0].name
    axes[0][1].set_title(f"Difference to “{first}”, the same days", loc="left", fontsize=10, fontweight="bold")
    figure.suptitle(
        f"Means of {comparison.days} days with their {comparison.level:.0%} intervals. "
        f"Inside: {comparison.room}.\nA hollow marker: the difference may be chance.",
        x=0.01, ha="left", fontsize=9.5,
    )  # fmt: skip
    return figure


def _draw_days(axes: "Axes", measure: Measure, names: Sequence[str], days: Sequence[Interval | None]) -> None:
    _prepare(axes, len(names))
    axes.set_yticks(range(len(names)), names)
    axes.set_title(f"{measure.name} ({measure.unit})", loc="left", fontsize=10, fontweight="bold")
    for row, it in enumerate(days):
        _draw(axes, row, it, is_hollow=False, signed=False)
    highest = max((it.high for it in days if it is not None), default=0.0)
    axes.set_xlim(0, highest * 1.22 or 1.0)  # wide enough for the number beside the topmost interval


def _draw_differences(axes: "Axes", answers: Sequence[Answer]) -> None:
    _prepare(axes, len(answers))
    axes.set_yticks([])
    axes.axvline(0, color=INK, linewidth=0.8)
    reach = 0.0
    for row, answer in enumerate(answers):
        it = answer.difference
        if it is not None:
            reach = max(reach, abs(it.low), abs(it.high))
            _draw(axes, row, it, is_hollow=not answer.is_distinguishable, signed=True)
    axes.set_xlim(-reach * 1.45 or -1.0, reach * 1.45 or 1.0)


def _prepare(axes: "Axes", rows: int) -> None:
    """The first scenario stands above, and there are no lines that say nothing."""
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.tick_params(axis="x", color=FAINT, labelsize=8)
    axes.grid(axis="x", color="#E8E8E8", linewidth=0.7)
    axes.set_axisbelow(True)


def _draw(axes: "Axes", row: int, it: Interval | None, *, is_hollow: bool, signed: bool) -> None:
    """A marker at the mean, a line from one end of the interval to the other, and the number behind it."""
    if it is None:
        axes.text(0, row, " no figure", va="center", color=INK, fontsize=8)
        return
    colour, marker = COLOURS[row % len(COLOURS)], MARKERS[row % len(MARKERS)]
    axes.plot([it.low, it.high], [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
    face = "white" if is_hollow else colour
    axes.plot(
        [it.mean],
        [row],
        marker=marker,
        markersize=6.5,
        color=colour,
        markerfacecolor=face,
        markeredgewidth=1.4,
        clip_on=False,
    )
    said = number(it.mean, signed=signed)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    axes.annotate(said, (it.high, row), (7, 0), textcoords="offset points", va="center", fontsize=8.5, bbox=box)
