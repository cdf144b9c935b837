"""Draws every device and writes `docs/devices.md` with the pictures: python -m tests.gallery"""

import asyncio
import sys
from pathlib import Path

from PIL import Image

from tests.gallery import pages, still
from tests.gallery.page import FOLDER, PAGE, text
from tests.gallery.sheets import keep


async def drawn() -> dict[str, Image.Image]:
    """All pictures by the names of their files."""
    async with pages.chromium() as browser:
        found = {"board": await pages.boards(browser), "sign": await pages.signs(browser)}
        found["evacuation"] = await pages.evacuation(browser)
        found |= {f"kiosk-{step}": picture for step, picture in (await pages.kiosks(browser)).items()}
    return found | {
        "leds": still.leds(),
        "small-sign": still.small_signs(),
        "slip": still.slips(),
        "other-slips": still.other_slips(),
        "lamp": still.lamps(),
    }


def main() -> None:
    folder = PAGE.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in asyncio.run(drawn()).items():
        keep(picture, folder / f"{name}.png")
        sys.stdout.write(f"{Path(FOLDER, name)}.png  {picture.width} x {picture.height}\n")
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
