"""Where the hub speaks to Home Assistant: topics that are not our contract's, and are read by a stranger's program.

`homeassistant/` is that program's own tree, in which it looks for descriptions of devices. What they say of themselves
stands in a tree beside ours, since no node reads it.
"""

ROOT = "guichet/home"

AVAILABILITY = f"{ROOT}/state"
"""`online` while the hub is there; its last will says `offline`."""
ONLINE, OFFLINE = b"online", b"offline"

STATUS = "homeassistant/status"
"""Where Home Assistant says `online` when it has started, and wants to hear all descriptions again."""

DESCRIPTIONS = "homeassistant/device/+/config"


def description(device: str) -> str:
    """Where the device of this id is described, retained. The id holds a-z, 0-9, `-` and `_`."""
    return DESCRIPTIONS.replace("+", device)


def state(site: str, kind: str, name: str = "") -> str:
    """What a part of a site says of itself now, retained: `guichet/home/hall/room/main`, `guichet/home/hall/lobby`."""
    return "/".join(part for part in (ROOT, site, kind, name) if part)
