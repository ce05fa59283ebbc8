"""``fastkontakt listings show``: where a resident is listed and has been, and what brought it about."""

from datetime import datetime

from contracts.clock import swedish_now
from fastkontakt.commands.common import By, Person, opened, operator, person_id
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import kind_of_listing, named, read_about, show
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import Cell, fact
from listings.overview import HistoryOrigin, KeptListing, KeptNote, Overview, of_resident
from listings.settings import yearly_limits
from register.model import Listing, OutOfCountyListing


def show_listings(person: Person, by: By = None, config: Config = None) -> None:
    """Show where a resident is listed and queues, what waits, and the history with its causes."""
    settings = load(config)
    wanted = person_id(settings, person)
    limits, now = yearly_limits(settings.regions), swedish_now()
    with opened(settings) as register:
        found = read_about(
            register,
            "listings show",
            operator(by),
            wanted,
            lambda connection, resident: of_resident(connection, resident, limits, now),
        )
    _show_present(found)
    _show_waiting(found)
    show_history(found)
    fact("re-listings left", {kind_of_listing(one): left for one, left in found.remaining.items()}, "")
    for listing_type, left in found.remaining.items():
        out.print(f"Re-listings left ({kind_of_listing(listing_type)}): {left}", markup=False)


def _show_present(found: Overview) -> None:
    _table(
        "Listed",
        ("facility", "HSA-id", "county", "type", "since", "to", "doctor", "doctor's HSA-id"),
        [
            (
                one.unit.name,
                one.unit.hsa_id,
                one.unit.county,
                kind_of_listing((one.listing.code, one.listing.code_system)),
                _minute(one.listing.valid_from),
                _minute(one.listing.valid_to),
                *(named(one.doctor) if one.doctor else (None, None)),
            )
            for one in found.present
        ],
    )
    _table(
        "Listed in another county",
        ("county", "type", "since"),
        [
            (
                one.note.county,
                kind_of_listing((one.note.code, one.note.code_system)),
                _minute(one.note.valid_from),
            )
            for one in found.present_notes
        ],
    )
    if not found.present and not found.present_notes:
        out.print("Not listed.\n")


def _show_waiting(found: Overview) -> None:
    _table(
        "In queues",
        ("facility", "HSA-id", "type", "since", "position"),
        [
            (
                one.facility.unit.name,
                one.facility.unit.hsa_id,
                kind_of_listing((one.place.code, one.place.code_system)),
                _minute(one.place.queued_at),
                one.position,
            )
            for one in found.places
        ],
    )
    _table(
        "Waiting for the home region",
        ("facility", "HSA-id", "type", "asked"),
        [
            (one.unit.name, one.unit.hsa_id, kind_of_listing(one.listing_type), _minute(one.requested_at))
            for one in found.requests
        ],
    )


def show_history(found: Overview) -> None:
    """Print all listings of a resident, the latest first, with what began and what ended each."""
    kept: list[KeptListing | KeptNote] = [*found.listings, *found.notes]
    kept.sort(key=lambda one: _record(one).valid_from, reverse=True)
    _table(
        "History",
        ("facility or county", "HSA-id", "type", "from", "to", "listed by", "delisted by"),
        [_row(one) for one in kept],
    )


def _record(one: KeptListing | KeptNote) -> Listing | OutOfCountyListing:
    return one.listing if isinstance(one, KeptListing) else one.note


def _row(one: KeptListing | KeptNote) -> tuple[Cell, ...]:
    kept = _record(one)
    if isinstance(one, KeptListing):
        where: tuple[Cell, Cell] = one.unit.name, one.unit.hsa_id
    else:
        where = f"county {one.note.county}", None
    return (
        *where,
        kind_of_listing((kept.code, kept.code_system)),
        _minute(kept.valid_from),
        _minute(kept.valid_to),
        _cause(one.began),
        _cause(one.ended),
    )


def _cause(origin: HistoryOrigin | None) -> str | None:
    if origin is None:
        return None
    what = origin.source if origin.load is None else f"{origin.source}, load {origin.load}"
    return (
        f"{what} ({': '.join(told)})"
        if (told := [one for one in (origin.by, origin.reason) if one])
        else what
    )


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[Cell, ...]]) -> None:
    show(columns, rows, name=title.casefold(), title=title, empty=None)
    if rows:
        out.print()


def _minute(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"
