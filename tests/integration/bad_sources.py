"""One and the same table as a source of each kind, and what must hold however bad a source is."""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import Result

from register.database import Register
from tests.integration.contact_commands import EMIL, fill, run
from tests.integration.shipped import contents
from tests.producers import CENTRE
from tests.records import BO, CLARA, DAN

COLUMNS = ("PNR", "UNIT", "STAFF", "DAY", "SHOW", "NOTE")

GOOD: Mapping[str, str] = dict(
    zip(COLUMNS, (BO, str(CENTRE.hsa_id), str(EMIL.hsa_id), "2026-03-01", "ja", "Ring"), strict=True)
)

EVERYBODY = (BO, CLARA, DAN)

Cells = Mapping[str, str]


def good(person: str = BO, **cells: str) -> dict[str, str]:
    """Return a row without fault, but for the cells given."""
    return {**GOOD, "PNR": person, **cells}


@dataclass(frozen=True)
class Kind:
    """A kind of source.

    Attributes:
        file: Name of the file; of a query, of the section.
        section: What a section says of where it reads.
        line: Place of a row, from 0 -> the line told for it.
        write: Writes rows to a path.
    """

    file: str
    section: str
    line: Callable[[int], int]
    write: Callable[[Path, Sequence[Cells]], None]


def _write_delimited(path: Path, rows: Sequence[Cells]) -> None:
    lines = [COLUMNS, *(tuple(row.values()) for row in rows)]
    path.write_text("".join(";".join(line) + "\n" for line in lines), "utf-8")


def _write_json_lines(path: Path, rows: Sequence[Cells]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _write_xlsx(path: Path, rows: Sequence[Cells]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    for row in rows:
        escaped = (
            "".join(one if one >= " " else f"_x{ord(one):04X}_" for one in cell) for cell in row.values()
        )
        sheet.append(list(escaped))
    book.save(path)


def _write_ldif(path: Path, rows: Sequence[Cells]) -> None:
    entries = []
    for number, row in enumerate(rows):
        values = [f"{name}:: {b64encode(cell.encode()).decode()}\n" for name, cell in row.items()]
        entries.append(f"dn: cn={number}\n{''.join(values)}\n")
    path.write_text("".join(entries), "ascii")


def _write_database(path: Path, rows: Sequence[Cells]) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE contacts ({', '.join(COLUMNS)})")
        marks = ", ".join("?" * len(COLUMNS))
        database.executemany(
            f"INSERT INTO contacts VALUES ({marks})",  # noqa: S608 - question marks only
            [tuple(row.values()) for row in rows],
        )


KINDS: Mapping[str, Kind] = {
    "delimited": Kind("contacts.csv", 'name = "*.csv"', lambda at: at + 2, _write_delimited),
    "json-lines": Kind("contacts.jsonl", 'name = "*.jsonl"', lambda at: at + 1, _write_json_lines),
    "xlsx": Kind("contacts.xlsx", 'name = "*.xlsx"', lambda at: at + 2, _write_xlsx),
    "ldif": Kind("contacts.ldif", 'name = "*.ldif"', lambda at: at * 8 + 1, _write_ldif),
    "sql": Kind(
        "contacts", 'name = "contacts"\nquery = "SELECT * FROM contacts"', lambda at: at + 1, _write_database
    ),
}

_PROFILE = """
[profile]
name = "contacts"
title = "Contacts"
[load]
faulty = "refuse"
[database]
url = "sqlite:///{folder}/contacts"
[[file]]
record = "fixed_contact"
{section}
[file.fields]
person_id = "PNR"
type_code = {{ constant = "2" }}
unit = "UNIT"
staff = "STAFF"
valid_from = "DAY"
direct_number_visible = "SHOW"
internal_notes = "NOTE"
"""


@dataclass(frozen=True)
class Place:
    """A register with a region, and a folder for sources."""

    register: Register
    folder: Path

    def profile(self, kind: str, *changes: tuple[str, str]) -> Path:
        """Write the profile for a kind of source, with some texts in place of others."""
        text = _PROFILE.format(folder=self.folder, section=KINDS[kind].section)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = self.folder / "contacts.toml"
        path.write_text(text, "utf-8")
        return path

    def file(self, kind: str, rows: Sequence[Cells]) -> Path:
        """Write a source of a kind."""
        path = self.folder / KINDS[kind].file
        KINDS[kind].write(path, rows)
        return path

    def load(self, profile: Path, *files: Path, options: Iterable[str] = ()) -> Result:
        """Run the command; a traceback fails the test."""
        result = run("import", str(profile), *map(str, files), *options)
        assert "Traceback" not in result.output
        return result

    def refuse(self, profile: Path, *files: Path) -> Result:
        """Run the command, and see that it refuses, changes nothing and says nothing of persons."""
        before = contents(self.register)
        sources = [file.read_bytes() if file.is_file() else b"" for file in files]
        result = self.load(profile, *files)
        assert result.exit_code == 1, result.output
        assert "refused, nothing is stored" in result.stdout
        assert contents(self.register) == before
        assert [file.read_bytes() if file.is_file() else b"" for file in files] == sources
        for person in EVERYBODY:
            assert person not in result.output
            assert person[2:] not in result.output
        return result


@pytest.fixture
def place(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A register with a region, and a folder for sources."""
    fill(register, tmp_path, monkeypatch)
    folder = tmp_path / "sources"
    folder.mkdir()
    return Place(register, folder)


def errors(result: Result) -> list[str]:
    """Return the lines about errors."""
    return [line.removeprefix("error: ") for line in result.stderr.splitlines() if line.startswith("error: ")]


__all__ = ["COLUMNS", "EVERYBODY", "GOOD", "KINDS", "Kind", "Place", "errors", "good", "place"]
