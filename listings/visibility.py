"""Whose listings an organisation is shown as its own."""

from sqlalchemy import Connection

from contracts.identifiers import HsaId
from register.directory import find_unit
from register.model import Unit


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
