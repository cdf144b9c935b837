"""The address of a broker, as people write it."""

from pathlib import Path

import pytest

from wire.mqtt import Broker


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker.example", Broker(host="broker.example", port=1883)),
        ("mqtt://127.0.0.1:11883/", Broker(host="127.0.0.1", port=11883)),
        ("mqtt://[::1]:1884", Broker(host="::1", port=1884)),
        ("mqtts://broker.example", Broker(host="broker.example", port=8883, tls=True)),
        ("mqtt://pi-1:s3cret@broker:1883", Broker(host="broker", port=1883, username="pi-1", password="s3cret")),
        ("mqtt://u%40x:a%2Fb%3A%25@broker", Broker(host="broker", port=1883, username="u@x", password="a/b:%")),
    ],
)
def test_an_address_is_read(url: str, expected: Broker) -> None:
    assert Broker.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "broker:1883",
        "http://broker",
        "mqtt://",
        "mqtt://:1883",
        "mqtt://broker:port",
        "mqtt://broker:70000",
        "mqtt://broker/topic",
        "mqtt://broker?ca=x",
        "mqtt://pi-1:s3cr/et@broker",
        "mqtt://pi-1:s3cr#et@broker",
        "mqtt://[::1",
    ],
)
def test_a_wrong_address_is_told_how_to_look_and_never_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"must look like mqtt://host:1883") as refused:
        Broker.parse(url)
    assert "s3cr" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_authority_needs_tls() -> None:
    ca_file = Path("/etc/guichet/ca.pem")
    assert Broker.parse("mqtts://broker", ca_file).ca_file == ca_file
    with pytest.raises(ValueError, match="mqtts"):
        Broker.parse("mqtt://broker", ca_file)


def test_a_broker_never_shows_its_password() -> None:
    broker = Broker.parse("mqtts://pi-1:s3cret@broker")
    assert str(broker) == "mqtts://broker:8883"
    assert "s3cret" not in repr(broker)
