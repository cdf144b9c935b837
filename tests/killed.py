"""Work on files that is killed before each thing that it does to them, as often as it does one."""

import subprocess
import sys
from pathlib import Path

WORKER = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path

stage, results = Path(sys.argv[1]), Path(sys.argv[2])
for moment in count():
    folder, left = results / f"{moment:03}", moment
    shutil.copytree(stage, folder)

    def touch(event, arguments):
        global left
        if event in {"open", "os.link", "os.remove", "os.rename", "sqlite3.connect"} and str(folder) in str(arguments):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if (child := os.fork()) == 0:
        sys.addaudithook(touch)
        work(folder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != signal.SIGKILL:
        sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Counts what the interpreter itself tells of files, as it begins it."""


def killed_everywhere(stage: Path, results: Path, work: str) -> list[Path]:
    """The folder as each kill left it, and in the end as `work` left it when nobody killed it. `work` is the Python of
    a function of that name, which is given a copy of the folder `stage`."""
    results.mkdir()
    command = [sys.executable, "-c", f"{work}\n{WORKER}", str(stage), str(results)]
    subprocess.run(command, check=True, timeout=120)
    return sorted(results.iterdir())
