"""The code of a door: the same on the sign and at the hub, good for a short while, and nobody else's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.inputs import IssueTicket
from hub.day.lobby import Device, DeviceKind, Lobby
from hub.day.refusal import Code, Refusal
from hub.door_codes import LATE_S, PASS_S, REMEMBERED_S, DoorCodes, ShownCode
from hub.keyring import Keyring
from tests.given import MONDAY_9H, a_lobby
from tests.sites import MemorySite
from wire import door_code

KEYRING = Keyring(b"0123456789abcdef")
DAY = date(2026, 3, 2)
SIGN = "door-1/sign"
STEP_S = 30


def codes(keyring: Keyring = KEYRING) -> DoorCodes:
    return DoorCodes(a_lobby(door_code="rotating"), keyring)


def code_at(at: datetime, *, site: str = "hall", sign: str = SIGN, day: date = DAY) -> str:
    """What that sign shows."""
    secret = KEYRING.door_secret(site, sign, day)
    return door_code.code_of(secret, STEP_S, door_code.step_at(at, STEP_S))


def after(seconds: float) -> datetime:
    return MONDAY_9H + timedelta(seconds=seconds)


def test_a_code_is_the_one_of_the_standard() -> None:
    """The second test vector of RFC 6238, appendix B, for SHA-256."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA===="
    assert door_code.code_of(secret, 30, door_code.step_at(datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC), 30)) == (
        "68084774"
    )


def test_what_a_sign_shows_is_good_while_it_shows_it_and_a_minute_longer() -> None:
    shown = code_at(MONDAY_9H)
    for seconds in (0, STEP_S - 1, STEP_S + LATE_S - 1):
        found = codes().look_up(shown, DAY, after(seconds))
        assert found == ShownCode(SIGN, door_code.step_at(MONDAY_9H, STEP_S))
    assert codes().look_up(shown, DAY, after(STEP_S + LATE_S)) is Code.DOOR_CODE_OLD


def test_an_old_code_is_known_to_be_old_for_an_hour() -> None:
    its = codes()
    shown = code_at(MONDAY_9H)
    assert its.look_up(shown, DAY, MONDAY_9H) == its.look_up(shown, DAY, after(STEP_S))
    assert its.look_up(shown, DAY, after(REMEMBERED_S)) is Code.DOOR_CODE_OLD
    assert its.look_up(shown, DAY, after(REMEMBERED_S + STEP_S)) is Code.DOOR_CODE_UNKNOWN


@pytest.mark.parametrize(
    "foreign",
    [
        code_at(MONDAY_9H, site="annex"),
        code_at(MONDAY_9H, sign="door-2/sign"),
        code_at(MONDAY_9H, day=DAY - timedelta(days=1)),
        code_at(after(STEP_S)),
        "",
        "1234",
        "not a code",
        "1" * 10_000,
        "١٢٣٤",
        "²²²²²²²²",
    ],
    ids=["of another site", "of another sign", "of yesterday", "of the future", "nothing", "short", "words", "long",
         "Arabic", "superscript"],
)  # fmt: skip
def test_a_foreign_code_is_not_known(foreign: str) -> None:
    assert codes().look_up(foreign, DAY, MONDAY_9H) is Code.DOOR_CODE_UNKNOWN


def test_every_door_and_every_day_has_a_secret_of_its_own() -> None:
    places = [("hall", SIGN, DAY), ("annex", SIGN, DAY), ("hall", "door-2/sign", DAY), ("hall", SIGN, date(2026, 3, 3))]
    secrets = {KEYRING.door_secret(*place) for place in places}
    secrets.add(Keyring(b"another key of 16").door_secret(*places[0]))
    assert len(secrets) == len(places) + 1


def test_each_sign_of_a_lobby_has_codes_that_are_good() -> None:
    lobby = a_lobby(door_code="rotating")
    other = Device(node="door-2", id="sign", kind=DeviceKind.SIGN, room="main")
    its = DoorCodes(Lobby(**{**vars(lobby), "devices": (*lobby.devices, other)}), KEYRING)
    for sign in (SIGN, "door-2/sign"):
        found = its.look_up(code_at(MONDAY_9H, sign=sign), DAY, MONDAY_9H)
        assert isinstance(found, ShownCode)
        assert found.sign == sign


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", " {}{} ", "{}\u00a0{}"])
def test_a_code_may_be_typed_with_blanks_and_in_any_digits(typed: str) -> None:
    shown = code_at(MONDAY_9H)
    in_arabic = shown.translate({ord("0") + n: 0x660 + n for n in range(10)})
    for digits in (shown, in_arabic):
        assert door_code.normal(typed.format(digits[:4], digits[4:])) == shown


def test_a_hub_that_was_started_again_knows_the_codes_of_before() -> None:
    assert isinstance(codes().look_up(code_at(MONDAY_9H), DAY, after(STEP_S)), ShownCode)


# --- passes ----------------------------------------------------------------------------------------------------


def a_pass() -> str:
    return codes().pass_for(ShownCode(SIGN, 59_000_000), DAY, MONDAY_9H)


def test_a_pass_is_good_for_ten_minutes() -> None:
    assert PASS_S == 600
    assert codes().code_of_pass(a_pass(), DAY, after(PASS_S - 1)) == f"{SIGN}/59000000"
    assert codes().code_of_pass(a_pass(), DAY, after(PASS_S)) == ""


def test_a_pass_ends_with_the_service_day_of_its_code() -> None:
    tomorrow = DAY + timedelta(days=1)
    assert codes().code_of_pass(a_pass(), tomorrow, after(1)) == "", "its uses are counted by the day that is over"


def test_a_pass_says_nothing_of_who_has_it() -> None:
    assert a_pass() == a_pass(), "everybody who scans a code gets the same one"


def test_a_pass_that_was_changed_or_made_elsewhere_is_none() -> None:
    good = a_pass()
    longer = good.replace(str(int(MONDAY_9H.timestamp()) + PASS_S), str(int(MONDAY_9H.timestamp()) + 10 * PASS_S))
    assert longer != good
    elsewhere = codes(Keyring(b"another key of 16")).pass_for(ShownCode(SIGN, 59_000_000), DAY, MONDAY_9H)
    of_another_site = KEYRING.sealed(f"pass/annex/{DAY}", good.rpartition(".")[0])
    for bad in (longer, elsewhere, of_another_site, good[:-1], "", ".", "é.é", "x" * 10_000):
        assert codes().code_of_pass(bad, DAY, MONDAY_9H) == ""


# --- the day ---------------------------------------------------------------------------------------------------


def test_who_joined_with_which_code_is_forgotten_with_the_day() -> None:
    site = MemorySite(a_lobby(door_code="rotating"))
    join = IssueTicket(
        ticket="t1", token_hash="h1", service="passports", language="en", channel="phone", door_code=f"{SIGN}/59000000"
    )
    decided = decide(site.day, join, site.now)
    assert not isinstance(decided, Refusal)
    for event in decided:
        apply(site.day, event, site.now, 2)
    assert site.day.door_joins == {f"{SIGN}/59000000": 1}
    site.begin_the_next_day()
    assert site.day.door_joins == {}
