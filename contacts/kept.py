"""What is kept about fixed contacts, person by person, for the report on the quality of the data."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from contacts.care_managers import CONTACT_COLUMNS, CONTACT_TABLES, CareManager, read_contact, with_routes
from contacts.doctors import HOLDS
from register.conditions import LIVES, at, care_unit, valid_today
from register.database import Register
from register.tables import fixed_contact, resident, unit

_PERSONS_AT_A_TIME = 500

_PERSONS = (
    select(fixed_contact.c.person_id)
    .join(resident, resident.c.person_id == fixed_contact.c.person_id)
    .where(
        fixed_contact.c.person_id > bindparam("after"),
        valid_today(fixed_contact),
        ~resident.c.protected,
        LIVES,
    )
    .distinct()
    .order_by(fixed_contact.c.person_id)
    .limit(_PERSONS_AT_A_TIME)
)

_IS_SHOWN = select(resident.c.person_id).where(
    resident.c.person_id == bindparam("person"), ~resident.c.protected, LIVES
)

_KEPT = (
    select(HOLDS, valid_today(unit) & valid_today(care_unit), *CONTACT_COLUMNS)
    .select_from(CONTACT_TABLES)
    .where(
        fixed_contact.c.person_id.in_(bindparam("persons", expanding=True)),
        valid_today(fixed_contact),
    )
    .order_by(fixed_contact.c.person_id, fixed_contact.c.id)
)


@dataclass(frozen=True, slots=True)
class KeptContacts:
    """All fixed contacts of a resident today, whether an answer shows them or not.

    Attributes:
        listed: Ids of the doctors' contacts that a PV listing carries.
        open: Ids of the contacts at units that are open.
    """

    person_id: str
    contacts: tuple[CareManager, ...]
    listed: frozenset[str]
    open: frozenset[str]


def kept_contacts(register: Register, now: datetime) -> Iterator[KeptContacts]:
    """Yield the contacts of today of every resident who may be shown, in the order of person.

    Each batch of residents is read in a transaction of its own, so that a long report holds nothing up.

    Args:
        register: The register.
        now: The present, Swedish local time.
    """
    after = ""
    while True:
        with register.reading() as connection:
            persons = connection.scalars(_PERSONS, {"after": after, **at(now)}).all()
            if not persons:
                return
            yield from _kept(connection, persons, now)
        after = persons[-1]


def kept_of(register: Register, person_id: str, now: datetime) -> KeptContacts | None:
    """Return the contacts of today of one resident; None where nobody may be shown one.

    Args:
        register: The register.
        person_id: The resident.
        now: The present, Swedish local time.
    """
    with register.reading() as connection:
        known = connection.scalar(_IS_SHOWN, {"person": person_id, **at(now)})
        return next(_kept(connection, [person_id], now)) if known else None


def _kept(connection: Connection, persons: Sequence[str], now: datetime) -> Iterator[KeptContacts]:
    rows = connection.execute(_KEPT, {"persons": persons, **at(now)}).all()
    found = with_routes(connection, [read_contact(values) for _, _, *values in rows])
    by_person: defaultdict[str, list[CareManager]] = defaultdict(list)
    for one in found:
        by_person[one.contact.person_id].append(one)
    listed = {one.contact.id for one, (holds, *_) in zip(found, rows, strict=True) if holds}
    is_open = {one.contact.id for one, (_, opened, *_) in zip(found, rows, strict=True) if opened}
    for person_id in persons:
        contacts = tuple(by_person[person_id])
        ids = {one.contact.id for one in contacts}
        yield KeptContacts(person_id, contacts, frozenset(listed & ids), frozenset(is_open & ids))
