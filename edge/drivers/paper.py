"""A slip of the fake printer as a picture of paper, for a page."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from edge.drivers.fake_printer import Align, PrintedImage, PrintedLine, PrintedSlip

LETTER_PX = 12
LINE_PX = 30
FONT_PX = 20
"""Monospaced fonts are about three fifths as wide as high: this one's letters fill `LETTER_PX`."""
BASELINE = 0.72
"""Where letters stand in the height of a line."""
MARGIN_PX = 24
INK = "#1c1c1e"


def slip_svg(slip: PrintedSlip, columns: int) -> str:
    """`slip` on white paper of `columns` letters and a margin. Scales with its container, has no style of its own."""
    width_px, top_px, parts = columns * LETTER_PX, MARGIN_PX, []
    for row in slip.rows:
        if isinstance(row, PrintedLine):
            parts.append(_letters(row, width_px, top_px))
            top_px += LINE_PX * row.height
        else:
            parts.append(_dots(row, width_px, top_px))
            top_px += row.height_px
    outer_px, height_px = width_px + 2 * MARGIN_PX, top_px + MARGIN_PX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outer_px} {height_px}">'
        f'<rect width="{outer_px}" height="{height_px}" fill="#fdfdfb"/>{"".join(parts)}</svg>'
    )


def _letters(line: PrintedLine, width_px: int, top_px: int) -> str:
    if not line.text.strip():
        return ""
    text_px = len(line.text) * LETTER_PX * line.width
    baseline_px = top_px + round(LINE_PX * line.height * BASELINE)
    weight = ' font-weight="bold"' if line.is_bold else ""
    return (
        f'<text x="{_left_px(line.align, text_px, width_px)}" y="{baseline_px}" font-family="monospace"'
        f' font-size="{FONT_PX * line.height}"{weight} fill="{INK}" xml:space="preserve"'
        f' textLength="{text_px}" lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
    )


def _dots(image: PrintedImage, width_px: int, top_px: int) -> str:
    """Dots as rectangles, equal rows of dots together: a code of modules stays a short path."""
    stride = image.width_px // 8
    rows = [image.dots[start : start + stride] for start in range(0, len(image.dots), stride)]
    path, y = "", top_px
    for row, same in groupby(rows):
        height_px = len(list(same))
        for x, run_px in _black_runs(row):
            path += f"M{_left_px(image.align, image.width_px, width_px) + x} {y}h{run_px}v{height_px}h{-run_px}z"
        y += height_px
    return f'<path fill="{INK}" shape-rendering="crispEdges" d="{path}"/>'


def _black_runs(row: bytes) -> Iterator[tuple[int, int]]:
    """(first dot, number of dots) of each black run."""
    x = 0
    for bit, run in groupby(bit for byte in row for bit in f"{byte:08b}"):
        length = len(list(run))
        if bit == "1":
            yield x, length
        x += length


def _left_px(align: Align, piece_px: int, width_px: int) -> int:
    return MARGIN_PX + (width_px - piece_px) * align // 2
