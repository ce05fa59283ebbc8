"""Whether a resident can have a listing of a type at a facility: for calls, and when a place is given."""

from collections.abc import Collection, Sequence
from datetime import date

from contracts.codes import PV, CodeKey
from contracts.identifiers import PersonId
from register.model import ListingType

_ADULT = 18


def type_is_offered(
    offered: Collection[CodeKey], types: Sequence[ListingType], listing_type: CodeKey, county: str, home: str
) -> bool:
    """Tell whether a facility offers a type to residents of a county (carelisting TKB 2.0, IS 5.4).

    Args:
        offered: The types the facility names; none means PV only.
        types: The types of the facility's county, as `listing_types` gives them.
        listing_type: The wanted type.
        county: The facility's county.
        home: The resident's home county.
    """
    is_national = listing_type == PV.key
    own = next((one for one in types if one.key == listing_type), None)
    is_offered = listing_type in (offered or (PV.key,)) and (is_national or own is not None)
    is_agreed = home == county or is_national or (own is not None and home in own.agreed_counties)
    return is_offered and is_agreed


def within_age(
    types: Sequence[ListingType], listing_type: CodeKey, person: PersonId, today: date
) -> bool | None:
    """Tell whether a resident has the age that the county has set for a type; None when nobody can tell.

    Where the number leaves the day of birth open, the answer is the one that all possible ages have.
    """
    own = next((one for one in types if one.key == listing_type), None)
    if own is None or (own.min_age is None and own.max_age is None):
        return True
    least, greatest = person.ages_on(today)
    lowest, highest = own.min_age or 0, greatest if own.max_age is None else own.max_age
    if lowest <= least and greatest <= highest:
        return True
    return False if greatest < lowest or least > highest else None


def is_adult(person: PersonId, today: date) -> bool | None:
    """Tell whether a resident is 18; None when the number leaves it open."""
    least, greatest = person.ages_on(today)
    if least >= _ADULT:
        return True
    return False if greatest < _ADULT else None
