"""Rows of a file to records, as a section of a profile says."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from contracts.identifiers import PersonId, PersonIdKind
from mapping.sources.cells import clean, invisible, is_nothing, visible
from mapping.sources.checks import faults
from mapping.sources.forms import FORMS
from mapping.sources.names import Directory, NameFault
from mapping.sources.readers.table import VALUES, Row, Table
from mapping.sources.record_type import Values
from mapping.sources.records import STAFF_NAME, UNIT_NAME
from mapping.sources.report import FileReport
from mapping.sources.section import ProfileSection, Source, When
from mapping.sources.values import FAULTS, LISTS, ONCE, FieldKind, TextRules, ValueFault, quoted
from register.model import FixedContact, Record

_MOST_REMEMBERED = 50_000
"""Texts of a column whose values are remembered: HSA-ids, codes and dates come again and again."""

NOT_PERSONNUMMER = "is not a personnummer, and other identities are not accepted here"


@dataclass(frozen=True)
class _Cell:
    """A field that is read from a column."""

    name: str
    position: int
    source: Source
    kind: FieldKind
    rules: TextRules
    required: bool
    nothing: frozenset[str]
    remembered: dict[str, object] = field(default_factory=dict)

    @property
    def column(self) -> str:
        return self.source.column or ""

    @cached_property
    def may_be_empty(self) -> bool:
        return not self.required and self.source.default is None


@dataclass(frozen=True, slots=True)
class RowMapper:
    """A section put to use on one file: knows the positions of its columns."""

    section: ProfileSection
    _cells: tuple[_Cell, ...]
    _constants: Values
    _when: tuple[tuple[int, When], ...]
    _each: tuple[int, str] | None
    _directory: Directory
    _personnummer: str | None
    _nothing: frozenset[str]

    def records(self, row: Row, report: FileReport) -> list[Record]:
        """Return the records a row stands for; none when the section is not for it, or it has faults.

        Args:
            row: The row.
            report: Gets every fault of the row.
        """
        for position, when in self._when:
            if not _lets_in(when, row.cells[position], self._nothing):
                return []
        if self._each is None:
            record = self._record(row.line, row.cells, report)
            return [] if record is None else [record]
        position, separator = self._each
        found = []
        for one in row.cells[position].split(separator):
            if one.strip() and not is_nothing(one.strip(), self._nothing):
                cells = [*row.cells[:position], one, *row.cells[position + 1 :]]
                found.append(self._record(row.line, cells, report))
        return [record for record in found if record is not None]

    def _record(self, line: int, cells: list[str], report: FileReport) -> Record | None:
        errors = report.errors
        values: Values = dict(self._constants)
        for cell in self._cells:
            text = cells[cell.position]
            if text or not cell.may_be_empty:
                value = cell.remembered.get(text)
                values[cell.name] = _value(cell, text, line, report) if value is None else value
            else:
                values[cell.name] = None
        if report.errors > errors:
            return None
        try:
            self._find_unit(values)
            self._find_staff(values)
            record = self.section.record_type.build(values)
        except NameFault as fault:
            report.error(line, self.section.column_of(fault.field), str(fault), detail=fault.candidates)
            return None
        except ValueFault as fault:
            report.error(line, None, str(fault))
            return None
        for name, message, detail in faults(record):
            report.error(line, self.section.column_of(name), message, detail=detail)
        if self._personnummer is not None and isinstance(record, FixedContact):
            kind = PersonId.from_number(record.person_id, check_digits=False).kind
            if kind is not PersonIdKind.PERSONNUMMER:
                report.error(line, self.section.column_of("person_id"), self._personnummer)
        return record if report.errors == errors else None

    def _find_unit(self, values: Values) -> None:
        name = values.pop(UNIT_NAME, None)
        if name is not None:
            values["unit"] = self._directory.find_unit(name)

    def _find_staff(self, values: Values) -> None:
        if "staff_surname" not in self.section.fields:
            return
        given_name, surname = (values.pop(name) for name in sorted(STAFF_NAME))
        if given_name is None or surname is None or values.get("unit") is None:
            raise ValueFault("the unit and the whole name of the staff are needed to tell who it is")
        start = values.get("valid_from") or values.get("documented_at")
        day = start.date() if isinstance(start, datetime) else start
        values["staff"] = self._directory.find(values["unit"], given_name, surname, day)


def row_mapper(
    section: ProfileSection, table: Table, *, today: date, check_digits: bool, directory: Directory
) -> RowMapper:
    """Fit a section to a file.

    Args:
        section: The section of the profile.
        table: The open file.
        today: Day that relative dates count from.
        check_digits: Whether the check digits of person numbers must be right.
        directory: Whom names of staff may stand for.

    Raises:
        SourceError: The file lacks columns, or has two of one name.
    """
    record_type = section.record_type
    positions = table.positions(section.columns)
    nothing = section.format.meaning_nothing
    cells, constants = [], {}
    for name, source in section.fields.items():
        kind = record_type.kinds[name]
        rules = section.text_rules(source, today=today, check_digits=check_digits)
        if source.constant is not None:
            constants[name] = kind.parse(source.constant, rules)
        elif source.column is not None:
            needed = name in record_type.required_of_source
            cells.append(_Cell(name, positions[source.column], source, kind, rules, needed, nothing))
    message = section.checks.personnummer
    return RowMapper(
        section,
        tuple(cells),
        constants,
        tuple((positions[when.column], when) for when in section.when),
        (positions[section.each.column], section.each.separator or VALUES) if section.each else None,
        directory,
        NOT_PERSONNUMMER if message is True else message,
        nothing,
    )


def _lets_in(when: When, cell: str, nothing: frozenset[str]) -> bool:
    named = when.values or when.not_values or ()
    texts = [visible(one).strip() for one in cell.split(VALUES)]
    texts = ["" if is_nothing(one, nothing) and one not in named else one for one in texts]
    if when.values is not None:
        return any(text in when.values for text in texts)
    if when.not_values is not None:
        return not any(text in when.not_values for text in texts)
    return any(texts)


def _value(cell: _Cell, whole: str, line: int, report: FileReport) -> object:
    """Return the value of a cell; None when it is empty or at fault."""
    text = ""
    unseen = invisible(whole)
    try:
        text = clean(_picked(cell, visible(whole)))
        if is_nothing(text, cell.nothing) and text not in (cell.source.values or ()):
            text = ""
        meant = _meant(cell, text)
        value = cell.kind.parse(meant, cell.rules) if meant else None
    except FAULTS as fault:
        report.error(line, cell.column, str(fault), quote=quoted(cell.kind, text))
        return None
    if value is None:
        if cell.required:
            report.error(line, cell.column, f"is empty, but every row needs its {cell.name}")
        return None
    doubt = cell.kind.warn(meant) if cell.kind.warn is not None else None
    if unseen:
        report.warn(line, cell.column, f"holds characters that nobody sees ({unseen}); they are left out")
    if doubt is not None:
        report.warn(line, cell.column, doubt, quote=quoted(cell.kind, meant))
    elif not unseen and cell.kind not in ONCE and len(cell.remembered) < _MOST_REMEMBERED:
        cell.remembered[whole] = value
    return value


def _picked(cell: _Cell, text: str) -> str:
    if VALUES not in text:
        return text
    values = [one for one in text.split(VALUES) if one.strip() and not is_nothing(one.strip(), cell.nothing)]
    if cell.source.pick is not None and values:
        return values[0 if cell.source.pick == "first" else -1]
    if cell.kind in LISTS:
        return cell.rules.separator.join(values)
    if len(values) > 1 and cell.source.form is None and cell.source.filled is None:
        raise ValueFault("holds several values; say with pick which of them counts, or take them with each")
    return text if cell.source.form is not None else "".join(values)


def _meant(cell: _Cell, text: str) -> str:
    source = cell.source
    if not text:
        return source.default or ""
    if source.filled is not None:
        return source.filled
    if source.values is not None:
        try:
            text = source.values[text]
        except KeyError:
            raise ValueFault("is not among the values of the profile") from None
    return FORMS[source.form](text) if source.form is not None and text else text
