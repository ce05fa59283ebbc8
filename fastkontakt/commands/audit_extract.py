"""``fastkontakt audit extract``: a resident's own register extract, in Swedish (PDL 8 kap. 5 §)."""

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.clock import swedish, utc_now
from contracts.identifiers import HsaId
from fastkontakt.commands.common import By, Person, Undone, opened, operator, person_id
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Csv, audited, show
from fastkontakt.console import out
from fastkontakt.settings import load
from mapping.answers.audit_texts import outcome_text, purpose_text, role_text
from register import audit_search
from register.audit_search import AuditRow, Search
from register.directory import directory_of
from register.residents import find_resident

COLUMNS = ("Tid", "Vad som gjordes", "Vem", "Vårdenhet eller organisation", "System", "Resultat")
MOST = 1_000_000
HIDDEN = "Skyddad identitet"
SELF = "Du själv"


def extract(
    person: Person,
    protected: Annotated[
        bool,
        typer.Option("--protected", help="Also of somebody with protected identity, who has asked for it."),
    ] = False,
    csv: Csv = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Print for a resident who has looked at or changed what is kept of them, when, where and why."""
    settings = load(config)
    wanted = person_id(settings, person).extension
    with opened(settings) as register:
        with register.reading() as connection:
            resident = find_resident(connection, wanted)
        is_hidden = resident is not None and resident.protected
        if is_hidden and not protected:
            audited(register, "audit extract", operator(by), [wanted], hits=0)
            raise Undone(
                f"{HIDDEN}. With --protected the extract is made all the same: it is the resident's own."
            )
        ids = {wanted} if resident is None else {wanted, resident.person_id, *resident.other_ids}
        asked = Search(since=datetime.min, until=utc_now(), person_ids=ids)  # noqa: DTZ901 - the first there is
        with register.reading_audit() as connection:
            found = audit_search.find(connection, asked, MOST)
        audited(register, "audit extract", operator(by), [wanted], hits=len(found))
        with register.reading() as connection:
            regions = {county: region.name for county, region in settings.regions.items()}
            rows = [_row(connection, one, ids, regions) for one in found]
    if as_json:
        json.dump(
            [dict(zip(COLUMNS, row, strict=True)) for row in rows], sys.stdout, ensure_ascii=False, indent=1
        )
        out.print()
        return
    if csv is None:
        out.print(
            "Utdrag ur loggen: vem som har tagit del av eller ändrat uppgifter om dig\n"
            f"Personnummer: {wanted}\nUtskrivet: {swedish(utc_now()):%Y-%m-%d %H:%M}\n",
            markup=False,
        )
        if not rows:
            out.print("Ingen har tagit del av uppgifter om dig.")
            return
    show(COLUMNS, rows, csv)


def _row(connection: Connection, one: AuditRow, own: set[str], regions: dict[str, str]) -> tuple[str, ...]:
    return (
        f"{swedish(one.logged_at):%Y-%m-%d %H:%M:%S}",
        purpose_text(one.contract),
        _who(connection, one, own),
        _where(connection, one, regions),
        one.consumer or one.sender or "",
        outcome_text(one.outcome),
    )


def _who(connection: Connection, one: AuditRow, own: set[str]) -> str:
    """Return who it was, as far as a resident may know: another's protected identity stays so."""
    if one.actor_id in own:
        return SELF
    role = role_text(one.actor_type)
    if one.actor_id is None:
        return role
    found = find_resident(connection, one.actor_id)
    name = HIDDEN if found is not None and found.protected else one.actor_id
    return f"{role}, {name}" if role else name


def _where(connection: Connection, one: AuditRow, regions: dict[str, str]) -> str:
    """Return the unit or region, by its name where that is known."""
    place = one.on_behalf_of or ("" if one.logical_address == "-" else one.logical_address)
    if place in regions:
        return regions[place] or f"Region {place}"
    unit = directory_of(connection).find_unit(HsaId(place)) if place else None
    return f"{unit.name} ({place})" if unit is not None else place
