"""What a source can bring in: every record type with its fields, its key and what is filled in for it.

`RECORD_TYPES` is the one place that says what kind each field is; profiles are checked against it and rows
are read by it.
"""

from collections.abc import Mapping
from datetime import date, datetime, time

from mapping.sources.record_type import RecordType, Values
from mapping.sources.values import (
    ADDRESS,
    ALLOTMENT,
    AUDIENCE,
    BEFATTNING,
    CODE,
    CONTACT_SYSTEM,
    CONTACT_TYPE,
    COUNT,
    COUNTIES,
    COUNTY,
    DAY,
    END,
    FLAG,
    HOURS,
    HSA_ID,
    LAST_DAY,
    NOTES,
    ORGANISATION_NUMBER,
    PERSON_ID,
    PERSON_IDS,
    START,
    TEXT,
    FieldKind,
)
from register.model import (
    CareProvider,
    ContactRoute,
    Employment,
    FixedContact,
    Guardianship,
    Listing,
    ListingType,
    OutOfCountyListing,
    QueuePlace,
    Resident,
    Staff,
    Team,
    Unit,
    UnitListingType,
)

UUID_ROOT = "urn:uuid"
"""Series of the team ids made here."""

TEAM_NAME = "team_name"
"""Helper field: names a team of the row's unit where the source has no team ids (seed conflict 5)."""

STAFF_NAME = frozenset({"staff_given_name", "staff_surname"})
"""Helper fields: name the staff of a fixed contact where the source has no HSA-id (seed conflict 8)."""

UNIT_NAME = "unit_name"
"""Helper field: names the unit where the source has no HSA-id of it."""

FIXED_CONTACT = "fixed_contact"


def _fill_in_unit(values: Values) -> None:
    # Directories name a care unit as its own care unit.
    care_unit = values.get("care_unit")
    if care_unit is not None and care_unit == values["hsa_id"]:
        values["care_unit"] = None


def _fill_in_team(values: Values) -> None:
    if values.get("id") is None:
        values["id_root"] = UUID_ROOT


def _fill_in_fixed_contact(values: Values) -> None:
    documented: datetime | None = values.get("documented_at")
    start: date | None = values.get("valid_from")
    if start is None and documented is not None:
        values["valid_from"] = documented.date()  # seed conflict 9
    elif documented is None and start is not None:
        values["documented_at"] = datetime.combine(start, time.min)
    _fill_in_team_id(values)


def _fill_in_contact_route(values: Values) -> None:
    if _fill_in_team_id(values):
        values["unit"] = None  # it only told which team is meant; the team is the owner


def _fill_in_team_id(values: Values) -> bool:
    name = values.get(TEAM_NAME)
    if name is None or values.get("team") is not None or values.get("unit") is None:
        return False
    values["team"] = RECORD_TYPES["team"].made_id({"unit": values["unit"], "name": name})
    return True


_PERIOD: dict[str, FieldKind] = {"valid_from": DAY, "valid_to": LAST_DAY}
_TYPE: dict[str, FieldKind] = {"code": CODE, "code_system": CODE}

RECORD_TYPES: Mapping[str, RecordType] = {
    "care_provider": RecordType(
        CareProvider,
        {"hsa_id": HSA_ID, "name": TEXT, "organisation_number": ORGANISATION_NUMBER},
    ),
    "unit": RecordType(
        Unit,
        {
            "hsa_id": HSA_ID,
            "name": TEXT,
            "provider": HSA_ID,
            "county": COUNTY,
            "care_unit": HSA_ID,
            "listable": FLAG,
            "max_listings": COUNT,
            "offers_queue": FLAG,
            "allotment": ALLOTMENT,
            "estimated_wait_days": COUNT,
            "offers_choice_of_personnel": FLAG,
            "visiting_address": TEXT,
            "visiting_town": TEXT,
            "postal_address": TEXT,
            "postal_code": TEXT,
            "postal_town": TEXT,
            **_PERIOD,
        },
        fill_in=_fill_in_unit,
    ),
    "listing_type": RecordType(
        ListingType,
        {
            "county": COUNTY,
            **_TYPE,
            "display_name": TEXT,
            "min_age": COUNT,
            "max_age": COUNT,
            "agreed_counties": COUNTIES,
        },
    ),
    "unit_listing_type": RecordType(
        UnitListingType,
        {"unit": HSA_ID, UNIT_NAME: TEXT, **_TYPE},
        follows={"unit": UNIT_NAME},
    ),
    "team": RecordType(
        Team,
        {
            "id": CODE,
            "id_root": CODE,
            "name": TEXT,
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            "external_notes": NOTES,
            "internal_notes": NOTES,
        },
        natural_key=("unit", "name"),
        filled_in=frozenset({"id_root"}),
        fill_in=_fill_in_team,
        follows={"id_root": "name", "unit": UNIT_NAME},
    ),
    "staff": RecordType(
        Staff,
        {
            "hsa_id": HSA_ID,
            "given_name": TEXT,
            "surname": TEXT,
            "middle_name": TEXT,
            "befattning": BEFATTNING,
            "title": TEXT,
            "protected": FLAG,
        },
    ),
    "employment": RecordType(
        Employment,
        {
            "staff": HSA_ID,
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            "selectable_as_doctor": FLAG,
            "selectable_as_care_contact": FLAG,
            "selectable_as_treating_role": FLAG,
            "paused": FLAG,
            "max_patients": COUNT,
            "external": FLAG,
            "role": TEXT,
            "working_share": COUNT,
            "min_age": COUNT,
            "max_age": COUNT,
            **_PERIOD,
        },
        follows={"unit": UNIT_NAME},
    ),
    "resident": RecordType(
        Resident,
        {
            "person_id": PERSON_ID,
            "home_county": COUNTY,
            "protected": FLAG,
            "deceased_on": DAY,
            "given_name": TEXT,
            "surname": TEXT,
            "other_ids": PERSON_IDS,
        },
    ),
    "guardianship": RecordType(
        Guardianship,
        {"person_id": PERSON_ID, "guardian_id": PERSON_ID, "consents": FLAG},
    ),
    "listing": RecordType(
        Listing,
        {
            "id": CODE,
            "person_id": PERSON_ID,
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            **_TYPE,
            "valid_from": START,
            "valid_to": END,
            "counts_as_change": FLAG,
        },
        natural_key=("person_id", "unit", "code", "code_system", "valid_from"),
        follows={"unit": UNIT_NAME},
    ),
    "queue_place": RecordType(
        QueuePlace,
        {
            "id": CODE,
            "person_id": PERSON_ID,
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            **_TYPE,
            "queued_at": START,
            "left_at": END,
            "estimated_wait_days": COUNT,
        },
        natural_key=("person_id", "unit", "code", "code_system", "queued_at"),
        follows={"unit": UNIT_NAME},
    ),
    "out_of_county_listing": RecordType(
        OutOfCountyListing,
        {
            "id": CODE,
            "person_id": PERSON_ID,
            "county": COUNTY,
            **_TYPE,
            "valid_from": START,
            "valid_to": END,
            "counts_as_change": FLAG,
        },
        natural_key=("person_id", "county", "code", "code_system", "valid_from"),
    ),
    FIXED_CONTACT: RecordType(
        FixedContact,
        {
            "id": CODE,
            "person_id": PERSON_ID,
            "type_code": CONTACT_TYPE,
            "staff": HSA_ID,
            **dict.fromkeys(sorted(STAFF_NAME), TEXT),
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            **_PERIOD,
            "documented_at": START,
            "team": CODE,
            TEAM_NAME: TEXT,
            "external_notes": NOTES,
            "internal_notes": NOTES,
            "direct_number_visible": FLAG,
            "care_process_root": CODE,
            "care_process_id": CODE,
            "appointed_by": TEXT,
            "reason": TEXT,
            "life_threatening": FLAG,
        },
        natural_key=("person_id", "type_code", "staff", "unit", "valid_from"),
        filled_in=frozenset({"valid_from", "documented_at"}),
        any_of=("valid_from", "documented_at"),
        fill_in=_fill_in_fixed_contact,
        follows={
            "valid_from": "documented_at",
            "team": TEAM_NAME,
            "staff": "staff_surname",
            "unit": UNIT_NAME,
        },
    ),
    "contact_route": RecordType(
        ContactRoute,
        {
            "id": CODE,
            "system": CONTACT_SYSTEM,
            "value": ADDRESS,
            "audience": AUDIENCE,
            "hours": HOURS,
            "staff": HSA_ID,
            "unit": HSA_ID,
            UNIT_NAME: TEXT,
            "team": CODE,
            TEAM_NAME: TEXT,
            "provider": HSA_ID,
        },
        natural_key=("staff", "unit", "team", "provider", "system", "value", "audience"),
        any_of=("unit", "team", "provider"),
        fill_in=_fill_in_contact_route,
        follows={"team": TEAM_NAME, "unit": UNIT_NAME},
    ),
}
"""Every record type by the name that a profile's ``record`` uses."""
