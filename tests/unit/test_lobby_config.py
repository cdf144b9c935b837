"""A lobby file gives all its faults at once: where, what, the value, what to do."""

import tomllib
from pathlib import Path

import pytest

from hub.config import load_lobbies, load_lobby, lobby_of
from hub.day.lobby import DeviceKind
from hub.errors import ConfigError
from words import LANGUAGES

EXAMPLES = Path(__file__).parents[2] / "examples"
TOWN_HALL = EXAMPLES / "town-hall" / "lobby.toml"
PASSPORT_DESK = EXAMPLES / "passport-desk" / "lobby.toml"

SOUND = """
[site]
id = "hall"
name = { en = "Hall", fr = "Salle" }
time_zone = "Europe/Paris"
languages = ["en", "fr"]
[hours]
mon = ["08:00-12:00", "13:00-24:00"]
[[services]]
id = "passports"
letter = "A"
name = { en = "Passports" }
[[services]]
id = "permits"
letter = "B"
name = { en = "Permits" }
[[rooms]]
id = "main"
name = { en = "Main hall" }
limit_people = 30
[[doors]]
id = "front"
from = "outside"
to = "main"
[[desks]]
id = "one"
name = "1"
room = "main"
services = ["passports", "permits"]
[[devices]]
node = "board-1"
id = "board"
kind = "board"
room = "main"
[[devices]]
node = "kiosk-1"
id = "kiosk"
kind = "kiosk"
room = "main"
printer = "kiosk-1/printer"
[[devices]]
node = "kiosk-1"
id = "printer"
kind = "printer"
[[devices]]
node = "desk-1"
id = "panel"
kind = "panel"
desk = "one"
[[devices]]
node = "door-1"
id = "counter"
kind = "counter"
door = "front"
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        lobby_of(text)
    return list(raised.value.faults)


def with_change(old: str, new: str) -> str:
    assert SOUND.count(old) >= 1, f"{old!r} does not stand in the file"
    return SOUND.replace(old, new, 1)


KIOSK_ROOM, KIOSK_OUTSIDE = 'kind = "kiosk"\nroom = "main"', 'kind = "kiosk"\nroom = "outside"'


def test_the_example_is_sound() -> None:
    lobby = load_lobby(TOWN_HALL)
    assert [service.letter for service in lobby.services] == ["A", "B", "C", "D"]
    assert len(lobby.desks) == 8
    assert {device.kind for device in lobby.devices} == set(DeviceKind)


def test_the_smallest_example_is_sound_and_says_everything_in_each_of_its_languages() -> None:
    lobby = load_lobby(PASSPORT_DESK)
    (service,), (room,) = lobby.services, lobby.rooms
    labels = [lobby.site.name, service.name, service.bring, room.name]
    assert set(lobby.site.languages) == set(LANGUAGES)
    assert [list(label) for label in labels] == [list(lobby.site.languages)] * len(labels)
    assert not lobby.devices


def test_a_door_is_written_with_from_and_to() -> None:
    (door,) = lobby_of(SOUND).doors
    assert (door.from_room, door.to_room) == ("outside", "main")


def test_a_kiosk_may_stand_outside_and_a_board_may_not() -> None:
    kiosk = next(it for it in lobby_of(SOUND.replace(KIOSK_ROOM, KIOSK_OUTSIDE)).devices if it.kind is DeviceKind.KIOSK)
    assert kiosk.room == "outside"
    with pytest.raises(ConfigError, match="there is no room 'outside'"):
        lobby_of(SOUND.replace('kind = "board"\nroom = "main"', 'kind = "board"\nroom = "outside"'))


def test_an_admitted_room_needs_somebody_to_count_who_comes_in() -> None:
    admitted = with_change("limit_people = 30", 'limit_people = 30\nadmitted = true\nunknown = "tickets"')
    lobby_of(admitted)
    without = admitted[: admitted.index("[[devices]]")]
    assert faults_of(without) == [
        "rooms[0].admitted: 'main' has no counter at any door, so nobody would be seen to come in; add one"
    ]


SIDE_DOOR = '[[doors]]\nid = "side"\nto = "main"\n[[desks]]'


def test_a_door_that_nothing_counts_is_declared_or_named() -> None:
    assert lobby_of(with_change("[[desks]]", SIDE_DOOR)).forgotten_doors == ("side",)
    declared = SIDE_DOOR.replace("[[desks]]", "uncounted_share = 0.1\n[[desks]]")
    lobby = lobby_of(with_change("[[desks]]", declared))
    assert (lobby.forgotten_doors, lobby.doors[1].uncounted_share) == ((), 0.1)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'to = "main"',
            'to = "main"\nuncounted_share = 0.1',
            "doors[0].uncounted_share: 'front' has a counter; remove one of the two",
        ),
        (
            'to = "main"',
            'to = "main"\nuncounted_share = 0',
            "doors[0].uncounted_share: 0 should be greater than 0",
        ),
        ('time_zone = "Europe', 'time_zon = "Europe', "site.time_zon: unknown key; did you mean 'time_zone'?"),
        ("limit_people = 30", "limit_people = 0", "rooms[0].limit_people: 0 should be greater than 0"),
        ("limit_people = 30", 'limit_people = "30"', "rooms[0].limit_people: '30' should be a valid integer"),
        ("limit_people = 30\n", "", "rooms[0].limit_people: is missing; add it"),
        (
            'name = { en = "Permits" }',
            'name = "Permits"',
            "services[1].name: 'Permits' is not a table; write it like { en = \"…\" }",
        ),
        ('kind = "panel"', 'kind = "pannel"', "devices[3].kind: 'pannel' is not one of 'board', 'sign', 'panel', "),
        ('"passports", "permits"]', "]", "desks[0].services: has 0 entries; it needs at least 1"),
        ('to = "main"', 'too = "main"', "doors[0].too: unknown key; did you mean 'to'?"),
        (
            'letter = "B"',
            'letter = "B"\nthen = ["pasports"]',
            "services[1].then[0]: there is no service 'pasports'; did you mean 'passports'?",
        ),
        (
            'letter = "B"',
            'letter = "B"\nthen = ["permits"]',
            "services[1].then[0]: 'permits' is taken already; choose another",
        ),
        (
            'services = ["passports", "permits"]',
            'services = ["passports"]\nhelps = ["permit"]',
            "desks[0].helps[0]: there is no service 'permit'; did you mean 'permits'?",
        ),
        (
            'services = ["passports", "permits"]',
            'services = ["passports"]\nhelps = ["passports"]',
            "desks[0].helps[0]: 'passports' is taken already; choose another",
        ),
        (
            "[[doors]]",
            '[[priorities]]\nid = "Old"\nname = { en = "Old" }\nearlier_s = 600\n[[doors]]',
            "priorities[0].id: 'Old' may hold only a-z, 0-9 and '-', 1 to 64 of them, no '-' at either end",
        ),
        (
            "[[doors]]",
            '[[priorities]]\nid = "old"\nname = { fr = "Vieux" }\nearlier_s = 6\n[[doors]]',
            "priorities[0].earlier_s: 6 should be greater than or equal to 60",
        ),
        ("Europe/Paris", "Europe/Pari", "site.time_zone: 'Europe/Pari' is no time zone; did you mean 'Europe/Paris'?"),
        ("Europe/Paris", "../passwd", "site.time_zone: '../passwd' is no time zone; write it like Europe/Paris"),
        ('["en", "fr"]', '["en", "fr", "rm"]', "site.languages[2]: 'rm' has no catalog; there are en, fr, de, it"),
        ('["en", "fr"]', '["en", "fr", "en"]', "site.languages[2]: 'en' stands there twice; remove one"),
        (
            '["en", "fr"]',
            '["fr", "en"]',
            "services[0].name: has no text in 'fr', the first of the site's languages; add it",
        ),
        (
            'fr = "Salle"',
            'it = "Sala"',
            "site.name.it: 'it' is none of the site's languages; add it there or remove it",
        ),
        (
            'id = "hall"',
            'id = "Hall"',
            "site.id: 'Hall' may hold only a-z, 0-9 and '-', 1 to 64 of them, no '-' at either end",
        ),
        ('id = "hall"', 'id = "api"', "site.id: 'api' is an address of the hub itself; choose another"),
        (
            "[hours]",
            'public_url = "https://x.org/"\n[hours]',
            "site.public_url: 'https://x.org/' ends in a slash; remove it",
        ),
        ("[hours]", 'day_turns_at = "4"\n[hours]', "site.day_turns_at: '4' is no time of day; write it like 04:00"),
        ("mon =", "monday =", "hours.monday: unknown day; days are mon, tue, wed, thu, fri, sat, sun"),
        ("08:00-12:00", "25:00-26:00", "hours.mon[0]: '25:00-26:00' is no period of a day; write it like 08:00-12:30"),
        ("08:00-12:00", "08:00-14:00", "hours.mon[1]: '13:00-24:00' overlaps '08:00-14:00'; join or part them"),
        ("08:00-12:00", "12:00-08:00", "hours.mon[0]: '12:00-08:00' ends before it begins; "),
        ('letter = "B"', 'letter = "b"', "services[1].letter: 'b' is not one capital letter from A to Z"),
        ('letter = "B"', 'letter = "A"', "services[1].letter: 'A' is taken already; choose another"),
        ('id = "permits"', 'id = "passports"', "services[1].id: 'passports' is taken already; choose another"),
        ('id = "main"', 'id = "outside"', "rooms[0].id: 'outside' means everything that is no room; choose another id"),
        ('to = "main"', 'to = "mian"', "doors[0].to: there is no room 'mian'; did you mean 'main'?"),
        ('from = "outside"', 'from = "main"', "doors[0].to: leads from 'main' to itself; a door joins two rooms"),
        (
            'name = "1"\nroom = "main"',
            'name = "1"\nroom = "cellar"',
            "desks[0].room: there is no room 'cellar'; there are main",
        ),
        (
            '["passports", "permits"]',
            '["passports", "permit"]',
            "desks[0].services[1]: there is no service 'permit'; did you mean 'permits'?",
        ),
        (
            '["passports", "permits"]',
            '["permits", "permits"]',
            "desks[0].services[1]: 'permits' is taken already; choose another",
        ),
        ('node = "desk-1"', 'node = "hub"', "devices[3].node: 'hub' is the hub's own name on the wire; choose another"),
        (
            'node = "desk-1"',
            'node = "watch"',
            "devices[3].node: 'watch' is the name of whoever may hear all at the broker; choose another",
        ),
        (
            'node = "desk-1"',
            'node = "home-assistant"',
            "devices[3].node: 'home-assistant' is the name of Home Assistant at the broker; choose another",
        ),
        ('id = "printer"', 'id = "kiosk"', "devices[2].id: 'kiosk-1/kiosk' is taken already; choose another"),
        (
            'printer = "kiosk-1/printer"',
            'printer = "kiosk-1/board"',
            "devices[1].printer: there is no printer 'kiosk-1/board'; did you mean 'kiosk-1/printer'?",
        ),
        ('desk = "one"', 'room = "main"', "devices[3].desk: is missing; a panel needs it"),
        ('desk = "one"', 'desk = "one"\nroom = "main"', "devices[3].room: 'main' means nothing for a panel; remove it"),
        ('desk = "one"', 'desk = "one"\ncalls = 3', "devices[3].calls: 3 means nothing for a panel; remove it"),
        (
            'desk = "one"',
            'desk = "one"\nsays = "invitations"',
            "devices[3].says: 'invitations' means nothing for a panel; remove it",
        ),
        ('door = "front"', 'door = "font"', "devices[4].door: there is no door 'font'; did you mean 'front'?"),
    ],
)
def test_each_fault_says_where_what_and_what_to_do(old: str, new: str, fault: str) -> None:
    assert any(told.startswith(fault) for told in faults_of(with_change(old, new)))


def test_one_fault_does_not_cause_others() -> None:
    text = with_change("limit_people = 30", "limit_people = 0")
    assert faults_of(text) == ["rooms[0].limit_people: 0 should be greater than 0"]


SECOND_DESK = '[[desks]]\nid = "one"\nname = ""\nroom = "main"\nservices = []\n[[devices]]\nnode = "board-1"'
SIGN_OUTSIDE = '[[devices]]\nnode = "sign-1"\nid = "sign"\nkind = "sign"\nroom = "outside"\n'


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        (
            'id = "permits"\nletter = "B"\nname = { en = "Permits" }',
            'id = "permits"\nletter = "AB"\nname = "Permits"\ntarget_wait_s = 0',
            ["services[1].name", "services[1].target_wait_s", "services[1].letter"],
        ),
        (
            'letter = "B"\nname = { en = "Permits" }\n',
            'letter = "C"\nname = 3\n[[services]]\nid = "permits"\nletter = "C"\nname = 3\n',
            ["services[1].name", "services[2].name", "services[2].id", "services[2].letter"],
        ),
        (
            "limit_people = 30",
            'limit_people = 30\n[[rooms]]\nid = "outside"\nname = { de = "Hof" }\nlimit_people = -1',
            ["rooms[1].limit_people", "rooms[1].id", "rooms[1].name", "rooms[1].name.de"],
        ),
        ('[[devices]]\nnode = "board-1"', SECOND_DESK, ["desks[1].services", "desks[1].id", "desks[1].name"]),
        (
            'id = "printer"\nkind = "printer"',
            'id = "kiosk"\nkind = "fax"\nroom = "cellar"',
            ["devices[1].printer", "devices[2].kind", "devices[2].id", "devices[2].room"],
        ),
        ('to = "main"', 'to = 3\nfrom = "cellar"', ["doors[0].to", "doors[0].from"]),
        ('languages = ["en", "fr"]', 'languages = []\nday_turns_at = "4"', ["site.languages", "site.day_turns_at"]),
        ('time_zone = "Europe/Paris"', 'public_url = "x"', ["site.time_zone", "site.public_url"]),
    ],
)
def test_a_wrong_key_hides_no_other_fault_of_its_item(old: str, new: str, places: list[str]) -> None:
    text = with_change(old, new).replace('from = "outside"\nto = 3', "to = 3")
    assert [fault.split(": ")[0] for fault in faults_of(text)] == places


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ('id = "permits"', "id = 3", ["services[1].id"]),
        ('id = "permits"\n', "", ["services[1].id"]),
        ('id = "permits"', 'id = "Permits"', ["services[1].id"]),
        ('[[rooms]]\nid = "main"\nname = { en = "Main hall" }\nlimit_people = 30\n', "", ["rooms"]),
        ("[[doors]]", "[[door]]", ["door"]),
        ('languages = ["en", "fr"]', 'langages = ["en", "fr"]', ["site.langages"]),
        ('kind = "board"\nroom', 'kind = "board"\nrooom', ["devices[0].rooom"]),
        ('kind = "printer"', 'kind = "fax"', ["devices[2].kind"]),
        ('id = "printer"', "id = 3", ["devices[2].id"]),
    ],
)
def test_what_refers_to_a_wrong_key_is_no_second_fault(old: str, new: str, faults: list[str]) -> None:
    assert [fault.split(": ")[0] for fault in faults_of(with_change(old, new))] == faults


def test_a_sign_outside_is_a_fault_even_beside_a_room_of_that_name() -> None:
    yard = '[[rooms]]\nid = "outside"\nname = { en = "Yard" }\nlimit_people = 0\n'
    assert faults_of(SOUND + SIGN_OUTSIDE + yard) == [
        "rooms[1].limit_people: 0 should be greater than 0",
        "rooms[1].id: 'outside' means everything that is no room; choose another id",
        "devices[5].room: there is no room 'outside'; there are main",
    ]


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    changes = (
        ('id = "hall"', 'id = "Hall"'),
        ("08:00-12:00", "8-12"),
        ('letter = "B"', 'letter = "A"'),
        ("limit_people = 30", "limit_people = -1"),
        ('to = "main"', 'to = "cellar"'),
        ('kind = "printer"', 'kind = "fax"'),
    )
    text = SOUND
    for old, new in changes:
        text = text.replace(old, new, 1)
    places = [fault.split(":")[0] for fault in faults_of(text)]
    assert places == [
        "site.id",
        "hours.mon[0]",
        "services[1].letter",
        "rooms[0].limit_people",
        "doors[0].to",
        "devices[2].kind",
    ]


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert faults_of("[site]\nid = hall\n") == ["not TOML: Invalid value (at line 2, column 6)"]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("9" * 5_000, "a number has thousands of digits"),
        ("0x" + "f" * 5_000, "a number has thousands of digits"),
        ("[" * 3_000 + "]" * 3_000, "brackets or dotted names are nested too deep"),
        ("[" * 300 + "]" * 300, "brackets or dotted names are nested too deep"),
        ("{" + ".".join("a" * 3_000) + " = 1}", "brackets or dotted names are nested too deep"),
    ],
    ids=["digits", "hexadecimal", "brackets", "fewer brackets", "dots"],
)
def test_what_no_reader_can_hold_is_told_in_one_line(written: str, what: str) -> None:
    assert faults_of(f"x = {written}\n{SOUND}") == [f"not TOML that can be read: {what}"]


def test_an_empty_file_misses_everything() -> None:
    assert faults_of("") == [f"{part}: is missing; add it" for part in ("site", "hours", "services", "rooms", "desks")]


@pytest.mark.parametrize("written", ["devices = 3", "devices = [3]", "doors = {}", "[[rooms]]\nid = 3", "hours = 1"])
def test_a_wrong_shape_is_a_fault_and_no_crash(written: str) -> None:
    assert faults_of(written)


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file or directory"):
        load_lobby(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9t\xe9")
    with pytest.raises(ConfigError, match=r"latin\.toml: is not UTF-8 at byte 2; save it as UTF-8"):
        load_lobby(tmp_path / "latin.toml")


def test_a_file_may_begin_with_the_mark_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "lobby.toml"
    file.write_text(SOUND, encoding="utf-8-sig")
    assert load_lobby(file) == lobby_of(SOUND)


def test_two_lobbies_of_one_hub_share_neither_site_nor_node(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.toml" for n in (1, 2, 3))
    first.write_text(SOUND)
    annex = SOUND.replace('id = "hall"', 'id = "annex"').replace('node = "', 'node = "annex-')
    second.write_text(annex.replace('printer = "', 'printer = "annex-'))
    third.write_text(second.read_text().replace("annex-board-1", "board-1"))
    assert [lobby.site.id for lobby in load_lobbies([first])] == ["hall"]
    with pytest.raises(ConfigError) as raised:
        load_lobbies([first, second, third])
    taken = [line.removeprefix(f"{third}: ") for line in raised.value.faults]
    assert taken[0] == f"site.id: 'annex' is taken by {second}; choose another"
    assert f"devices: node 'board-1' is taken by {first}; choose another" in taken
    assert len(taken) == 5


def test_the_sound_file_is_what_the_other_tests_break() -> None:
    assert lobby_of(SOUND).hours == {"mon": tuple(tomllib.loads(SOUND)["hours"]["mon"])}
