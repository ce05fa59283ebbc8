"""``fastkontakt residents``: staff find whom they look for."""

from typing import Annotated

import typer

from contracts.clock import swedish_now
from fastkontakt.commands.common import PROTECTED, By, Undone, found_unit, opened, operator, person_id
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import audited, show
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import Cell
from listings import finding
from listings.finding import MOST, FoundResident
from register.folding import folded

app = typer.Typer(help="Residents of the register.", no_args_is_help=True)

_LEAST_LETTERS = 2


@app.callback()
def residents() -> None:
    """Residents of the register."""


@app.command()
def find(
    text: Annotated[
        str | None,
        typer.Argument(help="Person number, or the beginning of surname, given name or both."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="HSA-id of the unit where they are listed, or part of its name.")
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Find residents by number, by the beginning of a name, or by the unit where they are listed."""
    settings = load(config)
    number = person_id(settings, text) if text and any(map(str.isdigit, text)) else None
    name = text if number is None else None
    if text is None and not unit:
        raise typer.BadParameter("give a number, a name or --unit")
    if number is not None and unit is not None:
        raise typer.BadParameter("a number is of one resident: leave --unit out", param_hint="--unit")
    if name is not None and len(folded(name) or "") < _LEAST_LETTERS:
        raise typer.BadParameter(f"give at least {_LEAST_LETTERS} letters of a name", param_hint="text")
    kept = settings.residents.keep_names
    with opened(settings) as register:
        if name is not None and not kept:
            raise Undone("Names are not kept here (setting residents.keep_names): give a number, or --unit.")
        now = swedish_now()
        found: list[FoundResident] = []
        with register.reading() as connection:
            unit_key = found_unit(connection, unit) if unit else None
            if number is not None:
                found = finding.by_number(connection, number.extension, now)
            elif name is not None:
                found = finding.by_name(connection, name, now, unit_key)
            elif unit_key is not None:
                found = finding.at_unit(connection, unit_key, now)
        shown = found[:MOST]
        asked = [number.extension] if number is not None and not shown else []
        people = [one.person_id for one in shown] or asked
        audited(register, "residents find", operator(by), people, hits=len(shown))
    columns = ("person", "surname", "given name", "home county", "listed at", "deceased")
    show(columns, [_row(one, kept) for one in shown], name="residents", empty="Nobody is found.")
    if len(found) > MOST:
        out.print(f"There are more than {MOST}: give more of the name, or --unit.")


def _row(one: FoundResident, names: bool) -> tuple[Cell, ...]:
    if one.protected:
        return (PROTECTED, None, None, None, None, None)
    return (
        one.person_id,
        one.surname if names else None,
        one.given_name if names else None,
        one.home_county,
        ", ".join(dict.fromkeys(one.facilities)),  # of several types at one unit
        one.deceased_on,
    )
