"""Lists about residents, as table or CSV, with an audit row for each resident shown."""

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, TextIO, TypeVar

import typer
from sqlalchemy import Connection

from contracts.codes import LOCAL_CONTACT_TYPES, PV, CodeKey, fixed_contact_type
from contracts.identifiers import HsaId, PersonId
from fastkontakt.commands.common import PROTECTED, Undone, audit_entries, shown_resident
from fastkontakt.showing import Cell, table
from mapping.sources.formulas import as_text
from mapping.sources.private import owner_only
from register import audit
from register.database import Register
from register.model import Resident, Staff

NOBODY = "-"
"""The person of an audit row about figures in which nobody is named."""

Found = TypeVar("Found")

Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="Write CSV to this file instead of a table; - is standard output."),
]


def audited(
    register: Register, what: str, by: str, person_ids: Iterable[str], *, hits: int | None = None
) -> None:
    """Keep an audit row for each resident a command shows, before it does (design rule 8; row S002-016).

    Args:
        register: The register.
        what: The command.
        by: Who uses it.
        person_ids: The residents, those with protected identity among them.
        hits: How many are shown, where it is not all of them.
    """
    people = list(person_ids) or [NOBODY]
    shown = 0 if hits is None and people == [NOBODY] else hits
    audit.write(register, *audit_entries(what, by, people, shown))


def read_about(
    register: Register,
    what: str,
    by: str,
    person: PersonId,
    read: Callable[[Connection, Resident], Found],
) -> Found:
    """Read about a resident for a command, with an audit row also where nothing is shown (row S000-005).

    Args:
        register: The register.
        what: The command.
        by: Who uses it.
        person: Whom it is asked about.
        read: What to read, in one state of the register.

    Raises:
        Undone: There is no such resident, or it has protected identity.
    """
    try:
        with register.reading() as connection:
            resident = shown_resident(connection, person.extension)
            found = read(connection, resident)
    except Undone:
        audited(register, what, by, [person.extension], hits=0)
        raise
    audited(register, what, by, [resident.person_id])
    return found


def named(staff: Staff) -> tuple[Cell, Cell]:
    """Return name and HSA-id of a member of staff, as far as they may be shown."""
    return (PROTECTED, None) if staff.protected else (staff.name, staff.hsa_id)


def kind_of_contact(code: str) -> str:
    """Return the code of a type of fixed contact and its name, if the code list or the register has one."""
    known = fixed_contact_type(code)
    name = known.display if known else LOCAL_CONTACT_TYPES.get(code)
    return f"{code} {name}" if name else code


def kind_of_listing(key: CodeKey) -> str:
    """Return a listing type as commands take it: PV, or code and code system."""
    return PV.code if key == PV.key else "|".join(key)


def show(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    to: Path | None = None,
    *,
    name: str = "rows",
    title: str | None = None,
    empty: str | None = "None.",
    blocks: bool = False,
) -> None:
    """Print rows as `showing.table` does, or write them as CSV.

    Raises:
        Undone: The file cannot be written.
    """
    if to is None:
        table(columns, rows, name=name, title=title, empty=empty, blocks=blocks)
    elif str(to) == "-":
        _write_csv(sys.stdout, columns, rows)
    else:
        try:
            with open(to, "w", encoding="utf-8", newline="", opener=owner_only) as file:
                _write_csv(file, columns, rows)
        except OSError as error:
            raise Undone(f"{to}: cannot be written: {error.strerror}") from None


def _write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    # A number, as a negative one, is no formula.
    writer.writerows(
        [as_text(str(cell)) if isinstance(cell, str | HsaId) else cell for cell in row] for row in rows
    )
