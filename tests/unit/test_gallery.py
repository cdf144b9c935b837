"""The gallery of devices: its page says what the code says, and every picture that it names is there."""

from PIL import Image

from tests.gallery.page import FOLDER, PAGE, SECTIONS, text


def test_the_page_of_devices_is_what_its_command_writes() -> None:
    assert PAGE.read_text("utf-8") == text(), "python -m tests.gallery writes it"


def test_every_picture_of_the_page_is_there_and_no_other() -> None:
    named = {name for section in SECTIONS for name in section.pictures}
    there = {file.stem: file for file in (PAGE.parent / FOLDER).glob("*.png")}
    assert set(there) == named
    for file in there.values():
        with Image.open(file) as picture:
            assert len(set(picture.convert("L").resize((64, 64)).tobytes())) > 8, f"{file.name} is blank"
