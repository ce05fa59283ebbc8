"""Which units belong to an organisation."""

from collections.abc import Collection

from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from contracts.identifiers import hsa_key
from register.queries.conditions import care_unit, is_care_unit
from register.tables import unit

_ORGANISATIONS: BindParameter[str] = bindparam("organisations", expanding=True)

_UNITS = (
    select(unit.c.hsa_key)
    .join(care_unit, is_care_unit)
    .where(
        or_(
            unit.c.hsa_key.in_(_ORGANISATIONS),
            care_unit.c.hsa_key.in_(_ORGANISATIONS),
            unit.c.provider_key.in_(_ORGANISATIONS),
            care_unit.c.provider_key.in_(_ORGANISATIONS),
        )
    )
)


def units_of(connection: Connection, organisations: Collection[str]) -> frozenset[str]:
    """Return the keys of all units that are one of the organisations or belong to one.

    Args:
        connection: A connection to the register.
        organisations: HSA-ids of units, care units and care providers, in any letter case.
    """
    keys = {hsa_key(one) for one in organisations}
    return frozenset(connection.scalars(_UNITS, {"organisations": list(keys)})) if keys else frozenset()
