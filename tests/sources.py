"""A source to load from: a section for each record type, whose columns are called as the fields they feed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from contracts.clock import utc_now
from contracts.codes import PV
from mapping.loads import undo as undoing
from mapping.loads.batches import RecordCounts
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources.profile import load_profile
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import metadata
from tests.databases import FIGURES, as_kept

FIELDS: dict[str, Sequence[str]] = {
    "care_provider": ("hsa_id", "name"),
    "unit": ("hsa_id", "name", "provider", "county", "valid_from"),
    "listing_type": ("county", "code", "code_system", "display_name", "agreed_counties"),
    "unit_listing_type": ("unit", "code", "code_system"),
    "team": ("id", "id_root", "name", "unit"),
    "staff": ("hsa_id", "given_name", "surname"),
    "employment": ("staff", "unit", "selectable_as_doctor", "valid_from"),
    "resident": ("person_id", "home_county", "other_ids"),
    "guardianship": ("person_id", "guardian_id", "consents"),
    "listing": ("person_id", "unit", "valid_from", "counts_as_change"),
    "queue_place": ("person_id", "unit", "queued_at", "estimated_wait_days"),
    "out_of_county_listing": ("person_id", "county", "valid_from", "counts_as_change"),
    "fixed_contact": ("person_id", "type_code", "staff", "unit", "valid_from", "reason"),
    "contact_route": ("unit", "system", "value", "hours"),
}
"""Record type -> the fields that its section maps, and so the cells of a row."""

ORIGINS = ("loaded_from", "loaded_line", "added_from")
"""Columns that say which row a record comes from."""

_OF_PV = ("listing", "queue_place", "out_of_county_listing")

Rows = Mapping[str, Iterable[Sequence[str]]]
"""Name of a file, without its ending -> its rows. It is a record type, or begins with one and a hyphen."""

Files = dict[str, list[tuple[str, ...]]]
"""The same, to be put together from parts."""

Dump = dict[str, list[dict[str, Any]]]


def section(record: str, fields: Sequence[str], **keys: str) -> str:
    """Return a section of a profile.

    Args:
        record: The record type; the section is for ``listing.csv``, ``listing-2.csv`` and so on.
        fields: The fields that are mapped.
        keys: More keys, as TOML; ``name`` for other files.
    """
    given = {"name": f'"{record}[.-]*"', "record": f'"{record}"'} | keys
    lines = ["[[file]]", *(f"{key} = {value}" for key, value in given.items())]
    lines += ["[file.fields]", *(f'{name} = "{name}"' for name in fields)]
    if record in _OF_PV:
        lines += [f'code.constant = "{PV.code}"', f'code_system.constant = "{PV.system}"']
    return "\n".join(lines)


@dataclass(frozen=True)
class Source:
    """A source, its profile and the folder that its files are in.

    Attributes:
        records: The record types that it has sections for.
        sections: Instead of them, sections as TOML.
        all_rows: Whether its loads look at every row unless they are told otherwise.
        fields: The fields that a section maps, and so the columns of its files.
    """

    register: Register
    folder: Path
    records: Sequence[str] = ()
    sections: Sequence[str] = ()
    name: str = "nightly"
    policy: str = "delta"
    faulty: str = "refuse"
    brake: int = 100
    all_rows: bool = False
    fields: Mapping[str, Sequence[str]] = field(default_factory=FIELDS.copy)

    def with_(self, **changes: Any) -> "Source":
        """Return the source with other settings."""
        return replace(self, **changes)

    def load(self, rows: Rows, *, header: Sequence[str] = (), **options: Any) -> LoadReport:
        """Write the files and load them.

        Args:
            rows: The files and their rows.
            header: The columns of all of them, if they are not the fields of their record types.
            options: Those of `mapping.loads.pipeline.load`.
        """
        files = []
        self.folder.mkdir(exist_ok=True)
        for name, cells in rows.items():
            file = self.folder / f"{name}.csv"
            columns = header or self.fields[name.partition("-")[0]]
            lines = [";".join(columns), *(";".join(row) for row in cells)]
            file.write_text("\n".join(lines) + "\n", "utf-8")
            files.append(file)
        profile = load_profile(self._profile())
        return load(self.register, profile, files, **{"all_rows": self.all_rows, **options})

    def loaded(self, rows: Rows, **options: Any) -> dict[str, RecordCounts]:
        """Load files that nothing keeps out, and return what became of the records."""
        report = self.load(rows, **options)
        assert report.state is LoadState.LOADED, problems(report)
        return report.records

    def _profile(self) -> Path:
        path = self.folder / f"{self.name}.toml"
        own = self.sections or [section(one, self.fields[one]) for one in self.records]
        text = f"""
[profile]
name = "{self.name}"
title = "A source of tests"
[load]
policy = "{self.policy}"
faulty = "{self.faulty}"
brake = {self.brake}
"""
        path.write_text("\n".join([text, *own]) + "\n", "utf-8")
        return path


def problems(report: LoadReport) -> list[tuple[int | None, str]]:
    """Return line and message of the problems of a load."""
    return [(one.line, one.message) for file in report.files for one in file.problems]


def undo(register: Register, number: int) -> dict[str, RecordCounts]:
    """Take a load back."""
    with register.writing() as connection:
        return undoing.undo(connection, number, "tester", utc_now())


def dump(register: Register, *, of_loads: bool = False, marks: bool = False, origins: bool = True) -> Dump:
    """Return every row of the register.

    Args:
        register: The register.
        of_loads: The tables about loads, too.
        marks: The marks for the engagement index and of moves, too.
        origins: Where the records come from, too.
    """
    kept: Dump = {}
    with register.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name.startswith("import_") and not of_loads:
                continue
            if table.name in ("outgoing", "resident_move") and not marks:
                continue
            if table.name == "change_feed":  # it goes on, whatever is taken back
                continue
            if table.name in FIGURES:
                continue
            names = [one.name for one in table.c if origins or one.name not in ORIGINS]
            columns = select(*(table.c[name] for name in names))
            found = connection.execute(columns.order_by(*table.primary_key))
            kept[table.name] = [as_kept(row) for row in found.mappings()]
    return kept


def without_origins(rows: Dump) -> Dump:
    """Return rows without what says where they come from."""
    return {
        table: [{name: value for name, value in row.items() if name not in ORIGINS} for row in of_table]
        for table, of_table in rows.items()
    }
