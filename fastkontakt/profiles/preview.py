"""The first rows of a file as a section of a profile reads them, with what is personal masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from contracts.identifiers import HsaId
from mapping.sources.feeds import Feed
from mapping.sources.names import Directory
from mapping.sources.profile import Profile
from mapping.sources.readers import Row, SourceError
from mapping.sources.records import STAFF_NAME, TEAM_NAME, UNIT_NAME
from mapping.sources.report import FileReport
from mapping.sources.row_mapper import RowMapper, row_mapper
from mapping.sources.section import ProfileSection
from mapping.sources.values import NOTES, PERSON_ID, PERSON_IDS, FieldKind, holds_person_number
from register.model import Record

SHOWN = 10
"""Records that are shown."""

_READ = 1000
"""Rows that are read to find them; a section may be for few of the rows."""

_NAMES = frozenset({"given_name", "middle_name", "surname", "appointed_by", "reason"})
"""Text fields about persons; other texts are about units."""

_BIRTH_YEAR = 4


@dataclass(frozen=True, slots=True)
class Preview:
    """What a section makes of the first rows of a file.

    Attributes:
        fields: Fields of the records, by name.
        rows: Line, and a text for each field.
        report: The faults of the rows that were read.
    """

    fields: Mapping[str, FieldKind]
    rows: list[tuple[int, list[str]]]
    report: FileReport


class _NotAsked(Directory):
    """Stands for the people of the register where nobody asks it."""

    def __init__(self) -> None:
        pass

    def find(self, unit: HsaId, given_name: str, surname: str, day: date | None) -> HsaId:
        """Return what is shown instead of the HSA-id."""
        return HsaId("(by name, when loaded)")

    def find_unit(self, name: str) -> HsaId:
        """Return what is shown instead of the HSA-id."""
        return HsaId("(by name, when loaded)")


def preview(
    profile: Profile, section: ProfileSection, file: Path, *, today: date, check_digits: bool, persons: bool
) -> Preview:
    """Read the first rows of a file.

    Args:
        profile: The profile.
        section: A section of it that is for the file.
        file: The file.
        today: Day that relative dates count from.
        check_digits: Whether the check digits of person numbers must be right.
        persons: Whether person numbers, names and notes are shown as they are.
    """
    report = FileReport(file)
    fields = _shown(section)
    rows: list[tuple[int, list[str]]] = []
    try:
        with Feed(profile, {0: section}, [report]).opened(report) as table:
            mapper = row_mapper(section, table, today=today, check_digits=check_digits, directory=_NotAsked())
            for row in islice(table.rows, _READ):
                rows += [(row.line, _texts(one, fields, persons)) for one in _records(mapper, row, report)]
                if len(rows) >= SHOWN:
                    break
    except SourceError as error:
        report.error(error.line, None, error.reason)
    return Preview(fields, rows, report)


def _shown(section: ProfileSection) -> dict[str, FieldKind]:
    """Return the fields that the section fills, with their kinds; of helper fields what they lead to."""
    led_to = {TEAM_NAME: "team", UNIT_NAME: "unit", **dict.fromkeys(STAFF_NAME, "staff")}
    kinds = section.record_type.kinds
    return {name: kinds[name] for name in (led_to.get(one, one) for one in section.fields)}


def _records(mapper: RowMapper, row: Row, report: FileReport) -> Iterator[Record]:
    report.rows += 1
    if row.fault is None:
        yield from mapper.records(row, report)
    else:
        report.error(row.line, None, row.fault)


def _texts(record: Record, fields: Mapping[str, FieldKind], persons: bool) -> list[str]:
    values = [(name, kind, getattr(record, name)) for name, kind in fields.items()]
    return [_text(value) if persons else _masked(name, kind, value) for name, kind, value in values]


def _masked(name: str, kind: FieldKind, value: object) -> str:
    """Return a value without what would tell who is meant."""
    text = _text(value)
    if not text:
        return ""
    if kind in (PERSON_ID, PERSON_IDS):
        numbers = value if isinstance(value, tuple) else (text,)
        return ", ".join(number[:_BIRTH_YEAR] + "*" * (len(number) - _BIRTH_YEAR) for number in numbers)
    if kind is NOTES or holds_person_number(text):
        return "***"
    return f"{text[0]}***" if name in _NAMES else text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
