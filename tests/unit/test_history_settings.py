"""Where history is kept, as the command line says it."""

from functools import partial
from pathlib import Path

import pytest

from hub.config import HubSettings
from hub.errors import ConfigError, HubError
from hub.history.influx_store import InfluxAddress, InfluxStore
from hub.history.sql_store import SqlStore
from hub.main import history_of


def settings(**more: object) -> HubSettings:
    said: dict[str, object] = {
        "broker": "mqtt://127.0.0.1:1883",
        "broker_ca": None,
        "data_dir": Path("data"),
        "database_url": "sqlite://",
        "host": "127.0.0.1",
        "port": 8080,
        "public_url": "http://127.0.0.1:8080",
        "log_level": "info",
    }
    return HubSettings(**(said | more))  # type: ignore[arg-type]  # a test may say nonsense


def test_history_is_in_the_hubs_own_database_unless_said_otherwise() -> None:
    assert history_of(settings()) is SqlStore
    assert history_of(settings(history="none")) is None


def test_the_token_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-secret\n")
    opened = history_of(
        settings(
            history="influx",
            influx_url="http://127.0.0.1:8086",
            influx_org="town",
            influx_bucket="guichet",
            influx_token_file=file,
        )
    )
    assert isinstance(opened, partial)
    address = InfluxAddress("http://127.0.0.1:8086", "town", "guichet", "a-secret")
    assert (opened.func, opened.keywords) == (InfluxStore, {"address": address})
    assert "a-secret" not in address.name


def test_a_token_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    missing = settings(history="influx", influx_url="http://h", influx_bucket="b", influx_token_file=tmp_path / "token")
    with pytest.raises(HubError, match="cannot be read: No such file or directory; see its owner and mode"):
        history_of(missing)


def test_wrong_words_about_history_are_told_together() -> None:
    with pytest.raises(ConfigError) as raised:
        settings(history="influx", influx_url="127.0.0.1:8086")
    assert raised.value.faults == (
        "--influx-url: '127.0.0.1:8086' is not like http://127.0.0.1:8086",
        "--influx-bucket: --history influx needs one",
    )
    with pytest.raises(ConfigError, match="--history: 'paper' is not one of sql, influx, none"):
        settings(history="paper")
