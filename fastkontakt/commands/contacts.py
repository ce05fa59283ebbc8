"""``fastkontakt contacts``: residents' fixed contacts, kept by staff, and the reports about them."""

from datetime import datetime
from typing import Annotated, Any

import typer

from contacts import appointing, lists
from contacts.contact_log import StaffEdit, history
from contracts.clock import swedish, swedish_now
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, befattning_display, fixed_contact_type
from contracts.identifiers import HsaId
from fastkontakt.commands.common import (
    PROTECTED,
    By,
    Person,
    Reason,
    Undone,
    found_unit,
    keeping,
    opened,
    operator,
    person_id,
    shown_resident,
)
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Cell, Csv, audited, kind_of_contact, show
from fastkontakt.console import err, out
from fastkontakt.settings import Settings, load
from register.ids import new_id
from register.model import FixedContact, Staff

app = typer.Typer(help="Residents' fixed contacts.", no_args_is_help=True)
report = typer.Typer(help="Reports about fixed contacts.", no_args_is_help=True)
app.add_typer(report, name="report")

Contact = Annotated[str, typer.Argument(help="Id of the contact, as `contacts show` shows it.")]
Kind = Annotated[str, typer.Option("--type", help="Code of the type of contact.")]
Unit = Annotated[str | None, typer.Option(help="HSA-id of the only unit to show, or part of its name.")]
Team = Annotated[str | None, typer.Option(help="Id of the contact's team; empty for none.")]
External = Annotated[str | None, typer.Option(help="Note the patient may read; empty for none.")]
Internal = Annotated[str | None, typer.Option(help="Note for care staff only; empty for none.")]
_DAY = ["%Y-%m-%d"]


@app.command("show")
def show_contacts(
    person: Person,
    with_history: Annotated[
        bool, typer.Option("--history", help="Show also what has ended, and what was done by whom.")
    ] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Show a resident's fixed contacts, now and to come."""
    settings = load(config)
    wanted = person_id(settings, person)
    now = swedish_now()
    with opened(settings) as register:
        with register.reading() as connection:
            resident = shown_resident(connection, wanted.extension)
            kept = lists.of_resident(connection, resident.person_id)
            done = list(history(connection, resident.person_id)) if with_history else []
        audited(register, "contacts show", operator(by), [resident.person_id])
    show(
        ("id", "type", "staff", "HSA-id", "unit", "from", "to", "appointed by", "reason"),
        [
            (
                one.id,
                kind_of_contact(one.type_code),
                *_name(staff),
                unit.name,
                *_period(one),
                one.appointed_by,
                one.reason,
            )
            for one, staff, unit in kept
            if with_history or one.valid_to is None or one.valid_to >= now.date()
        ],
    )
    if with_history:
        out.print()
        show(
            ("when", "what", "type", "staff", "unit", "by", "why"),
            [
                (
                    *(f"{swedish(one.logged_at):%Y-%m-%d %H:%M}", one.kind, kind_of_contact(one.type_code)),
                    *(one.staff_key, one.unit_key, one.by, one.reason),
                )
                for one in done
            ],
        )


@app.command()
def add(
    person: Person,
    kind: Kind,
    staff: Annotated[str, typer.Option(help="HSA-id of the contact.")],
    unit: Annotated[
        str, typer.Option(help="HSA-id of the unit where the contact works, or part of its name.")
    ],
    team: Team = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="Default: today.")] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="Last day; default: until further notice.")
    ] = None,
    external_notes: External = None,
    internal_notes: Internal = None,
    direct_number_visible: Annotated[
        bool, typer.Option("--direct-number-visible", help="Show the direct number to this patient.")
    ] = False,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Appoint a fixed contact. A doctor (2) takes the place of the one there is."""
    settings = load(config)
    wanted = person_id(settings, person)
    with keeping(settings, by, reason) as upkeep:
        resident = shown_resident(upkeep.connection, wanted.extension)
        new = FixedContact(
            id=new_id(),
            person_id=resident.person_id,
            type_code=kind,
            staff=HsaId(staff),
            unit=found_unit(upkeep.connection, unit),
            valid_from=first.date() if first else upkeep.today,
            valid_to=last.date() if last else None,
            documented_at=upkeep.now,
            team=team or None,
            external_notes=external_notes or None,
            internal_notes=internal_notes or None,
            direct_number_visible=direct_number_visible,
            appointed_by=upkeep.by,
            reason=reason,
        )
        appointing.appoint(upkeep, new, max_care_contacts=_most(settings))
    if fixed_contact_type(kind) is None:
        err.print(
            f"{kind} is no type of Kv typ av fast kontakt that is known here; it is kept.", markup=False
        )
    out.print(f"Appointed: {new.id}")


@app.command()
def end(
    target: Annotated[
        str, typer.Argument(metavar="ID|PERSON", help="Id of the contact; with --type the resident.")
    ],
    kind: Annotated[
        str | None, typer.Option("--type", help="End the resident's contact of this type.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day; default: it is gone at once.")
    ] = None,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """End a fixed contact."""
    settings = load(config)
    wanted = person_id(settings, target) if kind is not None else None
    with keeping(settings, by, reason) as upkeep:
        if wanted is None or kind is None:
            contact = _contact(upkeep, target)
        else:
            resident = shown_resident(upkeep.connection, wanted.extension)
            found = appointing.of_type(upkeep, resident.person_id, kind, ending_from=upkeep.today)
            if len(found) != 1:
                raise Undone(
                    f"The resident has {len(found)} contacts of the type: see fastkontakt contacts show."
                )
            contact = found[0]
        appointing.end(upkeep, contact, on and on.date())
    out.print("Ended.")


@app.command()
def change(
    contact: Contact,
    team: Team = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day.")] = None,
    until_further_notice: Annotated[
        bool, typer.Option("--until-further-notice", help="Without a last day.")
    ] = False,
    external_notes: External = None,
    internal_notes: Internal = None,
    direct_number_visible: Annotated[
        bool | None,
        typer.Option(
            "--direct-number-visible/--no-direct-number-visible",
            help="Show the direct number to this patient?",
        ),
    ] = None,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Change a fixed contact that has not ended; what is not named stays as it is."""
    settings = load(config)
    if last is not None and until_further_notice:
        raise typer.BadParameter("give --to or --until-further-notice")
    values: dict[str, Any] = {
        name: text or None
        for name, text in (
            ("team", team),
            ("external_notes", external_notes),
            ("internal_notes", internal_notes),
        )
        if text is not None
    }
    if last is not None or until_further_notice:
        values["valid_to"] = last and last.date()
    if direct_number_visible is not None:
        values["direct_number_visible"] = direct_number_visible
    if not values:
        raise typer.BadParameter("name something to change")
    with keeping(settings, by, reason) as upkeep:
        appointing.change(upkeep, _contact(upkeep, contact), **values)
    out.print("Changed.")


@app.command("without-doctor")
def without_doctor(unit: Unit = None, by: By = None, csv: Csv = None, config: Config = None) -> None:
    """List the residents who are listed without a doctor, newly listed first."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.without_doctor(
                connection, swedish_now(), found_unit(connection, unit) if unit else None
            )
        audited(register, "contacts without-doctor", operator(by), [one.person_id for one in found])
        rows: list[tuple[Cell, ...]] = [
            (PROTECTED, None, None, None, None)
            if one.protected
            else (
                *(one.person_id, one.unit_id, one.unit_name, f"{one.since:%Y-%m-%d}"),
                one.doctor_from,
            )
            for one in found
        ]
        show(("person", "unit", "name", "listed since", "doctor from"), rows, csv)


@report.command("per-unit")
def per_unit(kind: Kind = CARE_CONTACT, by: By = None, csv: Csv = None, config: Config = None) -> None:
    """Count the contacts in force at each unit."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.totals(connection, swedish_now(), kind)
        audited(register, "contacts report per-unit", operator(by), [])
        rows: list[tuple[Cell, ...]] = [
            (one.unit.hsa_id, one.unit.name, one.contacts, one.staff) for one in found
        ]
        show(("unit", "name", "contacts", "staff"), rows, csv)


@report.command("list")
def list_contacts(
    kind: Kind = CARE_CONTACT, unit: Unit = None, by: By = None, csv: Csv = None, config: Config = None
) -> None:
    """List the contacts in force, by unit and staff."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.links(
                connection, swedish_now(), kind, found_unit(connection, unit) if unit else None
            )
        audited(register, "contacts report list", operator(by), [one.contact.person_id for one in found])
        columns = ("unit", "name", "care", "staff", "HSA-id", "befattning", "person", "from", "to")
        rows: list[tuple[Cell, ...]] = [
            (PROTECTED, *[None] * (len(columns) - 1))
            if one.protected
            else (
                *(one.unit.hsa_id, one.unit.name, "hälsocentral" if one.primary_care else "specialistvård"),
                *(*_name(one.staff), None if one.staff.protected else _befattning(one.staff)),
                *(one.contact.person_id, *_period(one.contact)),
            )
            for one in found
        ]
        show(columns, rows, csv)


@report.command()
def workload(by: By = None, csv: Csv = None, config: Config = None) -> None:
    """Show how many patients each member of staff has at each unit, and the free places to the cap."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.workload(connection, swedish_now())
        audited(register, "contacts report workload", operator(by), [])
        rows: list[tuple[Cell, ...]] = [
            (
                *(
                    one.unit.hsa_id,
                    one.unit.name,
                    *_name(one.staff),
                    kind_of_contact(kind),
                    one.count(kind).now,
                ),
                *((one.employment.max_patients, one.free) if kind == DOCTOR_CONTACT else (None, None)),
                *(one.employment.working_share, "yes" if one.employment.paused else None),
            )
            for one, kind in found
        ]
        columns = ("unit", "name", "staff", "HSA-id", "type", "patients", "cap", "free", "share %", "paused")
        show(columns, rows, csv)


def _contact(upkeep: StaffEdit, contact_id: str) -> FixedContact:
    found = appointing.find(upkeep, contact_id)
    if found is None:
        raise Undone("There is no contact with that id: see fastkontakt contacts show.")
    shown_resident(upkeep.connection, found.person_id)
    return found


def _most(settings: Settings) -> int | None:
    return settings.care_managers.max_care_contacts if settings.care_managers else None


def _name(staff: Staff) -> tuple[Cell, Cell]:
    return (PROTECTED, None) if staff.protected else (staff.name, staff.hsa_id)


def _befattning(staff: Staff) -> str | None:
    return (staff.befattning and befattning_display(staff.befattning)) or staff.title or staff.befattning


def _period(contact: FixedContact) -> tuple[Cell, Cell]:
    return contact.valid_from, contact.valid_to
