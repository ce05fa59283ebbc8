"""Answers in words: the values of an answer's body as tables with readable labels.

What is shown, in which order and under which label is ``labels.csv``. Text is made by the shape of a value,
which is that of its type in the schema; an answer that breaks its schema may lack any part.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from contracts import oids
from contracts.catalogue import Contract
from contracts.codes import MONTHS, WEEKDAYS, counties


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to show.

    Attributes:
        title: What it is about.
        columns: Heads of the columns.
        rows: As many texts as there are columns in each; a text may have several lines.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


# Contract -> the element that repeats (none: the answer itself is the item), what one is, one row for each.
_ITEMS = {
    "GetListing": ("listings", "Listing", False),
    "GetListingTypes": ("listingTypes", "Listing type", True),
    "GetListingCounty": ("listingCounties", "County", True),
    "GetAvailableHealthcareFacilities": ("healthcareFacilities", "Facility", True),
    "GetAvailableHealthcarePersonnel": ("healthcarePersonnel", "Doctor", True),
    "GetCareManagers": ("careManager", "Fixed contact", False),
    "PingForConfiguration": (None, "Service", False),
}
"""Contracts that are not here answer with a result only."""


def has_items(contract: Contract) -> bool:
    """Tell whether answers of the contract hold more than a result."""
    return contract.name in _ITEMS


def items(contract: Contract, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the answer is a list of: listings, facilities, contacts and so on."""
    if not has_items(contract):
        return []
    element, _, _ = _ITEMS[contract.name]
    return [body] if element is None else [item for item in body.get(element) or [] if item]


def sheets(contract: Contract, body: dict[str, Any]) -> list[Sheet]:
    """Return an answer's items: those with few values in one table, others in a table each.

    Columns and rows that would be empty are left out.
    """
    if not has_items(contract):
        return []
    element, noun, in_one_table = _ITEMS[contract.name]
    found = items(contract, body)
    labels = _labels()[contract.name]
    if in_one_table and found:
        table = [[_at(item, path) for path, _ in labels] for item in found]
        used = [column for column in range(len(labels)) if any(row[column] for row in table)]
        heads = tuple(f"{labels[column][1]}\n{labels[column][0] or element}" for column in used)
        return [Sheet("", heads, [tuple(row[column] for column in used) for row in table])]
    return [
        Sheet(
            f"{noun} {number} of {len(found)}" if element else noun,
            ("", "Value", "Element"),
            [(label, text, path) for path, label in labels if (text := _at(item, path))],
        )
        for number, item in enumerate(found, 1)
    ]


@cache
def _labels() -> dict[str, list[tuple[str, str]]]:
    """Return contract -> path within an item ("" for the item itself) and label, in the order to show."""
    text = files("consumer").joinpath("labels.csv").read_text("utf-8")
    labels: dict[str, list[tuple[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        labels.setdefault(row["contract"], []).append((row["element"].strip("."), row["label"]))
    return labels


def _at(item: Any, path: str) -> str:
    value = item
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return _text(value)


def _text(value: Any) -> str:
    """Return a value in words; "" for nothing, a line for each member of a list."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(" ")
        case list():
            return _join("\n", map(_text, value))
        case dict():
            for names, write in _SHAPES:
                if names <= value.keys():
                    return write(value)
            return _join(", ", map(_text, value.values()))
        case _:
            return str(value)


def _join(separator: str, parts: Iterable[str]) -> str:
    return separator.join(part for part in parts if part)


def _coded(value: dict[str, Any]) -> str:
    system = value["codeSystem"]
    name = value["displayName"] or value["originalText"]
    return _join(" ", (value["code"] or "", name or "", f"({system})" if system else ""))


def _identity(value: dict[str, Any]) -> str:
    root, extension = value["root"], value["extension"] or ""
    if root == oids.COUNTY and extension in counties():
        return f"{extension} {counties()[extension].name}"
    return extension if root == oids.HSA_ID else f"{extension} ({root})"


def _date(digits: str) -> str:
    """Return YYYYMMDD with hyphens."""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits


def _clock(digits: str) -> str:
    """Return hhmmss as hh:mm, as long as nothing is lost."""
    return f"{digits[:2]}:{digits[2:4]}" + (f":{digits[4:]}" if digits[4:] not in ("", "00") else "")


def _period(value: dict[str, Any]) -> str:
    """Return a DatePeriodType; without an end it is valid until further notice."""
    return f"{_date(value['start'] or '')} – {_date(value['end'] or '') or 'until further notice'}"


def _hours(value: dict[str, Any]) -> str:
    time = value["time"]
    return _join(
        " ",
        (
            _text(value["datePeriod"]),
            _run(value["month"], MONTHS),
            _run(value["weekDay"], WEEKDAYS),
            f"{_clock(time['start'] or '')}–{_clock(time['end'] or '')}" if time else "",
        ),
    )


def _run(values: list[str | None] | None, order: Sequence[str]) -> str:
    """Return names with commas, or as first and last when they follow one another."""
    names = [name for name in values or () if name]
    if len(names) > 2 and names[0] in order:
        first = order.index(names[0])
        if list(order[first : first + len(names)]) == names:
            return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def _telecom(value: dict[str, Any]) -> str:
    hours = _join("; ", map(_text, value["period"] or []))
    system = value["system"]
    return _join(
        " ", ((system["code"] or "") if system else "", value["value"] or "", f"({hours})" if hours else "")
    )


def _address(value: dict[str, Any]) -> str:
    kind = value["type"]
    town = _join(" ", (value["postalCode"] or "", value["city"] or ""))
    hours = _join("; ", map(_text, value["period"] or []))
    where = _join(", ", (*(value["line"] or []), town))
    return _join(" ", ((kind["code"] or "") if kind else "", where, f"({hours})" if hours else ""))


def _contact(value: dict[str, Any]) -> str:
    return _join("\n", (_text(value["telecom"]), _text(value["address"])))


def _configuration(value: dict[str, Any]) -> str:
    return f"{value['name']} = {value['value']}"


_SHAPES: tuple[tuple[frozenset[str], Callable[[dict[str, Any]], str]], ...] = (
    (frozenset({"code", "codeSystem"}), _coded),
    (frozenset({"root", "extension"}), _identity),
    (frozenset({"telecom", "address"}), _contact),
    (frozenset({"weekDay", "month"}), _hours),
    (frozenset({"system", "value"}), _telecom),
    (frozenset({"line", "postalCode"}), _address),
    (frozenset({"start", "end"}), _period),
    (frozenset({"name", "value"}), _configuration),
)
"""Names of elements that tell a type of the schemas -> how it is written."""
