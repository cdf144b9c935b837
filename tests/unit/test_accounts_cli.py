"""`guichet-hub account` and `guichet-hub token`, on a database on which no hub works."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from hub.cli import CANNOT_GO_ON, app


class Shell:
    """Somebody who may read the hub's folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--data", str(self.data)])

    def says(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def refuses(self, *words: str) -> str:
        done = self.run(*words)
        assert (done.exit_code, done.stdout) == (CANNOT_GO_ON, "")
        assert done.stderr.count("\n") == 1
        return done.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    yield Shell(tmp_path / "data")
    # A command logs to the standard error of its run, which is closed by now.
    structlog.reset_defaults()


def test_accounts_are_made_listed_reset_and_let_out_and_in(shell: Shell) -> None:
    link = shell.says(
        "account", "add", "Mia", "--role", "staff", "--site", "hall", "--public-url", "https://l.example/"
    )
    assert re.fullmatch(r"https://l\.example/welcome/[\w-]{22}\n", link)
    assert shell.says("account", "list") == "mia  staff  hall  never here\n"
    assert shell.says("account", "reset", "mia") != link
    shell.says("account", "disable", "mia")
    assert shell.says("account", "list") == "mia  staff  hall  never here  disabled\n"
    shell.says("account", "enable", "mia")
    assert "disabled" not in shell.says("account", "list")


def test_the_first_administrators_link_can_be_had_again(shell: Shell) -> None:
    assert "/welcome/" in shell.says("account", "set-up")
    shell.says("account", "add", "ada", "--role", "admin")
    assert "somebody looks after the accounts already" in shell.refuses("account", "set-up")


def test_a_token_is_printed_once_and_revoked(shell: Shell) -> None:
    token = shell.says("token", "add", "clock", "--scope", "desks", "--scope", "health", "--hours", "5")
    assert re.fullmatch(r"guichet_[\w-]{44}\n", token)
    listed = shell.says("token", "list")
    assert re.fullmatch(r"clock  desks,health  everywhere  until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n", listed)
    assert token.strip().encode() not in (shell.data / "hub.db").read_bytes()
    shell.says("token", "revoke", "clock")
    assert shell.says("token", "list") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("account", "add", "two words", "--role", "staff"), "a name has 1 to 63 small letters"),
        (("account", "add", "ada", "--role", "staff"), "the name is taken"),
        (("account", "disable", "ada"), "the last account that may look after the others"),
        (("account", "reset", "nobody"), "there is no such account"),
        (("token", "add", "clock", "--scope", "accounts"), "there is no scope 'accounts'; choose from desks"),
        (("token", "revoke", "clock"), "there is no token 'clock'"),
    ],
)
def test_what_is_not_done_is_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    shell.says("account", "add", "ada", "--role", "admin")
    assert said in shell.refuses(*words)


def test_a_folder_without_a_database_is_told(shell: Shell) -> None:
    assert "there is no database" in shell.refuses("account", "list")
    assert not shell.data.exists()
