"""``fastkontakt doctors``: who can be doctor, care contact or treating role at a unit, and their patients."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, select

from contacts import appointing, distributing, staff
from contacts.contact_log import StaffEdit
from contacts.staff import Member
from contracts.clock import swedish, swedish_now
from contracts.codes import CARE_CONTACT, DOCTOR_CONTACT, TREATING_ROLE
from contracts.identifiers import HsaId
from fastkontakt.commands.common import (
    PROTECTED,
    By,
    Reason,
    Undone,
    found_unit,
    keeping,
    opened,
    operator,
    person_id,
    shown_resident,
)
from fastkontakt.commands.distribution import UnitArgument, distribute
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import Csv, audited, show
from fastkontakt.console import out
from fastkontakt.settings import Settings, load
from fastkontakt.showing import Cell, Id
from register.model import FixedContact
from register.tables import staff as staff_table

app = typer.Typer(
    help="Doctors, care contacts and treating roles of a unit, and their patients.", no_args_is_help=True
)


class ChosenAs(StrEnum):
    """What residents have a member of staff as."""

    DOCTOR = "doctor"
    CARE_CONTACT = "care-contact"
    TREATING_ROLE = "treating-role"

    @property
    def code(self) -> str:
        """The code of the type of contact."""
        return {"doctor": DOCTOR_CONTACT, "care-contact": CARE_CONTACT, "treating-role": TREATING_ROLE}[self]


Of = Annotated[str, typer.Argument(metavar="STAFF", help="HSA-id of the member of staff.")]
Kinds = Annotated[ChosenAs, typer.Option("--kind", help="What the patients have the person as.")]
Persons = Annotated[list[str] | None, typer.Argument(metavar="PERSON...", help="The patients marked.")]
All = Annotated[bool, typer.Option("--all", help="All patients.")]
app.command()(distribute)

_SHOWN = ("HSA-id", "name", "title", "doctor", "care contact", "treating role", "external", "paused")
_PROFILE = ("role", "share %", "ages", "from", "to")
_FIGURES = ("cap", "listed", "free", "care patients", "role patients", "last changed")
_COLUMNS = (*_SHOWN, *_PROFILE, *_FIGURES)


@app.command("list")
def list_staff(
    unit: UnitArgument,
    doctors: Annotated[bool, typer.Option("--doctors", help="Only who can be chosen as doctor.")] = False,
    care_contacts: Annotated[
        bool, typer.Option("--care-contacts", help="Only who can be appointed care contact.")
    ] = False,
    treating_roles: Annotated[
        bool, typer.Option("--treating-roles", help="Only who can be given a treating role.")
    ] = False,
    external: Annotated[bool, typer.Option("--external", help="Only who is not employed there.")] = False,
    search: Annotated[str | None, typer.Option(help="Part of the name or HSA-id.")] = None,
    csv: Csv = None,
    config: Config = None,
) -> None:
    """List the staff of a unit: who can be chosen as what, and how many patients each has."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            found = staff.members(connection, swedish_now(), found_unit(connection, unit))
        rows = [
            _row(one)
            for one in found
            if (not doctors or one.employment.selectable_as_doctor)
            and (not care_contacts or one.employment.selectable_as_care_contact)
            and (not treating_roles or one.employment.selectable_as_treating_role)
            and (not external or one.employment.external)
            and (search is None or _matches(one, search.casefold()))
        ]
        show(_COLUMNS, rows, csv)


@app.command("set")
def set_up(
    unit: UnitArgument,
    of: Of,
    activate: Annotated[
        bool | None, typer.Option("--activate/--deactivate", help="Can be chosen as doctor?")
    ] = None,
    care_contact: Annotated[
        bool | None, typer.Option("--care-contact/--no-care-contact", help="Can be appointed care contact?")
    ] = None,
    treating_role: Annotated[
        bool | None, typer.Option("--treating-role/--no-treating-role", help="Can be given a treating role?")
    ] = None,
    pause: Annotated[
        bool | None, typer.Option("--pause/--resume", help="Take no new patients; those there are stay.")
    ] = None,
    cap: Annotated[str | None, typer.Option(help="Most patients as a doctor, or none.")] = None,
    role: Annotated[str | None, typer.Option(help="Such as specialist or ST-A; empty for none.")] = None,
    working_share: Annotated[
        int | None, typer.Option(min=0, max=100, help="Share of full time in percent.")
    ] = None,
    min_age: Annotated[int | None, typer.Option(min=0, max=150, help="Least age preferred.")] = None,
    max_age: Annotated[int | None, typer.Option(min=0, max=150, help="Greatest age preferred.")] = None,
    external: Annotated[
        bool, typer.Option("--external", help="Add somebody who is not employed at the unit.")
    ] = False,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Change what residents can have a member of staff as at a unit."""
    settings = load(config)
    wanted = {
        "selectable_as_doctor": activate,
        "selectable_as_care_contact": care_contact,
        "selectable_as_treating_role": treating_role,
        "paused": pause,
        "working_share": working_share,
        "min_age": min_age,
        "max_age": max_age,
    }
    values: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    if cap is not None:
        if cap != "none" and not (cap.isascii() and cap.isdecimal() and len(cap) < 10):
            raise typer.BadParameter(f"expected a number or none, got {cap}", param_hint="--cap")
        values["max_patients"] = None if cap == "none" else int(cap)
    if role is not None:
        values["role"] = role or None
    if not values and not external:
        raise typer.BadParameter("name something to change")
    with keeping(settings, "doctors set", by, reason) as edit:
        unit_key, staff_key = found_unit(edit.connection, unit), HsaId(of)
        found = staff.members(edit.connection, edit.now, unit_key)
        job = next((one.employment for one in found if one.employment.staff == staff_key), None)
        if job is not None and external and not job.external:
            raise Undone("The person is employed at the unit: leave --external out.")
        if job is None:
            if not external:
                raise Undone("The person does not work at the unit. To add somebody from outside: --external")
            _staff(edit.connection, staff_key)
            job = staff.add_external(edit, staff_key, unit_key)
        staff.set_up(edit, job, **values)
    out.print("Changed.")


@app.command()
def patients(
    unit: UnitArgument,
    of: Of,
    kind: Kinds = ChosenAs.DOCTOR,
    by: By = None,
    csv: Csv = None,
    config: Config = None,
) -> None:
    """List the patients of a member of staff at a unit, those to come among them."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            unit_key = found_unit(connection, unit)
            found = staff.patients(connection, HsaId(of), unit_key, kind.code, swedish_now())
        audited(register, "doctors patients", operator(by), [one.person_id for one, _ in found])
        rows: list[tuple[Cell, ...]] = [
            (PROTECTED, None, None, None)
            if protected
            else (one.person_id, one.valid_from, one.valid_to, Id(one.id))
            for one, protected in found
        ]
        show(("person", "from", "to", "id"), rows, csv)


@app.command("end-marked")
def end_marked(
    unit: UnitArgument,
    of: Of,
    persons: Persons = None,
    all_: All = False,
    kind: Kinds = ChosenAs.DOCTOR,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """End the contact with marked patients; where they are listed stays as it is."""
    settings = load(config)
    marked = _marked(settings, persons, everybody=all_)
    with keeping(settings, "doctors end-marked", by, reason) as edit:
        chosen = _choose(edit, found_unit(edit.connection, unit), HsaId(of), kind, marked)
        for one in chosen:
            appointing.end(edit, one)
    out.print(f"Ended: {len(chosen)}")


@app.command("move-marked")
def move_marked(
    unit: UnitArgument,
    of: Annotated[str, typer.Argument(metavar="FROM", help="HSA-id of whose patients they are.")],
    to: Annotated[str, typer.Argument(metavar="TO", help="HSA-id of whose patients they are to be.")],
    persons: Persons = None,
    all_: All = False,
    kind: Kinds = ChosenAs.DOCTOR,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Move marked patients to somebody else of the unit, all of them or none."""
    settings = load(config)
    marked = _marked(settings, persons, everybody=all_)
    if HsaId(of) == HsaId(to):
        raise typer.BadParameter("FROM and TO are the same")
    with keeping(settings, "doctors move-marked", by, reason) as edit:
        chosen = _choose(edit, found_unit(edit.connection, unit), HsaId(of), kind, marked)
        distributing.move(edit, chosen, HsaId(to))
    out.print(f"Moved: {len(chosen)}")


def _marked(settings: Settings, persons: list[str] | None, *, everybody: bool) -> list[str] | None:
    if bool(persons) == everybody:
        raise typer.BadParameter("give the patients marked, or --all")
    return [person_id(settings, one).extension for one in persons] if persons else None


def _choose(
    edit: StaffEdit, unit_key: HsaId, staff_key: HsaId, kind: ChosenAs, marked: list[str] | None
) -> list[FixedContact]:
    """Return the contacts with the patients marked; for None all, also those with protected identity."""
    found = staff.patients(edit.connection, staff_key, unit_key, kind.code, edit.now)
    if marked is None:
        return [one for one, _ in found]
    chosen = {shown_resident(edit.connection, one).person_id for one in marked}
    if chosen - {one.person_id for one, _ in found}:
        raise Undone("Not all of them are patients of the person at the unit; nothing is changed.")
    return [one for one, _ in found if one.person_id in chosen]


def _staff(connection: Connection, staff_key: HsaId) -> None:
    if connection.scalar(select(staff_table.c.hsa_key).where(staff_table.c.hsa_key == staff_key)) is None:
        raise Undone(f"There is nobody with the HSA-id {staff_key.key} in the register.")


def _matches(one: Member, text: str) -> bool:
    return not one.staff.protected and (
        text in one.staff.name.casefold() or text in str(one.staff.hsa_id).casefold()
    )


def _row(one: Member) -> tuple[Cell, ...]:
    job = one.employment
    if one.staff.protected:
        return (None, PROTECTED, *[None] * (len(_COLUMNS) - 2))
    flags = (*staff.selectable_as(job).values(), job.external, job.paused)
    ages = None if job.min_age is None and job.max_age is None else f"{job.min_age or 0}-{job.max_age or ''}"
    return (
        one.staff.hsa_id,
        one.staff.name,
        one.staff.title,
        *("yes" if flag else None for flag in flags),
        job.role,
        job.working_share,
        ages,
        job.valid_from,
        job.valid_to,
        job.max_patients,
        one.count(DOCTOR_CONTACT).now,
        one.free,
        one.count(CARE_CONTACT).now,
        one.count(TREATING_ROLE).now,
        f"{swedish(one.changed_at):%Y-%m-%d %H:%M}" if one.changed_at else None,
    )
