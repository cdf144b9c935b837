"""What a hub, or a broker, needs to live among certificates, put together when a process or a command starts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from hub.day.lobby import Lobby
from hub.identity import folder as folders
from hub.identity.authority import Authority, serial_of
from hub.identity.bouncer import Bouncer
from hub.identity.folder import Folder
from hub.identity.registrar import NodeOffice
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from wire import acl, topics
from wire.mqtt import Broker

OWN_VALID = timedelta(days=3_650)
"""Of our own certificates, which are made anew at every start, and of a broker's."""


class Identity(NamedTuple):
    """A hub among certificates."""

    broker: Broker
    """With our own certificate."""
    open_office: Callable[[JournalThread, Callable[[], datetime]], NodeOffice]


def nodes_of(lobbies: Sequence[Lobby]) -> dict[str, str]:
    """Each node, and its site."""
    return {device.node: lobby.site.id for lobby in lobbies for device in lobby.devices}


def identity(
    lobbies: Sequence[Lobby],
    url: str,
    data: Path,
    *,
    keyring: Keyring,
    now: Callable[[], datetime],
    new_token: Callable[[], str],
    rng: Random,
) -> Identity:
    """Who we are at the broker `url`, with everything that needs no database lying in the folder.

    Raises:
        HubError: the folder cannot be written.
    """
    authority, folder = Authority(keyring), Folder(data / folders.NAME)
    folder.put(folder.ca_file, authority.certificate.encode())
    for name in (topics.HUB, acl.WATCH, acl.HOME):
        folder.put_identity(name, authority.identity(name, serial_of(rng.randbytes(16)), now() + OWN_VALID))
    broker = Broker.parse(url, folder.ca_file, folder.identity_file(topics.HUB))

    def open_office(thread: JournalThread, steady_now: Callable[[], datetime]) -> NodeOffice:
        return NodeOffice(
            thread,
            nodes_of(lobbies),
            authority=authority,
            keyring=keyring,
            folder=folder,
            expel=Bouncer(broker, authority, folder, rng=rng).expel,
            now=steady_now,
            new_token=new_token,
        )

    return Identity(broker, open_office)


def put_broker_files(
    target: Path, lobbies: Sequence[Lobby], hosts: Sequence[str], *, keyring: Keyring, data: Path, now: datetime
) -> list[Path]:
    """Everything that a broker needs, to be reached under `hosts`, into the folder `target`; the files.

    Raises:
        HubError: the folder cannot be written, or a host has no name that could be certified.
    """
    authority, folder, known = Authority(keyring), Folder(target), Folder(data / folders.NAME)
    # Without a hub yet nobody is revoked.
    revoked = known.list_file.read_bytes() if known.list_file.exists() else authority.revoked_list(0, ())
    folder.put(folder.ca_file, authority.certificate.encode())
    folder.put(folder.list_file, revoked)
    rights = acl.for_nodes((site, node) for node, site in nodes_of(lobbies).items())
    folder.put(folder.acl_file, rights.encode())
    own = folder.put_identity("broker", authority.broker_identity(hosts, now + OWN_VALID))
    return [folder.ca_file, folder.list_file, folder.acl_file, own]
