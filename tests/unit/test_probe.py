"""What a node learns of its machine, from the files in which Linux says it."""

from pathlib import Path

import pytest

from edge.keep import Keep, KeptFile, KeptInMemory
from edge.probe import LOOKS_PER_WRITE, MachineProbe, Probe
from tests.edge_stage import DOOR, Stage, on_stage
from wire.messages import Health, Machine


class Linux:
    """A folder like /sys, whose figures the test writes."""

    def __init__(self, folder: Path) -> None:
        self.sys = folder / "sys"
        self.data = folder / "data"
        self.data.mkdir()
        self.write("class/thermal/thermal_zone0/temp", "51540\n")
        self.write("class/hwmon/hwmon0/name", "cpu_thermal\n")
        self.write("class/hwmon/hwmon1/name", "rpi_volt\n")
        self.is_supply_weak(False)
        self.write("fs/ext4/mmcblk0p2/errors_count", "0\n")

    def write(self, name: str, text: str) -> None:
        file = self.sys / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def is_supply_weak(self, is_weak: bool) -> None:
        self.write("class/hwmon/hwmon1/in0_lcrit_alarm", f"{int(is_weak)}\n")

    def probe(self, keep: Keep | None = None, boot: str = "boot-1") -> MachineProbe:
        return MachineProbe(
            self.data, keep=keep or KeptInMemory(), boot=boot, new_token=lambda: "something", sys=self.sys
        )


@pytest.fixture
def linux(tmp_path: Path) -> Linux:
    return Linux(tmp_path)


def undervoltage(probe: Probe) -> bool | None:
    machine = probe.look().machine
    assert machine is not None
    return machine.undervoltage


def test_a_sound_raspberry_pi_says_so(linux: Linux) -> None:
    probe = linux.probe()
    probe.glance()
    look = probe.look()
    assert look.temperature_c == 51.54
    assert look.disk_free_mb is not None
    assert look.machine == Machine(undervoltage=False, disk_errors=0, disk_keeps=True)


def test_a_machine_that_cannot_say_is_no_fault(tmp_path: Path) -> None:
    probe = MachineProbe(
        tmp_path, keep=KeptInMemory(), boot="boot-1", new_token=lambda: "something", sys=tmp_path / "no-sys"
    )
    assert not probe.wants_glances
    probe.glance()
    look = probe.look()
    assert look.temperature_c is None
    assert look.machine == Machine(disk_keeps=True)


def test_a_moment_of_undervoltage_is_remembered_until_the_machine_is_switched_on_anew(linux: Linux) -> None:
    keep = KeptFile(linux.data / "undervoltage.txt")
    probe = linux.probe(keep)
    assert probe.wants_glances
    linux.is_supply_weak(True)
    probe.glance()
    linux.is_supply_weak(False)
    probe.glance()
    assert undervoltage(probe) is True

    after_a_restart_of_the_agent = linux.probe(keep)
    after_a_restart_of_the_agent.glance()
    assert undervoltage(after_a_restart_of_the_agent) is True

    after_a_boot = linux.probe(keep, boot="boot-2")
    after_a_boot.glance()
    assert undervoltage(after_a_boot) is False


def test_faults_that_any_file_system_has_noted_are_added_up(linux: Linux) -> None:
    linux.write("fs/ext4/mmcblk0p2/errors_count", "2\n")
    linux.write("fs/ext4/mmcblk0p3/errors_count", "1\n")
    machine = linux.probe().look().machine
    assert machine is not None
    assert machine.disk_errors == 3


def test_a_disk_that_does_not_take_what_is_written_is_named_until_it_does(linux: Linux) -> None:
    linux.data.rmdir()
    probe = linux.probe()
    keeps = [probe.look().machine]
    linux.data.mkdir()
    keeps += [probe.look().machine for _ in range(LOOKS_PER_WRITE)]
    said = [machine.disk_keeps for machine in keeps if machine is not None]
    assert said == [False] * LOOKS_PER_WRITE + [True], "an SD card is written on once an hour"
    assert list(linux.data.iterdir()) == []


def test_an_agent_that_keeps_nothing_writes_nothing(tmp_path: Path) -> None:
    probe = MachineProbe(
        tmp_path, keep=KeptInMemory(), boot="boot-1", new_token=lambda: "something", may_write=False, sys=tmp_path
    )
    assert probe.look().machine == Machine()
    assert list(tmp_path.iterdir()) == []


def test_garbage_in_place_of_a_figure_is_not_a_figure(linux: Linux) -> None:
    linux.write("class/thermal/thermal_zone0/temp", "hot\n")
    linux.write("class/hwmon/hwmon1/in0_lcrit_alarm", "\n")
    probe = linux.probe()
    probe.glance()
    assert probe.look().temperature_c is None
    assert undervoltage(probe) is None


def test_the_hub_hears_of_a_supply_that_was_too_weak_between_two_healths(linux: Linux) -> None:
    async def scene(stage: Stage) -> None:
        await stage.wait(10)
        linux.is_supply_weak(True)
        await stage.wait(2.5)
        linux.is_supply_weak(False)
        await stage.wait(110)

    healths = on_stage(scene, [DOOR], probe=linux.probe()).heard(Health)
    said = [health.machine.undervoltage for health in healths if health.machine is not None]
    assert said == [False, True, True]
