"""``fastkontakt listings``: what staff do with listings and queues, and what has been done."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, NoReturn

import typer
from sqlalchemy import Connection

from contracts.clock import swedish, swedish_now
from contracts.codes import PV, ActorType
from contracts.identifiers import IdentifierError, PersonId, hsa_key, parse_county
from contracts.texts import sentence
from fastkontakt.commands.options import Config
from fastkontakt.console import err, out, plain_table
from fastkontakt.settings import Settings, load
from fastkontakt.wiring import open_current_register
from producer.listing_rules import Circumstances, Refused, Wish, decide
from register.listings import Cause, ListingChanges, journal, places, settle
from register.model import Unit
from register.queries.facilities import with_figures
from register.queries.residents import find_resident

app = typer.Typer(help="Listings and queues.", no_args_is_help=True)

Facility = Annotated[str, typer.Argument(help="HSA-id of the facility.")]
Person = Annotated[str, typer.Argument(help="The resident: 12 characters, with or without hyphen.")]
By = Annotated[str | None, typer.Option(help="Who does it, for the log of changes. Default: the user.")]


@app.command()
def create(
    person: Person,
    facility: Facility,
    listing_type: Annotated[
        str, typer.Option(help="PV, or a code and its code system: 'CODE|SYSTEM'.")
    ] = PV.code,
    doctor: Annotated[str | None, typer.Option(help="HSA-id of the doctor to have there.")] = None,
    add_to_queue: Annotated[
        bool, typer.Option("--add-to-queue", help="Queue if the facility is full.")
    ] = False,
    home_county: Annotated[
        str | None, typer.Option(help="County code of where the resident lives, if it is another.")
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Register a listing that a resident has asked for on paper; the guardians' consent is on the form.

    The rules are those of CreateListing. A resident of another county is listed when the home region has
    agreed: it is asked through the outbox.
    """
    settings = load(config)
    wanted = _person(settings, person)
    code, bar, code_system = listing_type.partition("|")
    kind = (PV.code, PV.system) if listing_type == PV.code else (code, code_system)
    if not all(kind):
        raise typer.BadParameter(f"expected CODE|SYSTEM, got {listing_type}", param_hint="--listing-type")
    with _changing(settings, facility, by) as (connection, changes, unit, now):
        region = settings.regions[unit.county].model_copy(
            update={"create_listing_actors": (ActorType.REGION,), "guardian_consent": "presumed"}
        )
        wish = Wish(
            person=wanted,
            actor_type=ActorType.REGION,
            actor_id=by or getpass.getuser(),
            facility=hsa_key(facility),
            kind=kind,
            doctor=doctor and hsa_key(doctor),
            add_to_queue=add_to_queue,
            home_county=_county(home_county),
            new_county=unit.county,
        )
        here = Circumstances(connection, changes, now, unit.county, region, timedelta(0), None)
        try:
            result = decide(wish, here).result
        except Refused as refusal:
            raise _Undone(f"{refusal.code}: {sentence(refusal.text, log_id='-')}") from None
    out.print(f"{result.code}{': ' + result.text if result.text else ''}", markup=False)


@app.command()
def queue(facility: Facility, config: Config = None) -> None:
    """Show who queues at a facility, first in line first, and how many places are free."""
    settings = load(config)
    now = swedish_now()
    with _reading(settings) as connection:
        unit = _unit(connection, settings, facility)
        standing = places.queue(connection, hsa_key(facility), now)
        states = {one.id: places.request_states(connection, one.id) for one in standing}
        free = places.vacant(connection, unit, hsa_key(facility), now)
    table = plain_table("position", "person", "type", "since", "home region")
    for position, one in enumerate(standing, 1):
        table.add_row(
            *(str(position), one.person_id, one.code, f"{one.queued_at:%Y-%m-%d %H:%M}"),
            ", ".join(sorted(states[one.id])),
        )
    out.print(table)
    out.print(f"Free places: {'no cap' if free is None else free}")


@app.command()
def allot(
    facility: Facility,
    person: Annotated[
        str | None, typer.Option(help="Whom to give the place; default: the first the rules allow it to.")
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Give a free place at a facility to somebody in its queue."""
    settings = load(config)
    wanted = _person(settings, person) if person else None
    with _changing(settings, facility, by) as (connection, changes, unit, now):
        unit_key = hsa_key(facility)
        if places.vacant(connection, unit, unit_key, now) == 0:
            raise _Undone("The facility has no free place.")
        standing = places.queue(connection, unit_key, now)
        if wanted is not None:
            resident = find_resident(connection, wanted.extension)
            standing = [one for one in standing if resident and one.person_id == resident.person_id]
        if not standing:
            raise _Undone("Nobody like that is in the queue.")
        if not any(changes.allot(one, unit, again=wanted is not None) for one in standing):
            raise _Undone(
                "Nobody was given the place: protected identity, no re-listings left, or the home region is "
                "asked already or has refused. Name a resident with --person to ask the home region again."
            )
    out.print("Done. A resident of another county is listed when the home region has agreed.")


@app.command()
def log(person: Person, config: Config = None) -> None:
    """Show what has been done to a resident's listings, and by whom."""
    settings = load(config)
    wanted = _person(settings, person)
    with _reading(settings) as connection:
        resident = find_resident(connection, wanted.extension)
        entries = journal.entries(connection, resident.person_id if resident else wanted.extension)
    table = plain_table("when", "county", "what", "facility", "by", "actor", "answer", "log id")
    for one in entries:
        table.add_row(
            f"{swedish(one.logged_at):%Y-%m-%d %H:%M:%S}",
            *(one.county, one.kind, one.unit_key, one.source),
            " ".join(part for part in (one.actor_type, one.actor_id) if part),
            *(one.result_code, one.log_id),
        )
    out.print(table)


@app.command("settle")
def settle_now(config: Config = None) -> None:
    """End what is over and give free places to those in the queues, as the service does every minute."""
    settings = load(config)
    register = open_current_register(settings)
    try:
        ended = settle(register, swedish_now(), settings.kept_up)
    finally:
        register.dispose()
    out.print(f"Ended: {ended}")


class _Undone(Exception):
    """Nothing has been changed; the text says why."""


@contextmanager
def _reading(settings: Settings) -> Iterator[Connection]:
    register = open_current_register(settings)
    try:
        with register.reading() as connection:
            yield connection
    except _Undone as reason:
        _stop(reason)
    finally:
        register.dispose()


@contextmanager
def _changing(
    settings: Settings, facility: str, by: str | None
) -> Iterator[tuple[Connection, ListingChanges, Unit, datetime]]:
    """Give what a change at a facility needs; `_Undone` within it leaves everything as it was."""
    cause = Cause(source="fastkontakt listings", actor_id=by or getpass.getuser())
    now = swedish_now()
    register = open_current_register(settings)
    try:
        with register.writing() as connection:
            unit = _unit(connection, settings, facility)
            changes = ListingChanges(connection, now, settings.yearly_limits, cause)
            yield connection, changes, unit, changes.now
            changes.finish()
    except _Undone as reason:
        _stop(reason)
    finally:
        register.dispose()


def _stop(reason: _Undone) -> NoReturn:
    err.print(str(reason), markup=False)
    raise typer.Exit(1) from None


def _unit(connection: Connection, settings: Settings, facility: str) -> Unit:
    found = with_figures(connection, [hsa_key(facility)], swedish_now()).get(hsa_key(facility))
    if found is None or found.unit.county not in settings.regions:
        raise _Undone(f"There is no facility {facility} in the counties of the settings.")
    return found.unit


def _person(settings: Settings, text: str) -> PersonId:
    try:
        return PersonId.from_text(text, check_digits=settings.identifiers.check_digits)
    except IdentifierError as error:
        raise typer.BadParameter(str(error), param_hint="person") from None


def _county(text: str | None) -> str | None:
    try:
        return None if text is None else parse_county(text)
    except IdentifierError as error:
        raise typer.BadParameter(str(error), param_hint="--home-county") from None
