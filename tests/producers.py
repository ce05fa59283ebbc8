"""Producers over registers filled for a test, with a clock that stands still."""

from datetime import datetime
from typing import Any

from contracts.codes import PV
from producer.service import Service
from producer.settings import ProducerSettings
from producer.wsgi import Producer
from register.database import Register
from register.model import Record, UnitListingType
from tests.records import (
    ANNA,
    COUNTY,
    NOW,
    OTHER_COUNTY,
    PROVIDER,
    contact,
    doctor,
    hsa,
    listing,
    residents,
    unit,
    works_at,
)

SOURCE_SYSTEM = str(hsa("system"))
"""HSA-id of the system GetCareManagers is served as, and its LogicalAddress."""

CENTRE = unit("centre", offers_choice_of_personnel=True)
DOCTOR = doctor("dora")

SMALL_REGION: tuple[Record, ...] = (
    PROVIDER,
    CENTRE,
    UnitListingType(CENTRE.hsa_id, PV.code, PV.system),
    DOCTOR,
    works_at(DOCTOR, CENTRE),
    *residents(ANNA),
    listing("L1", ANNA, CENTRE),
    contact("F1", ANNA, DOCTOR, CENTRE),
)
"""A resident who is listed at a health centre and has a doctor there."""


def make_producer(register: Register, *, now: datetime = NOW, **settings: Any) -> Producer:
    """Return a producer for two counties and one source system.

    Args:
        register: The register to answer from.
        now: The present, Swedish local time.
        settings: Sections of `ProducerSettings` as dicts, in place of the defaults.
    """
    defaults: dict[str, Any] = {
        "regions": {COUNTY: {}, OTHER_COUNTY: {}},
        "care_managers": {"source_system_id": SOURCE_SYSTEM},
    }
    chosen = ProducerSettings.model_validate(defaults | settings)
    return Producer(Service(chosen, register, now=lambda: now, version="1.2.3"))
