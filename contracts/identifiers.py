"""Identities of persons, organisations, staff, counties and message receivers.

The forms stand in ``data/identifier_rules.csv``; here is what a pattern cannot say: dates, check digits,
letter case. An error never repeats the value it speaks of, so that its text may go into logs and faults.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import getitem
from typing import Self

from contracts import oids
from contracts.clock import swedish_now
from contracts.codes import counties, table


class IdentifierError(ValueError):
    """An identity that does not have the form the contracts ask for; the text says what is wrong with it."""


class PersonIdKind(StrEnum):
    """The identities of persons that the contracts accept."""

    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    NATIONAL_RESERVE_NUMBER = "national reserve number"


_KINDS = {
    oids.PERSONNUMMER: PersonIdKind.PERSONNUMMER,
    oids.SAMORDNINGSNUMMER: PersonIdKind.SAMORDNINGSNUMMER,
    oids.NATIONAL_RESERVE_NUMBER: PersonIdKind.NATIONAL_RESERVE_NUMBER,
}
_FORMS = {
    PersonIdKind.PERSONNUMMER: "12 digits, year, month, day 01-31 and four more digits",
    PersonIdKind.SAMORDNINGSNUMMER: "12 digits, year, month, day 61-91 and four more digits; "
    "month 00 and day 60 where they are not known",
    PersonIdKind.NATIONAL_RESERVE_NUMBER: "8 digits, 2 capital letters (never I, O, Q, V or W), "
    "a digit or such a letter, and a digit",
}
_ACCEPTED = "accepted are " + ", ".join(f"{kind} ({root})" for root, kind in _KINDS.items())

_PATTERNS = {row["id_type"]: re.compile(row["pattern"]) for row in table("identifier_rules.csv")}
_PERSON_PATTERNS = {
    PersonIdKind.PERSONNUMMER: _PATTERNS["personnummer"],
    PersonIdKind.SAMORDNINGSNUMMER: _PATTERNS["samordningsnummer"],
    PersonIdKind.NATIONAL_RESERVE_NUMBER: _PATTERNS["nationellt reservid NRID"],
}
_HSA_LENIENT = (
    _PATTERNS["HSA-id (lenient input)"],
    "letters and digits such as SE2321000016, a hyphen, and characters without blanks",
)
_HSA_STRICT = (
    _PATTERNS["HSA-id (strict own data)"],
    "SE, a ten-digit organisation number, a hyphen, and letters, digits or simple punctuation",
)

_GREATEST_AGE = 150
"""Age of somebody whose year of birth is not known, at the most."""

_WITH_SEPARATOR = re.compile(r"[0-9]{8}[-+].{4}")
_WITHOUT_CENTURY = re.compile(r"[0-9]{6}[-+]?[0-9]{4}")


@dataclass(frozen=True, slots=True)
class PersonId:
    """A person's identity. Made by ``parse`` and its siblings; the constructor checks nothing.

    Its repr leaves the number out: objects end up in tracebacks and logs.

    Attributes:
        root: OID of the identity's series.
        extension: The 12 characters.
    """

    root: str
    extension: str = field(repr=False)

    @property
    def kind(self) -> PersonIdKind:
        """Which of the three identities it is."""
        return _KINDS[self.root]

    def ages_on(self, day: date) -> tuple[int, int]:
        """Return the least and the greatest age in whole years that the person can have on a day.

        They differ where the number does not tell the day of birth: a samordningsnummer with month 00 or day
        60, whose date of birth is not verified (SKV 707), or a reserve number with century 00. Who asks must
        not guess between the two.
        """
        born = _birth_days(self.kind, self.extension[:8])
        if born is None:
            return 0, _GREATEST_AGE
        first, last = born
        return max(0, _age(last, day)), _age(first, day)

    @classmethod
    def parse(
        cls, root: str, extension: str, *, check_digits: bool = True, today: date | None = None
    ) -> Self:
        """Read an identity as the contracts write it.

        Args:
            root: OID of the series; blanks around it are ignored (conflict C22).
            extension: Exactly 12 characters without separator (carelisting TKB 5.1, GetCareManagers TKB 6.1).
            check_digits: Whether the check digit must be right; false where numbers are made up for tests.
            today: Last possible day of birth; the current Swedish day when left out.

        Raises:
            IdentifierError: The series is not accepted (local reserve numbers never are), or the extension is
                not an identity of that series.
        """
        kind = _KINDS.get(root.strip())
        if kind is None:
            raise IdentifierError(f"the root of the person's identity is not accepted; {_ACCEPTED}")
        _check_length(extension)
        if _PERSON_PATTERNS[kind].fullmatch(extension) is None:
            raise IdentifierError(f"not a {kind}: expected {_FORMS[kind]}")
        _check_number(kind, extension, check_digits, today)
        return cls(root.strip(), extension)

    @classmethod
    def from_number(cls, number: str, *, check_digits: bool = True, today: date | None = None) -> Self:
        """Read the 12 characters of an identity; which series they belong to shows in the characters.

        Raises:
            IdentifierError: As ``parse``.
        """
        _check_length(number)
        for root, kind in _KINDS.items():
            if _PERSON_PATTERNS[kind].fullmatch(number) is not None:
                _check_number(kind, number, check_digits, today)
                return cls(root, number)
        raise IdentifierError(f"not the form of any accepted identity; {_ACCEPTED}")

    @classmethod
    def from_text(cls, text: str, *, check_digits: bool = True, today: date | None = None) -> Self:
        """Read an identity as people write it: blanks are ignored, and ``-`` or ``+`` after the day of birth.

        The century is needed: without it a number may belong to two people.

        Raises:
            IdentifierError: As ``parse``.
        """
        number = text if text.isalnum() else "".join(text.split())
        if len(number) == 13 and _WITH_SEPARATOR.fullmatch(number):
            number = number[:8] + number[9:]
        return cls.from_number(number, check_digits=check_digits, today=today)


def _check_length(extension: str) -> None:
    if len(extension) == 12:
        return
    if _WITH_SEPARATOR.fullmatch(extension):
        raise IdentifierError("the identity holds a separator: leave the hyphen out")
    if _WITHOUT_CENTURY.fullmatch(extension):
        raise IdentifierError("the century is missing: write the year of birth with four digits")
    raise IdentifierError("a person's identity must be exactly 12 characters without separator")


def _check_number(kind: PersonIdKind, number: str, check_digits: bool, today: date | None) -> None:
    born = _birth_days(kind, number[:8])
    if born is not None and born[0] > (today or swedish_now().date()):
        raise IdentifierError(f"the date of birth in the {kind} lies in the future")
    # Only a reserve number's check digit covers the century.
    covered = number[0 if kind is PersonIdKind.NATIONAL_RESERVE_NUMBER else 2 : 11]
    if check_digits and _check_digit(covered) != number[11]:
        raise IdentifierError(f"the check digit of the {kind} is wrong")


@lru_cache(maxsize=131_072)  # days of a whole population, each as one kind of identity and another
def _birth_days(kind: PersonIdKind, digits: str) -> tuple[date, date] | None:
    """Return the first and the last day of birth that an identity leaves open; mostly they are the same.

    None where it says nothing of the year. Of a samordningsnummer the month may be 00 and the day 60, each
    where it is not known (``identifier_rules.csv``).
    """
    century, year, month, day = (int(digits[start : start + 2]) for start in (0, 2, 4, 6))
    if kind is PersonIdKind.SAMORDNINGSNUMMER:
        day -= 60
        if month == 0:  # the day alone narrows nothing down
            return date(100 * century + year, 1, 1), date(100 * century + year, 12, 31)
        if day == 0:
            last = monthrange(100 * century + year, month)[1]
            return date(100 * century + year, month, 1), date(100 * century + year, month, last)
    elif kind is PersonIdKind.NATIONAL_RESERVE_NUMBER:
        if century == 0:  # date of birth unknown: month and day say so and the year means nothing
            if month < 20 or not 40 <= day <= 59:
                raise IdentifierError(f"the {kind} has century 00 but not the month and day that go with it")
            return None
        # The real century plus a multiple of three, at least one: 22, 25, 28 .. for 19 and 23, 26 .. for 20.
        if century < 22 or century % 3 == 0:
            raise IdentifierError(f"the first two digits of the {kind} stand for no century")
        century = 18 + century % 3
    try:
        born = date(100 * century + year, month, day)
    except ValueError:
        raise IdentifierError(f"the date of birth in the {kind} does not exist") from None
    return born, born


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _digit_sums(factor: int) -> tuple[int, ...]:
    """Return, by ASCII number, the sum of the digits of what a character stands for times a factor."""
    return tuple(
        sum(map(int, str(factor * (int(chr(code)) if chr(code).isdigit() else code)))) for code in range(128)
    )


_TO_ADD = (_digit_sums(2), _digit_sums(1)) * 6
"""What each character adds to the sum of the check digit, by its place from the end."""


def _check_digit(body: str) -> str:
    """Return the mod-10 check digit that follows a body of digits; a letter counts as its ASCII number."""
    return str(-sum(map(getitem, _TO_ADD, reversed(body.encode("ascii")))) % 10)


@dataclass(frozen=True, slots=True)
class HsaId:
    """An HSA-id. ``str()`` gives the spelling of the source; equality and hash go by ``key``.

    Made by ``parse``; the constructor checks nothing, so that what is compared with may be any text.

    Attributes:
        text: The HSA-id as its source spells it.
        key: The form in which it is compared; letter case has no meaning (carelisting TKB, HSAIdType).
    """

    text: str = field(compare=False)
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.text.strip().upper())

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str, *, strict: bool = False) -> Self:
        """Read an HSA-id; blanks around it are ignored.

        Args:
            text: The HSA-id.
            strict: For one's own data: the organisation part must be ``SE`` (or ``SE16``) and a valid
                organisation number. Messages from others are not held to that: the official test suite uses
                shorter ones such as ``SE12345-XYZ``. The letter after the hyphen is never looked at
                (seed conflict 17).

        Raises:
            IdentifierError: It is no HSA-id.
        """
        text = text.strip()
        if len(text) > 31:
            raise IdentifierError("an HSA-id has at most 31 characters")
        pattern, form = _HSA_STRICT if strict else _HSA_LENIENT
        if pattern.fullmatch(text) is None:
            raise IdentifierError(f"not an HSA-id: expected {form}")
        if strict:
            organisation = text.partition("-")[0][-10:]
            if _check_digit(organisation[:-1]) != organisation[-1]:
                raise IdentifierError("the organisation number in the HSA-id has a wrong check digit")
        return cls(text)


_REFUSED_COUNTIES = {row["value"]: f"{row['meaning']}; {row['note']}" for row in table("lan_special.csv")}


def parse_county(text: str) -> str:
    """Return a county code of two digits; blanks around it are ignored.

    Raises:
        IdentifierError: It is not one of the 21 codes in use. For an abolished county the text names the
            code of today.
    """
    code = text.strip()
    if code in counties():
        return code
    if code in _REFUSED_COUNTIES:
        raise IdentifierError(f"{code} is not accepted as a county code: {_REFUSED_COUNTIES[code]}")
    raise IdentifierError(f"not a county code; there are {', '.join(counties())}")


@dataclass(frozen=True, slots=True)
class LogicalAddress:
    """Whom a message is addressed to: a county code in carelisting, an HSA-id or another number elsewhere."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the LogicalAddress header; blanks around it are ignored.

        Raises:
            IdentifierError: It is empty.
        """
        value = text.strip()
        if not value:
            raise IdentifierError("the logical address is empty")
        return cls(value)

    @property
    def county(self) -> str | None:
        """The county code, when the address is one of the 21 (carelisting TKB 3.2)."""
        return self.value if self.value in counties() else None

    def is_among(self, addresses: Iterable[str]) -> bool:
        """Tell whether it is one of these addresses, whatever their letter case: some are HSA-ids."""
        return HsaId(self.value) in map(HsaId, addresses)
