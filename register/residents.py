"""Whom a person number belongs to."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from register import home_county
from register.columns import columns, record
from register.model import Guardianship, Resident
from register.tables import guardianship, resident, resident_identity

_RESIDENT = select(*columns(Resident)).where(resident.c.person_id == bindparam("person_id"))

_OWNERS = select(resident_identity.c.person_id).where(resident_identity.c.other_id == bindparam("person_id"))

_GUARDIANS = (
    select(*columns(Guardianship))
    .where(guardianship.c.person_id == bindparam("person_id"))
    .order_by(guardianship.c.guardian_id)
)

_OTHER_IDS = (
    select(resident_identity.c.other_id)
    .where(resident_identity.c.person_id == bindparam("person_id"))
    .order_by(resident_identity.c.other_id)
)


def find_resident(connection: Connection, person_id: str) -> Resident | None:
    """Return the resident with an identity, be it the own one or another of the same person.

    A number that several residents claim as their other identity names nobody: it could show one person what
    is another's. Flags such as ``protected`` are for the caller to heed.
    """
    person = {"person_id": person_id}
    found = connection.execute(_RESIDENT, person).one_or_none()
    if found is None:
        owners = connection.scalars(_OWNERS, person).all()
        return find_resident(connection, owners[0]) if len(owners) == 1 else None
    known = record(Resident, iter(found), tuple(connection.scalars(_OTHER_IDS, person)))
    if known.home_county is None:  # no source has said it
        return replace(known, home_county=home_county.claimed(connection, person_id))
    return known


def guardians(connection: Connection, person_id: str) -> list[Guardianship]:
    """Return the guardians of a resident, in the order of their identities.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
    """
    rows = connection.execute(_GUARDIANS, {"person_id": person_id})
    return [record(Guardianship, iter(row)) for row in rows]
