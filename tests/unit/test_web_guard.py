"""What holds for every request: headers, foreign pages, sizes, assets, languages."""

import re

import pytest

from hub.web.app import BODY_BYTES_MAX
from tests.given import a_lobby
from tests.sites import MemorySite, a_browser, an_app
from words import LANGUAGES

JOIN = "/hall/join"
TICKETS = "/api/v1/sites/hall/tickets"


@pytest.mark.parametrize("path", ["/", JOIN, "/hall/desks", "/api/v1/sites", "/healthz", "/nothing/here/at/all"])
async def test_every_answer_is_guarded(path: str) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        headers = (await browser.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://hub.test"}, 201),
        ({"origin": "https://lobby.example"}, 201),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 201),
    ],
)
async def test_a_page_of_another_site_can_change_nothing(headers: dict[str, str], status: int) -> None:
    site = MemorySite()
    async with a_browser(an_app(site, public_url="https://lobby.example/")) as browser:
        answer = await browser.post(TICKETS, json={"service": "passports"}, headers=headers)
    assert answer.status_code == status
    assert bool(site.day.tickets) == (status == 201)
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused(declared: bool) -> None:
    async def pieces() -> object:
        for _ in range(9):
            yield b"x" * (BODY_BYTES_MAX // 8)

    content = b"x" * (BODY_BYTES_MAX + 1) if declared else pieces()
    async with a_browser(an_app(MemorySite())) as browser:
        for path, kind in ((JOIN, "application/x-www-form-urlencoded"), (TICKETS, "application/json")):
            answer = await browser.post(path, content=content, headers={"content-type": kind})  # type: ignore[arg-type]
            assert answer.status_code == 413
            assert "nothing was done" in answer.text
            is_problem = answer.headers["content-type"] == "application/problem+json"
            assert is_problem == (path == TICKETS)
            assert answer.headers["x-content-type-options"] == "nosniff"
            content = content if declared else pieces()


async def test_what_a_page_links_is_served_and_may_be_kept_for_good() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        page = (await browser.get("/hall/desk/1")).text
        linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        kinds = []
        for path in linked:
            asset = await browser.get(path)
            assert "immutable" in asset.headers["cache-control"]
            kinds.append(asset.headers["content-type"])
        missing = await browser.get("/static/guichet.0000000000.css")
    assert kinds == [
        "text/css; charset=utf-8",
        "image/svg+xml",
        "text/javascript; charset=utf-8",
        "text/javascript; charset=utf-8",
    ]
    assert missing.status_code == 404


async def test_what_a_page_links_comes_packed_to_whoever_can_unpack_it() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        page = (await browser.get("/hall/desk/1")).text
        path = re.findall(r'href="(/static/[^"]+css)"', page)[0]
        packed = await browser.get(path, headers={"accept-encoding": "br, gzip"})
        whole = await browser.get(path, headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], "content-encoding" in whole.headers) == ("gzip", False)
    assert packed.headers["vary"] == whole.headers["vary"] == "accept-encoding"
    assert int(packed.headers["content-length"]) * 3 < int(whole.headers["content-length"])
    assert packed.content == whole.content


@pytest.mark.parametrize(("page_of", "most"), [("visitors", 30_000), ("staff", 40_000)])
async def test_a_page_with_all_that_belongs_to_it_is_light(page_of: str, most: int) -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        taken = await browser.post("/hall/join", data={"service": "passports"})
        page = await browser.get("/hall/desk/1" if page_of == "staff" else taken.headers["location"])
        assert page.status_code == 200
        linked = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
        size = len(page.content) + sum([len((await browser.get(path)).content) for path in linked])
    assert size < most


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "got"),
    [
        ("", "", "", "en"),
        ("", "", "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("", "", "de", "en"),
        ("", "fr", "en", "fr"),
        ("?lang=en", "fr", "fr", "en"),
        ("?lang=xx", "", "fr", "fr"),
        ("", "xx", "fr", "fr"),
    ],
)
async def test_a_reader_gets_the_language_she_chose_or_her_browser_asks_for(
    query: str, cookie: str, accepted: str, got: str
) -> None:
    async with a_browser(an_app(MemorySite()), language=accepted) as browser:
        if cookie:
            browser.cookies.set("lang", cookie)
        page = await browser.get(f"{JOIN}{query}")
    assert f'<html lang="{got}">' in page.text
    assert page.headers["content-language"] == got


async def test_a_chosen_language_is_kept() -> None:
    async with a_browser(an_app(MemorySite())) as browser:
        assert "Take a ticket" in (await browser.get(JOIN)).text
        await browser.get(f"{JOIN}?lang=fr")
        assert "Prendre un ticket" in (await browser.get(JOIN)).text


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "Was ist Ihr Anliegen?"),
        ("it-CH, fr-CH;q=0.7", "Di quale servizio ha bisogno?"),
        ("rm-CH, fr-CH;q=0.7", "Choisissez votre démarche"),
        ("pt", "What have you come for?"),
    ],
)
async def test_a_reader_from_anywhere_is_spoken_to_in_a_language_of_the_lobby(accepted: str, said: str) -> None:
    app = an_app(MemorySite(a_lobby(languages=LANGUAGES)))
    async with a_browser(app, language=accepted) as browser:
        assert f"<h1>{said}</h1>" in (await browser.get(JOIN)).text


async def test_a_page_offers_the_other_languages_of_the_lobby_as_links() -> None:
    async with a_browser(an_app(MemorySite(a_lobby(languages=LANGUAGES))), language="it") as browser:
        page = (await browser.get(JOIN)).text
    assert re.findall(r'<a href="(.+?)" lang="(.+?)" hreflang="(.+?)">(.+?)</a>', page) == [
        (f"{JOIN}?lang=en", "en", "en", "English"),
        (f"{JOIN}?lang=fr", "fr", "fr", "Français"),
        (f"{JOIN}?lang=de", "de", "de", "Deutsch"),
    ]
