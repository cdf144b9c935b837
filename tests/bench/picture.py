"""The figures as a picture: how much of each bar they use, and how they compare to what stands beside them."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from tests.bench.figures import Figure
from tests.bench.telling import told

INK, FAINT = "#222222", "#BBBBBB"
MET, MISSED = "#0072B2", "#D55E00"
"""Of Okabe and Ito, which people see apart whose eyes tell red and green poorly; and missed is hollow."""
LEAST = 0.01
"""What uses less of its bar than this is drawn there."""
WIDTH_IN, ROW_IN, FRAME_IN = 10.0, 0.34, 1.0
DPI = 150


def draw(figures: Sequence[Figure], file: Path) -> None:
    """Every figure that has a bar, into `file`; the same figures give the same bytes.

    Raises:
        ValueError: `file` is named like no kind of picture that is known.
    """
    shown = [it for it in figures if it.row.has_bar]
    with rc_context({"svg.hashsalt": "guichet", "svg.fonttype": "none", "font.size": 9, "text.color": INK}):
        drawing = Drawing(figsize=(WIDTH_IN, FRAME_IN + len(shown) * ROW_IN), layout="constrained", facecolor="white")
        axes = drawing.subplots()
        _prepare(axes, [it.name for it in shown])
        for row, it in enumerate(shown):
            _draw(axes, row, it)
        metadata = {"Date": None} if file.suffix == ".svg" else None
        drawing.savefig(file, dpi=DPI, metadata=metadata)


def _prepare(axes: Axes, names: Sequence[str]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(LEAST, 100)
    axes.set_xticks([0.01, 0.1, 1, 10], ["1 %", "10 %", "the bar", "10 ×"])
    axes.minorticks_off()
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.grid(axis="x", color="#E8E8E8", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.axvline(1, color=INK, linewidth=1.0)
    axes.set_title("How much of its bar each figure uses; right of the line is too much", loc="left", fontsize=10)


def _draw(axes: Axes, row: int, it: Figure) -> None:
    """A line to the share that is nearest to too much, and the figure itself behind it."""
    share = max(LEAST, *it.shares)
    colour = MET if it.meets else MISSED
    axes.plot([LEAST, share], [row, row], color=colour, linewidth=3, solid_capstyle="butt")
    face = colour if it.meets else "white"
    axes.plot([share], [row], marker="o", markersize=7, color=colour, markerfacecolor=face, markeredgewidth=1.6)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    axes.annotate(told(it), (share, row), (8, 0), textcoords="offset points", va="center", fontsize=8.5, bbox=box)
