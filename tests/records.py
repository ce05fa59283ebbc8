"""Builders of the records that `tests.integration.records` has none for."""

from typing import Any

from contracts.codes import PV
from register.model import OutOfCountyListing, Team, Unit
from tests.integration.records import LONG_AGO, OTHER_COUNTY


def team(short: str, at: Unit, **values: Any) -> Team:
    defaults: dict[str, Any] = {"id_root": "1.2.752.113.11.0.2.1.2", "name": f"Team {short}"}
    return Team(short, unit=at.hsa_id.lower(), **(defaults | values))


def note(id: str, person_id: str, county: str = OTHER_COUNTY, **values: Any) -> OutOfCountyListing:
    defaults: dict[str, Any] = {"code": PV.code, "code_system": PV.system, "valid_from": LONG_AGO}
    return OutOfCountyListing(id, person_id, county, **(defaults | values))
