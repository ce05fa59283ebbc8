"""The directory: who provides care where, and how they are reached, as a snapshot in memory.

It changes a few times a day and every answer shows a piece of it. So each process keeps what it has read,
together with the version it belongs to: the register has a version of the directory (table
``directory_version``) that its triggers renew in the transaction of every change, and a transaction that sees
another version begins anew. What has been read under a version is what every transaction that sees this
version would read, so that one answer never mixes two states.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from contracts.codes import CodeKey
from contracts.identifiers import HsaId
from register.columns import AnyRecord, columns, record
from register.conditions import care_unit, is_care_unit
from register.database import DIRECTORY, is_reading
from register.model import CareProvider, ContactRoute, ListingType, Staff, Team, Unit
from register.prepared import Prepared, only
from register.snapshot import Snapshot, SnapshotKeeper
from register.tables import (
    care_provider,
    contact_route,
    directory_version,
    listing_type,
    listing_type_county,
    staff,
    team,
    unit,
    unit_listing_type,
)

_Value = TypeVar("_Value")

_VERSION = Prepared(select(directory_version.c.version))

_UNIT = Prepared(select(*columns(Unit)).where(unit.c.hsa_key == bindparam("key")))
_PROVIDER = Prepared(select(*columns(CareProvider)).where(care_provider.c.hsa_key == bindparam("key")))
_STAFF = Prepared(select(*columns(Staff)).where(staff.c.hsa_key == bindparam("key")))
_TEAM = Prepared(select(*columns(Team)).where(team.c.id == bindparam("key")))

_LISTABLE = Prepared(
    select(unit.c.hsa_key, *columns(Unit))
    .where(unit.c.county == bindparam("county"), unit.c.listable)
    .order_by(unit.c.name, unit.c.hsa_id)
)

_OFFERED_TYPES = Prepared(
    select(unit_listing_type.c.code, unit_listing_type.c.code_system)
    .where(unit_listing_type.c.unit_key == bindparam("key"))
    .order_by(unit_listing_type.c.code, unit_listing_type.c.code_system)
)
"""The listing types that a unit offers. By the beginning of the primary key."""

_COUNTY_TYPES = Prepared(
    select(listing_type.c.code, listing_type.c.code_system, *columns(ListingType))
    .where(listing_type.c.county == bindparam("county"))
    .order_by(listing_type.c.code, listing_type.c.code_system)
)

_AGREED = Prepared(
    select(listing_type_county.c.code, listing_type_county.c.code_system, listing_type_county.c.agreed_county)
    .where(listing_type_county.c.county == bindparam("county"))
    .order_by(listing_type_county.c.agreed_county)
)

_ROUTES = {
    owner: Prepared(
        select(*columns(ContactRoute))
        .where(contact_route.c[owner] == bindparam("key"), contact_route.c.staff_key.is_(None))
        .order_by(contact_route.c.id)
    )
    for owner in ("unit_key", "team_id", "provider_key")
}
_STAFF_ROUTES = Prepared(
    select(*columns(ContactRoute))
    .where(contact_route.c.unit_key == bindparam("key"), contact_route.c.staff_key == bindparam("staff"))
    .order_by(contact_route.c.id)
)

_ORGANISATIONS: BindParameter[HsaId] = bindparam("organisations", expanding=True)

_UNITS = (
    select(unit.c.hsa_key)
    .join(care_unit, is_care_unit)
    .where(
        or_(
            unit.c.hsa_key.in_(_ORGANISATIONS),
            care_unit.c.hsa_key.in_(_ORGANISATIONS),
            unit.c.provider_key.in_(_ORGANISATIONS),
            care_unit.c.provider_key.in_(_ORGANISATIONS),
        )
    )
)


class Directory:
    """The directory as a transaction sees it. What is not in memory yet is read on its connection."""

    def __init__(self, connection: Connection, snapshot: Snapshot) -> None:
        self._connection = connection
        self._kept = snapshot.kept

    def _read(self, key: Hashable, read: Callable[[], _Value]) -> _Value:
        try:
            value: _Value = self._kept[key]
        except KeyError:
            value = self._kept[key] = read()
        return value

    def find_unit(self, key: HsaId) -> Unit | None:
        """Return the unit with an HSA-id that anybody may have made up, None where there is none."""
        known: Unit | None = self._kept.get((Unit, key))
        if known is None:
            for known in _UNIT.records(Unit, self._connection, {"key": key}):
                self._kept[Unit, key] = known
        return known

    def unit(self, key: HsaId) -> Unit:
        """Return a unit of the register."""
        return self._read((Unit, key), lambda: self._one(_UNIT, Unit, key))

    def provider(self, key: HsaId) -> CareProvider:
        """Return a care provider of the register."""
        return self._read((CareProvider, key), lambda: self._one(_PROVIDER, CareProvider, key))

    def staff(self, key: HsaId) -> Staff:
        """Return somebody of the register's staff."""
        return self._read((Staff, key), lambda: self._one(_STAFF, Staff, key))

    def team(self, key: str) -> Team:
        """Return a team of the register."""
        return self._read((Team, key), lambda: self._one(_TEAM, Team, key))

    def _one(self, statement: Prepared, record_type: type[AnyRecord], key: HsaId | str) -> AnyRecord:
        (one,) = statement.records(record_type, self._connection, {"key": key})
        return one

    def care_unit(self, one: Unit) -> Unit:
        """Return the care unit of a unit: itself unless it is a working unit."""
        return one if one.care_unit is None else self.unit(one.care_unit)

    def listable_units(self, county: str) -> tuple[Unit, ...]:
        """Return the listable units of a county, open or closed, in the order of name and HSA-id."""

        def read() -> tuple[Unit, ...]:
            rows = _LISTABLE.all(self._connection, {"county": county})
            return tuple(record(Unit, iter(fields)) for _, *fields in rows)

        return self._read(("listable", county), read)

    def offered_types(self, key: HsaId) -> tuple[CodeKey, ...]:
        """Return the (code, code system) pairs that a unit offers, in the order of code."""
        return self._read(
            ("offered", key),
            lambda: tuple((one[0], one[1]) for one in _OFFERED_TYPES.all(self._connection, {"key": key})),
        )

    def listing_types(self, county: str) -> tuple[ListingType, ...]:
        """Return what `listing_types` does."""
        return self._read(("types", county), lambda: self._listing_types(county))

    def _listing_types(self, county: str) -> tuple[ListingType, ...]:
        values = {"county": county}
        agreed: defaultdict[CodeKey, list[str]] = defaultdict(list)
        for code, code_system, agreed_county in _AGREED.all(self._connection, values):
            agreed[code, code_system].append(agreed_county)
        return tuple(
            record(ListingType, iter(fields), tuple(agreed[code, code_system]))
            for code, code_system, *fields in _COUNTY_TYPES.all(self._connection, values)
        )

    def unit_routes(self, key: HsaId) -> tuple[ContactRoute, ...]:
        """Return the contact routes of a unit itself, in the order of id."""
        return self._routes(_ROUTES["unit_key"], key)

    def team_routes(self, key: str) -> tuple[ContactRoute, ...]:
        """Return the contact routes of a team, in the order of id."""
        return self._routes(_ROUTES["team_id"], key)

    def provider_routes(self, key: HsaId) -> tuple[ContactRoute, ...]:
        """Return the contact routes of a care provider, in the order of id."""
        return self._routes(_ROUTES["provider_key"], key)

    def staff_routes(self, key: HsaId, at_unit: HsaId) -> tuple[ContactRoute, ...]:
        """Return the contact routes to somebody in the work at a unit, in the order of id."""
        return self._routes(_STAFF_ROUTES, at_unit, key)

    def _routes(
        self, statement: Prepared, key: HsaId | str, of_staff: HsaId | None = None
    ) -> tuple[ContactRoute, ...]:
        values = {"key": key, "staff": of_staff}
        return self._read(
            (statement, key, of_staff),
            lambda: tuple(statement.records(ContactRoute, self._connection, values)),
        )

    def units_of(self, organisations: Collection[HsaId]) -> frozenset[HsaId]:
        """Return all units that are one of the organisations or belong to one.

        Args:
            organisations: HSA-ids of units, care units and care providers.
        """
        if not organisations:
            return frozenset()
        wanted = frozenset(organisations)
        return self._read(
            (_UNITS, wanted),
            lambda: frozenset(self._connection.scalars(_UNITS, {"organisations": list(wanted)})),
        )


def directory_of(connection: Connection) -> Directory:
    """Return the directory as the transaction of a connection sees it.

    A reading transaction sees one state, and is asked once which; one that writes may have changed it itself.
    """
    info = connection.info
    transaction = connection.get_transaction()
    known: tuple[Any, Directory] | None = info.get(_IN_USE)
    if known is not None and known[0] is transaction:
        return known[1]
    keeper: SnapshotKeeper = info[DIRECTORY]
    (version,) = only(_VERSION.all(connection, {}))
    directory = Directory(connection, keeper.of(version))
    if is_reading(connection):
        info[_IN_USE] = (transaction, directory)
    return directory


_IN_USE = "directory_in_use"
"""Key of a connection's info: the transaction that was asked last for its version, and its directory."""


def find_unit(connection: Connection, unit_key: HsaId) -> Unit:
    """Return a unit of the register by its key."""
    return directory_of(connection).unit(unit_key)


def listing_types(connection: Connection, county: str) -> tuple[ListingType, ...]:
    """Return the listing types a county offers beside the national one, in the order of code."""
    return directory_of(connection).listing_types(county)
