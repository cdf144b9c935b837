"""What a form brings, read with suspicion: anybody can send anything."""

from starlette.datastructures import FormData

from hub.web.wishes import is_request_id


def text(form: FormData, name: str) -> str:
    """A field that people or pages filled in; empty when there is none, or a file in its place."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def request_id(form: FormData) -> str:
    """The name of the wish, as the page was given it; empty when it is none of ours."""
    named = text(form, "request_id")
    return named if is_request_id(named) else ""
