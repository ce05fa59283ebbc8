"""``fastkontakt quality --coverage``: what 1177 would lack, by source, as the survey of regions has it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from contacts.coverage import Coverage, Detail, coverage
from contracts.clock import swedish, swedish_now
from fastkontakt.commands.common import Undone
from fastkontakt.commands.reports import kind_of_contact, show
from fastkontakt.console import out
from fastkontakt.showing import Cell
from mapping.loads.batches import BatchState, LastLoad, last_loads
from register.database import Register

_NO_SOURCE = "(kommandon och anrop)"
"""What stands for the source of contacts that no source brought."""

_NAMES = {
    Detail.NAME: "namn",
    Detail.HSA_ID: "HSA-id",
    Detail.BEFATTNING: "befattning",
    Detail.TITLE: "titel",
    Detail.DIRECT_PHONE: "direkttelefon",
    Detail.DIRECT_PHONE_SHOWN: "direkttelefon visas",
    Detail.TEAM: "team",
    Detail.TEAM_PHONE: "teamets telefon",
    Detail.TEAM_HOURS: "teamets kontakttid",
    Detail.COMMENT: "kommentar",
    Detail.UNIT_ADDRESS: "besöksadress",
    Detail.UNIT_TOWN: "ort",
    Detail.UNIT_PHONE: "enhetens telefon",
    Detail.UNIT_STAFF_PHONE: "vård till vård",
    Detail.UNIT_E_SERVICE: "e-tjänst",
    Detail.REACHABLE: "kan nås",
}
"""The details in Swedish, as officials read the survey."""

_UNIT = [
    Detail.UNIT_ADDRESS,
    Detail.UNIT_TOWN,
    Detail.UNIT_PHONE,
    Detail.UNIT_STAFF_PHONE,
    Detail.UNIT_E_SERVICE,
    Detail.REACHABLE,
]
_PERSON = [detail for detail in Detail if detail not in _UNIT]

_WHOSE = ("källa", "kontakttyp", "antal")
_LOADS = ("källa", "senaste inläsning", "läge", "inläst av", "rader", "felaktiga rader")
_STATES = {BatchState.LOADED: "inläst", BatchState.REFUSED: "avvisad", BatchState.UNDONE: "ångrad"}


def print_coverage(register: Register, source: str | None, to: Path | None) -> None:
    """Print the coverage of each source and its last load: tables of who, where and when, or one CSV.

    Args:
        register: The register.
        source: The only source to show.
        to: File for CSV, as `reports.show` takes it.

    Raises:
        Undone: The source has neither contacts nor loads, or the file cannot be written.
    """
    with register.reading() as connection:
        counted = coverage(connection, swedish_now())
        loads = last_loads(connection)
    if source is not None:
        counted = [one for one in counted if one.source == source]
        loads = [one for one in loads if one.source == source]
        if not counted and not loads:
            raise Undone(f"The register has nothing from a source {source}: see fastkontakt imports.")
    if to is not None:
        figures = [head for detail in Detail for head in (_NAMES[detail], f"{_NAMES[detail]} %")]
        show((*_WHOSE, *figures, *_LOADS[1:]), _flat(counted, loads), to)
        return
    for details in (_PERSON, _UNIT):
        rows = [_line(one, details) for one in counted]
        name = "units" if details is _UNIT else "contacts"
        show((*_WHOSE, *(_NAMES[detail] for detail in details)), rows, name=name)
        out.print()
    show(_LOADS, [(one.source, *_load(one)) for one in loads], name="loads")


def _whose(one: Coverage) -> tuple[Cell, ...]:
    return one.source or _NO_SOURCE, kind_of_contact(one.type_code), one.contacts


def _line(one: Coverage, details: Sequence[Detail]) -> tuple[Cell, ...]:
    return (*_whose(one), *(_share(one.have[detail], one.contacts) for detail in details))


def _share(have: int, of: int) -> str:
    """Return a share as the survey puts it: yes for all, a dash for none, and how many for what lies between.

    A share that is not all is never rounded to all, nor one that is not none to none.
    """
    if have in (0, of):
        return "ja" if have else "-"
    percent = min(max(round(100 * have / of), 1), 99)
    return f"{percent} % ({have})"


def _load(one: LastLoad) -> tuple[Cell, ...]:
    moment = f"{swedish(one.finished_at):%Y-%m-%d %H:%M}"
    return moment, _STATES[one.state], one.loaded_by, one.rows, one.faulty


def _flat(counted: Sequence[Coverage], loads: Sequence[LastLoad]) -> Iterator[tuple[Cell, ...]]:
    """Yield a line for each source and type, and for each source that has been loaded and has no contacts."""
    last = {one.source: _load(one) for one in loads}
    for one in counted:
        figures = [
            cell
            for detail in Detail
            for cell in (one.have[detail], f"{100 * one.have[detail] / one.contacts:.1f}")
        ]
        yield (*_whose(one), *figures, *last.get(one.source or "", (None,) * (len(_LOADS) - 1)))
    for source in sorted(last.keys() - {one.source for one in counted}):
        yield (source, None, 0, *(None,) * (2 * len(Detail)), *last[source])
