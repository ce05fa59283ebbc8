"""Profiles: one TOML file per source system that says which column feeds which field of which record.

The language is described in ``docs/mapping-a-source.md``. A profile is checked in full when it is loaded,
down to its constants and value maps, so that a mistake in it never looks like a mistake in somebody's data.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from mapping.sources.dates import DEFAULT_FORMATS, format_fault
from mapping.sources.delimited import Encoding
from mapping.sources.record_type import RecordType
from mapping.sources.records import RECORD_TYPES, TEAM_NAME
from mapping.sources.values import DATES, FAULTS, LISTS, Kind, Reading

_ANY_DAY = date(2001, 2, 3)
_MESSAGES = {"extra_forbidden": "unknown key", "missing": "is missing"}


class ProfileError(Exception):
    """A profile that cannot be used.

    Attributes:
        path: The profile.
        key: The key at fault, such as ``file 3 (team*.csv): fields.unit``; empty when there is none.
        reason: What is wrong with it.
    """

    def __init__(self, path: Path, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (str(path), key, reason) if part))
        self.path = path
        self.key = key
        self.reason = reason


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _as_source(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _usable_date_format(form: str) -> str:
    fault = format_fault(form)
    if fault is not None:
        raise ValueError(f"{form!r} {fault}")
    return form


Text = Annotated[str, BeforeValidator(_as_text)]
"""A text; numbers, true and false may be written without quotation marks."""

DateFormats = Annotated[tuple[Annotated[str, BeforeValidator(_usable_date_format)], ...], Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class About(_Model):
    """The table ``[profile]``: what the profile is called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name, in reports.")
    title: str = Field(description="What the source is, in words.")


class Format(_Model):
    """A table ``format``: how files are written, for all of them or for one."""

    encoding: Encoding = Field(
        "utf-8", description="utf-8 (with or without byte order mark), windows-1252 or iso-8859-1."
    )
    delimiter: str = Field(";", min_length=1, max_length=1, description="The character between cells.")
    quote: str = Field('"', max_length=1, description="The character around cells; empty when there is none.")
    dates: DateFormats = Field(DEFAULT_FORMATS, description="Date formats, tried in turn.")


class Source(_Model):
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
    formats: DateFormats | None = Field(None, description="Date formats of this column, tried in turn.")
    separator: str | None = Field(None, min_length=1, description="What stands between the parts of a list.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("needs either column or constant")
        if self.constant is not None and (self.values is not None or self.default is not None):
            raise ValueError("a constant has neither values nor default")
        return self

    def fixed_texts(self) -> Iterator[tuple[str, str]]:
        """Yield the texts that the profile itself brings in, each after its key."""
        if self.constant is not None:
            yield "constant", self.constant
        if self.default is not None:
            yield "default", self.default
        for text in (self.values or {}).values():
            if text:
                yield "values", text


class When(_Model):
    """A table ``when``: which rows of the file the section is for."""

    column: str = Field(description="Name of the column that decides.")
    values: tuple[str, ...] | None = Field(
        None, min_length=1, description="Texts that let a row in; left out, any text does."
    )


class Section(_Model):
    """A table ``[[file]]``: which records a kind of file brings in."""

    name: str = Field(min_length=1, description="Pattern of the file's name, such as enheter*.csv.")
    record: str = Field(description="Record type.")
    format: Format = Field(Format(), description="In what it differs from the profile's format.")
    when: When | None = Field(None, description="Which rows count; left out, all do.")
    fields: dict[str, Annotated[Source, BeforeValidator(_as_source)]] = Field(
        description="Field of the record = where its value comes from."
    )

    @cached_property
    def record_type(self) -> RecordType:
        """The record type."""
        return RECORD_TYPES[self.record]

    def matches(self, file: Path) -> bool:
        """Tell whether the section is for this file, by its name in any letter case."""
        return fnmatchcase(file.name.lower(), self.name.lower())

    def reading(self, source: Source, *, today: date, check_digits: bool) -> Reading:
        """Return how the texts of one field are read."""
        return Reading(today, check_digits, source.formats or self.format.dates, source.separator or ",")

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
        missing = sorted(record_type.required_of_source - set(self.fields))
        if missing:
            raise ValueError(f"fields: a {self.record} needs {', '.join(missing)}")
        if record_type.any_of and not set(record_type.any_of) & set(self.fields):
            raise ValueError(f"fields: a {self.record} needs {' or '.join(record_type.any_of)}")
        if TEAM_NAME in self.fields and ("unit" not in self.fields or "team" in self.fields):
            raise ValueError(f"fields.{TEAM_NAME}: needs unit beside it, and no team")
        return self

    def _check_source(self, name: str, source: Source, kind: Kind) -> None:
        if source.formats is not None and kind not in DATES:
            raise ValueError(f"fields.{name}.formats: the field is no date")
        if source.separator is not None and kind not in LISTS:
            raise ValueError(f"fields.{name}.separator: the field is no list")
        reading = self.reading(source, today=_ANY_DAY, check_digits=True)
        for key, text in source.fixed_texts():
            try:
                kind.parse(text, reading)
            except FAULTS as error:
                raise ValueError(f"fields.{name}.{key}: {text!r}: {error}") from None


class Profile(_Model):
    """A profile."""

    profile: About = Field(description="What the profile is called.")
    format: Format = Field(
        Format(), description="How the files are written, unless a section says otherwise."
    )
    file: tuple[Section, ...] = Field(min_length=1, description="The files, in the order they are loaded.")

    @model_validator(mode="before")
    @classmethod
    def _inherit_format(cls, data: Any) -> Any:
        """Let every section's format start from the profile's."""
        common = data.get("format", {})
        sections = data.get("file")
        if not (isinstance(common, dict) and isinstance(sections, list)):
            return data
        return data | {
            "file": [
                section | {"format": common | section.get("format", {})}
                if isinstance(section, dict) and isinstance(section.get("format", {}), dict)
                else section
                for section in sections
            ]
        }


def load_profile(path: Path) -> Profile:
    """Read a profile and check all of it.

    Raises:
        ProfileError: It cannot be read, is no TOML, or does not follow the language; the text names the key.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(path, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(path, "", "is not UTF-8, as TOML files must be") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(path, "", f"is no TOML: {error}") from None
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        reason = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise ProfileError(path, _key(first["loc"], data), reason) from None


def _key(location: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """Write a place in the profile so that it can be found: TOML does not number its sections."""
    if location[:1] != ("file",) or len(location) < 2:
        return ".".join(map(str, location))
    section = data["file"][location[1]]
    name = f" ({section['name']})" if isinstance(section, dict) and "name" in section else ""
    place = f"file {int(location[1]) + 1}{name}"
    return ": ".join(part for part in (place, ".".join(map(str, location[2:]))) if part)
