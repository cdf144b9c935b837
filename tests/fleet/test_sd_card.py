"""A fresh card of Raspberry Pi OS becomes the card of a node: every node of the example's inventory."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # one use does not ask for its stubs
import pytest
import yaml  # type: ignore[import-untyped]  # nor does this one
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "firmware-config"
HOSTS = sorted((ROOT / "ansible" / "inventory.example" / "host_vars").glob("*.yml"))
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlaceholderPlaceholderPlaceholderPlaceholder me@office"

FRESH_CONFIG = "# For more options and information see\n[all]\narm_64bit=1\n"
FRESH_CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=0b2f-02 rootfstype=ext4 fsck.repair=yes rootwait\n"

GIB = 2**30


def fragments_of(host: Path) -> list[str]:
    found = yaml.safe_load(host.read_text())["edge_boot"]
    assert isinstance(found, list)
    return found


def make(card: Path, *options: str) -> subprocess.CompletedProcess[str]:
    key = card.parent / "key.pub"
    key.write_text(KEY + "\n")
    return subprocess.run(
        [ROOT / "scripts" / "sd-card", card, "--key", key, *options], text=True, capture_output=True, check=False
    )


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The boot partition as Raspberry Pi Imager leaves it."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "config.txt").write_text(FRESH_CONFIG)
    (folder / "cmdline.txt").write_text(FRESH_CMDLINE)
    return folder


@pytest.fixture(params=HOSTS, ids=lambda host: host.stem)
def node(request: pytest.FixtureRequest, card: Path) -> tuple[Path, list[str]]:
    """A node's card, and what hangs on the node."""
    fragments = fragments_of(request.param)
    made = make(card, "--node", request.param.stem, "--boot", ",".join(fragments))
    assert made.returncode == 0, made.stderr
    return card, fragments


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """What cloud-init takes, in its own words: out of Debian's package, which is not installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guichet" / "cloud-init"
    inside = "usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"
    if not (cache / inside).exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", "cloud-init"], cwd=cache, check=True)
        for package in cache.glob("cloud-init_*.deb"):
            subprocess.run(["dpkg", "-x", package, cache], check=True)
            package.unlink()
    found = json.loads((cache / inside).read_text())
    assert isinstance(found, dict)
    return found


def test_every_part_of_the_firmwares_configuration_is_there(node: tuple[Path, list[str]]) -> None:
    card, fragments = node
    config = (card / "config.txt").read_text()
    included = re.findall(r"^include (\S+)$", config, re.MULTILINE)
    assert included == [f"guichet-{name}.txt" for name in ("common", *fragments)]
    for name in included:
        assert (card / name).read_text() == (FOLDER / "boot" / name).read_text()
    assert config.startswith(FRESH_CONFIG)


def test_the_playbook_finds_its_own_work_done(node: tuple[Path, list[str]]) -> None:
    card, fragments = node
    (block,) = (
        task["ansible.builtin.blockinfile"]
        for task in yaml.safe_load((ROOT / "ansible/roles/edge/tasks/boot.yml").read_text())[1]["block"]
        if "ansible.builtin.blockinfile" in task
    )
    written = Environment(trim_blocks=True).from_string(block["block"]).render(edge_boot=fragments)
    begin, end = (block["marker"].format(mark=mark) for mark in ("BEGIN", "END"))
    assert f"{begin}\n{written}{end}\n" in (card / "config.txt").read_text()


def test_the_kernels_command_line_stays_one_line_and_has_what_hangs_on_the_node(node: tuple[Path, list[str]]) -> None:
    card, fragments = node
    text = (card / "cmdline.txt").read_text()
    assert text.count("\n") == 1
    assert ("video=HDMI-A-1:" in text) == ("screen" in fragments)
    assert ("console=serial0,115200" in text) == ("printer" not in fragments)
    assert "root=PARTUUID=0b2f-02" in text


def test_cloud_init_takes_what_it_is_told(node: tuple[Path, list[str]], schema: dict[str, Any]) -> None:
    card, _ = node
    text = (card / "user-data").read_text()
    assert text.startswith("#cloud-config\n")
    assert "${" not in text
    user_data = yaml.safe_load(text)
    jsonschema.Draft4Validator(schema).validate(user_data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema).validate(user_data | {"users": 7})
    (user,) = user_data["users"]
    assert (user["lock_passwd"], user["ssh_authorized_keys"], user_data["ssh_pwauth"]) == (True, [KEY], False)
    assert yaml.safe_load((card / "network-config").read_text())["version"] == 2
    assert yaml.safe_load((card / "meta-data").read_text())["instance-id"] == user_data["hostname"]


def test_whoever_makes_a_card_twice_has_the_same_card(card: Path) -> None:
    options = ("--node", "door-1", "--boot", "screen,counter,printer")
    contents = []
    for _ in range(2):
        assert make(card, *options).returncode == 0
        contents.append({file.name: file.read_text() for file in card.iterdir()})
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--node", "Door 1"), "may hold only a-z"),
        (("--node", "door-1", "--boot", "screen,toaster"), "'toaster' is unknown; choose from"),
        (("--node", "door-1", "--key", "/etc/hostname"), "is no public key"),
    ],
)
def test_a_wrong_wish_is_told_and_changes_nothing(card: Path, options: tuple[str, ...], fault: str) -> None:
    made = make(card, *options)
    assert made.returncode == 1
    assert fault in made.stderr
    assert sorted(file.name for file in card.iterdir()) == ["cmdline.txt", "config.txt"]


def test_a_folder_that_is_no_card_is_told(tmp_path: Path) -> None:
    made = make(tmp_path, "--node", "door-1")
    assert made.returncode == 1
    assert "has no config.txt" in made.stderr


# --- room for data ------------------------------------------------------------------------------------------------


def divide(image: Path, *, size_gib: int, table: str) -> tuple[subprocess.CompletedProcess[str], list[tuple[int, int]]]:
    """What becomes of a card of that size and division: start and size of each partition, in sectors."""
    sfdisk = shutil.which("sfdisk", path=f"{os.environ['PATH']}:/usr/sbin")
    assert sfdisk is not None, "sfdisk is Debian's package fdisk"
    with image.open("wb") as file:
        file.truncate(size_gib * GIB)
    subprocess.run([sfdisk, "--quiet", image], input=f"label: dos\n{table}", text=True, check=True)
    path = {"PATH": f"{os.environ['PATH']}:{Path(sfdisk).parent}"}
    done = subprocess.run(
        ["sh", FOLDER / "cloud-init" / "guichet-make-room", "--table-only", image],
        text=True, capture_output=True, check=False, env=path,
    )  # fmt: skip
    dump = subprocess.run([sfdisk, "--dump", image], text=True, capture_output=True, check=True).stdout
    return done, [(int(start), int(size)) for start, size in re.findall(r"start= *(\d+), size= *(\d+)", dump)]


FRESH_TABLE = ",512M,c\n,2G,83\n"


def test_a_fresh_card_gets_a_system_of_8_gb_and_the_rest_for_data(tmp_path: Path) -> None:
    done, parts = divide(tmp_path / "card", size_gib=16, table=FRESH_TABLE)
    assert done.returncode == 0, done.stderr
    (boot_at, boot), (system_at, system), (data_at, data) = parts
    assert (boot_at, boot) == (2048, 512 * 2048)
    assert system_at == boot_at + boot, "the system stays where it is"
    assert system == 8 * GIB // 512
    assert data_at >= system_at + system
    assert data > 7 * GIB // 512


@pytest.mark.parametrize("table", [",512M,c\n,2G,83\n,1G,83\n", ",4G,83\n"])
def test_a_card_that_is_divided_otherwise_is_left_alone(tmp_path: Path, table: str) -> None:
    done, parts = divide(tmp_path / "card", size_gib=16, table=table)
    assert done.returncode == 0
    assert "nothing is changed" in done.stderr
    assert len(parts) == table.count("\n")


def test_a_card_that_is_too_small_is_left_alone_and_named(tmp_path: Path) -> None:
    done, parts = divide(tmp_path / "card", size_gib=8, table=FRESH_TABLE)
    assert done.returncode == 1
    assert "take a card of 16 GB or more" in done.stderr
    assert len(parts) == 2
