"""What the commands share with which staff keep the register: who does it, to whom, and one transaction."""

import getpass
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy import Connection, select

from contacts.contact_log import NotAllowed, StaffEdit
from contracts.clock import swedish_now
from contracts.identifiers import HsaId, IdentifierError, PersonId
from fastkontakt.console import err
from fastkontakt.settings import Settings
from register import audit
from register.audit import AuditEntry
from register.database import Register
from register.model import Resident
from register.residents import find_resident
from register.schema import open_current_register
from register.tables import unit

Person = Annotated[str, typer.Argument(help="The resident: 12 characters, with or without hyphen.")]
By = Annotated[str | None, typer.Option(help="Who does it, for the log of changes. Default: the user.")]


Reason = Annotated[str | None, typer.Option(help="Why, for the log of changes.")]


_FEW = 10
"""How many units a message names."""

PROTECTED = "Skyddad identitet"
"""All that is shown of somebody with protected identity (requirement row S000-007)."""


class Undone(Exception):
    """Nothing has been changed; the text says why."""


@contextmanager
def opened(settings: Settings) -> Iterator[Register]:
    """Give the register, and close it again; `Undone` within becomes one line and exit code 1."""
    register = open_current_register(settings.database)
    try:
        yield register
    except Undone as reason:
        err.print(str(reason), markup=False)
        raise typer.Exit(1) from None
    finally:
        register.dispose()


@contextmanager
def keeping(settings: Settings, what: str, by: str | None, reason: str | None) -> Iterator[StaffEdit]:
    """Give what a change of contacts needs; what the rules refuse leaves everything as it was.

    Args:
        settings: All settings.
        what: The command, for the audit log.
        by: Who uses it.
        reason: Why.
    """
    with opened(settings) as register, ExitStack() as committed:
        try:
            with register.writing() as connection:
                edit = StaffEdit(connection, swedish_now(), operator(by), reason)
                yield edit
                committed.enter_context(
                    audit.with_change(register, connection, *audit_entries(what, edit.by, edit.people))
                )
        except NotAllowed as refusal:
            raise Undone(str(refusal)) from None


def audit_entries(what: str, by: str, people: Iterable[str], hits: int | None = None) -> list[AuditEntry]:
    """Return an audit row for each resident whom a command shows or changes (design rule 8; row S002-016).

    Args:
        what: The command.
        by: Who uses it.
        people: The residents.
        hits: How many are shown, where it is not all of them.
    """
    each, log_id = sorted(set(people)), str(uuid4())
    return [
        AuditEntry(
            log_id=log_id,
            person_id=one,
            contract=f"fastkontakt {what}",
            logical_address="-",
            outcome="OK",
            hits=len(each) if hits is None else hits,
            actor_id=by,
        )
        for one in each
    ]


def operator(by: str | None) -> str:
    """Return who does it: who is named, or else the user of the system."""
    return by or getpass.getuser()


def person_id(settings: Settings, text: str) -> PersonId:
    """Read a person's identity from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        return PersonId.from_text(text, check_digits=settings.identifiers.check_digits)
    except IdentifierError as error:
        raise typer.BadParameter(str(error), param_hint="person") from None


def shown_resident(connection: Connection, person: str) -> Resident:
    """Return a resident whom staff may see by command.

    Raises:
        Undone: There is none, or it has protected identity (requirement row S000-007).
    """
    found = find_resident(connection, person)
    if found is None:
        raise Undone("There is no such resident in the register.")
    if found.protected:
        raise Undone(PROTECTED)
    return found


def found_unit(connection: Connection, named: str) -> HsaId:
    """Return the key of a unit named by its HSA-id or a part of its name (requirement row S000-043).

    Raises:
        Undone: There is none, or there are several with that in their names.
    """
    units = connection.execute(select(unit.c.hsa_key, unit.c.hsa_id, unit.c.name).order_by(unit.c.name)).all()
    found = [one for one in units if one.hsa_key == HsaId(named)] or [
        one for one in units if named.casefold() in one.name.casefold()
    ]
    if not found:
        raise Undone(f"There is no unit {named} in the register.")
    if len(found) > 1:
        some = "; ".join(f"{one.hsa_id} {one.name}" for one in found[:_FEW])
        raise Undone(f"{len(found)} units have {named} in their names: {some}{'; ...' * (len(found) > _FEW)}")
    found_id: HsaId = found[0].hsa_key
    return found_id
