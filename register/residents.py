"""Whom a person number belongs to."""

from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from register import home_county
from register.columns import columns, record
from register.model import Guardianship, Resident
from register.prepared import Prepared, only
from register.tables import guardianship, resident, resident_identity

_RESIDENT = Prepared(
    select(resident_identity.c.other_id, *columns(Resident))
    .select_from(resident.outerjoin(resident_identity, resident_identity.c.person_id == resident.c.person_id))
    .where(resident.c.person_id == bindparam("person_id"))
    .order_by(resident_identity.c.other_id)
)

_OWNERS = Prepared(
    select(resident_identity.c.person_id).where(resident_identity.c.other_id == bindparam("person_id"))
)

_GUARDIANS = Prepared(
    select(*columns(Guardianship))
    .where(guardianship.c.person_id == bindparam("person_id"))
    .order_by(guardianship.c.guardian_id)
)


def find_resident(connection: Connection, person_id: str) -> Resident | None:
    """Return the resident with an identity, be it the own one or another of the same person.

    A number that several residents claim as their other identity names nobody: it could show one person what
    is another's. Flags such as ``protected`` are for the caller to heed.
    """
    person = {"person_id": person_id}
    found = _RESIDENT.all(connection, person)
    if not found:
        owners = only(_OWNERS.all(connection, person))
        return find_resident(connection, owners[0]) if len(owners) == 1 else None
    others = tuple(one for one in only(found) if one is not None)
    known = record(Resident, iter(found[0][1:]), others)
    if known.home_county is None:  # no source has said it
        return replace(known, home_county=home_county.claimed(connection, person_id))
    return known


def guardians(connection: Connection, person_id: str) -> list[Guardianship]:
    """Return the guardians of a resident, in the order of their identities.

    Args:
        connection: A connection to the register.
        person_id: The resident's own identity, as `find_resident` gives it.
    """
    return _GUARDIANS.records(Guardianship, connection, {"person_id": person_id})
