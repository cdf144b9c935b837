"""What came, taken apart: bytes of a radio frame, a JSON value, or a bare word on a topic.

A frame may come as it is, as hex, as a list of bytes or base64, or inside of JSON that names its port, as makers print
their examples. This room knows these shapes and no maker.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.counters import loose_json
from edge.counters.parts import text_in
from edge.counters.readings import Refuse

BYTES_MAX = 2 * 1024 * 1024
"""Some counters send a picture with their numbers; nothing else is nearly as long."""
FRAME_BYTES_MAX = 242
"""What LoRaWAN carries at most."""
PORT_MAX = 255
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"GIF8")
"""How JPEG, PNG, WebP and GIF begin."""

_SEPARATED = re.compile(r"[\s:,-]+")
_HEX = re.compile(r"(?:0[xX])?[0-9a-fA-F]+\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}\Z")
_ESCAPED = re.compile(r"(?:\\x[0-9a-fA-F]{2})+\Z")
_HEX_BYTE = re.compile(r"0[xX][0-9a-fA-F]{1,2}\Z")
_DECIMAL_BYTE = re.compile(r"(?:0|[1-9][0-9]{0,2})\Z")
_FRAME_KEYS = ("hex", "bytes", "frm_payload", "data", "payload_hex", "payload")
_HEX_KEYS, _BASE64_KEYS = ("hex", "bytes", "payload_hex"), ("frm_payload",)
"""Their names say how they are written; of the others only the text does."""
_PORT_KEYS = ("fPort", "f_port", "fport", "port")


@dataclass(frozen=True, kw_only=True)
class Uplink:
    """A frame that a network server has wrapped, and what the server says about it."""

    frame: bytes
    port: int | None
    device: str = ""
    message: str = ""
    at: Any = None
    names: tuple[str, ...] = ()
    """What may tell the make: the profile, the model."""
    flags: tuple[str, ...] = ()


_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def without_mark(sent: bytes) -> bytes:
    """The same in UTF-8, without the mark that editors and shells of Windows put before a text. Bytes that only begin
    like a mark stay as they are."""
    if sent[:3] == _UTF8_MARK:
        coding = "utf-8-sig"
    elif sent[:2] in _UTF16_MARKS:
        coding = "utf-16"
    else:
        return sent
    try:
        text = sent.decode(coding)
    except UnicodeDecodeError:
        return sent
    is_text = all(letter.isprintable() or letter.isspace() for letter in text)
    return text.encode() if is_text and (text.isascii() or text.lstrip()[:1] in tuple("{[<")) else sent


def text_of(sent: bytes) -> str:
    """
    Raises:
        Refuse: it is empty, or no text.
    """
    check_size(sent)
    if sent.startswith(PICTURES):
        raise Refuse("not-a-count", "a picture, which counts nobody")
    try:
        text = text_in(sent).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refuse("not-text", "neither UTF-8 nor anything that this family sends") from None
    if not text.strip():
        raise Refuse("empty", "nothing was sent")
    return text


def check_size(sent: bytes) -> None:
    """
    Raises:
        Refuse: nobody sends that much.
    """
    if len(sent) > BYTES_MAX:
        raise Refuse("too-large", f"more than the {BYTES_MAX} bytes that a counter may send")


def sample(value: Any) -> Any:
    """What an example file holds around it is taken away: the answer that is expected of it."""
    if isinstance(value, Mapping) and isinstance(value.get("envelope"), Mapping):
        return value["envelope"]
    return value


def json_in(sent: bytes) -> Any:
    """The JSON object that these bytes are; None if they are something else, such as hex.

    Raises:
        Refuse: they begin like JSON and are none.
    """
    if sent.lstrip()[:1] != b"{":
        return None
    return sample(loose_json.strict(text_of(sent))[0])


def frame_in(sent: bytes) -> tuple[bytes, int | None]:
    """A frame and, where it is said, its port.

    Raises:
        Refuse: there is none.
    """
    if not sent.strip():
        raise Refuse("empty", "nothing was sent")
    table = json_in(sent) if len(sent) <= BYTES_MAX else None
    if table is not None:
        return _frame_of(table)
    check_size(sent)
    try:
        text = sent.decode("ascii")
    except UnicodeDecodeError:
        return sent, None
    if not all(letter.isprintable() or letter.isspace() for letter in text):
        return sent, None
    return bytes_of(text.strip().strip("\"'")), None


def bytes_of(text: str) -> bytes:
    """Hex, with or without something between the digits; a list of bytes, `0x04, 0xCC` or `[4, 204]`; or base64.

    Raises:
        Refuse: it is none of these.
    """
    for read in (_from_hex, _from_list):
        if (found := read(text)) is not None:
            return found
    packed = "".join(text.split())
    if packed[:2] == "[{":
        raise Refuse("unknown-shape", "a list of messages; they are read one at a time")
    return from_base64(packed, "the frame")


def _from_hex(text: str) -> bytes | None:
    """None if it is something else.

    Raises:
        Refuse: half a byte is missing.
    """
    if _ESCAPED.match(text):
        return bytes.fromhex(text.replace("\\x", ""))
    joined = _SEPARATED.sub("", text)
    if not _HEX.match(joined):
        return None
    digits = joined[2:] if joined[:2] in ("0x", "0X") else joined
    if len(digits) % 2:
        raise Refuse("not-hex", f"{len(digits)} hex digits are no whole bytes")
    return bytes.fromhex(digits)


def _from_list(text: str) -> bytes | None:
    """Each byte with `0x` before it, or in square brackets; None if it is something else."""
    is_bracketed = text[:1] == "[" and text[-1:] == "]"
    words = (text[1:-1] if is_bracketed else text).replace(",", " ").split()
    found = bytearray()
    for word in words:
        if _HEX_BYTE.match(word):
            found.append(int(word, 16))
        elif is_bracketed and _DECIMAL_BYTE.match(word) and int(word) <= 0xFF:
            found.append(int(word))
        else:
            return None
    return bytes(found)


def from_base64(text: str, what: str) -> bytes:
    """
    Raises:
        Refuse: it is not base64.
    """
    if not _BASE64.match(text):
        raise Refuse("not-hex", f"{what} is neither hex nor base64")
    padded = text.rstrip("=")
    try:
        return base64.b64decode(
            padded + "=" * (-len(padded) % 4), altchars=b"-_" if "-" in text or "_" in text else None
        )
    except (binascii.Error, ValueError):
        raise Refuse("not-hex", f"{what} is not base64") from None


def port_in(table: Mapping[str, Any]) -> int | None:
    """
    Raises:
        Refuse: it is no port.
    """
    for key in _PORT_KEYS:
        if (port := table.get(key)) is not None:
            if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= PORT_MAX:
                raise Refuse("bad-value", f"{key} is no port from 0 to {PORT_MAX}")
            return port
    return None


def _frame_of(table: Mapping[str, Any]) -> tuple[bytes, int | None]:
    if isinstance(table.get("input"), Mapping):
        table = table["input"]
    for key in _FRAME_KEYS:
        found = table.get(key)
        if isinstance(found, str):
            return _written(key, found), port_in(table)
        if isinstance(found, list):
            if not all(isinstance(byte, int) and not isinstance(byte, bool) and 0 <= byte <= 255 for byte in found):
                raise Refuse("bad-value", f"{key} holds something other than bytes")
            return bytes(found), port_in(table)
    raise Refuse("unknown-shape", f"JSON without a frame; it is looked for in {', '.join(_FRAME_KEYS)}")


def _written(key: str, text: str) -> bytes:
    """
    Raises:
        Refuse: it is not written as this key says.
    """
    if not text.strip():
        return b""
    if key in _BASE64_KEYS:
        return from_base64("".join(text.split()), key)
    if key not in _HEX_KEYS:
        return bytes_of(text)
    if (found := _from_hex(text)) is None:
        found = _from_list(text)
    if found is None:
        raise Refuse("not-hex", f"{key} is not hex")
    return found
