"""Bodies in several parts, as counters push them that send a picture with their numbers. Only text is looked at."""

from email.parser import BytesParser
from email.policy import HTTP

TEXT_TYPES = ("xml", "json", "csv", "plain")
_HEAD = b"content-type: multipart/"


def text_in(body: bytes, kind: str = "") -> bytes:
    """The parts that are text, one below the other, of a body of the content type `kind`; any other body as it is.

    Without a content type a body tells by itself that it has parts: by a head of its own, or by a first line that
    parts them, with a head below.
    """
    if not kind:
        kind = _kind_of(body.lstrip())
    elif not kind.lower().startswith("multipart/"):
        return body
    if not kind:
        return body
    head = b"" if kind == "itself" else b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    found = []
    for part in BytesParser(policy=HTTP).parsebytes(head + body.lstrip()).walk():
        if part.get_content_subtype() in TEXT_TYPES and not part.is_multipart():
            text = part.get_payload(decode=True)
            found += [text] if isinstance(text, bytes) else []
    return b"\n".join(found) if found else body


def _kind_of(body: bytes) -> str:
    """`itself` if it begins with its own head; empty if it has no parts."""
    if body[: len(_HEAD)].lower() == _HEAD:
        return "itself"
    first, _, rest = body[:4096].partition(b"\n")
    if first.startswith(b"--") and len(first.strip()) > 2 and rest.lstrip().lower().startswith(b"content-"):
        return f'multipart/form-data; boundary="{first.strip()[2:].decode("latin-1")}"'
    return ""
