"""The tables of the register, as SQLAlchemy Core knows them.

A record is kept in the table of its name; `register.columns` moves it in and out. Conventions:

* An HSA-id is kept twice: ``hsa_key``, the form it is compared in and what foreign keys refer to, and
  ``hsa_id``, the spelling of the source, which answers show.
* Dates and times are Swedish local without zone, as in the records; UTC are those of what is no record: the
  audit log, the log of changes and what goes out.
* Text is compared and ordered by code point, so that both databases give the same order (`register.types`).

A change here needs a revision in ``migrations/versions``; a test compares the two.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    false,
    text,
)

from register.model import Allotment, Audience
from register.types import TEXT, HsaKey, HsaSpelling

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}

metadata = MetaData(naming_convention=_NAMES)

audit_metadata = MetaData(naming_convention=_NAMES)
"""The audit log, which on SQLite has a file of its own (docs/adr/0014)."""

_STANDING = "standing"
"""Key of a table's info: its rows come with the table, or follow from those of others by triggers."""

_text, _hsa_key, _hsa_spelling = TEXT, HsaKey(), HsaSpelling()


def _origin() -> tuple[Column[Any], ...]:
    """Return the columns that say where a record comes from; they are empty for what no source brought.

    Files are numbers of import_file. A record belongs to the source of ``loaded_from``.
    """
    return (
        Column("loaded_from", Integer),  # file that spoke of it last
        Column("loaded_line", Integer),  # line of that file
        Column("added_from", Integer),  # file that brought it
    )


def _period(start: str = "valid_from", end: str = "valid_to") -> CheckConstraint:
    return CheckConstraint(f"{end} >= {start}", name="period")


def _enum(values: type[StrEnum], name: str) -> Enum:
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


def _county(column: str = "county") -> CheckConstraint:
    return CheckConstraint(f"length({column}) = 2 AND trim({column}, '0123456789') = ''", name=column)


def _partial_index(name: str, *columns: Column[Any], of: str, unique: bool = False) -> None:
    """Make an index of some rows; a statement is served by it that names them in the same words."""
    Index(name, *columns, unique=unique, sqlite_where=text(of), postgresql_where=text(of))


care_provider = Table(
    "care_provider",
    metadata,
    Column("hsa_key", _hsa_key, primary_key=True),
    Column("hsa_id", _hsa_spelling, nullable=False),
    Column("name", _text, nullable=False),
    Column("organisation_number", _text),
    *_origin(),
)

unit = Table(
    "unit",
    metadata,
    Column("hsa_key", _hsa_key, primary_key=True),
    Column("hsa_id", _hsa_spelling, nullable=False),
    Column("name", _text, nullable=False),
    Column("provider_key", _hsa_key, ForeignKey(care_provider.c.hsa_key), nullable=False),
    Column("county", _text, nullable=False),
    # Deferred: one batch may hold a working unit before its care unit.
    Column("care_unit_key", _hsa_key, ForeignKey("unit.hsa_key", deferrable=True, initially="DEFERRED")),
    Column("listable", Boolean, nullable=False),
    Column("max_listings", Integer),
    Column("offers_queue", Boolean, nullable=False),
    Column("estimated_wait_days", Integer),
    Column("offers_choice_of_personnel", Boolean, nullable=False),
    Column("visiting_address", _text),
    Column("visiting_town", _text),
    Column("postal_address", _text),
    Column("postal_code", _text),
    Column("postal_town", _text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("allotment", _enum(Allotment, "allotment"), nullable=False, server_default="automatic"),
    *_origin(),
    _period(),
    _county(),
    Index(None, "county"),  # the facilities of a county
)

listing_type = Table(
    "listing_type",
    metadata,
    Column("county", _text, primary_key=True),
    Column("code", _text, primary_key=True),
    Column("code_system", _text, primary_key=True),
    Column("display_name", _text, nullable=False),
    Column("min_age", Integer),
    Column("max_age", Integer),
    *_origin(),
    _county(),
)

listing_type_county = Table(
    "listing_type_county",
    metadata,
    Column("county", _text, primary_key=True),
    Column("code", _text, primary_key=True),
    Column("code_system", _text, primary_key=True),
    Column("agreed_county", _text, primary_key=True),
    ForeignKeyConstraint(
        ["county", "code", "code_system"],
        [listing_type.c.county, listing_type.c.code, listing_type.c.code_system],
    ),
    _county("agreed_county"),
)

unit_listing_type = Table(
    "unit_listing_type",
    metadata,
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), primary_key=True),
    Column("code", _text, primary_key=True),
    Column("code_system", _text, primary_key=True),
    *_origin(),
)

team = Table(
    "team",
    metadata,
    Column("id", _text, primary_key=True),
    Column("id_root", _text, nullable=False),
    Column("name", _text, nullable=False),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), nullable=False),
    Column("external_notes", _text),
    Column("internal_notes", _text),
    *_origin(),
)

staff = Table(
    "staff",
    metadata,
    Column("hsa_key", _hsa_key, primary_key=True),
    Column("hsa_id", _hsa_spelling, nullable=False),
    Column("given_name", _text, nullable=False),
    Column("surname", _text, nullable=False),
    Column("middle_name", _text),
    Column("befattning", _text),
    Column("title", _text),
    Column("protected", Boolean, nullable=False),
    *_origin(),
)

employment = Table(
    "employment",
    metadata,
    Column("staff_key", _hsa_key, ForeignKey(staff.c.hsa_key), primary_key=True),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), primary_key=True),
    Column("selectable_as_doctor", Boolean, nullable=False),
    Column("selectable_as_care_contact", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("max_patients", Integer),
    Column("external", Boolean, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("role", _text),
    Column("working_share", Integer),
    Column("min_age", Integer),
    Column("max_age", Integer),
    *_origin(),
    _period(),
    Column("selectable_as_treating_role", Boolean, nullable=False, server_default=false()),
    Index(None, "unit_key"),  # who works at a unit; the primary key begins with the person
)

# The version of the tables above but for employments, renewed by triggers in the transaction that changes one
# of them: what is kept in memory of the directory holds for a version. One row.
directory_version = Table(
    "directory_version",
    metadata,
    Column("version", _text, primary_key=True),
    info={_STANDING: True},
)

resident = Table(
    "resident",
    metadata,
    Column("person_id", _text, primary_key=True),
    Column("home_county", _text),
    Column("protected", Boolean, nullable=False),
    Column("deceased_on", Date),
    *_origin(),
    # For staff to search by; in the form they are sought in too (register.folding).
    Column("given_name", _text),
    Column("surname", _text),
    Column("folded_given_name", _text),
    Column("folded_surname", _text),
    CheckConstraint("length(person_id) = 12", name="person_id"),
    _county("home_county"),
)

# Residents by the beginning of a name. Where no names are kept they are empty.
_partial_index(
    "ix_resident_surname",
    resident.c.folded_surname,
    resident.c.folded_given_name,
    resident.c.person_id,
    of="folded_surname IS NOT NULL",
)
_partial_index(
    "ix_resident_given_name",
    resident.c.folded_given_name,
    resident.c.folded_surname,
    resident.c.person_id,
    of="folded_given_name IS NOT NULL",
)

# The few who have died, to leave them out when all listings and queue places of a unit are counted.
resident_deceased = Index(
    "ix_resident_deceased",
    resident.c.person_id,
    resident.c.deceased_on,
    sqlite_where=resident.c.deceased_on.is_not(None),
    postgresql_where=resident.c.deceased_on.is_not(None),
)

# A number that two residents claim names neither: both claims are kept, and find_resident answers nobody.
resident_identity = Table(
    "resident_identity",
    metadata,
    Column("other_id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), primary_key=True),
    CheckConstraint("length(other_id) = 12", name="other_id"),
    Index(None, "person_id"),
)

# Residents whose home county has changed, until what follows from it has been seen to.
resident_move = Table(
    "resident_move",
    metadata,
    Column("person_id", _text, ForeignKey(resident.c.person_id), primary_key=True),
    Column("left_county", _text, nullable=False),
    Column("noticed_at", DateTime, nullable=False),  # Swedish local time, as listings are
    Column("noticed_by", _text, nullable=False),  # source, contract or command
)

# The home county that a call or message claimed last, of a resident whom a source has brought.
county_claim = Table(
    "county_claim",
    metadata,
    Column("person_id", _text, ForeignKey(resident.c.person_id), primary_key=True),
    Column("county", _text, nullable=False),
    Column("claimed_at", DateTime, nullable=False),  # Swedish local time
    Column("claimed_by", _text, nullable=False),  # contract or command
)

guardianship = Table(
    "guardianship",
    metadata,
    Column("person_id", _text, ForeignKey(resident.c.person_id), primary_key=True),
    Column("guardian_id", _text, primary_key=True),
    Column("consents", Boolean, nullable=False),
    *_origin(),
    CheckConstraint("length(guardian_id) = 12", name="guardian_id"),
)

listing = Table(
    "listing",
    metadata,
    Column("id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), nullable=False),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), nullable=False),
    Column("code", _text, nullable=False),
    Column("code_system", _text, nullable=False),
    Column("valid_from", DateTime, nullable=False),
    Column("valid_to", DateTime),
    Column("counts_as_change", Boolean, nullable=False),
    *_origin(),
    _period(),
    Index(None, "person_id"),  # a resident's listings, in every call about a person
    # The number listed at each unit with a type: every column that is asked for, so that millions of listings
    # are counted from the index alone.
    Index(None, "unit_key", "valid_to", "valid_from", "person_id", "code", "code_system"),
)

queue_place = Table(
    "queue_place",
    metadata,
    Column("id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), nullable=False),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), nullable=False),
    Column("code", _text, nullable=False),
    Column("code_system", _text, nullable=False),
    Column("queued_at", DateTime, nullable=False),
    Column("left_at", DateTime),
    Column("estimated_wait_days", Integer),
    *_origin(),
    _period("queued_at", "left_at"),
    Index(None, "person_id"),
    Index(None, "unit_key", "queued_at", "id"),  # who has queued at a unit
)

# The queue of a unit: those who have not left it, in its order, and the few who will at a known moment.
_WAITS, _LEAVES = "left_at IS NULL", "left_at IS NOT NULL"
_partial_index(
    "ix_queue_place_waiting",
    *(queue_place.c[name] for name in ("unit_key", "queued_at", "id", "code", "code_system", "person_id")),
    of=_WAITS,
)
_partial_index("ix_queue_place_leaving", queue_place.c.unit_key, queue_place.c.left_at, of=_LEAVES)

out_of_county_listing = Table(
    "out_of_county_listing",
    metadata,
    Column("id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), nullable=False),
    Column("county", _text, nullable=False),
    Column("code", _text, nullable=False),
    Column("code_system", _text, nullable=False),
    Column("valid_from", DateTime, nullable=False),
    Column("valid_to", DateTime),
    Column("counts_as_change", Boolean, nullable=False),
    *_origin(),
    _period(),
    _county(),
    Index(None, "person_id"),
)

fixed_contact = Table(
    "fixed_contact",
    metadata,
    Column("id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), nullable=False),
    Column("type_code", _text, nullable=False),
    Column("staff_key", _hsa_key, ForeignKey(staff.c.hsa_key), nullable=False),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("documented_at", DateTime, nullable=False),
    Column("valid_to", Date),
    Column("team_id", _text, ForeignKey(team.c.id)),
    Column("external_notes", _text),
    Column("internal_notes", _text),
    Column("direct_number_visible", Boolean, nullable=False),
    Column("care_process_root", _text),
    Column("care_process_id", _text),
    Column("appointed_by", _text),
    Column("reason", _text),
    Column("life_threatening", Boolean, nullable=False, server_default=false()),
    *_origin(),
    _period(),
    Index(None, "person_id"),  # a resident's contacts, and their overlaps during an import
    Index(None, "unit_key", "staff_key", "type_code"),  # how many patients each doctor of a unit has
)

contact_route = Table(
    "contact_route",
    metadata,
    Column("id", _text, primary_key=True),
    Column("system", _text, nullable=False),
    Column("value", _text, nullable=False),
    Column("audience", _enum(Audience, "audience"), nullable=False),
    Column("hours", _text),
    Column("staff_key", _hsa_key, ForeignKey(staff.c.hsa_key)),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key)),
    Column("team_id", _text, ForeignKey(team.c.id)),
    Column("provider_key", _hsa_key, ForeignKey(care_provider.c.hsa_key)),
    *_origin(),
    CheckConstraint(
        "(staff_key IS NULL OR unit_key IS NOT NULL)"
        " AND 1 = CASE WHEN unit_key IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN provider_key IS NULL THEN 0 ELSE 1 END",
        name="one_owner",
    ),
    # One index for each kind of owner: the routes of a few contacts are fetched in one query.
    Index(None, "unit_key", "staff_key"),
    Index(None, "team_id"),
    Index(None, "provider_key"),
)

# A listing that is not done before the resident's home region has agreed. Until then it holds the place at
# the unit and shows nowhere.
listing_request = Table(
    "listing_request",
    metadata,
    Column("id", _text, primary_key=True),
    Column("person_id", _text, ForeignKey(resident.c.person_id), nullable=False),
    Column("unit_key", _hsa_key, ForeignKey(unit.c.hsa_key), nullable=False),
    Column("code", _text, nullable=False),
    Column("code_system", _text, nullable=False),
    Column("staff_key", _hsa_key, ForeignKey(staff.c.hsa_key)),
    Column("queue_place_id", _text, ForeignKey(queue_place.c.id)),
    Column("requested_at", DateTime, nullable=False),
    Column("state", _text, nullable=False),
    Column("result_code", _text),
    Column("result_text", _text),  # of another region; our own stand as a sentence's name and values
    Column("fingerprint", _text),
    Column("actor_type", _text),
    Column("actor_id", _text),
    Column("settled_at", DateTime),
    Column("result_sentence", _text),
    Column("result_values", _text),  # JSON
    Index(None, "person_id"),
    Index(None, "queue_place_id"),
)

# The few that hold a place at a unit.
_partial_index("ix_listing_request_waiting", listing_request.c.unit_key, of="state = 'waiting'")

# How many are listed, queue and wait at each unit, by listing type, and how many patients each doctor has
# there: what a figure is at a moment is the sum of the amounts up to it. Kept by triggers with every change
# of what is counted (docs/adr/0021).
figure = Table(
    "figure",
    metadata,
    Column("unit_key", _hsa_key, primary_key=True),
    Column("code", _text, primary_key=True),  # of the listing type; of patients the key of the doctor
    Column("code_system", _text, primary_key=True),  # of patients the type of contact
    Column("kind", _text, primary_key=True),
    Column("moment", DateTime, primary_key=True),  # when the figure changes, Swedish local time
    # PostgreSQL: the process that counted, so that no two wait for each other's rows. 0: SQLite, and folded.
    Column("writer", Integer, primary_key=True, autoincrement=False),
    Column("amount", Integer, nullable=False),  # by how much, below zero for less
    Index(None, "moment"),  # what has come to be in the past, to be folded
    sqlite_with_rowid=False,
    info={_STANDING: True},
)

# When residents are patients of a doctor, as follows from contacts, listings and deaths. Kept by triggers.
patient_period = Table(
    "patient_period",
    metadata,
    Column("person_id", _text, primary_key=True),
    Column("staff_key", _hsa_key, primary_key=True),
    Column("unit_key", _hsa_key, primary_key=True),
    Column("begins", DateTime, primary_key=True),
    Column("ends", DateTime, nullable=False),  # the year 9999: not known yet
    sqlite_with_rowid=False,
    info={_STANDING: True},
)

# SQLite: a row while a transaction that writes many rows works out `patient_period` itself; it commits none.
patients_held = Table(
    "patients_held",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    info={_STANDING: True},
)

# The moment up to which figures have been folded into one row each. One row or none.
figures_folded = Table(
    "figures_folded",
    metadata,
    Column("until", DateTime, primary_key=True),
    info={_STANDING: True},
)

# What has been done to a resident's listings, and the answer that was given: the region's log of changes, and
# how a request that comes again is known.
listing_change = Table(
    "listing_change",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("logged_at", DateTime, nullable=False),  # UTC
    Column("person_id", _text, nullable=False),
    Column("county", _text, nullable=False),
    Column("kind", _text, nullable=False),
    Column("source", _text, nullable=False),
    Column("unit_key", _hsa_key),
    Column("actor_type", _text),
    Column("actor_id", _text),
    Column("log_id", _text),
    Column("correlation_id", _text),
    Column("fingerprint", _text),
    Column("result_code", _text),
    Column("result_text", _text),  # of another region; our own stand as a sentence's name and values
    Column("result_sentence", _text),
    Column("result_values", _text),  # JSON
    Column("reason", _text),  # why staff did it
    Index(None, "person_id", "id"),
)

# Records that a call or staff have made, or changed since a source spoke of them: what a load must know to
# tell an old row from a new word of its source (docs/adr/0018). UTC.
changed_record = Table(
    "changed_record",
    metadata,
    Column("record", _text, primary_key=True),  # name of its table
    Column("key", _text, primary_key=True),  # its primary key, several columns with a bar between
    Column("about", _text, nullable=False),  # the resident it is about; of an employment the key again
    Column("hand", _text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("said", _text),  # JSON: its columns as its source last said them; none if no source brought it
    Column("held", _text),  # JSON: its columns as they were before a load, a death or a move ended it
    Index(None, "record", "about"),
)

# What has changed of listings, queue places, contacts and residents, for other systems (docs/changes-out.md).
# Writers stand in line, so positions are in the order of the commits. No foreign keys: lines outlive records.
change_feed = Table(
    "change_feed",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", DateTime, nullable=False),  # UTC
    Column("kind", _text, nullable=False),
    Column("person_id", _text, nullable=False),
    Column("record_id", _text),
    Column("unit_key", _hsa_key),
    Column("staff_key", _hsa_key),
    Column("code", _text),  # of the listing type, or the type of contact
    Column("code_system", _text),
    Column("county", _text),  # of a resident: the new home county
    Column("valid_from", _text),  # as the record's own: a moment or a day
    Column("valid_to", _text),
    Column("cause", _text, nullable=False),  # contract, command, or the number of a load
    Column("who", _text, nullable=False),  # a hand, or the source
    sqlite_autoincrement=True,  # a position is never given again
)

# What goes out: messages to other regions, and residents whose posts in the engagement index must be looked
# over. Written with the change that causes it. Times are UTC.
outgoing = Table(
    "outgoing",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", _text, nullable=False),
    Column("address", _text),  # none for a post: where the index is, is a setting
    Column("person_id", _text, nullable=False),
    Column("content", _text),  # JSON; none for a post: what it says is worked out when it is sent
    Column("contract", _text, nullable=False),
    Column("correlation_id", _text),
    Column("request_id", _text, ForeignKey(listing_request.c.id)),
    Column("version", Integer, nullable=False),
    Column("state", _text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),  # of a post: when the resident was last marked
    Column("next_attempt_at", DateTime, nullable=False),
    Column("attempted_at", DateTime),
    Column("claimed_by", _text),
    Column("result", _text),
    CheckConstraint(
        "kind = 'post' OR kind = 'message'"
        " AND address IS NOT NULL AND content IS NOT NULL AND correlation_id IS NOT NULL",
        name="kind",
    ),
)

_MESSAGES, _POSTS = "kind = 'message'", "kind = 'post'"
_partial_index("ix_outgoing_message", outgoing.c.person_id, outgoing.c.address, of=_MESSAGES)
_partial_index(
    "ix_outgoing_message_open",
    outgoing.c.address,
    outgoing.c.id,
    of=f"{_MESSAGES} AND state IN ('waiting', 'sending', 'parked')",
)
_partial_index(
    "ix_outgoing_message_ended",
    outgoing.c.created_at,
    of=f"{_MESSAGES} AND state IN ('done', 'refused', 'dropped')",
)
_partial_index("ix_outgoing_post", outgoing.c.person_id, of=_POSTS, unique=True)
_partial_index(
    "ix_outgoing_post_unsent",
    outgoing.c.next_attempt_at,
    outgoing.c.id,
    of=f"{_POSTS} AND state IN ('waiting', 'sending')",
)
_partial_index("ix_outgoing_parked", outgoing.c.kind, of="state = 'parked'")
_partial_index("ix_outgoing_request_id", outgoing.c.request_id, of="request_id IS NOT NULL")

# Which process does a piece of work that one is enough for, and until when (UTC) if nothing is heard of it.
lease = Table(
    "lease",
    metadata,
    Column("name", _text, primary_key=True),
    Column("holder", _text, nullable=False),
    Column("until", DateTime, nullable=False),
)

# Addresses that did not answer, and until when (UTC) nothing is sent to them.
outgoing_pause = Table(
    "outgoing_pause",
    metadata,
    Column("address", _text, primary_key=True),
    Column("since", DateTime, nullable=False),
    Column("until", DateTime, nullable=False),
)

# What staff have done with fixed contacts: the region's own log, never sent.
contact_change = Table(
    "contact_change",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("logged_at", DateTime, nullable=False),  # UTC
    Column("person_id", _text, nullable=False),
    Column("contact_id", _text, nullable=False),
    Column("kind", _text, nullable=False),
    Column("type_code", _text, nullable=False),
    Column("staff_key", _hsa_key, nullable=False),
    Column("unit_key", _hsa_key, nullable=False),
    Column("changed_by", _text, nullable=False),
    Column("reason", _text),
    Index(None, "person_id", "id"),
)

# The loads of sources: what `fastkontakt imports` lists. Times are UTC.
import_batch = Table(
    "import_batch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("source", _text, nullable=False),
    Column("title", _text, nullable=False),
    Column("policy", _text, nullable=False),
    Column("state", _text, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime, nullable=False),
    Column("loaded_by", _text, nullable=False),
    Column("records", _text, nullable=False),  # JSON: record type -> what became of how many
    Column("undone_at", DateTime),
    Column("undone_by", _text),
)

# What was read in a load: `loaded_from` of a record names it.
import_file = Table(
    "import_file",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("batch_id", Integer, ForeignKey(import_batch.c.id), nullable=False),
    Column("name", _text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("faulty", Integer, nullable=False),
    Index(None, "batch_id"),
)

# Records that a load changed, ended or removed, as they were and as it left them: what an undo needs.
import_change = Table(
    "import_change",
    metadata,
    # Deferred: the load is written down at its end.
    Column(
        "batch_id",
        Integer,
        ForeignKey(import_batch.c.id, deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record", _text, nullable=False),
    Column("before", _text, nullable=False),  # JSON: all columns
    Column("after", _text),  # JSON: the key and what has changed; none for a record that was removed
)

# The rows of a source's last load, by which the next one knows what has not changed: three arrays.
import_rows = Table(
    "import_rows",
    metadata,
    Column("source", _text, primary_key=True),
    Column("feed", _text, primary_key=True),
    Column("batch_id", Integer, ForeignKey(import_batch.c.id), nullable=False),
    Column("reading", _text, nullable=False),  # how they were read: another profile reads them differently
    Column("prints", LargeBinary, nullable=False),
    Column("files", LargeBinary, nullable=False),
    Column("lines", LargeBinary, nullable=False),
)

# The posts that the engagement index has, or has had, from us, as it cannot be asked (TKB-EI, FindContent).
index_post = Table(
    "index_post",
    metadata,
    Column("person_id", _text, primary_key=True),  # as posted: not always the resident's own identity
    Column("data_controller", _text, primary_key=True),
    Column("resident_id", _text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("most_recent_content", _text, nullable=False),
    Column("content", _text),  # what the post stands for; none while it is not known that the index has it
    Column("posted_at", DateTime, nullable=False),  # UTC
    Index(None, "resident_id"),
)

# The last day whose beginnings and ends have marked residents. One row.
index_sweep = Table(
    "index_sweep",
    metadata,
    Column("swept_on", Date, primary_key=True),
)

audit = Table(
    "audit",
    audit_metadata,
    # SQLite numbers rows by itself only in a column declared INTEGER.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("logged_at", DateTime, nullable=False),  # UTC: an hour that comes twice would blur the order
    Column("log_id", _text, nullable=False),
    Column("correlation_id", _text),
    Column("consumer", _text),
    Column("sender", _text),
    Column("on_behalf_of", _text),
    Column("actor_type", _text),
    Column("actor_id", _text),
    Column("person_id", _text, nullable=False),  # as written in the request: may be nobody's
    Column("contract", _text, nullable=False),
    Column("logical_address", _text, nullable=False),
    Column("outcome", _text, nullable=False),
    Column("hits", Integer, nullable=False),
    Index(None, "person_id", "logged_at"),  # who has read about this person, and when
)

AUDIT_IS_APPENDED_TO = tuple(
    DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{what} BEFORE {what} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'rows of the audit log are neither changed nor deleted'); END"
    ).execute_if(dialect="sqlite")
    for what in ("update", "delete")
)
"""SQLite: what keeps rows as they are. On PostgreSQL it is what the service's user may do (docs/audit.md)."""

for _trigger in AUDIT_IS_APPENDED_TO:
    event.listen(audit, "after_create", _trigger)


def content_tables() -> list[Table]:
    """Return the tables that a register can be emptied of, those that are referred to first."""
    return [one for one in metadata.sorted_tables if not one.info.get(_STANDING)]
