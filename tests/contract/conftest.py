"""Databases for contracts that every one of them keeps, and a certificate for brokers."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from hub.database import POSTGRESQL
from tests.brokers import HOST, Certificates
from tests.databases import Postgresql, postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgresql]:
    """One server for all tests; each takes a database of its own."""
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.db'}"
    server: Postgresql = request.getfixturevalue("postgresql_server")
    return server.new_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A way to that database; nothing is in it but what a test has put there."""
    with _engine(database_url) as engine:
        yield engine


@pytest.fixture
def elsewhere_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """The address of another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'elsewhere' / 'hub.db'}"
    server: Postgresql = request.getfixturevalue("postgresql_server")
    return server.new_database()


@pytest.fixture
def elsewhere(elsewhere_url: str) -> Iterator[Engine]:
    """A way to that other database."""
    with _engine(elsewhere_url) as engine:
        yield engine


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url.replace("postgresql:", f"{POSTGRESQL}:"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate for the loopback address, which is its own authority."""
    folder = tmp_path_factory.mktemp("certificates")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    self_signed = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    name = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}"]
    subprocess.run([*self_signed.split(), *name, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return Certificates(ca_file=certificate, cert_file=certificate, key_file=key)
