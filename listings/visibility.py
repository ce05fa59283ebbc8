"""Whose listings an actor is shown as its own: a person's, or an organisation's."""

from sqlalchemy import Connection

from contracts.codes import ActorType
from contracts.identifiers import HsaId
from listings.settings import Visibility
from register.directory import find_unit
from register.model import Resident, Unit
from register.residents import guardians


def shown_to_person(
    connection: Connection, resident: Resident, actor: ActorType, actor_id: str, sees: Visibility
) -> Visibility:
    """Return which listings of a resident an actor that is a person is shown: all of them, or none.

    As CreateListing lets a resident change only its own listing, and a guardian those of its wards
    (carelisting TKB 2.1, ActorType). The answer to others is the one about somebody unknown, as it is to a
    caregiver of another's patient (carelisting IS, flow 12).

    Args:
        connection: A connection to the register.
        resident: Whom the call is about.
        actor: CITIZEN or GUARDIAN.
        actor_id: The actor's own number.
        sees: What the region lets actors of the type see.
    """
    if sees is not Visibility.OWN:
        return sees
    if actor is ActorType.GUARDIAN:
        known = {one.guardian_id for one in guardians(connection, resident.person_id)}
        own = not known or actor_id in known
    else:
        own = actor_id in (resident.person_id, *resident.other_ids)
    return Visibility.ALL if own else Visibility.NONE


def belongs_to(connection: Connection, unit: Unit, organisation: HsaId) -> bool:
    """Tell whether an organisation may see the unit's listings as its own (carelisting IS, flow 12).

    Args:
        connection: A connection to the register.
        unit: The unit where a resident is listed.
        organisation: HSA-id of the unit itself or its care unit, or of the care provider of either.
    """
    if organisation in (unit.hsa_id, unit.care_unit, unit.provider):
        return True
    return unit.care_unit is not None and find_unit(connection, unit.care_unit).provider == organisation
