"""The folder in which hub and broker find each other's files: `authority` in the hub's own.

`ca.pem`, `revoked.pem` and `acl` are for the broker, `hub.pem`, `watch.pem` and `home-assistant.pem` for whoever
comes in under these names.
Files are replaced as a whole: a broker that reads one sees the old or the new.
"""

from pathlib import Path

from hub import files
from hub.errors import HubError
from hub.identity.authority import Identity

NAME = "authority"
SECRET, PUBLIC = 0o600, 0o644


class Folder:
    """One hub's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ca_file = path / "ca.pem"
        self.list_file = path / "revoked.pem"
        self.acl_file = path / "acl"

    def identity_file(self, name: str) -> Path:
        """Key and certificate of `name`, one after the other."""
        return self.path / f"{name}.pem"

    def put_identity(self, name: str, identity: Identity) -> Path:
        """Its file."""
        file = self.identity_file(name)
        self.put(file, identity.pem, SECRET)
        return file

    def put(self, file: Path, content: bytes, mode: int = PUBLIC) -> None:
        """Make `file` say `content`; it is left alone if it does already.

        Raises:
            HubError: it cannot be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if file.exists() and file.read_bytes() == content:
                return
            files.put(file, content, mode)
        except OSError as error:
            raise HubError(f"{file} cannot be written: {error.strerror}; see its folder's owner") from None
