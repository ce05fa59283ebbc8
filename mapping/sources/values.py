"""Texts of a source to values of a record: one `FieldKind` for each sort of field.

A `ValueFault` says what is expected and never repeats the text; whether a message may quote it is a property
of the kind, since person numbers, names and notes must not end up in reports.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from unicodedata import normalize

from contracts.clock import swedish_now
from contracts.codes import (
    LOCAL_CONTACT_TYPES,
    befattning_display,
    contact_point_systems,
    fixed_contact_type,
    is_contact_code,
)
from contracts.hours import HoursError, parse_hours
from contracts.identifiers import HsaId, IdentifierError, PersonId, parse_county
from mapping.sources.cells import CellFault
from mapping.sources.dates import read_date
from register.model import Allotment, Audience

FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "ja", "j", "x"), True),
    **dict.fromkeys(("false", "0", "no", "n", "nej"), False),
}
"""Texts of a yes or no, in lower case."""

FIRST_YEAR, LAST_YEAR = 1900, 2099
"""Years a date may have: the patterns of GetCareManagers' DateType allow no others."""

LONGEST_CODE = 255
"""Characters of a code or id: two of them must fit in a key of PostgreSQL, which has some 2700 bytes."""

_END_OF_DAY = time(23, 59, 59)
_PERSON_NUMBER = re.compile(r"(?<!\w)[0-9]{6}(?:[0-9]{2})?[-+ ]?\w{4}(?!\w)")
# The same with other characters around and between: a day of birth. In a samordningsnummer 60 is added to it,
# and month 00 and day 60 are those that nobody knows.
_BIRTH_NUMBER = re.compile(
    "[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|(?:0[0-9]|1[0-2])(?:[678][0-9]|9[01]))[0-9]{4}"
)
_PLUS = re.compile(r"\s*([0-9]{4})\s*[0-9]{4}\s*\+")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[^0-9A-Za-z:]+(?=[0-9])")
_ORGANISATION = re.compile("SE[0-9]{10}-", re.IGNORECASE)  # of an HSA-id
_SENTENCE = re.compile(r"\w*[^\W\d_]{2}.*\s|\s.*[^\W\d_]{2}", re.DOTALL)
_LONGEST_QUOTE = 60


class ValueFault(ValueError):
    """A text that is no value of its kind."""


FAULTS = (ValueFault, CellFault, IdentifierError, HoursError)
"""What is raised about a cell and its text."""


@dataclass(frozen=True, slots=True)
class TextRules:
    """How the texts of one field are read.

    Attributes:
        today: Day that relative dates count from, and the last on which somebody can be born.
        check_digits: Whether the check digits of person numbers must be right.
        dates: Date formats that are tried in turn, in strptime notation or ``relative``.
        separator: What stands between the parts of a list.
    """

    today: date
    check_digits: bool
    dates: tuple[str, ...]
    separator: str


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A sort of field.

    Attributes:
        parse: Makes the value of a trimmed, non-empty text; raises one of `FAULTS`. None means that the text
            stands for nothing, such as an end in the year 9999.
        quotable: Whether a message may repeat the text.
        warn: Says what is doubtful about a value that is kept all the same; None when nothing is.
    """

    parse: Callable[[str, TextRules], object]
    quotable: bool = True
    warn: Callable[[str], str | None] | None = None


def quoted(kind: FieldKind, text: str) -> str:
    """Return what a message puts before its words: the text and a colon; nothing where it must not be quoted.

    Columns get mixed up, so the kind alone is not trusted: a text without digits may be somebody's name, and
    one of several words a note.
    """
    short = len(text) <= _LONGEST_QUOTE and _SENTENCE.search(text) is None
    quotable = kind.quotable and short and any(map(str.isdigit, text)) and not holds_person_number(text)
    return f"{text!r}: " if quotable else ""


def holds_person_number(text: str) -> bool:
    """Tell whether a text has something in it that may be a person number."""
    if _PERSON_NUMBER.search(text) is not None:
        return True
    rest = _BETWEEN_DIGITS.sub("", _ORGANISATION.sub("", normalize("NFKC", text)))
    return _BIRTH_NUMBER.search(rest) is not None


def _line(text: str, _rules: TextRules) -> str:
    return " ".join(text.split())


def _code(text: str, _rules: TextRules) -> str:
    code = " ".join(text.split())
    if len(code) > LONGEST_CODE:
        raise ValueFault(f"a code or id has at most {LONGEST_CODE} characters")
    return code


def _notes(text: str, _rules: TextRules) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def _person_id(text: str, rules: TextRules) -> str:
    return PersonId.from_text(text, check_digits=rules.check_digits, today=rules.today).extension


def _person_ids(text: str, rules: TextRules) -> tuple[str, ...]:
    return tuple(_person_id(part, rules) for part in _parts(text, rules))


def _hsa_id(text: str, _reading: TextRules) -> HsaId:
    return HsaId.parse(text)


def _county(text: str, _rules: TextRules) -> str:
    # A spreadsheet turns 01 into 1.
    return parse_county(text.zfill(2))


def _counties(text: str, rules: TextRules) -> tuple[str, ...]:
    return tuple(_county(part, rules) for part in _parts(text, rules))


def _parts(text: str, rules: TextRules) -> list[str]:
    return [part.strip() for part in text.split(rules.separator) if part.strip()]


def _organisation_number(text: str, _rules: TextRules) -> str:
    if re.fullmatch("[0-9]{6}-?[0-9]{4}", text) is None:
        raise ValueFault("not an organisation number: ten digits, with or without hyphen")
    return text.replace("-", "")


def _befattning(text: str, _rules: TextRules) -> str:
    if re.fullmatch("[0-9]{6}", text) is None:
        raise ValueFault("not a code of KV_Befattning (six digits); a title in words goes to the field title")
    return text


def _contact_system(text: str, _rules: TextRules) -> str:
    system = text.lower()
    if system not in contact_point_systems():
        raise ValueFault(
            f"unknown contact point system; there are {', '.join(sorted(contact_point_systems()))}"
        )
    return system


def _audience(text: str, _rules: TextRules) -> Audience:
    try:
        return Audience(text.lower())
    except ValueError:
        raise ValueFault(f"unknown audience; there are {', '.join(Audience)}") from None


def _allotment(text: str, _rules: TextRules) -> Allotment:
    try:
        return Allotment(text.lower())
    except ValueError:
        raise ValueFault(f"unknown allotment; there are {', '.join(Allotment)}") from None


def _flag(text: str, _rules: TextRules) -> bool:
    try:
        return FLAGS[text.lower()]
    except KeyError:
        raise ValueFault(f"neither yes nor no; accepted are {', '.join(FLAGS)}") from None


def _count(text: str, _rules: TextRules) -> int:
    if re.fullmatch("[0-9]{1,9}", text) is None:
        raise ValueFault("not a whole number from 0 to 999999999")
    return int(text)


def _hours(text: str, _rules: TextRules) -> str:
    parse_hours(text)
    return text


def _day(text: str, rules: TextRules) -> date:
    return _in_range(_read_date(text, rules)[0])


def _last_day(text: str, rules: TextRules) -> date | None:
    day = _read_date(text, rules)[0]
    return _in_range(day) if day.year <= LAST_YEAR else None


def _start(text: str, rules: TextRules) -> datetime:
    day, clock = _read_date(text, rules)
    return datetime.combine(_in_range(day), clock or time.min)


def _end(text: str, rules: TextRules) -> datetime | None:
    day, clock = _read_date(text, rules)
    return datetime.combine(_in_range(day), clock or _END_OF_DAY) if day.year <= LAST_YEAR else None


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueFault(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _read_date(text: str, rules: TextRules) -> tuple[date, time | None]:
    found = read_date(text, rules.dates, rules.today)
    if found is None:
        raise ValueFault(f"not a date that exists in any of the forms {', '.join(rules.dates)}")
    return found


def _unknown_befattning(code: str) -> str | None:
    if befattning_display(code) is not None:
        return None
    return "is not in the packaged list of KV_Befattning; it is kept"


def _unknown_contact_type(code: str) -> str | None:
    if fixed_contact_type(code) is not None or code in LOCAL_CONTACT_TYPES:
        return None
    if not is_contact_code(code):
        return "is no code of Kv typ av fast kontakt; it is kept, and never sent"
    return "is not in the packaged list of Kv typ av fast kontakt; it is kept"


def _plus_and_age(text: str) -> str | None:
    # A + stands in place of the hyphen from the year of the 100th birthday on (folkbokföringslagen 18 §).
    found = _PLUS.match(text)
    if found is None or swedish_now().year - int(found[1]) >= 100:
        return None
    return (
        "has a +, which is for those of 100 years and more, and a later year of birth; it is read by the year"
    )


def _lost_zero(text: str) -> str | None:
    if re.fullmatch("[1-9][0-9]{6,9}", text) is None:
        return None
    return "has neither 0 nor + in front; has a spreadsheet taken it for a number? Keep such columns as text"


TEXT = FieldKind(_line, quotable=False)
NOTES = FieldKind(_notes, quotable=False)
CODE = FieldKind(_code)
ADDRESS = FieldKind(_line, warn=_lost_zero)
PERSON_ID = FieldKind(_person_id, quotable=False, warn=_plus_and_age)
PERSON_IDS = FieldKind(_person_ids, quotable=False)
HSA_ID = FieldKind(_hsa_id)
COUNTY = FieldKind(_county)
COUNTIES = FieldKind(_counties)
ORGANISATION_NUMBER = FieldKind(_organisation_number)
BEFATTNING = FieldKind(_befattning, warn=_unknown_befattning)
CONTACT_TYPE = FieldKind(_code, warn=_unknown_contact_type)
CONTACT_SYSTEM = FieldKind(_contact_system)
AUDIENCE = FieldKind(_audience)
ALLOTMENT = FieldKind(_allotment)
FLAG = FieldKind(_flag)
COUNT = FieldKind(_count)
HOURS = FieldKind(_hours)
DAY = FieldKind(_day)
LAST_DAY = FieldKind(_last_day)
START = FieldKind(_start)
END = FieldKind(_end)

ONCE = frozenset({TEXT, NOTES, PERSON_ID, PERSON_IDS})
"""Kinds whose values seldom come again: it is no use to remember them."""

DATES = frozenset({DAY, LAST_DAY, START, END})
"""Kinds that read a date, for which a profile can set formats."""
LISTS = frozenset({PERSON_IDS, COUNTIES})
"""Kinds that read a list, for which a profile can set a separator."""
