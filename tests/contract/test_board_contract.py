"""What every board driver keeps, whatever it is made of: luma's dummy, the real MAX7219 class, a page.

The real class writes into a recorder, and the test turns its SPI bytes back into pixels with its own knowledge of the
chip: registers 1 to 8 are the digits, sent to all chips of the chain at once, the byte pair for the last chip first.
"""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from edge.drivers.fake_leds import FakeLeds
from edge.drivers.matrix import MatrixBoard, MatrixOptions, matrix_svg, on_serial, open_matrix
from edge.errors import DeviceFault
from edge.roles.board import BoardDriver, BoardPicture, CallPicture
from edge.screens.screen import Screen

# luma.led_matrix 1.9 reads pixels in a way that Pillow 14 takes away; the requirements keep Pillow below that.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")

DIGITS = 8
DECODE_MODE, SCAN_LIMIT, SHUTDOWN, DISPLAY_TEST = 0x09, 0x0B, 0x0C, 0x0F
INTENSITY = 0x0A
"""The chip's register of brightness, from 0 to 15."""
EMPTY = BoardPicture(
    title={"en": "Town hall"}, languages=("en",), calls=(), lines=(), clock="09:05", is_stale=False, news_at=""
)


def calling(number: str, desk: str, *, is_new: bool = False) -> BoardPicture:
    return replace(EMPTY, calls=(CallPicture(number, desk, is_new, {}),))


class Recorder:
    """A luma serial interface that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.is_gone = False

    def data(self, data: list[int]) -> None:
        if self.is_gone:
            raise OSError(5, "Input/output error")
        self.sent.append(list(data))

    def registers(self, modules: int) -> dict[int, int]:
        """What each chip of the chain holds beside its pixels, after all that was sent; the same in all of them."""
        held: dict[int, int] = {}
        for frame in self.sent:
            if frame[0] > DIGITS:
                assert frame == frame[:2] * modules
                held[frame[0]] = frame[1]
        return held

    def cleanup(self) -> None:
        pass


def art(rows: list[list[bool]]) -> str:
    return "\n".join("".join("#" if lit else "." for lit in row) for row in rows)


def art_of_image(board: MatrixBoard) -> str:
    image = board.image
    return art([[bool(image.getpixel((x, y))) for x in range(image.width)] for y in range(image.height)])


def art_of_spi(sent: list[list[int]], modules: int) -> str:
    """The lit LEDs after all of `sent`. A chip lights digit `d` as column `d` of its module, bit 0 topmost."""
    pixels = [[False] * (8 * modules) for _ in range(8)]
    for frame in sent:
        assert len(frame) == 2 * modules
        for position in range(modules):
            register, byte = frame[2 * position], frame[2 * position + 1]
            if 1 <= register <= 8:
                # The pair sent first is pushed through to the far end of the chain, which is the rightmost module.
                column = 8 * (modules - 1 - position) + register - 1
                for y in range(8):
                    pixels[y][column] = bool(byte >> y & 1)
    return art(pixels)


GOLDEN_NEW = """\
.###.....#...###.....................#.....................####.
#...#...##..#...#.....................#........................#
#...#..#.#......#......................#.......................#
#####.#..#.....#..................#######...................###.
#...#.#####...#........................#.......................#
#...#....#...#........................#........................#
#...#....#..#####....................#.....................####.
..................########################################......"""

GOLDEN_NARROW = """\
.#...#..#.#.##............#..##.
#.#.##..#.#...#...#......##....#
#.#..#..#.#...#...##......#....#
###..#..###..#....###.....#...#.
#.#..#....#.#.....##......#..#..
#.#..#....#.#.....#.......#..#..
#.#.###...#.###..........###.###
................................"""

GOLDEN_STALE = """\
...............###.......###...###.....###..#####...............
..............#...#.....#...#.#...#.#.#...#.#...................
..................#.....#...#.#...#.#.#...#.####................
.................#......#...#..####...#...#.....#...............
................#.......#...#.....#.#.#...#.....#...............
........................#...#....#..#.#...#.#...#...............
................#........###...##......###...###................
................................................................"""


# --- every driver ----------------------------------------------------------------------------------------------


def fake_matrix() -> BoardDriver:
    return open_matrix(MatrixOptions(), fake=FakeLeds(8))


def real_matrix() -> BoardDriver:
    return on_serial(Recorder(), MatrixOptions())


@pytest.fixture(params=[fake_matrix, real_matrix, Screen])
def driver(request: pytest.FixtureRequest) -> BoardDriver:
    make: Callable[[], BoardDriver] = request.param
    return make()


def test_a_driver_says_how_many_calls_it_shows(driver: BoardDriver) -> None:
    assert driver.calls_shown in (1, None)


@pytest.mark.parametrize(
    "picture",
    [
        EMPTY,
        calling("A42", "3", is_new=True),
        calling("Ω€", "guichet n° 7, premier étage, à droite après l’escalier"),
        calling("", ""),
        replace(calling("A42", "3"), is_lit=False),
        replace(calling("A42", "3"), contrast=255),
        EMPTY.gone_stale(),
        BoardPicture({}, (), (), (), clock="", is_stale=True, news_at=""),
        replace(calling("A42", "3"), name="board-1/board"),
    ],
    ids=["empty", "a call", "strange letters", "no letters", "dark", "bright", "stale", "never heard", "named"],
)
def test_a_driver_takes_every_picture_and_can_be_closed(driver: BoardDriver, picture: BoardPicture) -> None:
    driver.draw(picture)
    driver.draw(picture)
    driver.close()


# --- LEDs ------------------------------------------------------------------------------------------------------

PICTURES = [EMPTY, calling("A42", "3", is_new=True), calling("B107", "12"), EMPTY.gone_stale()]


@pytest.mark.parametrize("modules", [4, 8, 12])
@pytest.mark.parametrize("picture", PICTURES)
def test_the_chips_light_what_the_dummy_shows(picture: BoardPicture, modules: int) -> None:
    options = MatrixOptions(modules=modules)
    recorder = Recorder()
    fake, real = open_matrix(options, fake=FakeLeds(options.modules)), on_serial(recorder, options)
    fake.draw(picture)
    recorder.sent.clear()
    real.draw(picture)
    assert art_of_spi(recorder.sent, modules) == art_of_image(fake) == art_of_image(real)


def test_modules_that_are_turned_and_wired_from_the_left_light_the_same_picture() -> None:
    modules, picture = 4, calling("A42", "3")
    upright = open_matrix(MatrixOptions(modules=modules), fake=FakeLeds(modules))
    upright.draw(picture)
    recorder = Recorder()
    on_serial(recorder, MatrixOptions(modules=modules, turned_deg=180, reversed=True)).draw(picture)
    as_wired = art_of_spi(recorder.sent, modules).split("\n")
    # Turning every module by half a turn and naming them from the other end is turning the whole row.
    turned = "\n".join(row[::-1] for row in reversed(as_wired))
    assert turned == art_of_image(upright)


def test_a_new_call_reads_from_across_the_hall() -> None:
    board = open_matrix(MatrixOptions(), fake=FakeLeds(8))
    board.draw(calling("A42", "3", is_new=True))
    assert art_of_image(board) == GOLDEN_NEW


def test_four_modules_hold_a_long_call_in_narrow_letters() -> None:
    board = open_matrix(MatrixOptions(modules=4), fake=FakeLeds(4))
    board.draw(calling("A142", "12"))
    assert art_of_image(board) == GOLDEN_NARROW


def test_a_silent_hub_replaces_the_call_by_a_question_mark_and_the_time_of_the_last_news() -> None:
    board = open_matrix(MatrixOptions(), fake=FakeLeds(8))
    board.draw(calling("A42", "3", is_new=True).gone_stale())
    assert art_of_image(board) == GOLDEN_STALE


def test_a_letter_without_a_glyph_is_a_chequered_block_and_accents_are_dropped() -> None:
    board = open_matrix(MatrixOptions(), fake=FakeLeds(8))
    board.draw(calling("É€", "1"))
    rows = art_of_image(board).split("\n")
    assert [row[:11] for row in rows[:2]] == ["##### #.#.#".replace(" ", "."), "#.... .#.#.".replace(" ", ".")]


@pytest.mark.parametrize(
    ("modules", "shown"),
    [(12, "hall-1/leds"), (8, "hall-1/leds"), (4, "leds")],
    ids=["wide", "narrow", "without its node"],
)
def test_a_board_that_is_looked_for_shows_its_name_whatever_else_it_would_show(modules: int, shown: str) -> None:
    board = open_matrix(MatrixOptions(modules=modules), fake=FakeLeds(modules))
    board.draw(replace(calling("A42", "3", is_new=True), is_lit=False, is_stale=True, name="hall-1/leds"))
    named = art_of_image(board)
    assert "#" in named
    board.draw(replace(EMPTY, clock=shown))
    assert named == art_of_image(board)


def test_a_name_that_is_too_long_for_its_leds_shows_its_beginning() -> None:
    board = open_matrix(MatrixOptions(modules=2), fake=FakeLeds(2))
    board.draw(replace(EMPTY, name="hall-1/leds-above-the-stairs"))
    assert "#" in art_of_image(board)


def test_in_its_dark_moments_a_board_is_dark() -> None:
    board = open_matrix(MatrixOptions(), fake=FakeLeds(8))
    board.draw(replace(calling("A42", "3", is_new=True), is_lit=False))
    assert "#" not in art_of_image(board)


@pytest.mark.parametrize(("contrast", "level"), [(0, 0), (112, 7), (255, 15)])
def test_the_chips_are_told_how_bright_to_be(contrast: int, level: int) -> None:
    recorder = Recorder()
    board = on_serial(recorder, MatrixOptions(modules=4, contrast=200))
    board.draw(EMPTY)
    assert recorder.registers(4)[INTENSITY] == 200 >> 4
    for picture in (replace(EMPTY, contrast=contrast), EMPTY):
        board.draw(picture)
        assert recorder.registers(4)[INTENSITY] == level


def test_chips_that_have_forgotten_how_to_work_know_it_again_with_the_next_picture() -> None:
    recorder = Recorder()
    board = on_serial(recorder, MatrixOptions(modules=4))
    board.draw(replace(EMPTY, contrast=48))
    settled = recorder.registers(4)
    assert settled == {INTENSITY: 3, SCAN_LIMIT: 7, DECODE_MODE: 0, DISPLAY_TEST: 0, SHUTDOWN: 1}
    recorder.sent.clear()
    board.draw(EMPTY)
    assert recorder.registers(4) == settled


def test_a_bus_that_is_gone_is_a_fault_that_says_what_it_needs() -> None:
    recorder = Recorder()
    board = on_serial(recorder, MatrixOptions())
    recorder.is_gone = True
    with pytest.raises(DeviceFault, match="check its SPI wiring"):
        board.draw(EMPTY)


def test_without_an_spi_bus_opening_fails_with_what_to_do() -> None:
    with pytest.raises(DeviceFault, match="enable SPI"):
        open_matrix(MatrixOptions(spi_port=1, spi_device=1))


def test_the_svg_has_a_dot_for_every_led() -> None:
    board = open_matrix(MatrixOptions(modules=4), fake=FakeLeds(4))
    board.draw(EMPTY)
    svg = matrix_svg(board.image)
    assert svg == board.svg()
    lit, dark = svg.split("<path")[2].count("M"), svg.split("<path")[1].count("M")
    assert lit == art_of_image(board).count("#")
    assert lit + dark == 8 * 32


def test_a_bus_that_breaks_is_a_fault_that_says_what_to_look_at_and_the_next_picture_is_shown() -> None:
    leds = FakeLeds(8)
    board = open_matrix(MatrixOptions(), fake=leds)
    leds.is_broken = True
    with pytest.raises(DeviceFault, match="check its SPI wiring and power"):
        board.draw(EMPTY)
    leds.is_broken = False
    board.draw(EMPTY)
    assert any(set(line) - {"·"} for line in board.lines())
