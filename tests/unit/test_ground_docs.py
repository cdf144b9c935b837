"""The pages that people read: every link leads somewhere, every word means one thing."""

import os
import re
from functools import cache
from pathlib import Path

import pytest

import words

ROOT = Path(__file__).parents[2]
PUBLIC = ("fr", "en", "de", "it")
"""The languages of the glossary's columns, in their order."""
GLOSSARY = ROOT / "docs" / "glossary.md"
RULES, RULES_IN_DETAIL = ROOT / "docs" / "rules.md", ROOT / "docs" / "rules-in-detail.md"
SECURITY, SECURITY_IN_DETAIL = ROOT / "docs" / "security.md", ROOT / "docs" / "security-in-detail.md"
IN_DETAIL = ((RULES, RULES_IN_DETAIL), (SECURITY, SECURITY_IN_DETAIL))
"""What is told on two pages, and where the rest stands."""

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(<?([^)>\s]+)>?\)")


def pages() -> list[Path]:
    found = []
    for folder, names, here in os.walk(ROOT):
        names[:] = [name for name in names if not name.startswith(".")]
        found += [Path(folder, name) for name in here if name.endswith(".md")]
    return sorted(found)


def anchors(page: Path) -> set[str]:
    """What `#...` may name on a page: its headings, in lower case, blanks as '-', without other signs."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def glossary() -> list[list[str]]:
    """The rows of the glossary's tables: the word, what it is called in each of `PUBLIC`, the meaning."""
    rows = [
        line.strip("| ").split(" | ") for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| **")
    ]
    return [[cell.strip(" *`") for cell in row] for row in rows]


def rules(page: Path) -> list[tuple[str, str, list[str]]]:
    """The rows of a page of rules: the heading above, the rule, the tests that hold it."""
    held, heading = [], ""
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif row := re.fullmatch(r"\| (?!rule|promise|---)(.+) \| (.+) \|", line):
            held.append((heading, row[1], re.findall(r"`(test_\w+)`", row[2])))
    return held


@cache
def names_of_tests() -> set[str]:
    """Of all that there are."""
    written = re.compile(r"^(?:async def |def | *)(test_\w+)(?: =|\()", re.MULTILINE)
    return {name for path in (ROOT / "tests").rglob("test_*.py") for name in written.findall(path.read_text("utf-8"))}


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for page in pages():
        for target in LINK.findall(page.read_text("utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            goal = (page.parent / name) if name else page
            if not goal.exists() or (anchor and anchor not in anchors(goal)):
                broken.append(f"{page.relative_to(ROOT)} links to {target}")

    assert not broken, "\n".join(broken)


def test_every_word_of_the_glossary_stands_there_once() -> None:
    defined = [row[0] for row in glossary()]

    assert len(defined) > 40
    assert sorted({word for word in defined if defined.count(word) > 1}) == []


def test_the_glossary_speaks_every_language_that_there_is() -> None:
    assert set(PUBLIC) == set(words.LANGUAGES)


def test_a_word_that_the_public_reads_has_a_name_in_every_language() -> None:
    for word, *called, _ in glossary():
        assert len(called) == len(PUBLIC), word
        assert all(called), word
        assert called.count("—") in (0, len(PUBLIC)), word


def test_a_word_that_the_public_reads_means_one_thing_in_each_language() -> None:
    for column, language in enumerate(PUBLIC, start=1):
        shown = [row[column] for row in glossary() if row[column] != "—"]
        assert sorted({word for word in shown if shown.count(word) > 1}) == [], language


def test_what_the_glossary_calls_a_thing_the_pages_call_it_too() -> None:
    held = 0
    for _, *called, _ in glossary():
        names = {language: name.split(" / ") for language, name in zip(PUBLIC, called, strict=True)}
        for place, english in enumerate(names[words.SOURCE_LANGUAGE]):
            for language in PUBLIC:
                said = words.of(language).gettext(english)
                if said != english:
                    assert said == names[language][place], f"{english!r} in {language}.po"
                    held += 1

    assert held > 50


def test_the_press_names_only_modules_that_exist() -> None:
    named = set(
        re.findall(r"`((?:hub|edge|wire|words|simulator)/[\w/]+\.py)`", (ROOT / "docs" / "press.md").read_text("utf-8"))
    )

    assert len(named) >= 9
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


@pytest.mark.parametrize("page", [page for pair in IN_DETAIL for page in pair], ids=lambda page: page.stem)
def test_every_rule_stands_beside_a_test_that_exists(page: Path) -> None:
    held = rules(page)

    assert len(held) > 10
    for heading, rule, names in held:
        assert names, f"no test holds, under {heading!r}: {rule}"
        assert [name for name in names if name not in names_of_tests()] == []


@pytest.mark.parametrize("page", [page for page, _ in IN_DETAIL], ids=lambda page: page.stem)
def test_rules_and_promises_are_told_on_two_pages(page: Path) -> None:
    assert len(page.read_text("utf-8").split()) <= 1_000


@pytest.mark.parametrize(("page", "in_detail"), IN_DETAIL, ids=lambda page: page.stem)
def test_every_rule_is_told_in_detail_under_the_same_heading(page: Path, in_detail: Path) -> None:
    told = {(heading, name) for heading, _, names in rules(in_detail) for name in names}

    assert [rule for heading, rule, names in rules(page) for name in names if (heading, name) not in told] == []


def test_every_decision_is_in_the_list() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = LINK.findall((decisions / "README.md").read_text("utf-8"))

    assert listed == sorted(path.name for path in decisions.glob("0*.md"))
