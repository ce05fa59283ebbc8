"""A profile written from the columns of a sample file: those known by their names are mapped, no others."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.codes import LOCAL_CONTACT_TYPES, contact_type_named, is_contact_code
from fastkontakt.profiles.sampling import Sample
from mapping.sources.cells import clean
from mapping.sources.dates import DEFAULT_FORMATS, RELATIVE, read_date
from mapping.sources.profile import ProfileError, load_profile
from mapping.sources.records import RECORD_TYPES
from mapping.sources.values import CONTACT_TYPE, DATES, FAULTS, TextRules

_OTHER_FORMATS = ("%Y%m%d%H%M%S%z", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")


class UnclearRecord(Exception):
    """The columns do not tell which record type is meant; the text says what to do."""


def guess_record(sample: Sample) -> str:
    """Return the record type that has a field for most of the columns.

    Raises:
        UnclearRecord: Several would do, or none.
    """
    scores = {name: _score(name, sample) for name in RECORD_TYPES}
    best = [name for name, score in scores.items() if score == max(scores.values())]
    if len(best) > 1:
        which = " or ".join(best) if max(scores.values()) > (False, 0) else f"one of {', '.join(best)}"
        raise UnclearRecord(f"the columns do not tell the record type; give --record: {which}")
    return best[0]


def new_profile(name: str, path: Path, sample: Sample, record: str, today: date) -> str:
    """Return the text of a profile for files like a sample.

    Args:
        name: What to call the source.
        path: The sample file.
        sample: What is known about it.
        record: The record type that it holds.
        today: Day that relative dates count from.

    Returns:
        TOML. Where the profile cannot be used as it is, its first comment says why.
    """
    mapped = _mapped(record, sample.columns)
    dates, unread = _dates(record, sample, mapped, today)
    stem = re.sub(r"[\W\d_]+$", "", path.stem) or path.stem
    lines = [
        "[profile]",
        f"name = {_text(name)}",
        f"title = {_text(stem)}  # what the source is, in words",
        "",
        "[load]",
        'policy = "delta"  # "full": the files are all that the source has, and what is missing is ended',
        'faulty = "refuse"  # "skip": faulty rows are left out, and the others loaded',
        "",
        "[format]",
        f"kind = {_text(sample.kind)}",
        f"encoding = {_text(sample.encoding)}",
        *([f"delimiter = {_text(sample.delimiter)}"] if sample.delimiter else []),
        *([] if sample.header else ["header = false", f"columns = {_texts(sample.columns)}"]),
        f"dates = {_texts(dates)}",
        "",
        "[[file]]",
        f"name = {_text(f'{stem}*{path.suffix}')}",
        f"record = {_text(record)}",
        "[file.fields]",
        *(f"{field} = {_source(record, field, column, sample)}" for field, column in mapped.items()),
        *_comments(record, sample, mapped, unread, dates, today),
    ]
    text = "\n".join(lines) + "\n"
    fault = _fault(text)
    first = ["# Made from the columns of a sample file; docs/mapping-a-source.md describes the language."]
    if fault is not None:
        first.append(f"# NOT COMPLETE: {fault}")
    return "\n".join([*first, "", text])


def _source(record: str, field: str, column: str, sample: Sample) -> str:
    """Write where a field's value comes from, with a value map where the column names types of contact."""
    if RECORD_TYPES[record].kinds[field] is not CONTACT_TYPE or all(map(_is_type, sample.texts(column))):
        return _text(column)
    meant = {text: text if _is_type(text) else contact_type_named(text) for text in sample.texts(column)}
    pairs = ", ".join(f"{_text(text)} = {_text(code)}" for text, code in meant.items() if code)
    return f"{{ column = {_text(column)}, values = {{ {pairs} }} }}" if pairs else _text(column)


def _is_type(text: str) -> bool:
    return is_contact_code(text) or text in LOCAL_CONTACT_TYPES


def _comments(
    record: str,
    sample: Sample,
    mapped: Mapping[str, str],
    unread: Iterable[str],
    dates: tuple[str, ...],
    today: date,
) -> list[str]:
    """Say what is missing, left over, and read with faults."""
    record_type = RECORD_TYPES[record]
    lines = []
    for name in record_type.kinds:
        if name in record_type.required_of_source and name not in mapped:
            lines.append(f"# {name} =  # NEEDED: a column, or a constant")
    if record_type.any_of and not set(record_type.any_of) & set(mapped):
        lines.append(f"# NEEDED: one of {', '.join(record_type.any_of)}")
    reading = TextRules(today, True, dates, ",")
    for name, column in mapped.items():
        texts = sample.texts(column)
        faults = [fault for text in texts if (fault := _value_fault(name, record, text, reading))]
        if faults:
            count = f"{len(faults)} of {len(texts)}"
            lines.append(f"# {name}: {count} texts of the sample cannot be read: {faults[0]}")
    lines += [f"# {name}: its dates have a form that is not known here; add it to dates" for name in unread]
    left = [column for column in sample.columns if column not in mapped.values()]
    if left:
        lines += ["", "# Columns without a field:", *(f"# = {_text(column)}" for column in left)]
    free = [name for name in record_type.kinds if name not in mapped]
    if free:
        lines += ["", f"# Fields without a column: {', '.join(free)}"]
    return lines


def _value_fault(name: str, record: str, text: str, reading: TextRules) -> str | None:
    """Return what is wrong with a text, never quoting it; of dates `_dates` tells."""
    kind = RECORD_TYPES[record].kinds[name]
    if kind in DATES:
        return None
    if kind is CONTACT_TYPE and not _is_type(text) and contact_type_named(text) is None:
        return "it names no type of contact that is known here; add it to values"
    try:
        kind.parse(clean(text), reading)
    except FAULTS as fault:
        return str(fault)
    return None


def _dates(
    record: str, sample: Sample, mapped: Mapping[str, str], today: date
) -> tuple[tuple[str, ...], list[str]]:
    """Return the date formats of the sample, and the fields whose dates have none of those known here."""
    kinds = RECORD_TYPES[record].kinds
    found: dict[str, None] = {}
    unread = []
    for name, column in mapped.items():
        if kinds[name] not in DATES:
            continue
        for text in sample.texts(column):
            forms = (*DEFAULT_FORMATS, *_OTHER_FORMATS, RELATIVE)
            form = next((one for one in forms if read_date(text, (one,), today)), None)
            if form is not None:
                found[form] = None
            elif name not in unread:
                unread.append(name)
    return tuple(found) or DEFAULT_FORMATS, unread


def _score(record: str, sample: Sample) -> tuple[bool, int]:
    mapped = _mapped(record, sample.columns)
    return RECORD_TYPES[record].required_of_source <= set(mapped), len(mapped)


def _mapped(record: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the fields whose columns are known by name, each column for one field."""
    kinds = RECORD_TYPES[record].kinds
    by_column: dict[str, str] = {}
    for column in columns:
        plain = _plain(column)
        known = [name for name in kinds if plain == _plain(name) or plain in _known()[record, name]]
        free = [name for name in known if name not in by_column]
        if free:
            by_column[free[0]] = column
    return {name: by_column[name] for name in kinds if name in by_column}


@cache
def _known() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the known names of columns for each field of each record type."""
    text = (files("fastkontakt.profiles") / "column_names.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        (record, name): frozenset(
            _plain(row["column"]) for row in rows if row["field"] == name and row["record"] in ("", record)
        )
        for record, record_type in RECORD_TYPES.items()
        for name in record_type.kinds
    }


def _plain(name: str) -> str:
    """Return a name without what sources spell differently: capitals, blanks, hyphens."""
    return "".join(filter(str.isalnum, name.casefold()))


def _fault(text: str) -> str | None:
    """Return why a profile cannot be used; None when it can."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(text, "utf-8")
        try:
            load_profile(path)
        except ProfileError as error:
            return ": ".join(part for part in (error.key, error.reason) if part)
    return None


def _text(text: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
