"""XML that a counter sends, read so that it costs no more than it weighs."""

from xml.etree import ElementTree as Xml

from edge.counters.readings import Refuse

ELEMENTS_MAX = 5_000
"""A month in hours is 744 intervals of five elements."""


def root_of(text: str) -> Xml.Element:
    """
    Nothing may define names of its own: such a few lines can mean billions.

    Raises:
        Refuse: it is no such XML.
    """
    if "<!" in text:
        raise Refuse("unsafe-xml", "it defines names of its own; a counter does not")
    try:
        root = Xml.fromstring(text.strip())
    except (Xml.ParseError, ValueError):  # ValueError for a text that names another encoding
        raise Refuse("not-xml", "not XML that can be read") from None
    if sum(1 for _ in root.iter()) > ELEMENTS_MAX:
        raise Refuse("too-large", f"more than {ELEMENTS_MAX} elements")
    return root


def name_of(element: Xml.Element) -> str:
    """Without its name space, in which makers change their minds."""
    return element.tag.rpartition("}")[2]
