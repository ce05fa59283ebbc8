"""``fastkontakt audit``: the log of who has asked about whom."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.clock import swedish, swedish_now, utc
from contracts.identifiers import IdentifierError, PersonId
from fastkontakt.commands import audit_extract, audit_seals
from fastkontakt.commands.common import PROTECTED, By, Undone, opened, operator, person_id
from fastkontakt.commands.options import Config, day_option
from fastkontakt.commands.reports import Csv, audited, show
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import Cell
from register import audit_search
from register.audit_search import AuditRow, Search
from register.residents import find_resident

app = typer.Typer(help="The log of who has asked about whom.", no_args_is_help=True)
for _command in (
    audit_extract.extract,
    audit_seals.keys,
    audit_seals.checkpoint,
    audit_seals.verify,
    audit_seals.prune,
):
    app.command()(_command)

MOST = 1000
"""How many rows a search shows."""

_DAYS = 30
"""How far back a search without person and first day goes."""

_ASKED = ("when", "person", "what", "actor", "actor type", "consumer", "sender", "on behalf of", "address")
_COLUMNS = (*_ASKED, "outcome", "hits", "log id")


@app.callback()
def audit() -> None:
    """The log of who has asked about whom."""


@app.command()
def search(
    person: Annotated[
        str | None, typer.Argument(help="Only about this person: 12 characters, with or without hyphen.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(help="Only by this actor: a person, an organisation, or a user of commands.")
    ] = None,
    consumer: Annotated[
        str | None, typer.Option(help="Only by this consumer, or the system that sent the call.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Only to this logical address, or on behalf of this organisation.")
    ] = None,
    first: Annotated[
        date | None,
        day_option("--from", help="First day. Default: 30 days ago; of a person the first."),
    ] = None,
    last: Annotated[date | None, day_option("--to", help="Last day. Default: today.")] = None,
    csv: Csv = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Show who has asked about whom, the latest first; the search itself is in the log from then on."""
    settings = load(config)
    wanted = person_id(settings, person).extension if person is not None else None
    if not any((wanted, actor, consumer, unit, first, last)):
        raise typer.BadParameter("give a person, --actor, --consumer, --unit, --from or --to")
    last_day = last or swedish_now().date()
    if first is not None:
        first_day = first
    else:
        first_day = date.min + timedelta(days=1) if wanted else last_day - timedelta(days=_DAYS)
    if first_day > last_day:
        raise typer.BadParameter("--from is after --to")
    with opened(settings) as register:
        with register.reading() as connection:
            identities = _identities(connection, wanted) if wanted else set()
        if wanted and not identities:
            audited(register, "audit search", operator(by), [wanted], hits=0)
            raise Undone(PROTECTED)
        asked = Search(
            since=utc(datetime.combine(first_day, time.min)),
            until=utc(datetime.combine(last_day, time.max)),
            person_ids=identities,
            consumer=consumer,
            actor=actor and _as_kept(actor),
            unit=unit,
        )
        with register.reading_audit() as connection:
            found = audit_search.find(connection, asked, MOST + 1)
        shown = found[:MOST]
        people = [wanted] if wanted else [one.person_id for one in shown]
        audited(register, "audit search", operator(by), people, hits=len(shown))
        with register.reading() as connection:
            hidden = _hidden(connection, (id for one in shown for id in (one.person_id, one.actor_id)))
    show(_COLUMNS, [_row(one, hidden) for one in shown], csv)
    if len(found) > MOST:
        out.print(f"There are more than {MOST}: give a shorter time, or say more of what to find.")


def _as_kept(actor: str) -> str:
    """Return an actor as the log has it: a person's number without hyphen, anything else as it is."""
    try:
        return PersonId.from_text(actor, check_digits=False).extension
    except IdentifierError:
        return actor


def _identities(connection: Connection, person: str) -> set[str]:
    """Return a person's numbers, the one given among them; none of somebody with protected identity."""
    found = find_resident(connection, person)
    if found is None:
        return {person}
    return set() if found.protected else {person, found.person_id, *found.other_ids}


def _hidden(connection: Connection, ids: Iterable[str | None]) -> set[str]:
    """Return those that are numbers of somebody with protected identity; an actor may be a resident, too."""
    residents = {id: find_resident(connection, id) for id in set(ids) if id is not None}
    return {id for id, found in residents.items() if found is not None and found.protected}


def _row(one: AuditRow, hidden: set[str]) -> tuple[Cell, ...]:
    person, actor = (PROTECTED if id in hidden else id for id in (one.person_id, one.actor_id))
    return (
        f"{swedish(one.logged_at):%Y-%m-%d %H:%M:%S}",
        person,
        one.contract,
        actor,
        one.actor_type,
        one.consumer,
        one.sender,
        one.on_behalf_of,
        one.logical_address,
        one.outcome,
        one.hits,
        one.log_id,
    )
