"""What holds in and between the registers of three regions when nothing is under way."""

from collections import defaultdict

from sqlalchemy import Connection, select

from contracts.codes import PV
from listings import places
from listings.current import out_of_county, queued_at
from listings.facilities import facilities_of
from listings.statements import WAITING
from register.conditions import active_now, at
from register.tables import listing, listing_request, queue_place, resident
from tests.regions import HOME, Region, Regions

_FAILURES = {"answer_invalid", "audit_failed", "register_failed", "request_failed", "sender_failed"}
"""Events in the log that must not come about."""

_LISTED = select(listing.c.person_id, listing.c.code, listing.c.code_system, listing.c.unit_key).where(
    active_now(listing.c.valid_from, listing.c.valid_to)
)

_QUEUING = select(
    queue_place.c.person_id, queue_place.c.code, queue_place.c.code_system, queue_place.c.unit_key
).where(active_now(queue_place.c.queued_at, queue_place.c.left_at))


def check_settled(regions: Regions) -> None:
    """Check that no message is left and the registers agree, and that the log holds no failure and no person.

    A resident is listed once with a type, over all regions, and the home region has noted where.
    """
    assert not {one["event"] for one in regions.events} & _FAILURES
    assert not any(person_id in str(one) for one in regions.events for person_id in HOME)
    listed: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    noted: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for region in regions.by_county.values():
        assert region.open_messages() == [], f"region {region.county} has messages left"
        now = region.clock.swedish()
        with region.register.reading() as connection:
            _check_places(connection, region)
            _check_doctors(connection, region)
            for row in connection.execute(_LISTED, at(now)):
                listed[row.person_id, row.code, row.code_system].append(region.county)
            own = select(resident.c.person_id).where(resident.c.home_county == region.county)
            for person_id in connection.scalars(own).all():
                for note in out_of_county(connection, person_id, now):
                    noted[person_id, note.code, note.code_system].append(note.county)
    assert all(len(counties) == 1 for counties in listed.values()), "listed twice with the same type"
    away = {key: counties for key, counties in listed.items() if counties != [HOME[key[0]]]}
    assert noted == away, "where residents are listed is not what their home region has noted"


def _check_places(connection: Connection, region: Region) -> None:
    """Check that the places used are those of listings, and that each queue has the positions 1 to n."""
    now = region.clock.swedish()
    listed = connection.execute(_LISTED, at(now)).all()
    queuing = connection.execute(_QUEUING, at(now)).all()
    waiting = select(listing_request.c.id).where(listing_request.c.state == WAITING)
    assert connection.scalars(waiting).all() == [], f"listings still wait in region {region.county}"
    for one in facilities_of(connection, region.county, now):
        key = one.unit.hsa_id
        used = sum((row.unit_key, row.code, row.code_system) == (key, *PV.key) for row in listed)
        queue = {
            row.person_id for row in queuing if (row.unit_key, row.code, row.code_system) == (key, *PV.key)
        }
        assert (one.listed, one.held, one.queue_length) == (used, 0, len(queue))
        assert one.unit.max_listings is None or used <= one.unit.max_listings
        positions = [
            place.position
            for person_id in queue
            for place in queued_at(connection, person_id, region.county, now)
            if place.facility.unit.hsa_id == key
        ]
        assert sorted(positions) == list(range(1, len(queue) + 1))


def _check_doctors(connection: Connection, region: Region) -> None:
    """Check that residents have one doctor at most, and where they are listed."""
    now = region.clock.swedish()
    listed = {
        (row.person_id, row.unit_key)
        for row in connection.execute(_LISTED, at(now))
        if (row.code, row.code_system) == (PV.code, PV.system)
    }
    for person_id in HOME:
        doctors = places.doctor_contacts(connection, person_id, region.county, now)
        assert len(doctors) <= 1
        assert {(person_id, one.unit_key) for one in doctors} <= listed, "a doctor, but no listing there"
