"""What calls did before the two hands were told apart is read out of the register (revision 0008)."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from register import schema
from register.database import Register
from register.row_texts import from_json
from register.tables import audit_metadata, changed_record, listing
from tests.databases import opened
from tests.records import ANNA, BO

ROWS = (
    "INSERT INTO care_provider (hsa_key, hsa_id, name) VALUES ('P', 'P', 'P')",
    "INSERT INTO unit (hsa_key, hsa_id, name, provider_key, county, listable, offers_queue,"
    " offers_choice_of_personnel) VALUES ('U', 'U', 'U', 'P', '14', true, true, true),"
    " ('W', 'W', 'W', 'P', '14', true, true, true)",
    "INSERT INTO resident (person_id, protected) VALUES (:anna, false), (:bo, false)",
    # A source's listing, ended by call at noon in Sweden; the call's own; and one that the source ended.
    "INSERT INTO listing (id, person_id, unit_key, code, code_system, valid_from, valid_to, counts_as_change,"
    " loaded_from, loaded_line, added_from) VALUES"
    " ('old', :anna, 'U', 'PV', '1.2', '2024-08-12 00:00', '2026-03-10 12:00:00.000000', true, 1, 2, 1),"
    " ('call', :anna, 'W', 'PV', '1.2', '2026-03-10 12:00:00.000000', NULL, true, NULL, NULL, NULL),"
    " ('source', :bo, 'U', 'PV', '1.2', '2024-08-12 00:00', '2025-01-01 00:00', true, 1, 3, 1)",
    "INSERT INTO listing_change (logged_at, person_id, county, kind, source, unit_key) VALUES"
    " ('2026-03-10 11:00:00.000000', :anna, '14', 'ended', 'CreateListing', 'U'),"
    " ('2026-03-10 11:00:00.000000', :anna, '14', 'listed', 'CreateListing', 'W'),"
    " ('2026-03-10 11:00:00.000000', :bo, '14', 'ended', 'CreateListing', 'U')",
)


@pytest.fixture
def moved(empty_database: str) -> Iterator[Register]:
    """A register of the revision before, with what a source and calls have done, upgraded."""
    with opened(empty_database) as register:
        with register.writing() as connection, register.auditing() as audit_connection:
            if connection.dialect.name == "sqlite":
                audit_metadata.create_all(audit_connection)
            config = Config()
            config.set_main_option("script_location", "register:migrations")
            config.attributes["connection"] = connection
            config.attributes["audit_connection"] = audit_connection
            command.upgrade(config, "0007")
            for statement in ROWS:
                people = {"anna": ANNA, "bo": BO}
                wanted = {name: number for name, number in people.items() if f":{name}" in statement}
                connection.execute(text(statement), wanted)
        schema.upgrade(register)
        yield register


def test_a_listing_that_a_call_ended_is_known_by_what_the_source_said(moved: Register) -> None:
    with moved.reading() as connection:
        known = {row.key: row for row in connection.execute(select(changed_record))}
    assert set(known) == {"old", "call"}
    assert {(one.record, one.about, one.hand) for one in known.values()} == {("listing", ANNA, "call")}
    said = from_json(listing, known["old"].said)
    assert (said["valid_from"], said["valid_to"]) == (datetime(2024, 8, 12), None)
    assert known["old"].changed_at == datetime(2026, 3, 10, 11)


def test_a_listing_that_no_source_brought_is_the_calls(moved: Register) -> None:
    with moved.reading() as connection:
        own = changed_record.c.key == "call"
        assert connection.execute(select(changed_record.c.said).where(own)).scalar_one() is None
