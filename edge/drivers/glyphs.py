"""Letters and digits seven pixels high, for rows of LED modules. Our own design; knows nothing of devices.

A glyph is a byte per column, its lowest bit the topmost pixel. `WIDE` reads from across a hall; `NARROW` is for short
cascades. What has no glyph is shown as a small chequered block, so that a fault in a name is seen and nothing stops.
"""

import unicodedata
from typing import NamedTuple


class Font(NamedTuple):
    """A set of glyphs with what is shown for a character it does not have."""

    glyphs: dict[str, bytes]
    replacement: bytes
    space_px: int


def _glyphs(written: str) -> dict[str, bytes]:
    return {entry[0]: bytes.fromhex(entry[2:]) for entry in written.split()}


WIDE = Font(
    _glyphs("""
    A=7e0909097e B=7f49494936 C=3e41414141 D=7f4141413e E=7f49494941 F=7f09090901 G=3e41414979 H=7f0808087f
    I=417f41 J=304041413f K=7f08142241 L=7f40404040 M=7f020c027f N=7f0608307f O=7f4141417f P=7f09090906
    Q=3e4151215e R=7f09192946 S=4649494931 T=01017f0101 U=3f4040403f V=0f3040300f W=7f2018207f X=6314081463
    Y=0304780403 Z=6151494543 0=3e4141413e 1=44427f4040 2=4261514946 3=4149494936 4=1814127f10 5=2745454539
    6=3c4a494930 7=0101710d03 8=3649494936 9=064949291e →=080808492a1c08 :=36 -=080808 .=60 ?=0201510906
    /=6010080403
    """),
    replacement=bytes.fromhex("552a552a55"),
    space_px=3,
)

NARROW = Font(
    _glyphs("""
    A=7e097e B=7f4936 C=3e4141 D=7f413e E=7f4941 F=7f0901 G=3e4171 H=7f087f I=7f J=20403f K=7f0877 L=7f4040
    M=7f020c027f N=7f06187f O=7f417f P=7f0906 Q=3e41617e R=7f0976 S=464931 T=017f01 U=7f407f V=3f403f
    W=7f2018207f X=770877 Y=077807 Z=714947 0=3e413e 1=427f40 2=714946 3=414936 4=0f087f 5=4f4931 6=3e4931
    7=017907 8=364936 9=46493e →=3e1c08 :=36 -=0808 .=60 ?=015906 /=700807
    """),
    replacement=bytes.fromhex("552a55"),
    space_px=2,
)


def columns(text: str, font: Font) -> bytes:
    """The pixel columns of `text`, a blank one between characters. Letters lose their accents and are capitals."""
    plain = unicodedata.normalize("NFKD", text).upper()
    shown = [_column(character, font) for character in plain if not unicodedata.combining(character)]
    return b"\0".join(shown)


def _column(character: str, font: Font) -> bytes:
    if character.isspace():
        return bytes(font.space_px)
    return font.glyphs.get(character, font.replacement)
