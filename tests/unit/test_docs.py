"""The documentation names every setting, command, Fault and log event; a test fails when one is missing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fastkontakt.cli import COMMANDS, loaded
from fastkontakt.settings import Settings
from producer.faults import fault_kinds

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGES = ("contracts", "register", "mapping", "producer", "consumer", "fastkontakt")


def settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield key and field of every setting; NN stands for a county code."""
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        section = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if section is None:
            yield prefix + name, field
        else:
            key = f"{name}.NN" if name == "regions" else name
            yield from settings(section, f"{prefix}{key}.")


def default(field: FieldInfo) -> str:
    """Return a setting's default as the table writes it."""
    if field.default is PydanticUndefined:
        return "must be set"
    if field.default in (None, "", (), {}):
        return "empty"
    if isinstance(field.default, tuple):
        return f"`{', '.join(field.default)}`"
    return f"`{field.default}`".lower() if isinstance(field.default, bool) else f"`{field.default}`"


def row(key: str, field: FieldInfo) -> str:
    """Return a setting's row of docs/configuration.md."""
    return f"| `{key}` | {default(field)} | {field.description} |"


def commands() -> dict[str, Any]:
    """Return every command by its full name."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        for sub, one in getattr(command, "commands", {}).items():
            walk(one, f"{name} {sub}")
        if not hasattr(command, "commands"):
            found[name] = command

    for name in COMMANDS:
        walk(loaded(name), name)
    return found


def log_events() -> set[str]:
    """Return the names of all events in the code, found by what is called on ``log``."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "log"
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(str(node.args[0].value))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log_unexpected":
                    assert isinstance(node.args[1], ast.Constant)
                    found.add(str(node.args[1].value))
    return found


@pytest.mark.parametrize(("key", "field"), [pytest.param(*one, id=one[0]) for one in settings()])
def test_every_setting_is_documented_with_default_and_meaning(key: str, field: FieldInfo) -> None:
    assert field.description, f"{key} has no description"
    assert row(key, field) in (DOCS / "configuration.md").read_text("utf-8").splitlines()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    documented = re.findall(r"^\| `([^`]+)` \|", (DOCS / "configuration.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(key for key, _ in settings())


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented_with_its_options(name: str) -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    section = text.partition(f"## fastkontakt {name}\n")[2].partition("\n## ")[0]
    assert section, f"docs/commands.md has no section on {name}"
    for parameter in commands()[name].params:
        is_option = parameter.opts[0].startswith("-")
        names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name]
        for one in names:
            assert f"`{one}" in section, f"{name}: {one} is not documented"


def test_no_command_is_documented_that_does_not_exist() -> None:
    documented = re.findall(r"^## fastkontakt (.+)$", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(commands())


def test_readme_lists_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in {name.split()[0] for name in commands()}:
        assert f"`fastkontakt {name}`" in readme


def test_every_fault_is_documented_with_code_and_status() -> None:
    rows = re.findall(
        r"^\| (FK\d+) \| (\w+) \| (\d+) \|", (DOCS / "faults.md").read_text("utf-8"), re.MULTILINE
    )
    kinds = fault_kinds().values()
    assert sorted(rows) == sorted((kind.code, kind.faultcode, str(kind.status)) for kind in kinds)


def test_every_log_event_is_documented_and_no_other() -> None:
    documented = re.findall(
        r"^\| `(\w+)` \| (?:debug|info|warning|error) \|",
        (DOCS / "logging.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert set(documented) == log_events()
    assert log_events(), "no event found: the search is broken"


def test_every_fault_in_the_code_is_in_the_table() -> None:
    used = set()
    for path in (ROOT / "producer").rglob("*.py"):
        used |= set(re.findall(r'SoapFault\(\s*"(FK\d+)"', path.read_text("utf-8")))
    assert used == set(fault_kinds())


def command_lines(page: Path) -> Iterator[str]:
    """Yield what the code blocks of a page run, after the program's name: alone, in a unit, or by cron."""
    for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            found = re.search(r"^(?:ExecStart=|[-0-9*/, ]+ \w+ )?(?:\S*/)?fastkontakt ((?!\.)\S.*)$", line)
            if found:
                yield found[1].partition("#")[0]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_commands_in_examples_exist_with_their_options(page: Path) -> None:
    known = commands()
    for line in command_lines(page):
        words = line.split()
        name = next((name for name in known if words[: len(name.split())] == name.split()), None)
        if name is None:
            assert words[0] in {one.split()[0] for one in known}, f"{page.name}: fastkontakt {line}"
            assert not [word for word in words if word.startswith("-")], f"{page.name}: fastkontakt {line}"
            continue
        options = {option for one in known[name].params for option in (*one.opts, *one.secondary_opts)}
        given = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
        assert given <= options, f"{page.name}: fastkontakt {line}"


def test_examples_of_nightly_loads_are_found() -> None:
    lines = list(command_lines(DOCS / "nightly-loads.md"))
    assert sum(line.startswith("watch ") for line in lines) == 4
    assert any(line.startswith("import ") for line in lines)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which does not exist"
