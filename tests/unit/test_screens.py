"""The pages of boards and signs where more languages are spoken than have room beside each other."""

import asyncio
import re

import pytest
from msgspec.structs import replace

from edge.display import Moment
from edge.roles.board import BoardPicture, board_picture
from edge.roles.sign import sign_picture
from edge.screens.app import PING_EVERY_S, screens_app
from edge.screens.pages import Pages
from edge.screens.screen import Screen
from simulator.asgi_client import AsgiClient
from simulator.clock import Now, run_virtual
from tests.displays import START_AT, a_board, a_sign
from wire.messages import Notice
from words import LANGUAGES

HEARD = Moment(now_s=0.0, now_at=START_AT, news_at=None, is_silent=False)
UNHEARD = Moment(now_s=0.0, now_at=None, news_at=None, is_silent=True)
PAGES = Pages()


def a_picture(*languages: str) -> BoardPicture:
    return replace(board_picture(a_board([]), HEARD), languages=languages)


def spoken(html: str) -> str:
    """The languages of the first column's head, as they stand there."""
    head = re.search('<p class="heads"><span>(.*?)</span></span>', html)
    return " ".join(re.findall('lang="(..)"', head[1])) if head else ""


@pytest.mark.parametrize(
    ("languages", "turns"),
    [
        ("fr", ["fr", "fr"]),
        ("fr en", ["fr en", "fr en"]),
        ("de fr it", ["de fr", "it de", "fr it", "de fr"]),
        ("de fr it en", ["de fr", "it en", "de fr"]),
    ],
)
def test_two_languages_stand_side_by_side_and_more_take_turns(languages: str, turns: list[str]) -> None:
    picture = a_picture(*languages.split())
    assert [spoken(PAGES.fragment("board-1", picture, turn)) for turn in range(len(turns))] == turns


def test_who_has_not_heard_the_hub_yet_says_so_in_every_language_that_there_is() -> None:
    silent = board_picture(None, UNHEARD)
    said = "".join(PAGES.fragment("board-1", silent, turn) for turn in range(len(LANGUAGES)))
    assert set(re.findall('lang="(..)"', said)) == set(LANGUAGES)


def test_a_browser_is_sent_the_languages_whose_turn_it_is() -> None:
    async def story(now: Now) -> None:
        screen = Screen()
        screen.draw(a_picture("de", "fr", "it", "en"))
        app = screens_app({"board-1": screen}, matrices={}, heard=lambda _: None)
        async with AsgiClient(app).stream_events("/board-1/live") as events:
            await anext(events)  # the version of the page
            first, *turns = [spoken((await anext(events)).data) for _ in range(4)]
            assert turns in (["it en", "de fr", "it en"], ["de fr", "it en", "de fr"])
            assert first != turns[0]
            before_s = asyncio.get_running_loop().time()
            await anext(events)
            assert asyncio.get_running_loop().time() - before_s == pytest.approx(PING_EVERY_S)
            screen.draw(a_picture("de"))
            assert spoken((await anext(events)).data) == "de"
            assert (await anext(events)).name == "ping", "one language has nobody to take turns with"

    run_virtual(story, seed=1, start_at=START_AT)


def test_a_notice_stands_on_board_and_sign_and_never_when_it_may_be_old() -> None:
    notice = Notice(text={"fr": "L’ascenseur est en panne", "en": "The lift is out of order"})
    board = board_picture(replace(a_board([]), notices=[notice]), HEARD)
    sign = sign_picture(replace(a_sign(), notices=[notice]), HEARD)
    for picture in (board, sign):
        now, later = PAGES.fragment("board-1", picture, 0).split("<template>")
        assert '<span lang="fr">L’ascenseur est en panne</span> <span lang="en">The lift is out of order</span>' in now
        assert "ascenseur" not in later
