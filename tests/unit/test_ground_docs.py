"""The pages that people read: every link leads somewhere, every word means one thing."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"

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
    """The rows of the glossary's tables: word, French, English, meaning."""
    rows = [
        line.strip("| ").split(" | ") for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| **")
    ]
    return [[cell.strip(" *`") for cell in row] for row in rows]


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
    words = [row[0] for row in glossary()]

    assert len(words) > 40
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_a_word_that_the_public_reads_means_one_thing_in_each_language() -> None:
    for column in (1, 2):
        shown = [row[column] for row in glossary() if row[column] != "—"]
        assert sorted({word for word in shown if shown.count(word) > 1}) == []


def test_the_press_names_only_modules_that_exist() -> None:
    named = set(
        re.findall(r"`((?:hub|edge|wire|words|simulator)/[\w/]+\.py)`", (ROOT / "docs" / "press.md").read_text("utf-8"))
    )

    assert len(named) >= 9
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_every_decision_is_in_the_list() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = LINK.findall((decisions / "README.md").read_text("utf-8"))

    assert listed == sorted(path.name for path in decisions.glob("0*.md"))
