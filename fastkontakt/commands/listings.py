"""``fastkontakt listings``: what staff do with listings and queues, and what has been done."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.clock import swedish, swedish_now
from contracts.codes import PV, ActorType, CodeKey
from contracts.identifiers import HsaId, IdentifierError, PersonId, parse_county
from fastkontakt.commands.common import (
    PROTECTED,
    By,
    Person,
    Reason,
    Undone,
    audit_entries,
    found_unit,
    opened,
    operator,
    person_id,
    shown_resident,
)
from fastkontakt.commands.listing_overview import show_listings
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import audited, kind_of_listing, read_about, show
from fastkontakt.commands.unconfirmed import show_unconfirmed
from fastkontakt.console import out
from fastkontakt.settings import Settings, load
from fastkontakt.showing import fact
from listings import listing_log, overview, places
from listings.changes import ListingChanges
from listings.create_listing import decide
from listings.listing_log import Cause
from listings.results import ListingResult, Refused
from listings.settings import Mode, kept_up, led_elsewhere, yearly_limits
from listings.upkeep import settle
from listings.wish import Circumstances, Wish
from mapping.answers.texts import result_text
from register import audit
from register.directory import directory_of
from register.model import Unit
from register.residents import find_resident

app = typer.Typer(help="Listings and queues.", no_args_is_help=True)
app.command("show")(show_listings)
app.command("unconfirmed")(show_unconfirmed)

FacilityArgument = Annotated[str, typer.Argument(help="HSA-id of the facility, or part of its name.")]


@app.command()
def create(
    person: Person,
    facility: FacilityArgument,
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

    So is the age of somebody whose number does not tell it (month 00, day 60). The rules are those of
    CreateListing. A resident of another county is listed when the home region has agreed: it is asked
    through the outbox.
    """
    settings = load(config)
    wanted = person_id(settings, person)
    wanted_type = _listing_type(listing_type, "--listing-type")
    with _changing(settings, "listings create", facility, by, wanted) as (connection, changes, unit, now):
        region = settings.regions[unit.county].model_copy(
            update={"create_listing_actors": (ActorType.REGION,), "guardian_consent": "presumed"}
        )
        wish = Wish(
            person=wanted,
            actor_type=ActorType.REGION,
            actor_id=operator(by),
            facility=unit.hsa_id,
            listing_type=wanted_type,
            doctor=HsaId(doctor) if doctor else None,
            add_to_queue=add_to_queue,
            home_county=_county(home_county),
            new_county=unit.county,
        )
        here = Circumstances(connection, changes, now, unit.county, region, timedelta(0), None, True)
        try:
            result = decide(wish, here).result
        except Refused as refusal:
            raise Undone(_said(refusal.result)) from None
    out.print(_said(result), markup=False)


@app.command()
def end(
    person: Person,
    listing_type: Annotated[
        str | None, typer.Option("--type", help="PV, or a code and its code system: 'CODE|SYSTEM'.")
    ] = None,
    facility: Annotated[str | None, typer.Option(help="HSA-id of the facility, or part of its name.")] = None,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """End a listing now, with nothing in its place; name the type or the facility where there are several.

    With PV the doctor goes, too; the place goes to the queue; the home region of a resident of another county
    is told.
    """
    settings = load(config)
    wanted = person_id(settings, person)
    wanted_type = None if listing_type is None else _listing_type(listing_type, "--type")
    limits, now = yearly_limits(settings.regions), swedish_now()
    cause = Cause(source="fastkontakt listings", actor_id=operator(by), reason=reason)
    with opened(settings) as register:
        resident = read_about(register, "listings end", operator(by), wanted, lambda _, found: found)
        with register.writing() as connection:
            changes = ListingChanges(connection, now, limits, cause, led_elsewhere(settings.regions))
            where = found_unit(connection, facility) if facility else None
            found = [
                one
                for one in overview.of_resident(connection, resident, limits, changes.now).present
                if one.unit.county in limits
                and wanted_type in (None, (one.listing.code, one.listing.code_system))
                and where in (None, one.unit.hsa_id)
            ]
            ended = {((one.listing.code, one.listing.code_system), one.unit) for one in found}
            if not ended:
                raise Undone(
                    "The resident has no such listing in the counties of the settings; "
                    "fastkontakt listings show tells which there are."
                )
            if len(ended) > 1:
                raise Undone(
                    f"The resident has {len(ended)} such listings in the counties of the settings: name one "
                    "with --type and --facility, as fastkontakt listings show shows them."
                )
            ((ended_type, unit),) = ended
            _check_kept_here(settings, unit.county)
            changes.end_listing(resident.person_id, ended_type, unit.county, unit.hsa_id)
            changes.finish()
    out.print(f"Ended: {kind_of_listing(ended_type)} at {unit.name}.", markup=False)


@app.command()
def queue(facility: FacilityArgument, by: By = None, config: Config = None) -> None:
    """Show who queues at a facility, first in line first, and how many places are free."""
    settings = load(config)
    now = swedish_now()
    with opened(settings) as register:
        with register.reading() as connection:
            unit = _unit(connection, settings, facility)
            standing = places.queue(connection, unit.hsa_id, now)
            hidden = {one.person_id for one in standing if _is_protected(connection, one.person_id)}
            states = {one.id: places.request_states(connection, one.id) for one in standing}
            free = places.vacant(connection, unit, PV.key, now)
        audited(register, "listings queue", operator(by), [one.person_id for one in standing])
    rows = [
        (
            position,
            PROTECTED if one.person_id in hidden else one.person_id,
            one.code,
            f"{one.queued_at:%Y-%m-%d %H:%M}",
            ", ".join(sorted(states[one.id])),
        )
        for position, one in enumerate(standing, 1)
    ]
    columns = ("position", "person", "type", "since", "home region")
    show(columns, rows, name="queue", empty="Nobody queues.")
    fact("free places", free, f"Free places (PV): {'no cap' if free is None else free}")


@app.command()
def allot(
    facility: FacilityArgument,
    person: Annotated[
        str | None, typer.Option(help="Whom to give the place; default: the first the rules allow it to.")
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Give a free place at a facility to somebody in its queue."""
    settings = load(config)
    wanted = person_id(settings, person) if person else None
    with _changing(settings, "listings allot", facility, by, wanted) as (connection, changes, unit, now):
        standing = places.queue(connection, unit.hsa_id, now)
        if wanted is not None:
            resident = find_resident(connection, wanted.extension)
            standing = [one for one in standing if resident and one.person_id == resident.person_id]
        if not standing:
            raise Undone("Nobody like that is in the queue.")
        if places.vacant(connection, unit, PV.key, now) == 0:
            standing = [one for one in standing if (one.code, one.code_system) != PV.key]
        if not standing:
            raise Undone("The facility has no free place.")
        if not any(changes.allot(one, unit, again=wanted is not None) for one in standing):
            raise Undone(
                "Nobody was given the place: protected identity, not of the age that the type is for (or the "
                "number does not tell the age), a type that the facility does not offer, a facility that is "
                "closed or takes no listings, no re-listings left, or the home region is asked already or "
                "has refused. Name a resident with --person to ask it again, or where you know the age."
            )
    out.print("Done. A resident of another county is listed when the home region has agreed.")


@app.command()
def log(person: Person, by: By = None, config: Config = None) -> None:
    """Show what has been done to a resident's listings, and by whom."""
    settings = load(config)
    wanted = person_id(settings, person)
    with opened(settings) as register:
        with register.reading() as connection:
            resident = shown_resident(connection, wanted.extension)
            entries = listing_log.entries(connection, resident.person_id)
        audited(register, "listings log", operator(by), [resident.person_id])
    rows = [
        (
            f"{swedish(one.logged_at):%Y-%m-%d %H:%M:%S}",
            one.county,
            one.kind,
            one.unit_key,
            one.source,
            " ".join(part for part in (one.actor_type, one.actor_id) if part),
            one.reason,
            one.result_code,
            one.log_id,
        )
        for one in entries
    ]
    show(("when", "county", "what", "facility", "by", "actor", "why", "answer", "log id"), rows)


@app.command("settle")
def settle_now(config: Config = None) -> None:
    """End what is over and give free places to those in the queues, as the service does every minute."""
    settings = load(config)
    with opened(settings) as register:
        ended = settle(register, swedish_now(), kept_up(settings.regions))
    out.print(f"Ended: {ended}")


@contextmanager
def _changing(
    settings: Settings, what: str, facility: str, by: str | None, person: PersonId | None
) -> Iterator[tuple[Connection, ListingChanges, Unit, datetime]]:
    """Give what a change at a facility needs; `Undone` within it leaves everything as it was.

    Each resident whose listings are changed has a row in the audit log, and whoever is named has one anyway.
    """
    cause = Cause(source="fastkontakt listings", actor_id=operator(by))
    named = [person.extension] if person else []
    with opened(settings) as register, ExitStack() as committed:
        try:
            with register.writing() as connection:
                unit = _unit(connection, settings, facility)
                _check_kept_here(settings, unit.county)
                limits, elsewhere = yearly_limits(settings.regions), led_elsewhere(settings.regions)
                changes = ListingChanges(connection, swedish_now(), limits, cause, elsewhere)
                before = listing_log.last_entry(connection)
                yield connection, changes, unit, changes.now
                changes.finish()
                people = {*named, *listing_log.people_since(connection, before)}
                entries = audit_entries(what, operator(by), people)
                committed.enter_context(audit.with_change(register, connection, *entries))
        except Undone:
            if named:
                audited(register, what, operator(by), named, hits=0)
            raise


def _check_kept_here(settings: Settings, county: str) -> None:
    """Refuse to change listings of a region whose own listing system must be asked first (docs/modes.md)."""
    if settings.regions[county].mode is Mode.FORWARD:
        raise Undone(
            f"County {county} has a listing system of its own (setting regions.{county}.mode): do it there."
        )


def _said(result: ListingResult) -> str:
    text = result_text(result, log_id="-")
    return f"{result.code}: {text}" if text else str(result.code)


def _is_protected(connection: Connection, person: str) -> bool:
    found = find_resident(connection, person)
    return found is None or found.protected


def _unit(connection: Connection, settings: Settings, facility: str) -> Unit:
    found = directory_of(connection).find_unit(found_unit(connection, facility))
    if found is None or found.county not in settings.regions:
        raise Undone(f"There is no facility {facility} in the counties of the settings.")
    return found


def _listing_type(text: str, option: str) -> CodeKey:
    code, _, code_system = text.partition("|")
    wanted = PV.key if text == PV.code else (code, code_system)
    if not all(wanted):
        raise typer.BadParameter(f"expected CODE|SYSTEM, got {text}", param_hint=option)
    return wanted


def _county(text: str | None) -> str | None:
    try:
        return None if text is None else parse_county(text)
    except IdentifierError as error:
        raise typer.BadParameter(str(error), param_hint="--home-county") from None
