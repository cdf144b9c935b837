"""Sheets: the same thing in each language, side by side, as one small picture."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

GAP_PX, CAPTION_PX = 16, 30
COLOURS = 96
"""Flat colours and smooth letters need no more, and a picture is a third of the size."""
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
PAPER, INK = "#e9ecef", "#16202c"


def sheet(pictures: Mapping[str, Image.Image], *, columns: int, width_px: int) -> Image.Image:
    """Captions to pictures, `columns` in a row, each `width_px` wide at most."""
    scaled = {caption: _scaled(picture, width_px) for caption, picture in pictures.items()}
    rows = [list(scaled.items())[start : start + columns] for start in range(0, len(scaled), columns)]
    heights = [max(picture.height for _, picture in row) for row in rows]
    height_px = GAP_PX + sum(height + CAPTION_PX + GAP_PX for height in heights)
    whole = Image.new("RGB", (GAP_PX + columns * (width_px + GAP_PX), height_px), PAPER)
    font = ImageFont.truetype(FONT, 17) if Path(FONT).exists() else ImageFont.load_default(17)
    y = GAP_PX
    for row, row_px in zip(rows, heights, strict=True):
        for column, (caption, picture) in enumerate(row):
            x = GAP_PX + column * (width_px + GAP_PX)
            ImageDraw.Draw(whole).text((x, y), caption, fill=INK, font=font)
            whole.paste(picture, (x, y + CAPTION_PX))
        y += CAPTION_PX + row_px + GAP_PX
    return whole


def of_bytes(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def keep(picture: Image.Image, file: Path) -> None:
    """Write it with few colours."""
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def _scaled(picture: Image.Image, width_px: int) -> Image.Image:
    picture = picture.convert("RGB")
    if picture.width <= width_px:
        return picture
    return picture.resize((width_px, round(picture.height * width_px / picture.width)), Image.Resampling.LANCZOS)
