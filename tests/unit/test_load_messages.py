"""docs/load-messages.md has every message of a load, and none that no load gives."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "load-messages.md"
MODULES = [path for room in ("sources", "loads") for path in sorted((ROOT / "mapping" / room).rglob("*.py"))]

TOLD = {
    **dict.fromkeys(("ValueFault", "CellFault", "NameFault", "NoText", "_Unfit", "_Broken"), 0),
    **dict.fromkeys(("SourceError", "stop"), 1),
    **dict.fromkeys(("Row", "RowFault", "error", "warn"), 2),
}
"""What is called with a message -> the place of the message among the arguments."""


def texts(node: ast.expr, named: dict[str, list[str]]) -> list[str]:
    """Return the texts that an expression can stand for, with ``...`` for what differs from case to case."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(str(one.value) if isinstance(one, ast.Constant) else "..." for one in parts)]
        case ast.Name(id=name):
            return named.get(name, [])
        case ast.IfExp(body=one, orelse=other):
            return [*texts(one, named), *texts(other, named)]
        case ast.BoolOp(values=several):
            return [text for one in several for text in texts(one, named)]
        case ast.Call(func=ast.Name(id="_message"), args=[_, usual]):
            return texts(usual, named)
    return []


def messages(module: Path) -> Iterator[str]:
    """Yield the messages that a module gives."""
    tree = ast.parse(module.read_text("utf-8"))
    named: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).extend(texts(node.value, {}))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = str(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
            place = TOLD.get(name, len(node.args))
            if place < len(node.args):
                yield from texts(node.args[place], named)
        elif isinstance(node, ast.Yield) and module.name == "checks.py" and isinstance(node.value, ast.Tuple):
            yield from texts(node.value.elts[1], named)


def documented() -> list[str]:
    """Return the messages of the page."""
    rows = re.findall(r"^\| (.+?) \| .+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [row for row in rows if row != "message"]


FOUND = {message: module.name for module in MODULES for message in messages(module)}
WRITTEN = "\n".join(
    node.value
    for module in MODULES
    for node in ast.walk(ast.parse(module.read_text("utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
)
"""All texts of the code: a message may be put together from several."""


def test_the_messages_are_found() -> None:
    assert "the file is given more than once" in FOUND
    assert "is empty, but every row needs its ..." in FOUND
    assert len(FOUND) > 80


@pytest.mark.parametrize("message", sorted(FOUND))
def test_every_message_is_documented(message: str) -> None:
    pattern = ".*".join(map(re.escape, message.split("...")))
    assert [one for one in documented() if re.fullmatch(pattern, one)], f"{FOUND[message]}: {message}"


@pytest.mark.parametrize("message", documented())
def test_no_message_is_documented_that_does_not_exist(message: str) -> None:
    parts = re.split(r"\.\.\.|[;,] ", message)
    assert [part for part in parts if part.strip() not in WRITTEN] == []
