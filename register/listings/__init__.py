"""Changes of residents' listings: everything that follows from one is done in the same transaction."""

from register.listings.changes import ListingChanges
from register.listings.journal import Cause, Kind
from register.listings.upkeep import settle

__all__ = ["Cause", "Kind", "ListingChanges", "settle"]
