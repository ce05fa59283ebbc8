"""Building response elements: one function each for an element with text and an element with parts."""

from lxml import etree


def add(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    """Append an element to ``parent`` and return it.

    Args:
        parent: The element to append to.
        tag: Name in Clark notation.
        text: Its text; None makes an element to be filled with others.
    """
    element = etree.SubElement(parent, tag)
    element.text = text
    return element


def add_optional(parent: etree._Element, tag: str, text: str | None) -> None:
    """Append an element with text, unless there is no text."""
    if text is not None:
        add(parent, tag, text)


def boolean(value: bool) -> str:
    """Return the text of an xs:boolean."""
    return "true" if value else "false"
