"""What calls ask the database about listings, each statement whole, with the plan it relies on.

Statements are made once, when the module is loaded: to put one together takes longer than to run it. What
differs from call to call is bound by name; `register.conditions.at` gives the values of the present. "By the
resident" means by the index on ``person_id``: few rows, however large the region is. A test holds the plans.
"""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from contracts.codes import DOCTOR_CONTACT
from contracts.identifiers import HsaId
from register.columns import columns
from register.conditions import NOW, TODAY, active_now, is_alive, valid_today
from register.model import Listing, OutOfCountyListing, QueuePlace
from register.prepared import Prepared
from register.tables import (
    fixed_contact,
    listing,
    listing_change,
    listing_request,
    out_of_county_listing,
    queue_place,
    unit,
)

WAITING = "waiting"
"""State of a listing request that the home region has not answered."""

IS_WAITING = listing_request.c.state == literal_column(f"'{WAITING}'")
"""The request waits; written out, as an index of part of a table is not used for what is bound later."""

_PERSON: BindParameter[str] = bindparam("person_id")
_COUNTY: BindParameter[str] = bindparam("county")
_UNIT: BindParameter[HsaId] = bindparam("unit_key")
_UNITS: BindParameter[HsaId] = bindparam("unit_keys", expanding=True)


def _of_resident(table: Table) -> ColumnElement[bool]:
    """The row is the resident's, and of the listing type."""
    return and_(
        table.c.person_id == _PERSON,
        table.c.code == bindparam("code"),
        table.c.code_system == bindparam("code_system"),
    )


# A resident's own, for answers.

SHOWN_LISTINGS = Prepared(
    select(*columns(Listing))
    .join(unit, unit.c.hsa_key == listing.c.unit_key)
    .where(
        listing.c.person_id == _PERSON,
        active_now(listing.c.valid_from, listing.c.valid_to),
        unit.c.county == _COUNTY,
        valid_today(unit),
    )
    .order_by(listing.c.valid_from, listing.c.id)
)
"""A resident's active listings at open units of a county, oldest first. By the resident."""

_other = queue_place.alias("other")


def _places_ahead(still_there: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(_other)
        .where(
            _other.c.unit_key == queue_place.c.unit_key,
            _other.c.code == queue_place.c.code,
            _other.c.code_system == queue_place.c.code_system,
            still_there,
            is_alive(_other),
            # The first says no more than the second, but an index can be read from it.
            _other.c.queued_at <= queue_place.c.queued_at,
            or_(
                _other.c.queued_at < queue_place.c.queued_at,
                and_(_other.c.queued_at == queue_place.c.queued_at, _other.c.id < queue_place.c.id),
            ),
        )
        .scalar_subquery()
    )


_PLACES_AHEAD = _places_ahead(_other.c.left_at.is_(None)) + _places_ahead(_other.c.left_at > NOW)
"""How many stand before a place that has begun, waiting for the same type.

By the indexes of those who wait and of those whose leaving is to come: nobody who has left is looked at.
"""

SHOWN_PLACES = Prepared(
    select(_PLACES_AHEAD + 1, *columns(QueuePlace))
    .join(unit, unit.c.hsa_key == queue_place.c.unit_key)
    .where(
        queue_place.c.person_id == _PERSON,
        active_now(queue_place.c.queued_at, queue_place.c.left_at),
        unit.c.county == _COUNTY,
        valid_today(unit),
    )
    .order_by(queue_place.c.queued_at, queue_place.c.id)
)
"""A resident's places in queues of open units of a county, each with its position. By the resident."""

SHOWN_NOTES = Prepared(
    select(*columns(OutOfCountyListing))
    .where(
        out_of_county_listing.c.person_id == _PERSON,
        active_now(out_of_county_listing.c.valid_from, out_of_county_listing.c.valid_to),
    )
    .order_by(out_of_county_listing.c.valid_from, out_of_county_listing.c.id)
)
"""The active notes that a resident is listed in another county, oldest first. By the resident."""


def _relistings(table: Table) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(
            _of_resident(table),
            table.c.counts_as_change,
            table.c.valid_from > bindparam("since"),
            table.c.valid_from <= NOW,
        )
        .scalar_subquery()
    )


RELISTINGS = Prepared(select(_relistings(listing) + _relistings(out_of_county_listing)))
"""How many of the yearly re-listings a resident has used since a moment. By the resident, twice."""

# A resident's own, for changes: those to come count too, until they have ended.

OPEN_LISTINGS = Prepared(
    select(listing)
    .join(unit, unit.c.hsa_key == listing.c.unit_key)
    .where(
        _of_resident(listing),
        unit.c.county == _COUNTY,
        or_(listing.c.valid_to.is_(None), listing.c.valid_to > NOW),
    )
    .order_by(listing.c.valid_from, listing.c.id)
)
"""A resident's listings of a type in a county that have not ended. By the resident."""

OPEN_NOTES = Prepared(
    select(out_of_county_listing)
    .where(
        _of_resident(out_of_county_listing),
        or_(out_of_county_listing.c.valid_to.is_(None), out_of_county_listing.c.valid_to > NOW),
    )
    .order_by(out_of_county_listing.c.valid_from, out_of_county_listing.c.id)
)
"""The notes that a resident is listed with a type in another county, not ended. By the resident."""

PLACE_AT_UNIT = Prepared(
    select(queue_place)
    .where(
        _of_resident(queue_place),
        queue_place.c.unit_key == _UNIT,
        active_now(queue_place.c.queued_at, queue_place.c.left_at),
    )
    .order_by(queue_place.c.queued_at, queue_place.c.id)
    .limit(1)
)
"""A resident's oldest place in the queue of a unit. By the resident."""

WAITING_REQUESTS = Prepared(
    select(listing_request)
    .join(unit, unit.c.hsa_key == listing_request.c.unit_key)
    .where(_of_resident(listing_request), unit.c.county == _COUNTY, IS_WAITING)
)
"""A resident's requests in a county that the home region has not answered. By the resident."""

OPEN_DOCTORS = Prepared(
    select(fixed_contact)
    .join(unit, unit.c.hsa_key == fixed_contact.c.unit_key)
    .where(
        fixed_contact.c.person_id == _PERSON,
        fixed_contact.c.type_code == DOCTOR_CONTACT,
        unit.c.county == _COUNTY,
        or_(fixed_contact.c.valid_to.is_(None), fixed_contact.c.valid_to >= TODAY),
    )
    .order_by(fixed_contact.c.id)
)
"""A resident's fixed contacts with a doctor in a county that have not ended. By the resident."""

REQUEST = Prepared(select(listing_request).where(listing_request.c.id == bindparam("request_id")))
"""A request by its key."""

REQUEST_STATES = Prepared(
    select(listing_request.c.state).where(listing_request.c.queue_place_id == bindparam("queue_place_id"))
)
"""The states of the requests made when a queue place was allotted a listing. By the index on the place."""

END_LISTING = Prepared(
    update(listing).where(listing.c.id == bindparam("of_id")).values(valid_to=bindparam("end"))
)
"""A listing by its key."""

LEAVE_QUEUE = Prepared(
    update(queue_place).where(queue_place.c.id == bindparam("of_id")).values(left_at=bindparam("end"))
)
"""A queue place by its key."""

# The queue of a unit.


def _queue(still_there: ColumnElement[bool]) -> Select[Any]:
    return select(*columns(QueuePlace)).where(
        queue_place.c.unit_key == _UNIT,
        queue_place.c.queued_at <= NOW,
        still_there,
        is_alive(queue_place),
    )


QUEUE = _queue(queue_place.c.left_at.is_(None)).union_all(_queue(queue_place.c.left_at > NOW))
"""The places in a unit's queue, of all types, in no order. By the same indexes as `SHOWN_PLACES`."""

# The log of changes.

LAST_CHANGE = Prepared(select(listing_change.c.logged_at).order_by(listing_change.c.id.desc()).limit(1))
"""When the last change of anybody was. By the end of the primary key."""

LAST_ENTRY = Prepared(
    select(listing_change)
    .where(listing_change.c.person_id == _PERSON)
    .order_by(listing_change.c.id.desc())
    .limit(1)
)
"""The last entry about a resident. By the end of the resident's part of the index."""

ENTRIES = select(listing_change).where(listing_change.c.person_id == _PERSON).order_by(listing_change.c.id)
"""The entries about a resident, oldest first. By the resident."""

ANSWER_TO_CALL = Prepared(
    select(listing_change)
    .where(
        listing_change.c.person_id == _PERSON,
        listing_change.c.source == bindparam("source"),
        listing_change.c.correlation_id == bindparam("correlation_id"),
        listing_change.c.result_code.is_not(None),
    )
    .order_by(listing_change.c.id.desc())
    .limit(1)
)
"""The answer that a call about a resident got. By the resident."""
