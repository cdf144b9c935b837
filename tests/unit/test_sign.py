"""What a door sign shows, as a function of the view and the moment."""

import asyncio
from datetime import UTC, timedelta

import pytest

from edge.display import Moment
from edge.roles.sign import Sign, SignPicture, SignState, rounded_wait_min, sign_picture
from simulator.clock import Now, run_virtual
from tests.displays import START_AT, HubOnAir, a_device, a_node, a_sign, at_work, shown
from wire.messages import Gate

HEARD = Moment(now_s=0.0, now_at=START_AT, news_at=None, is_silent=False)
SILENT = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT - timedelta(minutes=2), is_silent=True)


@pytest.mark.parametrize("gate", Gate)
def test_a_sign_says_what_the_hub_decided(gate: Gate) -> None:
    assert sign_picture(a_sign(gate), HEARD).state.value == gate.value


@pytest.mark.parametrize("gate", Gate)
def test_a_sign_that_hears_no_hub_never_says_come_in_and_offers_no_code(gate: Gate) -> None:
    picture = sign_picture(a_sign(gate), SILENT)
    assert picture.state is SignState.STALE
    assert picture.join_url == ""
    assert (picture.people, picture.free, picture.wait_min) == (None, None, None)
    assert picture.news_at == "08:58"


def test_who_is_invited_may_come_in_even_when_others_wait_or_the_lobby_has_closed() -> None:
    for gate in Gate:
        picture = sign_picture(a_sign(gate, invited=["A042", "B007"], outside=3), HEARD)
        assert (picture.state, picture.invited) == (SignState.COME_IN, ("A042", "B007"))
    assert sign_picture(a_sign(Gate.CLOSED, invited=["A042"]), HEARD).join_url == ""


def test_an_old_invitation_is_never_shown() -> None:
    picture = sign_picture(a_sign(Gate.COME_IN, invited=["A042"], outside=3), SILENT)
    assert (picture.state, picture.invited, picture.outside) == (SignState.STALE, (), 0)
    assert sign_picture(a_sign(invited=["A042"]), HEARD).gone_stale().invited == ()


def test_an_unknown_number_of_people_stays_unknown() -> None:
    picture = sign_picture(a_sign(Gate.WAIT, people=None), HEARD)
    assert (picture.people, picture.free) == (None, None)
    assert picture.state is SignState.WAIT


def test_a_closed_sign_offers_no_code() -> None:
    assert sign_picture(a_sign(Gate.CLOSED), HEARD).join_url == ""
    assert sign_picture(a_sign(Gate.WAIT), HEARD).join_url


def test_before_the_first_view_a_sign_is_stale() -> None:
    assert sign_picture(None, HEARD).state is SignState.STALE


@pytest.mark.parametrize(("wait_s", "told_min"), [(0, 0), (1, 1), (60, 1), (61, 2), (600, 10), (601, 15), (1501, 30)])
def test_waits_are_rounded_up_and_coarser_when_longer(wait_s: int, told_min: int) -> None:
    assert rounded_wait_min(wait_s) == told_min


def test_a_fresh_picture_knows_how_it_looks_when_nothing_more_is_heard() -> None:
    later = sign_picture(a_sign(), HEARD).gone_stale()
    assert (later.state, later.news_at, later.join_url) == (SignState.STALE, "09:00", "")


def test_a_sign_takes_its_invitation_back_when_the_hub_falls_silent() -> None:
    drawn: list[tuple[float, SignState]] = []

    class Paper:
        is_instant = True

        def draw(self, picture: SignPicture) -> None:
            drawn.append((asyncio.get_running_loop().time(), picture.state))

        def close(self) -> None:
            pass

    async def main(_: Now) -> None:
        hub = HubOnAir()
        sign = Sign(a_node(hub), a_device("sign"), Paper(), UTC)
        running = asyncio.create_task(at_work(sign))
        sign.show(shown(a_sign(Gate.COME_IN)))
        await asyncio.sleep(1)
        await hub.speak(5)  # last heard at 5 s
        await asyncio.sleep(5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run_virtual(main, seed=1, start_at=START_AT)
    assert [state for _, state in drawn] == [SignState.STALE, SignState.COME_IN, SignState.STALE]
    assert 8 <= drawn[-1][0] < 8.1
