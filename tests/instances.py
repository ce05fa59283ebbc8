"""Messages made from the schemas themselves, and the same with something put wrong in one place."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import xmlschema
from lxml import etree
from xmlschema.validators import XsdAnyElement, XsdGroup

from contracts.catalogue import Contract
from contracts.schemas import Schemas, built_in

XSI = "http://www.w3.org/2001/XMLSchema-instance"
FOREIGN = "urn:foreign"

VALUES = (
    "x",
    "true",
    "1",
    "SE2321000016-1A2B",
    "2024-02-29T12:00:00",
    "2024-02-29",
    "12:00:00",
    "20240229",
    "20240229120000",
    "120000",
    "195709263080",
    "1.2.752.129.2.1.3.1",
    "",
    "0",
    "-1",
)
"""Among them is one that each simple type takes."""

ODD_VALUES = (
    *VALUES,
    " x ",
    "x\ny",
    "TRUE",
    "false ",
    "+1",
    "00",
    "1.0",
    "1e3",
    "99999999999999999999",
    "2147483648",
    "2024-02-30T12:00:00",
    "2023-02-29",
    "0000-01-01T00:00:00",
    "-0001-01-01T00:00:00",
    "12024-01-01T00:00:00",
    "2024-01-01T24:00:00",
    "2024-01-01T24:00:01",
    "2024-01-01T23:59:60",
    "2024-01-01T12:00:00Z",
    "2024-01-01T12:00:00+14:01",
    "2024-01-01T12:00:00.",
    "2024-01-01T12:00:00.123456789123",
    "2024-01-01 12:00:00",
    "20240230",
    "20241301",
    "2024022912",
    "2024\u0660229",
    "CITIZEN ",
    "citizen",
    "\u00a0",
    "\u00e5\u00e4\u00f6",
    "x" * 300,
)


def schema_of(contract: Contract, schemas: Schemas | None = None) -> xmlschema.XMLSchema10:
    """Return the schema of a contract as xmlschema reads it."""
    chosen = schemas or built_in()
    return xmlschema.XMLSchema10(str(chosen.schema(contract)))


def instance(schema: Any, tag: str, random: Random) -> etree._Element:
    """Return an element that a schema accepts, with as much in it as chance makes."""
    return _filled(schema.maps.elements[tag], random)


def _filled(declared: Any, random: Random) -> etree._Element:
    element = etree.Element(declared.name)
    if declared.type.is_simple():
        possible = declared.type.enumeration or VALUES
        element.text = str(next(value for value in possible if declared.type.is_valid(value)))
    else:
        _fill(element, declared.type.content, random)
    return element


def _fill(element: etree._Element, group: Any, random: Random) -> None:
    if group.model == "choice":
        element.append(_filled(random.choice(list(group)), random))
        return
    for part in group:
        most = part.min_occurs + 2 if part.max_occurs is None else part.max_occurs
        for _ in range(random.randint(part.min_occurs, min(most, part.min_occurs + 2))):
            match part:
                case XsdAnyElement():
                    etree.SubElement(element, f"{{{FOREIGN}}}extension").text = "x"
                case XsdGroup():
                    _fill(element, part, random)
                case _:
                    element.append(_filled(part, random))


Change = Callable[[etree._Element, Random], None]


def _insert(element: etree._Element, random: Random, tag: str) -> None:
    made = etree.Element(tag)
    if random.random() < 0.5:
        made.text = "x"
    element.insert(random.randint(0, len(element)), made)


def _foreign(element: etree._Element, random: Random) -> None:
    _insert(element, random, f"{{{FOREIGN}}}w")


def _nameless(element: etree._Element, random: Random) -> None:
    _insert(element, random, "w")


def _another_of_ours(element: etree._Element, random: Random) -> None:
    space = etree.QName(element).namespace
    _insert(element, random, f"{{{space}}}w" if space else "w")


def _of_the_other_namespace(element: etree._Element, random: Random) -> None:
    root = element.getroottree().getroot()
    chosen = random.choice([one.tag for one in root.iter()])
    _insert(element, random, chosen)


def _remove(element: etree._Element, random: Random) -> None:
    if len(element):
        element.remove(random.choice(list(element)))


def _repeat(element: etree._Element, random: Random) -> None:
    if len(element):
        chosen = random.choice(list(element))
        element.insert(
            random.randint(0, len(element)), etree.fromstring(etree.tostring(chosen, with_tail=False))
        )


def _swap(element: etree._Element, random: Random) -> None:
    if len(element) > 1:
        element.insert(random.randint(0, len(element) - 1), random.choice(list(element)))


def _text(element: etree._Element, random: Random) -> None:
    element.text = random.choice(ODD_VALUES)


def _tail(element: etree._Element, random: Random) -> None:
    if len(element):
        random.choice(list(element)).tail = random.choice(("x", " ", "\n"))


def _attribute(element: etree._Element, random: Random) -> None:
    name = random.choice(("a", f"{{{FOREIGN}}}a", "{http://www.w3.org/XML/1998/namespace}lang", "id"))
    element.set(name, "x")


def _instance_attribute(element: etree._Element, random: Random) -> None:
    name, value = random.choice(
        (
            ("nil", "true"),
            ("nil", "false"),
            ("nil", "x"),
            ("type", "IIType"),
            ("type", "f:IIType"),
            ("schemaLocation", "urn:foreign urn:nowhere"),
            ("schemaLocation", "odd"),
            ("noNamespaceSchemaLocation", "urn:nowhere"),
            ("unknown", "x"),
        )
    )
    element.set(f"{{{XSI}}}{name}", value)


def _smuggle(element: etree._Element, random: Random) -> None:
    """Put an element of ours, with all it holds, where foreign elements may be."""
    root = element.getroottree().getroot()
    inner = etree.fromstring(etree.tostring(random.choice(list(root.iter())), with_tail=False))
    made = etree.SubElement(element, f"{{{FOREIGN}}}w")
    made.append(inner)


CHANGES: tuple[Change, ...] = (
    _foreign,
    _foreign,
    _nameless,
    _another_of_ours,
    _of_the_other_namespace,
    _remove,
    _repeat,
    _swap,
    _text,
    _text,
    _tail,
    _attribute,
    _instance_attribute,
    _smuggle,
)


def mutations(element: etree._Element, random: Random) -> Iterator[etree._Element]:
    """Yield the element without end, each time with one thing changed, or a few."""
    written = etree.tostring(element)
    while True:
        changed = etree.fromstring(written)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            random.choice(CHANGES)(random.choice(list(changed.iter())), random)
        yield etree.fromstring(etree.tostring(changed))
