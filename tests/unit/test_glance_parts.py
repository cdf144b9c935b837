"""From what stands in a lobby to the parts of the glance page."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from edge.drivers.fake_printer import PrintedCode, PrintedImage, PrintedLine, PrintedSlip
from simulator.glance.parts import dot_runs, parts_of, slip_html
from simulator.glance.scene import DeskLook, DeskPlace, Look, RoomLook, RoomPlace, Stage
from wire.messages import PanelState

STAGE = Stage(
    name={"en": "Town hall", "fr": "Mairie"},
    languages=("en", "fr"),
    speed=1.0,
    sign="",
    facilities="/hall/facilities",
    boards=(),
    leds=({"en": "Hall"},),
    desks=(DeskPlace(id="one", name="1", page="/hall/desk/one", has_panel=True),),
    rooms=(RoomPlace(id="main", name={"en": "Hall"}, limit_people=30),),
    paper_columns=42,
)
LOOK = Look(
    clock_at=datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC),
    seq=40,
    waiting=3,
    calls=12,
    messages_per_s=4.26,
    commits_per_s=120.4,
    leds=("<svg/>",),
    desks=(DeskLook(state=PanelState.CALLED, number="A012", waiting=3, is_lit=True),),
    rooms=(RoomLook(people=None, entered=0, left=0),),
    phone="/t/abc",
    slip=PrintedSlip((PrintedLine("A<13>", width=6, height=6, is_bold=True),)),
)


def test_every_part_carries_the_id_of_its_element() -> None:
    parts = parts_of(LOOK, STAGE, "en")

    assert list(parts) == ["figures", "phone", "facilities", "led-0", "desk-one", "room-main", "slips"]
    assert parts["desk-one"] == {"state": "called", "said": "calling", "number": "A012", "waiting": "3", "lit": "yes"}
    assert parts["phone"] == {"page": "/t/abc?lang=en"}
    assert parts["facilities"] == {"now": "40-09:05"}
    assert parts["figures"] == {
        "clock": "09:05", "second": "07", "waiting": "3", "calls": "12", "messages": "4.3", "commits": "120",
    }  # fmt: skip


def test_people_who_are_not_known_are_not_shown_as_none() -> None:
    unknown = parts_of(LOOK, STAGE, "en")["room-main"]
    known = parts_of(replace(LOOK, rooms=(RoomLook(people=0, entered=4, left=4),)), STAGE, "fr")["room-main"]

    assert unknown == {"people": "", "count": "not counted yet", "entered": "0", "left": "0"}
    assert known == {"people": "0", "count": "0 personnes sur 30", "entered": "4", "left": "4"}


def test_what_stands_on_a_slip_is_text_and_never_markup() -> None:
    slip = parts_of(LOOK, STAGE, "en")["slips"]

    assert not isinstance(slip, str)
    assert slip["html"] == '<p class="line size-6 bold">A&lt;13&gt;</p>'


def test_a_code_that_the_printer_drew_is_seen_on_the_slip() -> None:
    html = slip_html(PrintedSlip((PrintedCode("https://example.org/t/1", "M", 7),)))

    assert html.startswith('<svg class="dots" viewBox="0 0 176 175"')
    assert "M0 0h49v7h-49z" in html, "the outer edge of a corner: seven black modules"


@given(st.integers(1, 3), st.data())
def test_the_rectangles_of_a_picture_cover_its_black_dots_once(stride: int, data: st.DataObject) -> None:
    dots = data.draw(st.lists(st.binary(min_size=stride, max_size=stride), min_size=1, max_size=6))
    image = PrintedImage(stride * 8, len(dots), b"".join(dots))

    covered = [(x + i, y + j) for x, y, width, height in dot_runs(image) for i in range(width) for j in range(height)]

    black = [
        (x, y) for y, row in enumerate(dots) for x, bit in enumerate("".join(f"{it:08b}" for it in row)) if bit == "1"
    ]
    assert sorted(covered) == sorted(black)
