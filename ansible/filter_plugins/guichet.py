"""Two filters for our templates: a password as mosquitto keeps it, and a value as TOML writes it."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

ITERATIONS = 101
"""Mosquitto's own. More would slow down every connection and protect nothing: our passwords are 190 random bits."""

SALT_BYTES = 12


def mosquitto_hash(password: str, user: str) -> str:
    """The line of mosquitto's password file after `user:`.

    The salt follows from user and password instead of chance, so that a second run writes the same file.
    """
    salt = hmac.digest(password.encode(), user.encode(), "sha256")[:SALT_BYTES]
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def toml_value(value: Any) -> str:
    """`value` as it stands to the right of `key =`; a mapping becomes an inline table."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    # JSON's texts, numbers and truths are TOML's as well.
    return json.dumps(value)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"mosquitto_hash": mosquitto_hash, "toml_value": toml_value}
