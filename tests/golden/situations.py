"""The situations of docs/demo-data.md that concern GetListing and GetCareManagers, read from its tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

DEMO_PAGE = Path(__file__).parents[2] / "docs" / "demo-data.md"
HOME = "SE2321000131-FASTKONTAKT"
"""LogicalAddress of the demo's source system of fixed contacts."""

_TABLES = ("Listings", "Queues", "Re-listings left", "Across counties", "Fixed contacts")
_HIDDEN = "People who are never shown"
_NUMBER = re.compile(r"`([0-9A-Z]{12})`")


@dataclass(frozen=True)
class Situation:
    """One question to the demo.

    Attributes:
        contract: GetListing or GetCareManagers.
        address: The LogicalAddress.
        person: Who is asked about.
        title: The situation, as the page names it.
        shows: What the page says that the answer shows.
        actor_type: Who asks, in GetListing.
        actor_id: That actor's id; None for the resident itself.
        extended: Whether the doctor extension is turned on.
        ordinal: Which of those with the same title it is.
    """

    contract: str
    address: str
    person: str
    title: str
    shows: str
    actor_type: str = "CITIZEN"
    actor_id: str | None = None
    extended: bool = False
    ordinal: int = 1

    @property
    def name(self) -> str:
        """Name of its file, without ending: the contract and the situation, in letters every system has."""
        parts = [self.contract, self.title]
        if self.contract == "GetListing" and self.address != "14":
            parts.append(f"at {self.address}")
        if self.actor_type != "CITIZEN":
            parts.append(f"by {self.actor_type}")
        if self.ordinal > 1:
            parts.append(str(self.ordinal))
        text = " ".join(parts).lower().translate(str.maketrans("åäöé", "aaoe"))
        return re.sub("[^a-z0-9]+", "-", text).strip("-")


def situations() -> list[Situation]:
    """Return the situations in the order of the page; a question that comes twice has its first title."""
    found: dict[tuple[str, str, str, str, str | None, bool], Situation] = {}
    for one in (*_on_the_page(), _EXTENDED):
        key = (one.contract, one.address, one.person, one.actor_type, one.actor_id, one.extended)
        found.setdefault(key, one)
    names = [one.name for one in found.values()]
    return [
        replace(one, ordinal=names[: place + 1].count(one.name)) for place, one in enumerate(found.values())
    ]


_EXTENDED = Situation(
    "GetListing",
    "14",
    "195709263080",
    "listed with doctor, with the doctor extension",
    "as without it, and the doctor's direct number, team and befattning after the title "
    "(`carelisting.doctor_extension`)",
    extended=True,
)


def _on_the_page() -> Iterator[Situation]:
    page = DEMO_PAGE.read_text(encoding="utf-8")
    for heading in _TABLES:
        yield from _of_table(_rows(page, heading))
    for person, title in _rows(page, _HIDDEN)[1:]:
        (number,) = _NUMBER.findall(person)
        yield Situation("GetListing", "14", number, title, "nothing")
        yield Situation("GetCareManagers", HOME, number, title, "nothing")


def _rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, its own headings first."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = re.search(r"(?m)^\|.*\n\|[-|]+\n((?:\|.*\n)*)", section)
    assert table is not None, heading
    lines = [table[0].splitlines()[0], *table[1].splitlines()]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _of_table(rows: list[list[str]]) -> Iterator[Situation]:
    person = title = ""
    for cells in rows[1:]:
        number, named, *rest = cells
        person = _NUMBER.findall(number)[0] if number else person
        title = named or title
        if len(rest) == 1:  # the table of fixed contacts
            shows, _, listed = rest[0].partition("; GetListing: ")
            yield Situation("GetCareManagers", HOME, person, title, shows)
            if listed:
                yield Situation("GetListing", "14", person, title, listed)
        else:
            yield from _of_contracts(person, title, *rest)


def _of_contracts(person: str, title: str, contracts: str, shows: str) -> Iterator[Situation]:
    address = re.search(r" at `([0-9]{2})`", contracts)
    actor = re.search(r"actor ([A-Z_]+) `([^`]+)`", contracts)
    if re.search(r"\bGetListing\b|every contract", contracts):
        asked = (actor[1], actor[2]) if actor else ("CITIZEN", None)
        yield Situation("GetListing", address[1] if address else "14", person, title, shows, *asked)
    if "every contract" in contracts:
        yield Situation("GetCareManagers", HOME, person, title, shows)
