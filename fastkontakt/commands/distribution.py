"""``fastkontakt doctors distribute``: residents without a doctor get one of their unit, at random."""

import secrets
from collections import Counter
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from contacts import distributing, lists, staff
from contacts.staff import Member
from contracts.clock import swedish_now
from contracts.codes import DOCTOR_CONTACT
from contracts.identifiers import HsaId
from fastkontakt.commands.common import PROTECTED, By, Reason, found_unit, keeping, opened, operator
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import audited, show
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import fact

UnitArgument = Annotated[str, typer.Argument(help="HSA-id of the unit, or part of its name.")]


def distribute(
    unit: UnitArgument,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same result. Default: a new one.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else it is only shown.")] = False,
    by: By = None,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Deal the residents without a doctor out to the doctors of a unit, at random within caps and pauses."""
    settings = load(config)
    chosen_seed = secrets.randbelow(1_000_000) if seed is None else seed
    with opened(settings) as register:
        if apply:
            with keeping(settings, "doctors distribute", by, reason) as edit:
                unit_key = found_unit(edit.connection, unit)
                doctors, waiting, allotted = _allotted(edit.connection, unit_key, edit.now, chosen_seed)
                distributing.appoint_doctors(edit, allotted.items(), unit_key)
        else:
            with register.reading() as connection:
                doctors, waiting, allotted = _allotted(
                    connection, found_unit(connection, unit), swedish_now(), chosen_seed
                )
        audited(register, "doctors distribute", operator(by), allotted)
    got = Counter(allotted.values())
    show(
        ("HSA-id", "name", "cap", "listed", "gets"),
        [
            (
                one.staff.hsa_id if not one.staff.protected else None,
                PROTECTED if one.staff.protected else one.staff.name,
                one.employment.max_patients,
                one.count(DOCTOR_CONTACT).now,
                got[one.employment.staff],
            )
            for one in doctors
        ],
        name="doctors",
    )
    out.print()
    names = {one.employment.staff: one.staff.hsa_id for one in doctors}
    dealt_out = [(person, names[key]) for person, key in sorted(allotted.items())]
    show(("person", "doctor"), dealt_out, name="allotted")
    out.print()
    fact(
        "without a doctor still",
        waiting - len(allotted),
        f"Without a doctor still: {waiting - len(allotted)}",
    )
    fact("seed", chosen_seed, "")
    out.print("Done." if apply else f"Nothing is changed. To do this: --apply --seed {chosen_seed}")


def _allotted(
    connection: Connection, unit_key: HsaId, now: datetime, seed: int
) -> tuple[list[Member], int, dict[str, HsaId]]:
    """Return the doctors who take patients, how many residents wait for one, and who gets whom.

    Residents with protected identity are left to be seen to by hand, in the source system.
    """
    waiting = [
        one.person_id
        for one in lists.without_doctor(connection, now, unit_key)
        if not one.protected and one.doctor_from is None
    ]
    doctors = staff.available_doctors(connection, unit_key, now)
    room = {one.employment.staff: one.room for one in doctors}
    return doctors, len(waiting), distributing.allot(waiting, room, seed)
