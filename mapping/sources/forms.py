"""Forms: how a text is written in some kinds of source, and as what it is to be read.

A profile names a form where a column holds such texts (``form = "phone"``). Each takes a trimmed text that
is not empty and returns the text to read; an empty one means that there is no value. Formats of the directory
are those of HSA and of its regional copies (KiV), as in ``kiv_value_formats.csv`` of the project's facts.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

import phonenumbers
from phonenumbers import PhoneNumberFormat

from contracts.clock import swedish_now
from contracts.codes import WEEKDAYS
from mapping.sources.dates import read_date
from mapping.sources.readers.table import VALUES
from mapping.sources.values import LAST_YEAR, ValueFault

_NO_PHONE = "not a phone number with area code, such as 031-123 45 67 or +46 31 123 45 67"
_NO_HOURS = "not hours of a directory, such as 1-5#08:00#17:00 (days 1 Monday to 7 Sunday)"
_NO_NAME = "not a name written as surname, comma, given name"

_NOT_TWO = "not a given name and a surname of one word each; have names of more words in two columns"

_SINCE_EVER = date(1900, 1, 1)
"""First day of hours that only have a last one; the earliest that the notation of hours has."""

_BETWEEN = re.compile(f"[{VALUES}$]")
_DAYS = re.compile("([0-7])(?:-([0-7]))?")
_TIME = re.compile("([01]?[0-9]|2[0-4])(?:[:.]([0-5][0-9]))?")
_POSTCODE = re.compile(r"(?:SE?-)?(?P<postcode>[1-9][0-9]{2} ?[0-9]{2})(?!\d)(?P<town>.*)", re.IGNORECASE)
_TEN_DIGITS = re.compile(
    "(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<sign>[-+]?)(?P<rest>[0-9A-Z]{2}[0-9A-Z][0-9])"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def _phone(text: str) -> str:
    """A Swedish number in its national form, another with its country, a short one (1177) as it is."""
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException:
        raise ValueFault(_NO_PHONE) from None
    if re.fullmatch("[0-9 ]+", text) and phonenumbers.is_valid_short_number_for_region(number, "SE"):
        return str(number.national_number)
    # The library takes letters for the digits on their keys, and a number without area code or 0 for a whole
    # one: a person number would do.
    if re.match(r"\(?[+0]", text) is None or any(map(str.isalpha, text)):
        raise ValueFault(_NO_PHONE)
    if not phonenumbers.is_possible_number(number):
        raise ValueFault(_NO_PHONE)
    if number.country_code == phonenumbers.country_code_for_region("SE"):
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        if national.startswith("0"):  # otherwise its area is not known, and the 0 is missing
            return national
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _hours(text: str) -> str:
    """Hours as HSA and KiV write them, in the notation of `contracts.hours`, an entry for each value."""
    values = [value.strip() for value in _BETWEEN.split(text) if value.strip()]
    return "; ".join(dict.fromkeys(map(_hours_entry, values)))


def _hours_entry(value: str) -> str:
    # days # from # to [# comment [# first day [# last day]]], or from the elements of the RIV contract
    # first weekday # from # last weekday # to [# comment ...].
    parts = [part.strip() for part in value.split("#")]
    if len(parts) >= 4 and _DAYS.fullmatch(parts[2]) and ":" in parts[1]:
        parts = [f"{parts[0]}-{parts[2]}", parts[1], *parts[3:]]
    days = _DAYS.fullmatch(parts[0])
    if days is None or not 3 <= len(parts) <= 6:
        raise ValueFault(_NO_HOURS)
    start, end = _clock(parts[1]), _clock(parts[2])
    if end == "00:00":
        end = "24:00"
    if start >= end:
        raise ValueFault("hours that end before they begin; hours over midnight must be two values")
    names = "-".join(_weekday(day) for day in dict.fromkeys(filter(None, days.groups())))
    dates = _dates(*(parts[4:] + ["", ""])[:2])
    return " ".join(filter(None, (dates, names, f"{start}-{end}")))


def _weekday(number: str) -> str:
    return WEEKDAYS[(int(number) - 1) % 7][:3]  # 0 and 7 are both Sunday


def _clock(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None or (match[1] == "24" and match[2] not in (None, "00")):
        raise ValueFault(_NO_HOURS)
    return f"{match[1]:0>2}:{match[2] or '00'}"


def _dates(first: str, last: str) -> str:
    first_day = _day(first)
    last_day = _day(last)
    if last_day is not None and last_day.year > LAST_YEAR:  # 9999: until further notice
        last_day = None
    if first_day is None and last_day is None:
        return ""
    if first_day and last_day and last_day < first_day:
        raise ValueFault("hours whose last day comes before their first")
    return f"{first_day or _SINCE_EVER}/{last_day or ''}"


def _day(text: str) -> date | None:
    found = read_date(text, ("auto",), date.min) if text else None
    if text and found is None:
        raise ValueFault("hours with a first or last day that is no date such as 20260131")
    return found[0] if found else None


def _address(text: str) -> tuple[str, str, str]:
    """Return street, postcode and town of an address whose lines are separated by ``$``; empty if missing.

    The name of the unit may come first; the street is the line before postcode and town. Addresses of visits
    have no postcode, and then the last of several lines is the town.
    """
    parts = [" ".join(_CONTROLS.sub(" ", part).split()) for part in text.split("$")]
    parts = [part for part in parts if part]
    for place in range(len(parts) - 1, -1, -1):
        match = _POSTCODE.fullmatch(parts[place])
        if match:
            town = match["town"].strip() or "".join(parts[place + 1 : place + 2])
            return "".join(parts[:place][-1:]), match["postcode"].replace(" ", ""), town
    if len(parts) < 2:
        return "".join(parts), "", ""
    return parts[-2], "", parts[-1]


def _street(text: str) -> str:
    """Street and number of a directory's address."""
    return _address(text)[0]


def _postal_code(text: str) -> str:
    """Postcode of a directory's address, five digits; empty where it has none."""
    return _address(text)[1]


def _town(text: str) -> str:
    """Town of a directory's address; empty where it has none."""
    return _address(text)[2]


def _surname(text: str) -> str:
    """What stands before the comma of "surname, given name"."""
    return _name(text)[0]


def _given_name(text: str) -> str:
    """What stands after the comma of "surname, given name"."""
    return _name(text)[1]


def _name(text: str) -> list[str]:
    # Without the comma nobody can tell where a surname of two words ends.
    parts = [" ".join(part.split()) for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise ValueFault(_NO_NAME)
    return parts


def _person_number(text: str) -> str:
    """A number of ten digits with the century that it leaves out; one of twelve as it is.

    A + in place of the hyphen stands for those who are 100 this year or older (folkbokföringslagen 18 §);
    others are at most 99, and born by today.
    """
    found = _TEN_DIGITS.fullmatch("".join(text.split()))
    if found is None:
        return text
    today = swedish_now().date()
    year = today.year - (today.year - int(found["year"])) % 100
    if year == today.year and (int(found["month"]), int(found["day"]) % 60) > (today.month, today.day):
        year -= 100
    if found["sign"] == "+":
        year -= 100
    return f"{year}{found['month']}{found['day']}{found['rest']}"


def _first_of_two(text: str) -> str:
    """The given name of "given name surname", one word each."""
    return _two(text)[0]


def _second_of_two(text: str) -> str:
    """The surname of "given name surname", one word each."""
    return _two(text)[1]


def _two(text: str) -> list[str]:
    # Maria Lena Berg may be Lena Berg's Maria, or Maria Lena: only whoever wrote it knows.
    parts = text.split()
    if len(parts) != 2 or "," in text:
        raise ValueFault(_NOT_TWO)
    return parts


def _digits(text: str) -> str:
    """The digits of a text, without what stands between them."""
    digits = "".join(re.findall("[0-9]", text))
    if not digits:
        raise ValueFault("without any digits")
    return digits


def _title(text: str) -> str:
    """A title with a blank after each comma: "Psykolog,leg." becomes "Psykolog, leg."."""
    return ", ".join(" ".join(part.split()) for part in text.split(",") if part.strip())


FORMS: Mapping[str, Callable[[str], str]] = {
    "phone": _phone,
    "kiv-hours": _hours,
    "kiv-street": _street,
    "kiv-postal-code": _postal_code,
    "kiv-town": _town,
    "surname": _surname,
    "given-name": _given_name,
    "given-name-of-two": _first_of_two,
    "surname-of-two": _second_of_two,
    "person-number": _person_number,
    "digits": _digits,
    "title": _title,
}
"""Name of a form -> what reads it. They raise a `ValueFault` that says what is expected."""
