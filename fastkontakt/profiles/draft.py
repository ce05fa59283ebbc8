"""A profile written from a sample. What was guessed is marked, what nobody can know is left to be said."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.codes import contact_type_named
from fastkontakt.profiles.guesses import UnclearRecord, guess_record, guesses, is_type
from fastkontakt.profiles.guesses import text as _text
from fastkontakt.profiles.sampling import Sample
from mapping.sources.cells import clean
from mapping.sources.dates import DEFAULT_FORMATS, RELATIVE, read_date
from mapping.sources.profile import ProfileError, load_profile
from mapping.sources.records import RECORD_TYPES
from mapping.sources.values import CONTACT_TYPE, DATES, FAULTS, TextRules

_ALL = "SELECT * FROM"
GUESSED = "  # GUESSED: look at it"
_OTHER_FORMATS = ("%Y%m%d%H%M%S%z", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d")


def new_profile(
    name: str,
    path: Path,
    sample: Sample,
    record: str,
    today: date,
    *,
    is_sure: bool,
    answers: Mapping[str, str],
) -> str:
    """Return the text of a profile for files like a sample.

    Args:
        name: What to call the source.
        path: The sample file.
        sample: What is known about it.
        record: The record type that it holds.
        today: Day that relative dates count from.
        is_sure: Whether somebody has said the record type.
        answers: Field -> where its value comes from, as TOML, by whoever was asked.

    Returns:
        TOML. Where the profile cannot be used as it is, its first comment says why.
    """
    body, dates = section(record, sample, today, is_sure=is_sure, answers=answers)
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
        *(['header = "find"  # there are rows before it'] if sample.skipped else []),
        *([f"sheet = {_text(sample.sheet)}"] if sample.sheet else []),
        *([f"not_rows = {_texts(sample.not_rows)}{GUESSED}"] if sample.not_rows else []),
        f"dates = {_texts(dates)}",
        "",
        "[[file]]",
        f"name = {_text(f'{stem}*{path.suffix}')}",
        *body,
    ]
    return _told(lines)


def database_profile(name: str, variable: str, tables: Mapping[str, Sample], today: date) -> str:
    """Return the text of a profile for the tables of a database.

    Args:
        name: What to call the source.
        variable: Environment variable that holds the database's URL.
        tables: Name of a table, as a query writes it -> its columns and first rows.
        today: Day that relative dates count from.
    """
    lines = [
        "[profile]",
        f"name = {_text(name)}",
        f"title = {_text(name)}  # what the source is, in words",
        "",
        "[database]",
        f"url_from = {_text(variable)}",
    ]
    for table, sample in tables.items():
        try:
            record = guess_record(sample)
        except UnclearRecord:
            columns = ", ".join(sample.columns)
            lines += ["", f"# Table {table} is for no record type that its columns tell: {columns}"]
            continue
        body, dates = section(record, sample, today, is_sure=False, answers={})
        quoted = table.replace('"', " ")
        lines += [
            "",
            "[[file]]",
            f"name = {_text(quoted.strip())}",
            f"query = {_text(f'{_ALL} {table}')}",
        ]
        lines += [f"format = {{ dates = {_texts(dates)} }}", *body]
    return _told(lines)


def section(
    record: str, sample: Sample, today: date, *, is_sure: bool, answers: Mapping[str, str]
) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines of a section after its name, and the date formats that it needs."""
    guessed = guesses(record, sample)
    mapped = {field: one.column for field, one in guessed.items() if one.column is not None}
    by_form = {field for field, one in guessed.items() if "form = " in one.source}
    dates, unread = _dates(record, sample, mapped, today)
    lines = [
        f"record = {_text(record)}{'' if is_sure else GUESSED}",
        "[file.fields]",
        *(f"{field} = {one.source}{'' if one.is_sure else GUESSED}" for field, one in guessed.items()),
        *(f"{field} = {answer}" for field, answer in answers.items() if field not in guessed),
        *_comments(record, sample, mapped, {*guessed, *answers}, by_form, unread, dates, today),
    ]
    return lines, dates


def _told(lines: list[str]) -> str:
    """Return a profile with what is to be known of it in front."""
    text = "\n".join(lines) + "\n"
    fault = _fault(text)
    first = ["# Made from a sample; docs/profile-language.md describes the language."]
    if fault is not None:
        first.append(f"# NOT COMPLETE: {fault}")
    return "\n".join([*first, "", text])


def _comments(
    record: str,
    sample: Sample,
    mapped: Mapping[str, str],
    given: Collection[str],
    by_form: Collection[str],
    unread: Iterable[str],
    dates: tuple[str, ...],
    today: date,
) -> list[str]:
    """Say what is missing, left over, and read with faults."""
    record_type = RECORD_TYPES[record]
    lines = []
    lines += [f"# {name} =  # NEEDED: a column, or a constant" for name in missing(record, given)]
    if record_type.any_of and not set(record_type.any_of) & set(given):
        lines.append(f"# NEEDED: one of {', '.join(record_type.any_of)}")
    reading = TextRules(today, True, dates, ",")
    for name, column in mapped.items():
        texts = sample.texts(column) if name not in by_form else []
        faults = [fault for text in texts if (fault := _value_fault(name, record, text, reading))]
        if faults:
            count = f"{len(faults)} of {len(texts)}"
            lines.append(f"# {name}: {count} texts of the sample cannot be read: {faults[0]}")
    lines += [f"# {name}: its dates have a form that is not known here; add it to dates" for name in unread]
    left = [column for column in sample.columns if column not in mapped.values()]
    if left:
        lines += ["", "# Columns without a field:", *(f"# = {_text(column)}" for column in left)]
    free = [name for name in record_type.kinds if name not in given]
    if free:
        lines += ["", f"# Fields without a column: {', '.join(free)}"]
    return lines


def missing(record: str, given: Collection[str]) -> list[str]:
    """Return the fields that a profile must give, and that nothing tells yet."""
    by_name = {"staff_surname": "staff", "unit_name": "unit"}
    found = {*given, *(by_name[one] for one in given if one in by_name)}
    record_type = RECORD_TYPES[record]
    return [one for one in record_type.kinds if one in record_type.required_of_source and one not in found]


def _value_fault(name: str, record: str, text: str, reading: TextRules) -> str | None:
    """Return what is wrong with a text, never quoting it; of dates `_dates` tells."""
    kind = RECORD_TYPES[record].kinds[name]
    if kind in DATES:
        return None
    if kind is CONTACT_TYPE and not is_type(text) and contact_type_named(text) is None:
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


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
