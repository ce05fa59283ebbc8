"""``fastkontakt contacts report`` and ``without-doctor``: who has contacts, and who lacks a doctor."""

from typing import Annotated

import typer

from contacts import lists
from contracts.clock import swedish_now
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, befattning_display
from fastkontakt.commands.common import PROTECTED, By, found_unit, opened, operator
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Csv, audited, kind_of_contact, named, show
from fastkontakt.settings import load
from fastkontakt.showing import Cell
from register.model import Staff

app = typer.Typer(help="Reports about fixed contacts.", no_args_is_help=True)

_Type = Annotated[str, typer.Option("--type", help="Code of the type of contact.")]
_Unit = Annotated[str | None, typer.Option(help="HSA-id of the only unit to show, or part of its name.")]


def without_doctor(unit: _Unit = None, by: By = None, csv: Csv = None, config: Config = None) -> None:
    """List the residents who are listed without a doctor, newly listed first."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            only = found_unit(connection, unit) if unit else None
            found = lists.without_doctor(connection, swedish_now(), only)
        audited(register, "contacts without-doctor", operator(by), [one.person_id for one in found])
        rows: list[tuple[Cell, ...]] = [
            (PROTECTED, None, None, None, None)
            if one.protected
            else (one.person_id, one.unit_id, one.unit_name, f"{one.since:%Y-%m-%d}", one.doctor_from)
            for one in found
        ]
        show(("person", "unit", "name", "listed since", "doctor from"), rows, csv)


@app.command("per-unit")
def per_unit(kind: _Type = CARE_CONTACT, by: By = None, csv: Csv = None, config: Config = None) -> None:
    """Count the contacts in force at each unit."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.totals(connection, swedish_now(), kind)
        audited(register, "contacts report per-unit", operator(by), [])
        rows: list[tuple[Cell, ...]] = [
            (one.unit.hsa_id, one.unit.name, one.contacts, one.staff) for one in found
        ]
        show(("unit", "name", "contacts", "staff"), rows, csv)


@app.command("list")
def list_contacts(
    kind: _Type = CARE_CONTACT, unit: _Unit = None, by: By = None, csv: Csv = None, config: Config = None
) -> None:
    """List the contacts in force, by unit and staff."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            only = found_unit(connection, unit) if unit else None
            found = lists.in_force(connection, swedish_now(), kind, only)
        audited(register, "contacts report list", operator(by), [one.contact.person_id for one in found])
        columns = ("unit", "name", "care", "staff", "HSA-id", "befattning", "person", "from", "to")
        rows: list[tuple[Cell, ...]] = [
            (PROTECTED, *[None] * (len(columns) - 1))
            if one.protected
            else (
                one.unit.hsa_id,
                one.unit.name,
                "hälsocentral" if one.primary_care else "specialistvård",
                *named(one.staff),
                None if one.staff.protected else _befattning(one.staff),
                one.contact.person_id,
                one.contact.valid_from,
                one.contact.valid_to,
            )
            for one in found
        ]
        show(columns, rows, csv)


@app.command()
def workload(by: By = None, csv: Csv = None, config: Config = None) -> None:
    """Show how many patients each member of staff has at each unit, and the free places to the cap."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = lists.workload(connection, swedish_now())
        audited(register, "contacts report workload", operator(by), [])
        rows: list[tuple[Cell, ...]] = [
            (
                one.unit.hsa_id,
                one.unit.name,
                *named(one.staff),
                kind_of_contact(kind),
                one.count(kind).now,
                one.employment.max_patients if kind == DOCTOR_CONTACT else None,
                one.free if kind == DOCTOR_CONTACT else None,
                one.employment.working_share,
                "yes" if one.employment.paused else None,
            )
            for one, kind in found
        ]
        columns = ("unit", "name", "staff", "HSA-id", "type", "patients", "cap", "free", "share %", "paused")
        show(columns, rows, csv)


def _befattning(staff: Staff) -> str | None:
    return (staff.befattning and befattning_display(staff.befattning)) or staff.title or staff.befattning
