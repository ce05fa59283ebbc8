"""The operations, one module each: a request that its schema accepted -> the answer from the register."""

from collections.abc import Callable
from typing import Any

from producer.operations.create_listing import create_listing
from producer.operations.get_available_healthcare_facilities import get_available_healthcare_facilities
from producer.operations.get_available_healthcare_personnel import get_available_healthcare_personnel
from producer.operations.get_care_managers import get_care_managers
from producer.operations.get_listing import get_listing
from producer.operations.get_listing_county import get_listing_county
from producer.operations.get_listing_types import get_listing_types
from producer.operations.ping_for_configuration import ping_for_configuration
from producer.operations.update_listing import update_listing
from producer.service import Call, Reply, Service

OPERATIONS: dict[str, Callable[[Service, Call, Any], Reply]] = {
    "GetListing": get_listing,
    "GetListingTypes": get_listing_types,
    "GetListingCounty": get_listing_county,
    "GetAvailableHealthcareFacilities": get_available_healthcare_facilities,
    "GetAvailableHealthcarePersonnel": get_available_healthcare_personnel,
    "CreateListing": create_listing,
    "UpdateListing": update_listing,
    "GetCareManagers": get_care_managers,
    "PingForConfiguration": ping_for_configuration,
}
"""Contract name -> what answers it. Raises RuleError where a request breaks its contract."""
