"""A filter for our templates: a value as TOML writes it."""

import json
from collections.abc import Callable, Mapping
from typing import Any


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
        return {"toml_value": toml_value}
