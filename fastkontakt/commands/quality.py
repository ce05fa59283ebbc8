"""``fastkontakt quality``: what is wrong with the fixed contacts in the register."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from contacts.findings import Finding, findings
from contacts.kept import kept_contacts
from contracts.clock import swedish_now
from fastkontakt.commands.common import PROTECTED, By, opened, operator
from fastkontakt.commands.coverage import print_coverage
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Csv, audited, show
from fastkontakt.settings import load
from register.database import Register
from register.home_county import contradictions

_UNITS = ("finding", "unit", "name", "number")
_PERSONS = ("finding", "unit", "name", "person", "contact")


def quality(
    to: Csv = None,
    persons: Annotated[
        bool, typer.Option("--persons", help="A line for each contact, with the person number.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="What is known of the contacts, by the source they are from.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="With --coverage: the only source to show.")] = None,
    counties: Annotated[
        bool, typer.Option("--counties", help="Home counties that calls and messages claim, not the source.")
    ] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Count, by finding and unit, the fixed contacts of today that cannot be shown or break a rule."""
    if coverage and persons:
        raise typer.BadParameter("coverage names no persons", param_hint="--persons")
    if source is not None and not coverage:
        raise typer.BadParameter("goes with --coverage", param_hint="--source")
    if counties and coverage:
        raise typer.BadParameter("goes without --coverage", param_hint="--counties")
    settings = load(config)
    if counties:
        with opened(settings) as register:
            _contradicted_counties(register, operator(by), to, persons=persons)
        return
    if coverage:
        with opened(settings) as register:
            audited(register, "quality", operator(by), [])
            print_coverage(register, source, to)
        return
    limit = settings.care_managers.max_care_contacts if settings.care_managers else None
    with opened(settings) as register:
        found = [
            finding
            for kept in kept_contacts(register, swedish_now())
            for finding in findings(kept, max_care_contacts=limit)
        ]
        audited(register, "quality", operator(by), [one.person_id for one in found] if persons else [])
        if persons:
            show(_PERSONS, _by_person(found), to)
        else:
            show(_UNITS, _by_unit(found), to)


def _contradicted_counties(register: Register, by: str, to: Path | None, *, persons: bool) -> None:
    """Show the claims that contradict what a source says of where residents live."""
    with register.reading() as connection:
        found = contradictions(connection)
    audited(register, "quality", by, [one.person_id for one in found] if persons else [])
    if persons:
        rows = [
            (
                PROTECTED if one.protected else one.person_id,
                one.home_county,
                one.county,
                one.claimed_by,
                f"{one.claimed_at:%Y-%m-%d %H:%M}",
            )
            for one in found
        ]
        show(("person", "register", "claimed", "by", "when"), rows, to)
    else:
        counts = Counter((one.home_county, one.county, one.claimed_by) for one in found)
        show(
            ("register", "claimed", "by", "number"),
            [(*key, count) for key, count in sorted(counts.items())],
            to,
        )


def _by_unit(found: Iterable[Finding]) -> list[tuple[str, ...]]:
    counts = Counter((str(one.kind), one.unit, one.unit_name) for one in found)
    return [(*key, str(number)) for key, number in sorted(counts.items())]


def _by_person(found: Iterable[Finding]) -> list[tuple[str, ...]]:
    return sorted((str(one.kind), one.unit, one.unit_name, one.person_id, one.contact_id) for one in found)
