"""The sections of a profile: which column of which file feeds which field of which record.

The language is described in ``docs/profile-language.md``.
"""

from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from contracts.letters import nfc
from mapping.sources.corrections import original
from mapping.sources.file_format import DateFormats, Format, Strict
from mapping.sources.forms import FORMS
from mapping.sources.record_type import RecordType
from mapping.sources.records import FIXED_CONTACT, RECORD_TYPES, STAFF_NAME, TEAM_NAME, UNIT_NAME
from mapping.sources.values import DATES, FAULTS, LISTS, FieldKind, TextRules

_ANY_DAY = date(2001, 2, 3)


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _as_source(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


_WORKBOOK_ENDINGS = (".xlsm", ".xltx", ".xltm", ".ods", ".xls")

Text = Annotated[str, BeforeValidator(_as_text)]
"""A text; numbers, true and false may be written without quotation marks."""


class Source(Strict):
    """Where a field's value comes from: a column's name, or a table with these keys."""

    column: str | None = Field(None, description="Name of the column.")
    constant: Text | None = Field(
        None, min_length=1, description="Instead of a column: the same text for every row."
    )
    values: dict[str, Text] | None = Field(
        None,
        description="Text in the file = text to read instead, empty for no value. Other texts are refused.",
    )
    default: Text | None = Field(None, min_length=1, description="Text to read where the cell is empty.")
    filled: Text | None = Field(None, min_length=1, description="Text to read where the cell is not empty.")
    optional: bool = Field(False, description="The file may lack the column; its cells are then empty.")
    form: str | None = Field(None, description="Name of the form that the text is brought into.")
    pick: Literal["first", "last"] | None = Field(None, description="Which of several values is read.")
    formats: DateFormats | None = Field(None, description="Date formats of this column, tried in turn.")
    separator: str | None = Field(None, min_length=1, description="What stands between the parts of a list.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("needs either column or constant")
        of_cells = (self.values, self.default, self.filled, self.form, self.pick, self.optional or None)
        if self.constant is not None and any(one is not None for one in of_cells):
            raise ValueError("a constant has neither values, default, filled, form, pick nor optional")
        if self.filled is not None and (self.values is not None or self.form is not None):
            raise ValueError("filled: the text of the cell is not read, so it has neither values nor form")
        if self.form is not None and self.form not in FORMS:
            raise ValueError(f"form: unknown form {self.form!r}; there are {', '.join(FORMS)}")
        return self

    def fixed_texts(self) -> Iterator[tuple[str, str]]:
        """Yield the texts that the profile itself brings in, each after its key."""
        if self.constant is not None:
            yield "constant", self.constant
        if self.default is not None:
            yield "default", self.default
        if self.filled is not None:
            yield "filled", self.filled
        for text in (self.values or {}).values():
            if text:
                yield "values", text


class When(Strict):
    """A table ``when``: which rows of the file the section is for."""

    column: str = Field(description="Name of the column that decides.")
    values: tuple[str, ...] | None = Field(
        None, min_length=1, description="Texts that let a row in; left out, any text does."
    )
    not_values: tuple[str, ...] | None = Field(
        None, min_length=1, description="Instead of values: texts that keep a row out."
    )

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.values is not None and self.not_values is not None:
            raise ValueError("has either values or not_values")
        return self


class Each(Strict):
    """A table ``each``: the section is for every value of a cell that holds several."""

    column: str = Field(description="Name of the column.")
    separator: str | None = Field(
        None, min_length=1, description="What stands between the values; left out, as the file has them."
    )


Message = Annotated[str | Literal[True], Field(description="What to report, or true for the usual message.")]


class Checks(Strict):
    """A table ``checks``: what the register must say about a fixed contact."""

    employed: Message | None = Field(
        None, description="The staff can be chosen for contacts of the type at the unit on the first day."
    )
    listed: Message | None = Field(
        None, description="The resident is listed (PV) at the unit on the first day."
    )
    personnummer: Message | None = Field(
        None, description="The resident is named by a personnummer, not another identity."
    )
    within_cap: Message | None = Field(
        None, description="The staff takes new patients, and has no more of them than the cap allows."
    )

    def wanted(self) -> dict[str, str | Literal[True]]:
        """Return the checks to make, by name, with the message of each."""
        return {name: message for name, message in self if message is not None}


def _as_several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Conditions = Annotated[tuple[When, ...], BeforeValidator(_as_several)]
"""One condition or several, all of which must hold."""


class ProfileSection(Strict):
    """A table ``[[file]]``: which records a kind of file, or a query, brings in."""

    name: str = Field(
        min_length=1, description="Pattern of the file's name, such as enheter*.csv; of a query any name."
    )
    query: str | None = Field(None, min_length=1, description="Instead of a file: a query of the database.")
    record: str = Field(description="Record type.")
    format: Format = Field(Format(), description="In what it differs from the profile's format.")
    when: Conditions = Field((), description="Which rows count; left out, all do.")
    each: Each | None = Field(None, description="A cell with several values, one record for each.")
    existing: Literal["replace", "keep"] = Field(
        "replace", description="keep: records that the register has already are left as they are."
    )
    repeats: Literal["last", True, False] = Field(
        False, description="Several rows may name a record: true with the same values; last, the last counts."
    )
    current: bool = Field(False, description="A row says who the fixed contact is from its day on.")
    checks: Checks = Field(Checks(), description="What the register must say about the record.")
    fields: dict[str, Annotated[Source, BeforeValidator(_as_source)]] = Field(
        description="Field of the record = where its value comes from."
    )

    @cached_property
    def record_type(self) -> RecordType:
        """The record type."""
        return RECORD_TYPES[self.record]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the section reads, each once."""
        read = [one.column for one in self.fields.values() if one.column is not None]
        deciding = [one.column for one in self.when]
        return tuple(dict.fromkeys([*read, *deciding, *([self.each.column] if self.each else [])]))

    @property
    def optional(self) -> frozenset[str]:
        """The columns that a file may lack."""
        needed = {one.column for one in self.fields.values() if not one.optional}
        return frozenset(one for one in self.columns if one not in needed) - {
            *(one.column for one in self.when),
            *([self.each.column] if self.each else []),
        }

    def column_of(self, name: str) -> str | None:
        """Return the column that a field is read from, if it is read from any."""
        helper = {"team": TEAM_NAME, "unit": UNIT_NAME}.get(name, name)
        source = self.fields.get(helper if helper in self.fields else name)
        return source.column if source is not None else None

    @property
    def by_name(self) -> bool:
        """Whether staff or units are found by their names."""
        return bool({UNIT_NAME, *STAFF_NAME} & set(self.fields))

    @property
    def _found_by_name(self) -> set[str]:
        staff = {"staff"} if STAFF_NAME & set(self.fields) else set()
        return staff | ({"unit"} if UNIT_NAME in self.fields else set())

    def matches(self, file: Path) -> bool:
        """Tell whether the section is for this file, by its name in any letter case.

        A file of faulty rows is for the sections that the file was for which the rows came from.
        """
        given = nfc(file.name)
        before = original(given)
        names = [given] if before is None else [before]
        if before is not None and before.lower().endswith(".xlsx"):  # as they are written for any workbook
            names += [before.removesuffix(before[-5:]) + ending for ending in _WORKBOOK_ENDINGS]
        return self.query is None and any(fnmatchcase(one.lower(), self.name.lower()) for one in names)

    def text_rules(self, source: Source, *, today: date, check_digits: bool) -> TextRules:
        """Return how the texts of one field are read."""
        return TextRules(today, check_digits, source.formats or self.format.dates, source.separator or ",")

    @model_validator(mode="after")
    def _fits_record(self) -> Self:
        record_type = RECORD_TYPES.get(self.record)
        if record_type is None:
            raise ValueError(
                f"record: unknown record type {self.record!r}; there are {', '.join(RECORD_TYPES)}"
            )
        for name, source in self.fields.items():
            kind = record_type.kinds.get(name)
            if kind is None:
                known = ", ".join(record_type.kinds)
                raise ValueError(f"fields.{name}: a {self.record} has no such field; there are {known}")
            self._check_source(name, source, kind)
        given = set(self.fields) | self._found_by_name
        missing = sorted(record_type.required_of_source - given)
        if missing:
            raise ValueError(f"fields: a {self.record} needs {', '.join(missing)}")
        if record_type.any_of and not set(record_type.any_of) & given:
            raise ValueError(f"fields: a {self.record} needs {' or '.join(record_type.any_of)}")
        if TEAM_NAME in self.fields and ("unit" not in given or "team" in self.fields):
            raise ValueError(f"fields.{TEAM_NAME}: needs unit beside it, and no team")
        if UNIT_NAME in self.fields and "unit" in self.fields:
            raise ValueError(f"fields: has either unit or {UNIT_NAME}")
        if STAFF_NAME & set(self.fields) and (not set(self.fields) >= STAFF_NAME or "staff" in self.fields):
            raise ValueError(f"fields: {' and '.join(sorted(STAFF_NAME))} go together, without staff")
        if (self.current or self.checks.wanted()) and self.record != FIXED_CONTACT:
            raise ValueError(f"current and checks are for a {FIXED_CONTACT} only")
        lists = [name for name in self.fields if record_type.kinds[name] in LISTS]
        if self.repeats == "last" and lists:
            raise ValueError(f"repeats: last and {lists[0]}, which has several values, do not go together")
        if self.current and "valid_to" in self.fields:
            raise ValueError("current: a contact of now has no end; leave valid_to out")
        return self

    def _check_source(self, name: str, source: Source, kind: FieldKind) -> None:
        if source.formats is not None and kind not in DATES:
            raise ValueError(f"fields.{name}.formats: the field is no date")
        if source.separator is not None and kind not in LISTS:
            raise ValueError(f"fields.{name}.separator: the field is no list")
        rules = self.text_rules(source, today=_ANY_DAY, check_digits=True)
        for key, text in source.fixed_texts():
            try:
                kind.parse(text, rules)
            except FAULTS as error:
                raise ValueError(f"fields.{name}.{key}: {text!r}: {error}") from None
