"""A city: fifty lobbies of two hundred nodes each, one of which also has the real panel and board that are pressed.

Of each lobby's nodes two fifths are panels, one for each desk, as many boards, and the rest counters, one a door.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.processes import LOBBY, SITE

SITES = 50
NODES = 200
"""Of each site."""
PANELS, BOARDS = 80, 80

ROOM = '\n[[rooms]]\nid = "annex"\nname = { en = "Annex" }\nlimit_people = 5_000\n'
DESK = '\n[[desks]]\nid = "d{n}"\nname = "d{n}"\nroom = "annex"\nservices = ["permits"]\n'
DOOR = '\n[[doors]]\nid = "door-{n}"\nto = "annex"\n'
DEVICE = '\n[[devices]]\nnode = "{node}"\nid = "it"\nkind = "{kind}"\n{of}\n'


class NodeOf(NamedTuple):
    """One node with one device, `it`."""

    site: str
    node: str
    kind: str


def sites() -> list[str]:
    return [SITE, *(f"site-{n}" for n in range(1, SITES))]


def nodes_of(site: str, nodes: int) -> list[NodeOf]:
    """So many; every site has the same share of each kind."""
    return [NodeOf(site, f"{site}-{kind}-{n}", kind) for n, kind in _kinds(nodes)]


def _kinds(nodes: int) -> Iterator[tuple[int, str]]:
    panels, boards = PANELS * nodes // NODES, BOARDS * nodes // NODES
    for n in range(nodes):
        yield n, "panel" if n < panels else "board" if n < panels + boards else "counter"


def more_of(site: str, nodes: int) -> str:
    """What the lobby file of `site` has besides what every lobby has: its nodes, and where they are."""
    parts = [ROOM]
    for n, kind in _kinds(nodes):
        of = {"panel": f'desk = "d{n}"', "board": 'room = "annex"', "counter": f'door = "door-{n}"'}[kind]
        where = {"panel": DESK, "board": "", "counter": DOOR}[kind].format(n=n)
        parts += [where, DEVICE.format(node=f"{site}-{kind}-{n}", kind=kind, of=of)]
    return "".join(parts)


def lobby_files(folder: Path, nodes: int) -> list[Path]:
    """Of all sites but the one that is pressed."""
    files = []
    for site in sites()[1:]:
        text = LOBBY.replace(f'id = "{SITE}"', f'id = "{site}"').replace('node = "', f'node = "{site}-')
        file = folder / f"{site}.toml"
        file.write_text(text + more_of(site, nodes))
        files.append(file)
    return files
