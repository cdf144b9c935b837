"""Every file of firmware-config is explained, listed, and understood by whatever reads it."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # one use does not ask for its stubs

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "firmware-config"
AGENTS = ROOT / "examples" / "town-hall" / "agents"

COMMENT = re.compile(r"# [A-Z].{20,}")

BOOT_SETTINGS = {
    "boot_delay": r"\d+",
    "camera_auto_detect": r"[01]",
    "disable_fw_kms_setup": r"[01]",
    "disable_overscan": r"[01]",
    "disable_splash": r"[01]",
    "dtoverlay": r"disable-wifi|disable-bt|vc4-kms-v3d(,cma-\d+)?",
    "dtparam": r"(spi|watchdog|audio)=(on|off)",
    "enable_uart": r"[01]",
    "gpio": r"\d+(,\d+)*=(ip,p[udn]|op,d[lh])",
    "max_framebuffers": r"[0-3]",
    "usb_max_current_enable": r"[01]",
}
"""What we use of a Raspberry Pi's config.txt. The firmware passes over what it does not know, and says nothing."""

EXPOSURE_MAX = {
    "guichet-hub.service": 15,
    "guichet-edge.service": 20,
    "guichet-kiosk.service": 50,
    "guichet-broker-lists.service": 35,
}
"""systemd's own judgement, times ten: from 0, locked in, to 100. A browser with a sandbox of its own needs more."""

SYSTEMD_SETTINGS = {
    "guichet-journald.conf": ("Journal", {"Storage", "RuntimeMaxUse", "RateLimitIntervalSec", "RateLimitBurst"}),
    "guichet-time-wait.conf": ("Service", {"TimeoutStartSec"}),
    "guichet-watchdog.conf": ("Manager", {"RuntimeWatchdogSec", "RebootWatchdogSec"}),
}

UDEV_KEY = re.compile(r'(?:SUBSYSTEM|KERNEL|ENV\{\w+\}|ATTRS\{\w+\})=="[^"]+"|SYMLINK\+="[\w-]+"|(?:GROUP|MODE)="\w+"')


def files(pattern: str = "**/*") -> list[Path]:
    return sorted(path for path in FOLDER.glob(pattern) if path.is_file() and path.name != "README.md")


def settings(file: Path) -> list[str]:
    """The lines that are neither empty nor a comment."""
    return [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]


def test_every_file_says_first_what_it_is_for() -> None:
    # The kernel's command line knows no comments; its neighbour explains it.
    explained = {file.name: file.read_text() for file in files() if file.suffix != ".cmdline"}
    # A program, and what cloud-init is to read, must say so in their first line.
    said = {name: re.sub(r"\A(#!/bin/sh|#cloud-config)\n", "", text) for name, text in explained.items()}

    assert [name for name, text in said.items() if not COMMENT.match(text)] == []


def test_the_list_names_every_file_and_no_other() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(), re.MULTILINE)

    assert sorted(listed) == [str(file.relative_to(FOLDER)) for file in files()]


@pytest.mark.parametrize("file", files("boot/*.txt"), ids=lambda file: file.stem)
def test_the_firmware_knows_every_boot_setting(file: Path) -> None:
    for line in settings(file):
        key, _, value = line.partition("=")
        assert re.fullmatch(BOOT_SETTINGS.get(key, "(?!)"), value), line
        # The firmware reads no more of a line.
        assert len(line) <= 98, line


def test_a_misspelt_boot_setting_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "config.txt"
    file.write_text("# Comment.\ndtparam=sip=on\n")

    with pytest.raises(AssertionError, match="sip"):
        test_the_firmware_knows_every_boot_setting(file)


@pytest.mark.parametrize(("fragment", "agent"), [("panel", "desk-1"), ("counter", "door-1"), ("light", "door-1")])
def test_the_pins_are_pulled_as_the_example_is_wired(fragment: str, agent: str) -> None:
    pins: dict[str, set[int]] = {"ip": set(), "op": set()}
    for line in settings(FOLDER / "boot" / f"guichet-{fragment}.txt"):
        numbers, _, modes = line.removeprefix("gpio=").partition("=")
        pins[modes[:2]] |= {int(number) for number in numbers.split(",")}
    devices = tomllib.loads((AGENTS / f"{agent}.toml").read_text())["devices"]
    devices = [device for device in devices if device["kind"] == fragment]
    inputs = [[*device.get("pins", {}).values(), device.get("outer"), device.get("inner")] for device in devices]
    outputs = [device.get(lamp) for device in devices for lamp in ("lamp", "green", "red")]

    assert pins["ip"] == {pin for of_device in inputs for pin in of_device if pin is not None}
    assert pins["op"] == {pin for pin in outputs if pin is not None}


def test_the_screens_command_line_is_one_line() -> None:
    text = (FOLDER / "boot" / "guichet-screen.cmdline").read_text()

    assert re.fullmatch(r"video=HDMI-A-1:\d+x\d+M@\d+D consoleblank=0\n", text)


def test_udevs_rules_are_whole() -> None:
    for line in settings(FOLDER / "udev" / "70-guichet.rules"):
        keys = line.split(", ")
        assert all(UDEV_KEY.fullmatch(key) for key in keys), line
        assert any("==" in key for key in keys), line
        assert {"GROUP", "MODE"} <= {key.partition("=")[0] for key in keys}, line


@pytest.mark.parametrize("name", SYSTEMD_SETTINGS)
def test_systemd_knows_every_setting(name: str) -> None:
    section, known = SYSTEMD_SETTINGS[name]
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys as they are written
    parser.read_string((FOLDER / "systemd" / name).read_text())

    assert parser.sections() == [section]
    assert set(parser[section]) <= known


def test_users_are_what_systemd_makes_of_them(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for file in files("sysusers/*.conf"):
        subprocess.run(["systemd-sysusers", f"--root={tmp_path}", file], check=True, capture_output=True)

    users = [line.split(":")[0] for line in (tmp_path / "etc" / "passwd").read_text().splitlines()]
    groups = [line.split(":")[0] for line in (tmp_path / "etc" / "group").read_text().splitlines()]
    assert sorted(users) == ["guichet-edge", "guichet-hub", "guichet-kiosk"]
    assert {"gpio", "spi"} < set(groups)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with Debian's units, ours, and something to stand for every program that ours start."""
    root = tmp_path_factory.mktemp("machine")
    shutil.copytree("/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    units = root / "etc/systemd/system"
    units.mkdir(parents=True)
    for unit in files("systemd/*.service"):
        shutil.copy(unit, units)
        for program in re.findall(r"(?<!\w)/(?:usr/bin|opt)/\S+", unit.read_text()):
            stub = root / program.lstrip("/")
            stub.parent.mkdir(parents=True, exist_ok=True)
            stub.write_text("#!/bin/sh\n")
            stub.chmod(0o755)
    return root


@pytest.mark.parametrize("unit", files("systemd/*.service"), ids=lambda unit: unit.stem)
def test_systemd_has_nothing_to_say_against_a_unit(unit: Path, machine: Path) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "verify", f"--root={machine}", "--man=no", "--recursive-errors=no",
         machine / "etc/systemd/system" / unit.name],
        text=True, capture_output=True, check=False,
    )  # fmt: skip

    assert (judged.returncode, judged.stderr) == (0, "")


@pytest.mark.parametrize("unit", files("systemd/*.service"), ids=lambda unit: unit.stem)
def test_a_unit_may_do_little(unit: Path) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX[unit.name]}", "--no-pager", unit],
        text=True, capture_output=True, check=False,
    )  # fmt: skip

    assert judged.returncode == 0, judged.stdout


# --- a system that is read-only --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fstab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Raspberry Pi's own, with ours behind it, as the playbook leaves it."""
    file = tmp_path_factory.mktemp("read-only") / "fstab"
    fresh = (
        "proc            /proc           proc    defaults          0       0\n"
        "PARTUUID=0b2f-01  /boot/firmware  vfat    defaults          0       2\n"
        "PARTUUID=0b2f-02  /               ext4    defaults,noatime  0       1\n"
    )
    tasks = yaml.safe_load((ROOT / "ansible/roles/edge/tasks/read_only.yml").read_text())
    (change,) = (task["ansible.builtin.replace"] for task in tasks if "ansible.builtin.replace" in task)
    changed = re.sub(change["regexp"], change["replace"], fresh, flags=re.MULTILINE)
    assert re.sub(change["regexp"], change["replace"], changed, flags=re.MULTILINE) == changed, "a second run"
    file.write_text(changed + (FOLDER / "read-only" / "fstab").read_text())
    return file


def test_the_system_is_read_only_and_nothing_else_is(fstab: Path) -> None:
    lines = [line.split() for line in settings(fstab)]
    options = {line[1]: line[3].split(",") for line in lines}

    assert [place for place, of_place in options.items() if "ro" in of_place] == ["/"]
    assert options["/"] == ["ro", "noatime"]
    assert all(len(line) == 6 for line in lines)


def test_mount_has_nothing_to_say_against_the_list(fstab: Path) -> None:
    judged = subprocess.run(
        ["findmnt", "--verify", "--tab-file", fstab], text=True, capture_output=True, check=False
    )  # fmt: skip
    said = judged.stdout + judged.stderr
    # Its partitions, and the folders below /data, are a Raspberry Pi's and not this machine's.
    faults = [line for line in said.splitlines() if "[E]" in line and "unreachable" not in line]

    assert faults == []
    assert "0 parse errors" in said
    assert {line.split()[2] for line in settings(fstab)} == {"proc", "vfat", "ext4", "none", "tmpfs"}


def test_systemd_makes_mounts_of_the_list_that_wait_for_the_data(fstab: Path, tmp_path: Path) -> None:
    made = subprocess.run(
        ["/usr/lib/systemd/system-generators/systemd-fstab-generator", tmp_path, tmp_path, tmp_path],
        env={"SYSTEMD_FSTAB": str(fstab), "SYSTEMD_LOG_TARGET": "console", "SYSTEMD_IN_INITRD": "0"},
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    units = {unit.name: unit.read_text() for unit in tmp_path.glob("*.mount")}

    assert {"data.mount", "etc-guichet.mount", "var-lib-guichet\\x2dedge.mount", "var-log.mount"} <= set(units)
    of_data = [name for name, text in units.items() if "What=/data/" in text]
    assert len(of_data) == 4
    assert all("RequiresMountsFor=/data" in units[name] for name in of_data)


def test_what_the_agent_writes_outlives_a_power_cut_and_what_the_browser_writes_does_not(fstab: Path) -> None:
    kinds = {line.split()[1]: line.split()[0] for line in settings(fstab)}
    unit = (FOLDER / "systemd" / "guichet-edge.service").read_text()

    assert f"/var/lib/{re.findall('^StateDirectory=(.*)', unit, re.MULTILINE)[0]}" in kinds
    assert kinds["/var/lib/guichet-edge"].startswith("/data/")
    assert kinds["/var/lib/guichet-kiosk"] == "tmpfs"
