"""A region for the model and the register alike, and how the two are compared."""

from datetime import datetime
from typing import Any

from producer.wsgi import Producer
from register.model import Allotment, ListingType, Record, Resident, UnitListingType
from tests.asking import ask_ok, get_listing, get_listing_county, values
from tests.integration.listing_holdings import NATIONAL, Person, Unit
from tests.integration.listing_model import Model
from tests.integration.listing_state import Dump, active, content, doctors, kind, messages, queue
from tests.messages import CITIZEN, person
from tests.records import COUNTY, OTHER_COUNTY, PROVIDER, REGION_TYPE, doctor, hsa, unit, works_at

OURS = ("194003189083", "196101182803", "199002222397", "195009072553", "200001252386")
THEIRS = ("195709263080", "196109732393", "197010632391", "198703122385")
PROTECTED, UNKNOWN = OURS[4], THEIRS[3]
EVERYBODY = (*OURS, *THEIRS)
UNITS = {
    "auto": Unit(1, queued_at=True, types=(NATIONAL, REGION_TYPE), doctors={"doris": None}),
    "brisk": Unit(1, queued_at=True),
    "centre": Unit(None, types=(NATIONAL, REGION_TYPE), doctors={"dora": 2, "doris": None}),
    "staff": Unit(1, queued_at=True, staff_allots=True),
    "tight": Unit(1, types=(NATIONAL, REGION_TYPE)),
}
DOCTORS = {name: hsa(name) for name in ("dora", "doris")}
SHORT = {str(hsa(name)): name for name in (*UNITS, *DOCTORS)}
OFFERING = [name for name, one in UNITS.items() if one.doctors]
KEYS = {hsa(name): name for name in (*UNITS, *DOCTORS)}


def records() -> list[Record]:
    """Return the region: its facilities, doctors and residents; nobody is listed."""
    found: list[Record] = [
        PROVIDER,
        ListingType(COUNTY, *REGION_TYPE, "Regional", agreed_counties=(OTHER_COUNTY,)),
    ]
    staff = {name: doctor(name) for name in DOCTORS}
    for name, one in UNITS.items():
        at = unit(
            name,
            max_listings=one.cap,
            offers_queue=one.queued_at,
            allotment=Allotment.STAFF if one.staff_allots else Allotment.AUTOMATIC,
            offers_choice_of_personnel=bool(one.doctors),
        )
        found += [at, *(UnitListingType(at.hsa_id, *kind) for kind in one.types)]
        found += staff.values()
        found += [works_at(staff[who], at, max_patients=cap) for who, cap in one.doctors.items()]
    found += [Resident(one, COUNTY, protected=one == PROTECTED) for one in OURS]
    found += [Resident(one, OTHER_COUNTY) for one in THEIRS if one != UNKNOWN]
    return list(dict.fromkeys(found))


def persons() -> dict[str, Person]:
    """Return the residents as the model has them."""
    ours = {one: Person(COUNTY, protected=one == PROTECTED) for one in OURS}
    return ours | {one: Person(OTHER_COUNTY, known=one != UNKNOWN) for one in THEIRS}


def in_register(rows: Dump, now: datetime) -> dict[str, Any]:
    """Return what a register holds, to be compared with `in_model`."""
    return {
        "persons": {one["person_id"]: one["home_county"] for one in rows["resident"]},
        "listings": {
            (one["person_id"], kind(one)): (
                KEYS[one["unit_key"]],
                one["valid_from"],
                one["counts_as_change"],
            )
            for one in rows["listing"]
            if active(one, now)
        },
        "doctors": {
            one["person_id"]: (KEYS[one["unit_key"]], KEYS[one["staff_key"]]) for one in doctors(rows, now)
        },
        "queues": {
            name: [(one["person_id"], kind(one)) for one in queue(rows, hsa(name), now)] for name in UNITS
        },
        "notes": {
            (one["person_id"], kind(one)): one["county"]
            for one in rows["out_of_county_listing"]
            if active(one, now)
        },
        "changes": sorted(
            (one["person_id"], kind(one), one["valid_from"])
            for one in rows["listing"] + rows["out_of_county_listing"]
            if one["counts_as_change"]
        ),
        "waiting": sorted(
            (one["person_id"], kind(one), KEYS[one["unit_key"]])
            for one in rows["listing_request"]
            if one["state"] == "waiting"
        ),
        "messages": [(*content(one), one["state"], one["request_id"] is not None) for one in messages(rows)],
    }


def in_model(model: Model) -> dict[str, Any]:
    """Return what a register must hold."""
    return {
        "persons": {name: one.home for name, one in model.persons.items() if one.known},
        "listings": model.listings,
        "doctors": model.doctors,
        "queues": {name: [(one.person, one.kind) for one in queue] for name, queue in model.queues.items()},
        "notes": model.notes,
        "changes": sorted(model.changes),
        "waiting": sorted((one.person, one.kind, one.unit) for one in model.waiting()),
        "messages": [
            (one.address, one.person, one.new, one.home, one.kind, one.state, one.request is not None)
            for one in model.messages
        ],
    }


def ask_about(app: Producer, model: Model, who: str) -> None:
    """Compare what is told of a resident with the model."""
    found = []
    for entry in get_listing(app, who).iterfind("{*}listings"):
        doctors = values(entry, "healthcarePersonnel/id")
        positions = values(entry, "queuePosition")
        left = values(entry, "remainingChanges")
        assert values(entry, "isInQueue") == ["true" if positions else "false"]
        found.append(
            (
                SHORT[values(entry, "healthcareFacility/id")[0]],
                tuple(values(entry, "listingType/code") + values(entry, "listingType/codeSystem")),
                SHORT[doctors[0]] if doctors else None,
                int(positions[0]) if positions else None,
                int(left[0]) if left else None,
            )
        )
    assert sorted(found, key=repr) == sorted(model.shown(who), key=repr)
    assert get_listing_county(app, who) == model.counties(who)


def ask_about_facilities(app: Producer, model: Model) -> None:
    """Compare what is told of the facilities and their doctors with the model."""
    answer = ask_ok(app, "GetAvailableHealthcareFacilities")
    found = []
    for entry in answer.iterfind("{*}healthcareFacilities"):
        length = values(entry, "queueLength")
        found.append(
            (
                SHORT[values(entry, "id")[0]],
                values(entry, "hasQueue") == ["true"],
                int(length[0]) if length else None,
            )
        )
    assert sorted(found) == model.facilities()
    for name in OFFERING:
        answer = ask_ok(
            app,
            "GetAvailableHealthcarePersonnel",
            person("personId", CITIZEN),
            f"<healthcareFacilityHSAId>{hsa(name)}</healthcareFacilityHSAId>",
        )
        doctors = [SHORT[one] for one in values(answer, "healthcarePersonnel/id")]
        assert sorted(doctors) == model.selectable(name)
