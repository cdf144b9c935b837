"""An evacuation as people see and hear it on signs, boards, phones and speakers, and how it is ordered and ended."""

import pytest
from msgspec.structs import replace

from edge.display import Moment
from edge.drivers.matrix import picture_columns
from edge.roles.board import board_picture
from edge.roles.sign import SignState, sign_picture
from hub.accounts.rights import Role
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.inputs import CountPeople, Evacuate, IssueTicket
from hub.keyring import Keyring, token_hash
from tests.accounts import a_session, an_account, an_office
from tests.displays import START_AT, a_board, a_call, a_sign
from tests.edge_stage import Stage, on_stage
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, a_browser, a_visitor, an_app
from wire.messages import Gate, GateState
from words import LANGUAGES, spoken

HEARD = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT, is_silent=False)
SILENT = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT, is_silent=True)
OWN = {"sec-fetch-site": "same-origin"}
API = "/api/v1/sites/hall/evacuation"
SAID = {
    "en": "Please leave the building calmly",
    "fr": "Veuillez quitter le bâtiment calmement",
    "de": "Bitte verlassen Sie das Gebäude ruhig",
    "it": "Lasci l’edificio con calma, per favore",
}


def test_a_sign_asks_people_to_leave_and_offers_no_ticket_also_while_the_hub_is_silent() -> None:
    view = replace(a_sign(Gate.COME_IN, invited=["A001"]), room_state=GateState.EVACUATE)
    for moment in (HEARD, SILENT):
        picture = sign_picture(view, moment)
        assert (picture.state, picture.join_url, picture.invited) == (SignState.LEAVE, "", ())


def test_a_board_shows_no_calls_and_leds_say_exit_in_the_lobbys_language() -> None:
    view = replace(a_board([a_call("A001", "3")], languages=("it", "de")), room_state=GateState.EVACUATE)
    picture = board_picture(view, HEARD)
    assert (picture.leaves, picture.calls) == (True, ())
    assert board_picture(view, SILENT).leaves
    with_call = replace(view, room_state=GateState.OPEN)
    assert picture_columns(picture, 64) != picture_columns(board_picture(with_call, HEARD), 64)
    assert any(picture_columns(picture, 64))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_each_language(language: str) -> None:
    assert spoken.leave(language).startswith(SAID[language])


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(a_lobby(limit_people=5, admitted=True, languages=LANGUAGES))
    for entered in (0, 3):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))
    return site


@pytest.mark.parametrize("language", LANGUAGES)
async def test_phones_and_desks_say_it_in_each_language(site: MemorySite, language: str) -> None:
    keyring, ticket = Keyring(b"0123456789abcdef"), "t" * 22
    token = keyring.token(ticket)
    issue = IssueTicket(
        ticket=ticket, token_hash=token_hash(token), service="passports", language=language, channel="phone"
    )
    await site.submit(issue)
    await site.submit(Evacuate(by="facilities"))
    browser = a_browser(an_app(site), language=language)
    for page in (f"/t/{token}", "/hall/join"):
        assert SAID[language] in (await browser.get(f"{page}?lang={language}")).text
    desk = (await browser.get(f"/hall/desk/1?lang={language}")).text
    assert "leave-building" in desk


@pytest.mark.parametrize(
    ("role", "by"), [("facilities", "facilities"), ("manager", "manager"), ("admin", "admin"), ("staff", None)]
)
async def test_one_button_empties_the_building_and_the_journal_keeps_the_role_alone(
    site: MemorySite, role: str, by: str | None
) -> None:
    eve = an_account("eve", Role(role))
    office = an_office(eve, a_session(eve, "cookie-of-eve"))
    async with a_visitor(an_app(site, office=office)) as browser:
        browser.cookies.set("guichet", "cookie-of-eve")
        form = {"request_id": "r" * 22}
        answer = await browser.post("/hall/evacuation", data=form, headers=OWN)
        if by is None:
            assert answer.status_code == 403
            return
        assert answer.status_code == 303
        assert site.rows[-1][2] == EvacuationBegan(by=by)  # type: ignore[arg-type]
        assert site.done_for[-1] == "eve"
        page = (await browser.get("/hall/evacuation")).text
        assert "The building is being evacuated since 09:00." in page
        done = await browser.post(
            "/hall/evacuation/end", data={"request_id": "s" * 22, "people-main": "2"}, headers=OWN
        )
        assert done.status_code == 303
        assert isinstance(site.rows[-1][2], EvacuationEnded)
        assert site.day.rooms["main"].people == 2


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Nobody has to leave the building."),
        ("fr", "Aucune évacuation n’est en cours."),
        ("de", "Niemand muss das Gebäude verlassen."),
        ("it", "Nessuna evacuazione è in corso."),
    ],
)
async def test_when_all_is_well_no_language_forbids_to_leave(site: MemorySite, language: str, sentence: str) -> None:
    """'Personne ne doit quitter' and 'nessuno deve lasciare' mean that nobody may."""
    assert sentence in (await a_browser(an_app(site)).get(f"/hall/evacuation?lang={language}")).text


async def test_no_page_promises_a_free_place_meanwhile(site: MemorySite) -> None:
    browser = a_browser(an_app(site))
    assert "2 free places" in (await browser.get("/hall/facilities")).text
    await site.submit(Evacuate(by="facilities"))
    for page in ("/hall/facilities", "/hall/floor", "/hall/wall/main"):
        text = (await browser.get(page)).text
        assert "free place" not in text, page
        assert "is-evacuate" in text, page


async def test_a_count_that_is_no_number_ends_nothing(site: MemorySite) -> None:
    await site.submit(Evacuate(by="facilities"))
    browser = a_browser(an_app(site))
    answer = await browser.post(
        "/hall/evacuation/end", data={"request_id": "s" * 22, "people-main": "some"}, headers=OWN
    )
    assert answer.status_code == 422
    assert site.day.evacuation is not None


async def test_programs_order_it_end_it_and_see_how_it_stands(site: MemorySite) -> None:
    program = a_browser(an_app(site))
    assert (await program.get(API)).json() == {"evacuated_since_at": None, "by": None}
    begun = (await program.put(API)).json()
    assert begun["by"] == "program"
    refused = await program.post("/api/v1/sites/hall/tickets", json={"service": "passports"})
    assert (refused.status_code, refused.json()["code"]) == (409, "evacuation")
    wrong = await program.post(f"{API}/end", json={"people": {"cellar": 1}})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "unknown-room")
    assert (await program.post(f"{API}/end", json={"people": {"main": 1}})).json()["evacuated_since_at"] is None
    assert (await program.get("/api/v1/sites/hall/rooms")).json()[0]["people"] == 1


async def test_the_report_tells_of_it_with_the_corrections_that_ended_it(site: MemorySite) -> None:
    await site.submit(Evacuate(by="facilities"))
    program = a_browser(an_app(site))
    site.after(600)
    await program.post(f"{API}/end", json={})
    told = (await program.get("/api/v1/sites/hall/rooms/report/2026-03-02")).json()
    (span,) = told["evacuations"]
    assert (span["by"], span["ended_by"]) == ("facilities", "program")
    assert told["rooms"][0]["corrections"][0]["why"] == "empty"


def test_the_loudspeaker_says_it_in_every_language_again_and_again_and_no_calls_until_it_is_over() -> None:
    async def scene(stage: Stage) -> None:
        leaves = a_board([a_call("A042", "3", stage.now())], languages=LANGUAGES)
        stage.show("speaker", replace(leaves, room_state=GateState.EVACUATE))
        await stage.wait(50)
        stage.show("speaker", a_board([a_call("A043", "3", stage.now())], languages=LANGUAGES))
        await stage.wait(60)

    said = on_stage(scene, [{"id": "speaker", "kind": "speaker", "languages": ["en"]}]).hands.speaker("speaker").said
    assert said[:4] == [f"{SAID[language]}." for language in LANGUAGES]
    assert said.count("Please leave the building calmly.") == 3
    assert [it for it in said if "Number" in it] == ["Number A, 0 4 3. Desk 3."]
