"""Which listings an actor is shown."""

from enum import StrEnum

from contracts.identifiers import HsaId
from register.model import Unit


class Visibility(StrEnum):
    """Which listings an actor type is shown."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


def belongs_to(unit: Unit, organisation: HsaId) -> bool:
    """Tell whether an organisation may see the unit's listings as its own.

    Args:
        unit: The unit where a resident is listed.
        organisation: HSA-id of the unit itself, its care unit or its care provider.
    """
    return organisation in (unit.hsa_id, unit.care_unit, unit.provider)
