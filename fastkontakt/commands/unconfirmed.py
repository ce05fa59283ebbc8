"""``fastkontakt listings unconfirmed``: what the listing system of a mirrored region has not taken in."""

from typing import Annotated

import typer

from contracts.clock import swedish, swedish_now
from fastkontakt.commands.common import PROTECTED, By, Undone, opened, operator
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Csv, audited, show
from fastkontakt.settings import load
from fastkontakt.showing import Cell
from listings.settings import Mode
from mapping.loads.unconfirmed import Unconfirmed, unconfirmed
from register.model import FixedContact, Listing, OutOfCountyListing, QueuePlace, Record

_NAMES: dict[type[Record], str] = {
    Listing: "listing",
    QueuePlace: "queue place",
    OutOfCountyListing: "note",
    FixedContact: "contact",
}
_COLUMNS = ("changed", "county", "person", "what", "where", "type", "by")


def show_unconfirmed(
    county: Annotated[str | None, typer.Option(help="County code of the only region to show.")] = None,
    by: By = None,
    csv: Csv = None,
    config: Config = None,
) -> None:
    """List the changes made here that no source of a mirrored listing system has confirmed in time."""
    settings = load(config)
    days = {
        code: region.confirm_days for code, region in settings.regions.items() if region.mode is Mode.MIRROR
    }
    if county is not None and county not in days:
        raise typer.BadParameter(
            f"county {county} does not mirror (setting regions.{county}.mode)", param_hint="--county"
        )
    with opened(settings) as register:
        if not days:
            raise Undone("No region mirrors a listing system (setting regions.NN.mode).")
        chosen = days if county is None else {county: days[county]}
        with register.reading() as connection:
            found = unconfirmed(connection, chosen, swedish_now())
        audited(register, "listings unconfirmed", operator(by), [one.person_id for one in found])
        show(_COLUMNS, [_row(one) for one in found], csv)


def _row(one: Unconfirmed) -> tuple[Cell, ...]:
    changed = f"{swedish(one.changed_at):%Y-%m-%d %H:%M}"
    if one.protected:
        return (changed, one.county, PROTECTED, None, None, None, None)
    what = f"{_NAMES[one.record_type]} {one.what}"
    return (changed, one.county, one.person_id, what, one.unit, one.code, one.hand)
