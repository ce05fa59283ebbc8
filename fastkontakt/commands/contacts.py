"""``fastkontakt contacts``: residents' fixed contacts, kept by staff, and the reports about them."""

from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from contacts import appointing, lists
from contacts.contact_log import ContactEntry, StaffEdit, history
from contracts.clock import swedish, swedish_now
from contracts.codes import LOCAL_CONTACT_TYPES, fixed_contact_type, fixed_contact_types
from contracts.identifiers import HsaId, IdentifierError, PersonId
from fastkontakt.commands import contact_reports
from fastkontakt.commands.common import (
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
from fastkontakt.commands.contact_reports import without_doctor
from fastkontakt.commands.listing_overview import show_history
from fastkontakt.commands.options import Config, day_option
from fastkontakt.commands.reports import kind_of_contact, named, read_about, show
from fastkontakt.console import out
from fastkontakt.settings import Settings, load
from fastkontakt.showing import SHORTEST_ID, Id, fact
from listings.overview import Overview, of_resident
from listings.settings import yearly_limits
from register.ids import new_id
from register.model import FixedContact, Resident, Staff, Unit

app = typer.Typer(help="Residents' fixed contacts.", no_args_is_help=True)
app.command("without-doctor")(without_doctor)
app.add_typer(contact_reports.app, name="report")

Contact = Annotated[
    str, typer.Argument(help="Id of the contact, as `contacts show` shows it, or 8 characters of it.")
]
Kind = Annotated[str, typer.Option("--type", help="Code of the type of contact.")]
TeamOption = Annotated[str | None, typer.Option(help="Id of the contact's team; empty for none.")]
External = Annotated[str | None, typer.Option(help="Note the patient may read; empty for none.")]
Internal = Annotated[str | None, typer.Option(help="Note for care staff only; empty for none.")]
_Contacts = list[tuple[FixedContact, Staff, Unit]]


@app.command("show")
def show_contacts(
    person: Person,
    with_history: Annotated[
        bool, typer.Option("--history", help="Show also what has ended, and what was done by whom.")
    ] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Show a resident's fixed contacts and roles, now and to come, the home county, and all listings."""
    settings = load(config)
    wanted = person_id(settings, person)
    limits, now = yearly_limits(settings.regions), swedish_now()

    def read(connection: Connection, resident: Resident) -> tuple[Overview, _Contacts, list[ContactEntry]]:
        return (
            of_resident(connection, resident, limits, now),
            lists.of_resident(connection, resident.person_id),
            list(history(connection, resident.person_id)) if with_history else [],
        )

    with opened(settings) as register:
        found, kept, done = read_about(register, "contacts show", operator(by), wanted, read)
    home = found.resident.home_county
    name = settings.regions[home].name if home in settings.regions else ""
    said = " ".join(part for part in (home or "not known", name) if part)
    fact("home county", home, f"Home county: {said}")
    for one in found.present:
        if one.doctor is not None:
            doctor = f"{named(one.doctor)[0]}, {one.unit.name}"
            fact("doctor", doctor, f"Fast läkarkontakt: {doctor}")
    out.print()
    show(
        ("id", "type", "staff", "HSA-id", "unit", "from", "to", "appointed by", "reason"),
        [
            (
                Id(one.id),
                kind_of_contact(one.type_code),
                *named(staff),
                unit.name,
                one.valid_from,
                one.valid_to,
                one.appointed_by,
                one.reason,
            )
            for one, staff, unit in kept
            if with_history or one.valid_to is None or one.valid_to >= now.date()
        ],
        name="contacts",
        title="Contacts",
        blocks=True,
    )
    out.print()
    show_history(found)
    if with_history:
        out.print()
        show(
            ("when", "what", "type", "staff", "unit", "by", "why"),
            [
                (
                    f"{swedish(one.logged_at):%Y-%m-%d %H:%M}",
                    one.kind,
                    kind_of_contact(one.type_code),
                    one.staff_key,
                    one.unit_key,
                    one.by,
                    one.reason,
                )
                for one in done
            ],
            name="done",
            title="Done",
            empty=None,
        )


@app.command()
def add(
    person: Person,
    kind: Kind,
    staff: Annotated[str, typer.Option(help="HSA-id of the contact.")],
    unit: Annotated[
        str, typer.Option(help="HSA-id of the unit where the contact works, or part of its name.")
    ],
    team: TeamOption = None,
    first: Annotated[date | None, day_option("--from", help="First day; default: today.")] = None,
    last: Annotated[date | None, day_option("--to", help="Last day; default: until further notice.")] = None,
    external_notes: External = None,
    internal_notes: Internal = None,
    direct_number_visible: Annotated[
        bool, typer.Option("--direct-number-visible", help="Show the direct number to this patient.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Keep a type that is not known here.")] = False,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Appoint a fixed contact. A doctor (2) takes the place of the one there is."""
    settings = load(config)
    if not force and fixed_contact_type(kind) is None and kind not in LOCAL_CONTACT_TYPES:
        known = ", ".join((*fixed_contact_types(), *LOCAL_CONTACT_TYPES))
        raise typer.BadParameter(
            f"no type of contact that is known here; expected one of {known}, or --force to keep it",
            param_hint="--type",
        )
    wanted = person_id(settings, person)
    with keeping(settings, "contacts add", by, reason) as edit:
        resident = shown_resident(edit.connection, wanted.extension)
        new = FixedContact(
            id=new_id(),
            person_id=resident.person_id,
            type_code=kind,
            staff=HsaId(staff),
            unit=found_unit(edit.connection, unit),
            valid_from=first or edit.today,
            valid_to=last,
            documented_at=edit.now,
            team=team or None,
            external_notes=external_notes or None,
            internal_notes=internal_notes or None,
            direct_number_visible=direct_number_visible,
            appointed_by=edit.by,
            reason=reason,
        )
        appointing.appoint(edit, new, max_care_contacts=_most(settings))
    out.print(f"Appointed: {new.id}")


@app.command()
def end(
    target: Annotated[
        str,
        typer.Argument(
            metavar="ID|PERSON", help="Id of the contact, or 8 characters of it; with --type the resident."
        ),
    ],
    kind: Annotated[
        str | None, typer.Option("--type", help="End the resident's contact of this type.")
    ] = None,
    on: Annotated[date | None, day_option("--on", help="Last day; default: it is gone at once.")] = None,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """End a fixed contact: the one with an id, or with --type that of a resident."""
    settings = load(config)
    if kind is None and _is_person(target):
        raise typer.BadParameter(
            "say which of the resident's contacts: --type and its code, such as 2, or its id instead of the "
            "resident, as fastkontakt contacts show shows it",
            param_hint="--type",
        )
    wanted = person_id(settings, target) if kind is not None else None
    with keeping(settings, "contacts end", by, reason) as edit:
        if wanted is None or kind is None:
            contact = _contact(edit, target)
        else:
            resident = shown_resident(edit.connection, wanted.extension)
            found = appointing.of_type(edit, resident.person_id, kind, ending_from=edit.today)
            if len(found) != 1:
                raise Undone(
                    f"The resident has {len(found)} contacts of the type: see fastkontakt contacts show."
                )
            contact = found[0]
        appointing.end(edit, contact, on)
    out.print("Ended.")


@app.command()
def change(
    contact: Contact,
    team: TeamOption = None,
    last: Annotated[date | None, day_option("--to", help="Last day.")] = None,
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
        values["valid_to"] = last
    if direct_number_visible is not None:
        values["direct_number_visible"] = direct_number_visible
    if not values:
        raise typer.BadParameter("name something to change")
    with keeping(settings, "contacts change", by, reason) as edit:
        appointing.change(edit, _contact(edit, contact), **values)
    out.print("Changed.")


def _contact(edit: StaffEdit, contact_id: str) -> FixedContact:
    found = appointing.find(edit, contact_id)
    if found is None and len(contact_id) >= SHORTEST_ID:
        whole = appointing.ids_beginning(edit, contact_id)
        if len(whole) > 1:
            raise Undone(f"{len(whole)} or more contacts have an id that begins so: give more of it.")
        found = appointing.find(edit, whole[0]) if whole else None
    if found is None:
        raise Undone("There is no contact with that id: see fastkontakt contacts show.")
    shown_resident(edit.connection, found.person_id)
    return found


def _is_person(text: str) -> bool:
    try:
        PersonId.from_text(text, check_digits=False)
    except IdentifierError:
        return False
    return True


def _most(settings: Settings) -> int | None:
    return settings.care_managers.max_care_contacts if settings.care_managers else None
