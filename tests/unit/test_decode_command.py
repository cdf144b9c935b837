"""`guichet-edge decode`: one line of JSON, and a status that a script can trust."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli import app
from edge.dialects import known

FRAME = "04CC 0500 0400"


def run(*words: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["decode", *words], input=typed)


def test_a_message_is_told_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "frame.txt"
    file.write_text(f"{FRAME}\n")

    result = run("milesight-vs350", str(file))

    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout) == {
        "family": "milesight-vs350",
        "readings": [{"kind": "total", "entered": 5, "left": 4, "wraps_at": 65536, "unsaid": ["instant"]}],
        "flags": [],
        "fields": {"total_in": 5, "total_out": 4},
    }


def test_a_refusal_has_a_code_a_reason_and_status_2() -> None:
    result = run("milesight-vs350", "-", typed=b"04CC05")

    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "refused": "truncated",
        "why": "the frame ends after 3 bytes, in the midst of a value at byte 2",
    }


def test_bytes_come_by_stdin_too() -> None:
    assert json.loads(run("vs350", "-", typed=bytes.fromhex(FRAME.replace(" ", ""))).stdout)["readings"]


def test_a_topic_a_port_and_a_device_can_be_said() -> None:
    zone = json.loads(run("frigate", "-", "--topic", "frigate/hall/person", typed=b"3").stdout)
    asked = json.loads(run("terabee-pcm", "-", "--port", "2", typed=b"02 00000005 00000004").stdout)
    other = run(
        "axis", "-", "--device", "B", typed=b'{"serial": "A", "timestamp": "20260302091500", "in": 1, "out": 2}'
    )

    assert zone["readings"][0]["register"] == "hall"
    assert asked["readings"][0]["entered"] == 5
    assert json.loads(other.stdout)["refused"] == "wrong-device"


@pytest.mark.parametrize(("words", "refused"), [(("nobody", "-"), "unknown-family"), (("vs350", "/none"), "no-file")])
def test_what_is_not_there_is_refused_in_the_same_way(words: tuple[str, ...], refused: str) -> None:
    result = run(*words, typed=b"00")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["refused"] == refused


def test_a_file_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "endless"
    with file.open("wb") as stream:
        stream.truncate(2**40)

    result = run("vs350", str(file))

    assert result.exit_code == 2
    assert json.loads(result.stdout)["refused"] == "too-large"


@pytest.mark.parametrize(
    "words", [("vs350", "/none/\udcff"), ("\udcff", "-"), ("vs350", "-", "--device", "\udcff")], ids=repr
)
def test_names_that_are_no_text_are_told_as_one_line_too(words: tuple[str, ...]) -> None:
    result = run(*words, typed=FRAME.encode())

    assert result.exit_code == 2
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout)["why"].isprintable()


def test_a_topic_that_is_no_text_is_told_as_well_as_it_can_be() -> None:
    result = run("frigate", "-", "--topic", "frigate/\udcff/person", typed=b"3")

    assert json.loads(result.stdout)["readings"][0]["register"] == "?"


def test_a_terminal_that_speaks_no_utf_8_and_a_name_that_is_no_text_get_their_line_as_well(tmp_path: Path) -> None:
    file = tmp_path / "sums.json"
    file.write_text('{"serial": "A", "name": "Ausgang süd", "timestamp": "20260302091500", "in": 1, "out": 2}')
    command = [sys.executable, "-c", "from edge.cli import main; main()", "decode", "axis"]
    for path, code in ((os.fsencode(file), 0), (b"/no/\xff", 2)):
        told = subprocess.run(
            [*command, path], capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"}
        )
        assert (told.returncode, told.stdout.count(b"\n"), told.stderr) == (code, 1, b"")
        assert json.loads(told.stdout)


def test_all_families_are_listed_with_what_they_are() -> None:
    result = run("--list")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(known())


def test_without_a_file_it_says_what_it_wants() -> None:
    result = run("vs350")

    assert result.exit_code == 2
    assert result.stderr == "give a family and a file, or --list\n"
