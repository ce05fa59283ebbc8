"""Rows of a file to records, as a section of a profile says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mapping.sources.delimited import Row, Table
from mapping.sources.profile import Section, When
from mapping.sources.record_type import RecordType, Values
from mapping.sources.records import TEAM_NAME
from mapping.sources.report import FileReport
from mapping.sources.values import FAULTS, Kind, Reading, ValueFault, clean, quoted
from register.model import Record


@dataclass(frozen=True, slots=True)
class _Cell:
    """A field that is read from a column."""

    name: str
    column: str
    position: int
    kind: Kind
    reading: Reading
    values: Mapping[str, str] | None
    default: str
    required: bool


@dataclass(frozen=True, slots=True)
class RowMapper:
    """A section put to use on one file: knows the places of its columns."""

    record_type: RecordType
    _cells: tuple[_Cell, ...]
    _constants: Values
    _when: tuple[int, When] | None
    _columns: Mapping[str, str]

    def record(self, row: Row, report: FileReport) -> Record | None:
        """Return the record a row stands for.

        Args:
            row: The row.
            report: Is told every fault of the row.

        Returns:
            None when the section is not for this row, or the row has faults.
        """
        if not self._is_for(row):
            return None
        errors = report.errors
        values: Values = dict(self._constants)
        for cell in self._cells:
            values[cell.name] = _value(cell, row, report)
        if report.errors > errors:
            return None
        try:
            return self.record_type.build(values)
        except ValueFault as fault:
            report.error(row.line, None, str(fault))
            return None

    def column(self, name: str) -> str | None:
        """Return the column that a field is read from, if it is read from any."""
        if name == "team":
            return self.column(TEAM_NAME) or self._columns.get(name)
        return self._columns.get(name)

    def _is_for(self, row: Row) -> bool:
        if self._when is None:
            return True
        position, when = self._when
        text = row.cells[position].strip()
        return text in when.values if when.values is not None else bool(text)


def row_mapper(section: Section, table: Table, *, today: date, check_digits: bool) -> RowMapper:
    """Fit a section to a file.

    Args:
        section: The section of the profile.
        table: The open file.
        today: Day that relative dates count from.
        check_digits: Whether the check digits of person numbers must be right.

    Raises:
        SourceError: The file lacks columns, or has two of one name.
    """
    record_type = section.record_type
    columns = {name: one.column for name, one in section.fields.items() if one.column is not None}
    places = table.positions([*columns.values(), *([section.when.column] if section.when else [])])
    cells, constants = [], {}
    for name, source in section.fields.items():
        kind = record_type.kinds[name]
        reading = section.reading(source, today=today, check_digits=check_digits)
        if source.constant is not None:
            constants[name] = kind.parse(source.constant, reading)
        elif source.column is not None:
            cells.append(
                _Cell(
                    name,
                    source.column,
                    places[source.column],
                    kind,
                    reading,
                    source.values,
                    source.default or "",
                    name in record_type.required_of_source,
                )
            )
    when = (places[section.when.column], section.when) if section.when else None
    return RowMapper(record_type, tuple(cells), constants, when, columns)


def _value(cell: _Cell, row: Row, report: FileReport) -> object:
    """Return the value of a row's cell; None when it is empty or at fault."""
    text = ""
    try:
        text = clean(row.cells[cell.position])
        meant = _meant(cell, text)
        value = cell.kind.parse(meant, cell.reading) if meant else None
    except FAULTS as fault:
        report.error(row.line, cell.column, f"{quoted(cell.kind, text)}{fault}")
        return None
    if value is None and cell.required:
        report.error(row.line, cell.column, f"is empty, but every row needs its {cell.name}")
    if value is not None and cell.kind.warn is not None:
        doubt = cell.kind.warn(meant)
        if doubt is not None:
            report.warn(row.line, cell.column, f"{quoted(cell.kind, meant)}{doubt}")
    return value


def _meant(cell: _Cell, text: str) -> str:
    if not text:
        return cell.default
    if cell.values is None:
        return text
    try:
        return cell.values[text]
    except KeyError:
        raise ValueFault("is not among the values of the profile") from None
