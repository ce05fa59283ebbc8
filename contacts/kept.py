"""What is kept about fixed contacts, person by person, for the report on the quality of the data."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

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
        after = persons[-1]
