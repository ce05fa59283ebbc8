"""docs/security.md: each class of attack has a row, and each row a test that exists."""

import ast
import re
from pathlib import Path

import pytest

from producer import bounds

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| (\[test_[^|]+) \|$", PAGE, re.MULTILINE)

CLASSES = (
    "XXE",
    "Entity bomb",
    "Quadratic blow-up",
    "Depth",
    "Siblings",
    "Attribute flood",
    "Namespace flood",
    "Long and many names",
    "XInclude",
    "xsi:schemaLocation, xsi:type",
    "Wildcard smuggling",
    "Duplicate LogicalAddress",
    "Header injection",
    "Content-Length games",
    "CL+TE",
    "Chunked past the cap",
    "Compression",
    "Slow and idle clients",
    "Spreadsheet and CSV bombs",
    "Formula injection",
    "SQL in each field",
)
"""What the page must speak of."""


def test_every_class_has_one_row() -> None:
    found = [name for name, *_ in ROWS]
    assert len(set(found)) == len(found)
    assert set(CLASSES) <= set(found)


@pytest.mark.parametrize("row", [row for row in ROWS if "](../" in row[3]], ids=lambda row: row[0])
def test_every_row_names_tests_that_exist(row: tuple[str, str, str, str]) -> None:
    named = re.findall(r"\[(\w+)\]\(\.\./([^)]+)\)", row[3])
    assert len(named) == row[3].count("[")
    for name, file in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        tests = {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
        assert name in tests, f"{file} has no {name}"


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("elements of a message", bounds.ELEMENTS),
        ("elements directly within one", bounds.CHILDREN),
        ("elements within each other", bounds.DEPTH),
        ("attributes of an element, without declarations", bounds.ATTRIBUTES),
        ("namespaces that an element declares", bounds.DECLARATIONS),
        ("attributes and declarations of a message", bounds.ATTRIBUTES_OF_ALL),
        ("different names and namespaces of a message", bounds.NAMES),
        ("characters of a name or namespace", bounds.NAME_LENGTH),
        ("characters of the value of an attribute", bounds.VALUE_LENGTH),
        ("tags, comments, processing instructions and pieces of CDATA", bounds.MARKUP),
        ("references to characters", bounds.REFERENCES),
        ("equal signs", bounds.EQUAL_SIGNS),
        ("lines", bounds.LINES),
    ],
)
def test_the_page_says_what_the_bounds_are(what: str, most: int) -> None:
    number = f"{most:,}".replace(",", " ")
    assert f"| {what} | {number} |" in PAGE
