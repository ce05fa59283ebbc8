"""Edits of an answer: what a broken producer does to it."""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

CORE = "urn:riv:supportprocess:logistics:carelisting:2"
EXTENSION = "urn:riv:supportprocess:logistics:carelisting:2.1"


def each(path: str, act: Callable[[etree._Element], object]) -> Callable[[etree._Element], None]:
    """Act on every element at a path of local names."""

    def edit(content: etree._Element) -> None:
        for one in list(content.iterfind("/".join(f"{{*}}{step}" for step in path.split("/")))):
            act(one)

    return edit


def gone(
    path: str, where: Callable[[etree._Element], bool] = lambda one: True
) -> Callable[[etree._Element], None]:
    """Take elements away."""
    return each(path, lambda one: one.getparent().remove(one) if where(one) else None)


def says(path: str, text: str) -> Callable[[etree._Element], None]:
    """Give elements another text."""

    def act(one: etree._Element) -> None:
        one.text = text

    return each(path, act)


def resays(path: str, change: Callable[[str], str]) -> Callable[[etree._Element], None]:
    """Change the texts of elements."""

    def act(one: etree._Element) -> None:
        one.text = change(one.text or "")

    return each(path, act)


def doubled(
    path: str, change: Callable[[etree._Element], object] = lambda one: None
) -> Callable[[etree._Element], None]:
    """Add a copy of the first element at a path after it, changed."""

    def edit(content: etree._Element) -> None:
        first = content.find("/".join(f"{{*}}{step}" for step in path.split("/")))
        if first is not None:
            copy = deepcopy(first)
            change(copy)
            first.addnext(copy)

    return edit


def added(path: str, xml: str) -> Callable[[etree._Element], None]:
    """Add an element after each at a path. Prefixes: c the core types of carelisting, e those of 2.1."""

    def act(one: etree._Element) -> None:
        wrapped = f'<x xmlns:c="{CORE}" xmlns:e="{EXTENSION}">{xml}</x>'
        one.addnext(etree.fromstring(wrapped)[0])

    return each(path, act)


def both(*edits: Callable[[etree._Element], None]) -> Callable[[etree._Element], None]:
    """Do several edits."""

    def edit(content: etree._Element) -> None:
        for one in edits:
            one(content)

    return edit


def text_at(element: etree._Element, path: str) -> str:
    """Return the text at a path of local names."""
    return str(element.findtext("/".join(f"{{*}}{step}" for step in path.split("/"))) or "")
