"""Values of Groovy, and what may be done with them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

_ESCAPES = {"n": "\n", "t": "\t"}


class NotInterpretedError(ValueError):
    """Something in a script that the tester does not understand; the text names it."""


@dataclass(frozen=True)
class Elements:
    """Elements, as Groovy looks at them: names lead on to the children of all of them."""

    elements: tuple[etree._Element, ...]

    def __str__(self) -> str:
        return "".join("".join(one.itertext()) for one in self.elements).strip()


def truth(value: Any) -> bool:
    """Tell whether a value counts as true: elements when there are some."""
    return bool(value.elements) if isinstance(value, Elements) else bool(value)


def compared(left: Any, mark: str, right: Any) -> bool:
    """Compare two values as a mark says."""
    if mark == "in":
        if not isinstance(right, list):
            raise NotInterpretedError("in, with something that is no list")
        return str(left) in [str(one) for one in right]
    if mark == "==~":
        return re.fullmatch(str(right), str(left)) is not None
    if right is None or left is None:
        same = left is right
    else:
        plain = [str(one) if isinstance(one, Elements) else one for one in (left, right)]
        if mark not in ("==", "!=") and type(plain[0]) is not type(plain[1]):
            raise NotInterpretedError(f"{mark} between values of two kinds")
        if mark not in ("==", "!="):
            return bool(_ORDERS[mark](plain[0], plain[1]))
        same = plain[0] == plain[1]
    return same if mark == "==" else not same


_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def part_of(value: Any, name: str) -> Any:
    """Return the children of elements by a name."""
    if not isinstance(value, Elements):
        raise NotInterpretedError(f".{name} of something that is no element")
    local = name.rpartition(":")[2]
    return Elements(tuple(child for one in value.elements for child in one.iterchildren(f"{{*}}{local}")))


def called(value: Any, name: str, arguments: list[Any]) -> Any:
    """Call a method of a value."""
    if isinstance(value, Mapping):
        if name not in value:
            raise NotInterpretedError(f"the call of {name}")
        return value[name](*arguments)
    if isinstance(value, Elements):
        match name, arguments:
            case (("text" | "toString"), []):
                return str(value)
            case "size", []:
                return len(value.elements)
            case "isEmpty", []:
                return not value.elements
    if isinstance(value, str):
        match name, arguments:
            case (("text" | "toString" | "trim"), []):
                return value.strip() if name == "trim" else value
            case (("size" | "length"), []):
                return len(value)
            case "isEmpty", []:
                return not value
            case (
                ("contains" | "startsWith" | "endsWith" | "matches" | "equals" | "equalsIgnoreCase"),
                [other],
            ):
                return _TEXT_CALLS[name](value, str(other))
            case (("toLowerCase" | "toUpperCase"), []):
                return value.lower() if name == "toLowerCase" else value.upper()
            case "toInteger", [] if re.fullmatch(r"-?\d+", value):
                return int(value)
    if isinstance(value, list) and name == "contains" and len(arguments) == 1:
        return str(arguments[0]) in [str(one) for one in value]
    raise NotInterpretedError(f"the call of {name}")


_TEXT_CALLS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, other: other in text,
    "startsWith": lambda text, other: text.startswith(other),
    "endsWith": lambda text, other: text.endswith(other),
    "matches": lambda text, other: re.fullmatch(other, text) is not None,
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: text.casefold() == other.casefold(),
}


def literal(text: str) -> str:
    """Return what stands in quotes."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])


def text_of_literal(text: str, scope: Mapping[str, Any]) -> str:
    """Return a text; in double quotes ``${name}`` and ``$name`` are names of the script.

    Raises:
        NotInterpretedError: One of them is not known, or is more than a name.
    """
    plain = literal(text)
    if text[0] == "'" or "$" not in plain or "\\$" in text:
        return plain

    def named(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in scope:
            raise NotInterpretedError(f"the name {name}")
        return str(scope[name])

    filled = re.sub(r"\$(?:\{(\w+)\}|(\w+))", named, plain)
    if "${" in filled:
        raise NotInterpretedError(f"the text {text}")
    return filled
