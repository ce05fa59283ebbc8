"""The region that is loaded: its units, its residents and their listings, the same on every run.

Person numbers are made like the official test identities: a day of birth, one of the serials that the tax
agency gives to nobody (238x, 239x and 98xx, where the last digit is the check digit: 12 people a day), and
the right check digit. The days from 1900 to 2024, each as a personnummer and as a samordningsnummer, give
1 095 744 people. Västra Götaland has more, so 1.7 million rows are 1.088 million current listings, one for
each resident, and 0.612 million that ended when the resident changed unit.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from contracts.codes import PV
from contracts.identifiers import HsaId
from register.model import CareProvider, Unit
from tests.people import check_digit

COUNTY = "14"
PROFILE = Path(__file__).with_name("listningar.toml")
FILE = "listningar.csv"
DELIMITER = ";"

PROVIDER = CareProvider(HsaId("SE2321000131-E000000000001"), "Region Provlandet")
UNITS = [
    Unit(
        HsaId(f"SE2321000131-E{1000 + number:012}"),
        f"Provköpings vårdcentral {number}",
        PROVIDER.hsa_id,
        COUNTY,
        listable=True,
    )
    for number in range(1, 231)
]

_SERIALS = ("238", "239", *(str(number) for number in range(980, 990)))
_PEOPLE_A_DAY = 2 * len(_SERIALS)
_FIRST_BIRTH = date(1900, 1, 1)
_DAYS_OF_BIRTH = (date(2024, 12, 31) - _FIRST_BIRTH).days + 1

_FIRST_LISTING, _LAST_LISTING = date(2005, 1, 1), date(2025, 6, 30)
_NIGHT = date(2025, 9, 1)
"""When those who change unit between the first file and the nightly one do so."""

_CURRENT_PERCENT = 64
_CHANGED_PERCENT = 1

MOST_ROWS = _DAYS_OF_BIRTH * _PEOPLE_A_DAY * 100 // _CURRENT_PERCENT


class Row(NamedTuple):
    """A row of ``listningar.csv``, with the names of its columns."""

    Personnummer: str
    Enhet: str
    Listningstyp: str
    Från: str
    Till: str


def residents(rows: int) -> int:
    """Return how many residents a file of so many rows is about."""
    return -(-rows * _CURRENT_PERCENT // 100)


def people(number: int) -> Iterator[tuple[str, date]]:
    """Yield this many person numbers with the days of birth, which spread evenly over the years."""
    days = -(-number // _PEOPLE_A_DAY)
    births = (_FIRST_BIRTH + timedelta(days=day * _DAYS_OF_BIRTH // days) for day in range(days))
    return islice(((person_id, born) for born in births for person_id in _born(born)), number)


def _born(day: date) -> Iterator[str]:
    for added in (0, 60):  # a samordningsnummer has 60 added to the day
        beginning = f"{day:%Y%m}{day.day + added:02}"
        for serial in _SERIALS:
            yield f"{beginning}{serial}{check_digit(beginning[2:] + serial)}"


def listings(rows: int, *, nightly: bool = False) -> Iterator[Row]:
    """Yield the rows of ``listningar.csv``, person by person.

    Args:
        rows: How many; at most `MOST_ROWS`.
        nightly: As they are a night later: one percent of them differ. Half of these have got an end; the
            others are the new listings of the same residents, which come on top.
    """
    number_of_people = residents(rows)
    earlier = rows - number_of_people
    every = 200 * number_of_people // (_CHANGED_PERCENT * rows)
    chance = Random(COUNTY)  # noqa: S311 - no secret
    for number, (person_id, born) in enumerate(people(number_of_people)):
        first = max(born, _FIRST_LISTING)
        share, earlier_share, *places = (chance.random() for _ in range(5))
        days = int(share * (_LAST_LISTING - first).days) + 1
        before, now, then = (UNITS[int(place * len(UNITS))].hsa_id for place in places)
        moved = first + timedelta(days=days)
        if number * earlier // number_of_people != (number + 1) * earlier // number_of_people:
            yield _row(person_id, before, first + timedelta(days=int(earlier_share * days)), moved)
        if nightly and number % every == 0:
            yield _row(person_id, now, moved, _NIGHT)
            yield _row(person_id, then, _NIGHT)
        else:
            yield _row(person_id, now, moved)


def _row(person_id: str, unit: HsaId, start: date, next_start: date | None = None) -> Row:
    end = "" if next_start is None else str(next_start - timedelta(days=1))
    return Row(person_id, str(unit), PV.code, str(start), end)


def write_file(folder: Path, rows: Iterable[Row]) -> Path:
    """Write ``listningar.csv`` into a new folder."""
    folder.mkdir()
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=DELIMITER, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(rows)
    return path


def read_file(path: Path) -> Iterator[list[str]]:
    """Yield the rows of ``listningar.csv`` without its header."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=DELIMITER)
        next(rows)
        yield from rows
