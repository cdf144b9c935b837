"""A bare Debian 12 with its own systemd, network and ssh, which ends with the process that started it.

It is a copy of the folder that scripts/fleet-base makes, booted by systemd-nspawn inside namespaces of its own. All of
it (processes, mounts, network) belongs to one `unshare`: when that dies, and it dies with its parent, the kernel
clears everything away. The host knows one address, the test's; it has no way out.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

BOOT_S = 60.0
RECHECK_S = 0.1

START = """
set -eu
mount -t tmpfs -o size=3g,mode=0755 tmpfs "$PLACE"
mkdir "$PLACE/upper" "$PLACE/work" "$PLACE/root"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/root"
cd "$PLACE/root"
ssh-keygen -q -A -f .
install -d -m 700 root/.ssh
install -m 600 "$KEY.pub" root/.ssh/authorized_keys
echo "$NAME" >etc/hostname
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$NAME" >etc/hosts
# A Raspberry Pi's boot partition, as far as the playbook can tell.
install -d boot/firmware
echo '# as it came' >boot/firmware/config.txt
echo 'console=serial0,115200 console=tty1 root=PARTUUID=1234 rootwait' >boot/firmware/cmdline.txt
# The lists of packages count as fresh: there is nowhere to fetch newer ones.
touch var/lib/apt/periodic/update-success-stamp
ip link set lo up
while :; do
    rc=0
    systemd-nspawn --quiet --register=no --keep-unit --resolv-conf=off --timezone=off --console=passive \
        --directory="$PLACE/root" --boot </dev/null || rc=$?
    [ "$rc" -eq 133 ] || exit "$rc" # 133: it wants to boot again
done
"""


@dataclass(frozen=True)
class Host:
    """A running host."""

    name: str
    address: str
    key: Path
    """The private key that opens it for root."""

    @property
    def ssh_options(self) -> list[str]:
        # One connection for many commands. Its socket lies beside the host's own key: that of another test's host, once
        # at the same address, would lead to the wrong machine.
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "5",
            "ControlMaster": "auto",
            "ControlPath": f"{self.key.parent}/shared",
            "ControlPersist": "30",
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": f"{self.key}.known-hosts",
        }
        return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        """`command` in root's shell."""
        return self._ssh(command)

    def put(self, path: str, text: str) -> None:
        """Write a file, its folder included."""
        self.say(f"install -d {Path(path).parent} && cat >{path} <<'END'\n{text}END")

    def hang_up(self) -> None:
        """Close the shared connection, if there is one."""
        self._ssh("-O", "exit")

    def _ssh(self, *words: str) -> "subprocess.CompletedProcess[str]":
        argv = ["ssh", "-q", "-F", "none", "-i", str(self.key), *self.ssh_options, f"root@{self.address}", *words]
        return subprocess.run(argv, text=True, capture_output=True, timeout=60, check=False)

    def say(self, command: str) -> str:
        """What `command` prints; it must succeed."""
        done = self.run(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()


def until(what: str, question: Callable[[], T | None], *, within_s: float) -> T:
    """The first answer that is something; asks again and again. Fails in the end."""
    end_s = monotonic() + within_s
    pause = threading.Event()
    while True:
        answer = question()
        if answer:
            return answer
        assert monotonic() < end_s, f"{what}: not within {within_s:.0f} s"
        pause.wait(RECHECK_S)


@contextmanager
def booted(name: str, base: Path, folder: Path) -> Iterator[Host]:
    """A host called `name`, reached by ssh. `folder` is empty and the test's."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    place = folder / "place"
    place.mkdir()
    environment = {**os.environ, "BASE": str(base), "PLACE": str(place), "KEY": str(key), "NAME": name}
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    with (folder / "console.log").open("wb") as console:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *unshare, "sh", "-c", START],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )
    try:
        host = Host(name, _connect(process.pid), key)
        until(
            f"host {name} boots ({folder / 'console.log'})",
            lambda: process.poll() is None and host.run("true").returncode == 0,
            within_s=BOOT_S,
        )
        yield host
        host.hang_up()
    finally:
        process.kill()
        process.wait()
        # The kernel takes it away with the namespaces, by and by; the next host may want its address now.
        subprocess.run(["ip", "link", "delete", _cable(process.pid)], capture_output=True, check=False)


def _cable(unshare_pid: int) -> str:
    return f"guichet{unshare_pid % 10**7}"


def _connect(unshare_pid: int) -> str:
    """Lay a cable between this machine and the namespaces of `unshare_pid`'s child; the address at its far end."""
    children = Path(f"/proc/{unshare_pid}/task/{unshare_pid}/children")
    child = until("namespaces", lambda: children.read_text().split(), within_s=BOOT_S)[0]
    ours = _cable(unshare_pid)
    network = f"10.213.{unshare_pid % 250}"
    for command in (
        f"ip link add {ours} type veth peer name host0 netns {child}",
        f"ip addr add {network}.1/30 dev {ours}",
        f"ip link set {ours} up",
        f"nsenter -t {child} -n ip addr add {network}.2/30 dev host0",
        f"nsenter -t {child} -n ip link set host0 up",
    ):
        subprocess.run(command.split(), check=True)
    return f"{network}.2"
