"""What the answers are made from: plain functions on a connection, each with a fixed number of queries.

``now`` is the present as Swedish local time. Whether a person may be shown at all is not decided here:
protected and deceased residents are found like others, unless a function says otherwise.
"""

from register.queries.contacts import contacts
from register.queries.doctors import selectable_doctors
from register.queries.facilities import facilities, facility, listing_types
from register.queries.listings import changes_since, listed_at, out_of_county, queued_at
from register.queries.residents import find_resident, guardians
from register.queries.units import units_of

__all__ = [
    "changes_since",
    "contacts",
    "facilities",
    "facility",
    "find_resident",
    "guardians",
    "listed_at",
    "listing_types",
    "out_of_county",
    "queued_at",
    "selectable_doctors",
    "units_of",
]
