"""The report of a day: limits, estimates, who was let in and who waited, alarms, and corrections with who made them."""

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec
import pytest

from hub.accounts.records import Act
from hub.accounts.rights import Role
from hub.day.inputs import ChangeLimit, CloseDay, CorrectPeople, CountPeople, Elapse, IssueTicket, NoteSilence
from hub.day.lobby import LimitSpan
from hub.day.report import DayReport, Recorder, RoomReport
from tests.accounts import a_session, an_account, an_office
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby
from tests.sites import MemorySite, a_browser, a_visitor, an_app

DAY = "2026-03-02"
PAGE, API = f"/hall/rooms/report/{DAY}", f"/api/v1/sites/hall/rooms/report/{DAY}"


def report_of(story: Story, now: datetime | None = None) -> DayReport:
    recorder = Recorder()
    for seq, (at, event) in enumerate(story.journal, start=1):
        recorder.take(event, at, seq)
    report = recorder.report("hall", now or story.now)
    assert report is not None
    return report


def room_of(story: Story) -> RoomReport:
    return report_of(story).rooms[0]


def a_full_hall() -> Story:
    """Two places; the third visitor waits a minute."""
    story = Story(a_lobby(limit_people=2, admitted=True)).with_open_desk().counted(0, 0)
    for _ in range(3):
        story.with_ticket()
        story.elapsed()
    story.counted(2, 0)
    story.after(60).counted(2, 1)
    story.elapsed()
    return story


def test_everybody_who_was_let_in_stands_there_with_the_numbers_that_allowed_it() -> None:
    told = [
        (it.number, it.kind, it.upper_people, it.reserved_people, it.limit_people)
        for it in room_of(a_full_hall()).admissions
    ]
    assert told == [("A001", "invited", 0, 0, 2), ("A002", "invited", 0, 1, 2), ("A003", "invited", 1, 0, 2)]


def test_whoever_had_to_wait_stands_there_and_who_was_invited_at_once_does_not() -> None:
    story = a_full_hall()
    waits = story.with_ticket(party_people=2)
    story.after(30).elapsed()
    first, second = room_of(story).holds
    assert (first.number, first.ended, first.taken_people) == ("A003", "invited", 2)
    assert first.until_at is not None
    assert first.until_at - first.from_at == timedelta(seconds=60)
    assert (second.number, second.until_at, second.party_people) == (waits.number, None, 2)


def test_limits_are_told_with_what_set_them() -> None:
    lobby = a_lobby(limit_people=10)
    lobby = replace(lobby, rooms=(replace(lobby.rooms[0], limits=(LimitSpan(hours="09:30-10:00", limit_people=6),)),))
    story = Story(lobby).counted(0, 0)
    story.after(1_800).elapsed()
    story.after(60).when(ChangeLimit(room="main", limit_people=4, why="safety"))
    told = [(it.limit_people, it.by, it.why) for it in room_of(story).limits]
    assert told == [(10, "file", ""), (6, "hour", ""), (4, "hand", "safety")]


def test_alarms_and_corrections_stand_there_with_what_was_thought_before() -> None:
    story = Story(a_lobby(limit_people=5, margin_per_crossing=0.1)).counted(0, 0).counted(7, 0)
    story.elapsed()
    story.after(120).when(CorrectPeople(room="main", people=3, why="counted"))
    story.elapsed()
    room = room_of(story)
    (alarm,), (row,) = room.alarms, room.corrections
    assert (alarm.highest_people, alarm.most_over_people) == (7, 2)
    assert alarm.until_at is not None
    assert alarm.until_at - alarm.from_at == timedelta(seconds=120)
    assert (row.before_lower, row.before_people, row.before_upper, row.people) == (6, 7, 8, 3)


def test_an_alarm_that_goes_on_stands_there_with_what_it_has_come_to() -> None:
    story = Story(a_lobby(limit_people=5)).counted(0, 0).counted(6, 0)
    story.elapsed()
    story.after(60).counted(12, 0).elapsed()
    (alarm,) = room_of(story).alarms
    assert (alarm.until_at, alarm.highest_people, alarm.most_over_people) == (None, 12, 7)


def test_a_correction_by_a_rule_stands_there_with_its_reason_and_nobodys_name() -> None:
    lobby = a_lobby(margin_per_crossing=0.1)
    lobby = replace(lobby, rooms=(replace(lobby.rooms[0], empty_at=("09:30",)),))
    story = Story(lobby).counted(0, 0).counted(7, 0)
    story.after(1_800).elapsed()
    (row,) = room_of(story).corrections
    assert (row.why, row.by, row.before_people, row.people, row.who) == ("schedule", "file", 7, 0, "")


def test_how_long_nobody_knew_is_told_from_the_first_number_on() -> None:
    story = Story(a_lobby()).after(600).counted(0, 0).after(60)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    story.after(300).when(NoteSilence(device=COUNTER, is_silent=False))
    assert room_of(story).unknown_s == 300


def test_a_day_that_is_over_tells_what_was_known_then_whenever_it_is_asked() -> None:
    story = a_full_hall()
    story.after(600).when(CloseDay())
    first = report_of(story)
    assert first.is_over
    assert report_of(story, now=story.now + timedelta(days=400)) == first
    assert first.last_seq == len(story.journal)


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(a_lobby(limit_people=5, admitted=True, languages=("en", "fr", "de", "it")))
    for entered in (0, 7):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))
        await site.submit(Elapse())
    ticket = IssueTicket(ticket="t" * 22, token_hash="h", service="passports", language="en", channel="phone")
    await site.submit(ticket)
    await site.after(300).submit(CorrectPeople(room="main", people=2, why="counted"))
    await site.submit(Elapse())
    await site.submit(Elapse())
    return site


async def test_the_page_names_who_corrected_a_count_and_the_journal_does_not(site: MemorySite) -> None:
    office = an_office()
    seq = next(n for n, row in enumerate(site.rows, start=1) if type(row[2]).__name__ == "PeopleCorrected")
    await office.register.write(Act(at=MONDAY_9H, who="ada", what="CorrectPeople", site="hall", place="main", seq=seq))
    page = (await a_browser(an_app(site, office=office)).get(PAGE)).text
    assert "<td>ada</td>" in page
    assert "7 (7–7)" in page
    assert "invited in" in page
    assert b"ada" not in msgspec.json.encode([row[2] for row in site.rows])


@pytest.mark.parametrize("language", ["en", "fr", "de", "it"])
async def test_the_page_speaks_each_language(site: MemorySite, language: str) -> None:
    page = (await a_browser(an_app(site), language=language).get(f"{PAGE}?lang={language}")).text
    said = {
        "en": "Who had to wait",
        "fr": "Qui a dû attendre",
        "de": "Wer vor der Tür",
        "it": "Chi ha dovuto attendere",
    }
    assert said[language] in page


async def test_programs_get_the_same_as_json_and_as_a_table(site: MemorySite) -> None:
    browser = a_browser(an_app(site))
    told = (await browser.get(API)).json()
    assert told["day"] == DAY
    assert told["rooms"][0]["alarms"][0]["most_over_people"] == 2
    answer = await browser.get(f"{API}/table")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="hall-{DAY}.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert {"estimate", "limit-by-file", "invited", "held", "over-limit", "corrected"} <= {row["what"] for row in rows}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


async def test_a_past_day_has_its_report_and_a_day_without_rows_has_none(site: MemorySite) -> None:
    site.begin_the_next_day()
    browser = a_browser(an_app(site))
    assert (await browser.get(PAGE)).status_code == 200
    for day in ("2026-02-27", "yesterday", "2026-02-30"):
        assert (await browser.get(f"/hall/rooms/report/{day}")).status_code == 404
        assert (await browser.get(f"/api/v1/sites/hall/rooms/report/{day}")).status_code == 404
    newest = await browser.get("/hall/rooms/report")
    assert newest.headers["location"] == f"/hall/rooms/report/{date(2026, 3, 3).isoformat()}"


@pytest.mark.parametrize(("role", "status"), [("facilities", 200), ("manager", 200), ("admin", 200), ("staff", 403)])
async def test_facilities_managers_and_administrators_read_it(site: MemorySite, role: str, status: int) -> None:
    eve = an_account("eve", Role(role))
    office = an_office(eve, a_session(eve, "cookie-of-eve"))
    async with a_visitor(an_app(site, office=office)) as browser:
        browser.cookies.set("guichet", "cookie-of-eve")
        assert (await browser.get(PAGE)).status_code == status


@pytest.mark.parametrize(
    ("language", "word", "share"),
    [
        ("en", "Probability", "99.5%"),
        ("fr", "Probabilité", "99,5\N{NO-BREAK SPACE}%"),
        ("de", "Wahrscheinlichkeit", "99,5\N{NO-BREAK SPACE}%"),
        ("it", "Probabilità", "99,5%"),
    ],
)
async def test_the_confidence_of_each_admission_stands_beside_it_where_the_estimate_learns(
    language: str, word: str, share: str
) -> None:
    plain = a_lobby(limit_people=5, admitted=True, languages=("en", "fr", "de", "it"))
    site = MemorySite(replace(plain, rooms=(replace(plain.rooms[0], gate_confidence=0.995),)))
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=0, left=0))
    ticket = IssueTicket(ticket="t" * 22, token_hash="h", service="passports", language="en", channel="phone")
    await site.submit(ticket)
    await site.submit(Elapse())
    browser = a_browser(an_app(site), language=language)
    page = (await browser.get(f"{PAGE}?lang={language}")).text
    assert f'<th scope="col">{word}</th>' in page
    assert f'<td class="figure">{share}</td>' in page
    (told,) = (await browser.get(API)).json()["rooms"][0]["admissions"]
    assert told["confidence"] == 0.995
    rows = list(csv.DictReader((await browser.get(f"{API}/table")).text.splitlines()))
    assert [row["confidence"] for row in rows if row["what"] == "invited"] == ["0.995"]


async def test_a_report_of_declared_margins_speaks_of_no_probability(site: MemorySite) -> None:
    assert "robability" not in (await a_browser(an_app(site)).get(PAGE)).text
