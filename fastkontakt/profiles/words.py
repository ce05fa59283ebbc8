"""A profile in words, for somebody who wants to know what a load with it would do."""

from collections.abc import Iterator

from mapping.sources.dates import DEFAULT_FORMATS
from mapping.sources.file_format import Format
from mapping.sources.profile import Profile
from mapping.sources.records import RECORD_TYPES
from mapping.sources.section import Checks, ProfileSection, Source, When
from mapping.sources.values import (
    ADDRESS,
    ALLOTMENT,
    AUDIENCE,
    BEFATTNING,
    CODE,
    CONTACT_SYSTEM,
    CONTACT_TYPE,
    COUNT,
    COUNTIES,
    COUNTY,
    DATES,
    DAY,
    END,
    FLAG,
    HOURS,
    HSA_ID,
    LAST_DAY,
    NOTES,
    ORGANISATION_NUMBER,
    PERSON_ID,
    PERSON_IDS,
    START,
    TEXT,
    FieldKind,
)

_KINDS: dict[FieldKind, str] = {
    TEXT: "text",
    NOTES: "notes",
    CODE: "code",
    ADDRESS: "number or address",
    PERSON_ID: "person number",
    PERSON_IDS: "person numbers",
    HSA_ID: "HSA-id",
    COUNTY: "county",
    COUNTIES: "counties",
    ORGANISATION_NUMBER: "organisation number",
    BEFATTNING: "code of KV_Befattning",
    CONTACT_TYPE: "type of contact",
    CONTACT_SYSTEM: "contact point system",
    AUDIENCE: "audience",
    ALLOTMENT: "automatic or staff",
    FLAG: "yes or no",
    COUNT: "number",
    HOURS: "hours",
    DAY: "day",
    LAST_DAY: "last day",
    START: "date and time",
    END: "date and time of the end",
}

_CHECKS = {
    "employed": "the staff can be chosen for such contacts at the unit on the first day",
    "listed": "the resident is listed (PV) at the unit on the first day",
    "personnummer": "the resident is named by a personnummer, not another identity",
    "within_cap": "the staff takes new patients, and has no more than the cap allows",
}
"""Check of a profile -> what it asks of a row."""

_FEW = 8
"""How many texts of a value map are told."""


def about_load(profile: Profile) -> Iterator[str]:
    """Yield what a load of the source does with the records as a whole, one sentence a line."""
    load = profile.load
    if load.policy == "full":
        yield "The files are all that the source has: its records that are in no row any more are ended."
        yield f"More than {load.brake} % of its records of a type vanishing stops the load."
    else:
        yield "Only what the files name is added or changed; nothing is ended for being absent."
    if load.faulty == "skip":
        yield "Faulty rows are left out, the others loaded."
    else:
        yield "One faulty row keeps everything out."
    if profile.database is not None:
        whose = f"the variable {profile.database.url_from}" if profile.database.url_from else "the profile"
        yield f"Queries are put to the database that {whose} names."


def about_section(section: ProfileSection) -> Iterator[str]:
    """Yield which files and rows a section is for, and what is done with its records."""
    if section.query is not None:
        yield f"Rows: of the query {' '.join(section.query.split())}"
    else:
        yield f"Files: named {section.name}; {_format(section.format)}"
    for when in section.when:
        yield f"Only rows where {_when(when)}"
    if section.each is not None:
        yield f"One record for each value in column {section.each.column}"
    if section.existing == "keep":
        yield "Records that the register has already are left as they are"
    if section.repeats == "last":
        yield "Several rows may name the same record: the last counts, of files in the order of their names"
    elif section.repeats:
        yield "Several rows may name the same record with the same values"
    if section.current:
        yield "A row says who the contact is: the same one stays, another one ends the day before"
    yield from _checks(section.checks)


def field_rows(section: ProfileSection) -> Iterator[tuple[str, str, str]]:
    """Yield field, where its value comes from, and how it is read; a star marks what every row must have."""
    record_type = section.record_type
    for name, source in section.fields.items():
        needed = "*" if name in record_type.required_of_source else ""
        yield name + needed, _origin(source), _read_as(section, record_type.kinds[name], source)


def left_alone(section: ProfileSection) -> list[str]:
    """Return the fields that the section does not map: left as they are in records that exist."""
    return [name for name in RECORD_TYPES[section.record].kinds if name not in section.fields]


def _format(form: Format) -> str:
    kind = form.kind or "kind by the ending of the name, else delimited text"
    parts = [kind, f"encoding {form.encoding}"]
    if form.kind in (None, "delimited"):
        parts.append(f"cells between {form.delimiter!r}" if form.delimiter != "auto" else "delimiter found")
    if form.columns is not None:
        often = "no header" if form.header is False else "a header or none"
        parts.append(f"{often}, columns {', '.join(form.columns)}")
    if form.several is not None:
        parts.append(f"several values of a cell parted at {form.several!r}")
    if form.nothing:
        parts.append(f"read as nothing: {' '.join(form.nothing)}")
    if form.sheet is not None:
        parts.append(f"sheet {form.sheet}")
    return ", ".join(parts)


def _when(when: When) -> str:
    if when.values is not None:
        return f"{when.column} is {_listed(when.values)}"
    if when.not_values is not None:
        return f"{when.column} is not {_listed(when.not_values)}"
    return f"{when.column} is not empty"


def _listed(texts: tuple[str, ...]) -> str:
    return " or ".join(repr(text) if text else "empty" for text in texts)


def _checks(checks: Checks) -> Iterator[str]:
    for name, message in checks.wanted().items():
        told = "" if message is True else f'; else "{message}"'
        yield f"Checked: {_CHECKS[name]}{told}"


def _origin(source: Source) -> str:
    if source.constant is not None:
        return f"always {source.constant!r}"
    parts = [f"column {source.column}{' if there is one' if source.optional else ''}"]
    if source.pick is not None:
        parts.append(f"the {source.pick} value")
    if source.default is not None:
        parts.append(f"{source.default!r} where empty")
    return ", ".join(parts)


def _read_as(section: ProfileSection, kind: FieldKind, source: Source) -> str:
    parts = [_KINDS[kind]]
    if kind in DATES:
        forms = source.formats or section.format.dates
        parts[0] += " in ISO form" if forms == DEFAULT_FORMATS else f" in {' or '.join(forms)}"
    if source.filled is not None:
        parts.append(f"{source.filled!r} where there is any text")
    if source.form is not None:
        parts.append(f"form {source.form}")
    if source.values is not None:
        some = [f"{text!r} is {meant!r}" for text, meant in list(source.values.items())[:_FEW]]
        more = len(source.values) - _FEW
        parts.append(", ".join(some) + (f" and {more} more" if more > 0 else "") + ", no other text")
    if source.separator is not None:
        parts.append(f"parted at {source.separator!r}")
    return "; ".join(parts)
