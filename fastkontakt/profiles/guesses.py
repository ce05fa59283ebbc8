"""What the columns of a sample may be: which record type, which field, read how. Guesses say so."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from unicodedata import normalize

from contracts.codes import LOCAL_CONTACT_TYPES, PV, contact_type_named, is_contact_code
from contracts.identifiers import HsaId, IdentifierError
from fastkontakt.profiles.sampling import Sample
from mapping.sources.records import RECORD_TYPES, UNIT_NAME
from mapping.sources.values import CONTACT_TYPE, FLAG, FLAGS, HSA_ID, PERSON_ID

_LIKELY = {"code": PV.code, "code_system": PV.system}
"""Field -> what it is for all rows, where no column tells it."""
_CONSTANT = frozenset({*_LIKELY, "type_code", "home_county", "county", "system", "provider"})
"""Fields that files often have no column for, as they are the same for all rows."""
_MOST_VALUES = 8
_LONGEST_VALUE = 20


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a field's value comes from.

    Attributes:
        column: The column; None for a constant.
        source: The same as TOML.
        is_sure: Whether the name of the column alone says so, and nothing was made of its texts.
    """

    column: str | None
    source: str
    is_sure: bool = True


class UnclearRecord(Exception):
    """The columns do not tell which record type is meant; the text says what to do."""


def guess_record(sample: Sample) -> str:
    """Return the record type that has fields for most of the columns, and for the important ones.

    Raises:
        UnclearRecord: Several would do, or none.
    """
    scores = {name: _score(name, sample) for name in RECORD_TYPES}
    best = [name for name, score in scores.items() if score == max(scores.values())]
    if len(best) > 1:
        which = " or ".join(best) if max(scores.values())[2] else f"one of {', '.join(best)}"
        raise UnclearRecord(f"the columns do not tell the record type; give --record: {which}")
    return best[0]


def _score(record: str, sample: Sample) -> tuple[bool, bool, int]:
    mapped = mapped_columns(record, sample.columns)
    record_type = RECORD_TYPES[record]
    # Who a row is about comes first: a file with person numbers is of no units, whatever else stands in it.
    about_persons = any(plain(one) in known()["resident", "person_id"] for one in sample.columns)
    fits = about_persons == ("person_id" in record_type.kinds)
    missing = record_type.required_of_source - set(mapped) - _CONSTANT
    return fits and bool(mapped), not missing, len(mapped)


def guesses(record: str, sample: Sample) -> dict[str, Guess]:
    """Return the fields of a record type that the columns tell, and what else is likely."""
    found: dict[str, Guess] = {}
    for field, column in mapped_columns(record, sample.columns).items():
        found |= _read(record, field, column, sample)
    if found:
        needed = RECORD_TYPES[record].required_of_source - set(found)
        for field in RECORD_TYPES[record].kinds:
            if field in needed and field in _LIKELY:
                found[field] = Guess(None, f"{{ constant = {text(_LIKELY[field])} }}", is_sure=False)
    return {field: found[field] for field in RECORD_TYPES[record].kinds if field in found}


def _read(record: str, field: str, column: str, sample: Sample) -> dict[str, Guess]:
    """Return how a field is read of a column, by what stands there: it may have become another field."""
    kinds = RECORD_TYPES[record].kinds
    kind, texts = kinds[field], sample.texts(column)
    if kind is HSA_ID and texts and not any(map(_is_hsa_id, texts)):
        if field == "unit" and UNIT_NAME in kinds:
            return {UNIT_NAME: Guess(column, text(column), is_sure=False)}
        if field == "staff" and "staff_surname" in kinds:
            return _name_in_two(column, texts, "staff_given_name", "staff_surname")
    if field == "given_name" and plain(column) in ("namn", "name"):
        return _name_in_two(column, texts, "given_name", "surname")
    if kind is PERSON_ID and texts and any(len("".join(filter(str.isdigit, one))) == 10 for one in texts):
        return {field: _with_form(column, "person-number")}
    if kind is CONTACT_TYPE and not all(map(is_type, texts)):
        meant = {one: one if is_type(one) else contact_type_named(one) for one in texts}
        return {field: _with_values(column, {one: code for one, code in meant.items() if code})}
    if kind is FLAG and not all(one.lower() in FLAGS for one in texts):
        distinct = tuple(dict.fromkeys(texts))
        if len(distinct) <= _MOST_VALUES and all(len(one) <= _LONGEST_VALUE for one in distinct):
            return {
                field: _with_values(column, {one: one if one.lower() in FLAGS else "" for one in distinct})
            }
    return {field: Guess(column, text(column))}


def _name_in_two(column: str, texts: list[str], given: str, surname: str) -> dict[str, Guess]:
    first, last = (
        ("given-name", "surname")
        if any("," in one for one in texts)
        else ("given-name-of-two", "surname-of-two")
    )
    return {given: _with_form(column, first), surname: _with_form(column, last)}


def _with_form(column: str, form: str) -> Guess:
    return Guess(column, f"{{ column = {text(column)}, form = {text(form)} }}", is_sure=False)


def _with_values(column: str, values: Mapping[str, str]) -> Guess:
    if not values:
        return Guess(column, text(column))
    pairs = ", ".join(f"{text(one)} = {text(meant)}" for one, meant in values.items())
    return Guess(column, f"{{ column = {text(column)}, values = {{ {pairs} }} }}", is_sure=False)


def is_type(code: str) -> bool:
    """Tell whether a text is a code of a type of contact."""
    return is_contact_code(code) or code in LOCAL_CONTACT_TYPES


def _is_hsa_id(one: str) -> bool:
    try:
        HsaId.parse(one)
    except IdentifierError:
        return False
    return any(map(str.isdigit, one))


def mapped_columns(record: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the fields whose columns are known by name, each column for one field."""
    kinds = RECORD_TYPES[record].kinds
    by_column: dict[str, str] = {}
    for column in columns:
        name = plain(column)
        fitting = [field for field in kinds if name == plain(field) or name in known()[record, field]]
        free = [field for field in fitting if field not in by_column]
        if name and free:
            by_column[free[0]] = column
    return {field: by_column[field] for field in kinds if field in by_column}


@cache
def known() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the known names of columns for each field of each record type."""
    lines = (files("fastkontakt.profiles") / "column_names.csv").read_text("utf-8")
    rows = list(csv.DictReader(lines.splitlines()))
    return {
        (record, name): frozenset(
            plain(row["column"]) for row in rows if row["field"] == name and row["record"] in ("", record)
        )
        for record, record_type in RECORD_TYPES.items()
        for name in record_type.kinds
    }


@cache
def all_known() -> frozenset[str]:
    """Return all names of columns that are known."""
    return frozenset[str]().union(*known().values())


def plain(name: str) -> str:
    """Return a name without what sources spell differently: capitals, blanks, hyphens, dots and rings."""
    return "".join(filter(str.isalnum, normalize("NFKD", name.casefold())))


def text(one: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(one, ensure_ascii=False).replace("\x7f", "\\u007f")
