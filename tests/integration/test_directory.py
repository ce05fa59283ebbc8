"""The directory in memory: what a transaction is given is what it would read (register.directory)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, update

from contracts.codes import PV
from register import tables
from register.columns import row
from register.database import Register
from register.directory import Directory, directory_of
from register.model import ListingType, Team, UnitListingType
from register.prepared import Prepared, Row
from tests.databases import keep, opened
from tests.records import COUNTY, OTHER_COUNTY, PROVIDER, doctor, hsa, phone, unit

ALFA, BETA = unit("alfa"), unit("beta")
DORA = doctor("dora")
TEAM = Team("T1", "1.2.3", "Team ett", ALFA.hsa_id)
TYPE = ListingType(COUNTY, "BHV", "1.2.3", "Barnhälsovård", agreed_counties=(OTHER_COUNTY,))


@pytest.fixture
def region(register: Register) -> Register:
    keep(register, PROVIDER, ALFA, BETA, DORA, TEAM, TYPE, UnitListingType(ALFA.hsa_id, PV.code, PV.system))
    return register


def name_of(register: Register) -> str:
    with register.reading() as connection:
        return directory_of(connection).unit(ALFA.hsa_id).name


def rename(connection: Connection, name: str) -> None:
    connection.execute(update(tables.unit).where(tables.unit.c.hsa_key == ALFA.hsa_id).values(name=name))


def version(register: Register) -> str:
    with register.reading() as connection:
        return str(connection.scalar(select(tables.directory_version.c.version)))


CHANGES: dict[str, tuple[Table, Any, Callable[[Table], Any]]] = {
    "a unit is new": (tables.unit, insert, lambda _: row(unit("gamma"))),
    "a unit changes": (tables.unit, update, lambda _: {"max_listings": 7}),
    "a unit is gone": (tables.unit, delete, lambda table: table.c.hsa_key == BETA.hsa_id),
    "a provider changes": (tables.care_provider, update, lambda _: {"name": "Ny vårdgivare"}),
    "staff change": (tables.staff, update, lambda _: {"protected": True}),
    "a team changes": (tables.team, update, lambda _: {"name": "Team två"}),
    "a route is new": (tables.contact_route, insert, lambda _: row(phone("R1", unit=ALFA.hsa_id))),
    "a type changes": (tables.listing_type, update, lambda _: {"max_age": 6}),
    "an agreement is gone": (tables.listing_type_county, delete, lambda table: table.c.county == COUNTY),
    "a unit's type is gone": (tables.unit_listing_type, delete, lambda table: table.c.code == PV.code),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_renews_the_version(region: Register, change: str) -> None:
    table, kind, of = CHANGES[change]
    before = version(region)
    with region.writing() as connection:
        found = of(table)
        statement = kind(table).where(found) if kind is delete else kind(table).values(found)
        assert connection.execute(statement).rowcount
    assert version(region) != before


def test_what_has_changed_is_read_again(region: Register) -> None:
    assert name_of(region) == ALFA.name
    with region.writing() as connection:
        rename(connection, "Nya namnet")
        assert directory_of(connection).unit(ALFA.hsa_id).name == "Nya namnet", "who changes it sees it"
    assert name_of(region) == "Nya namnet"


def test_another_process_changes_it(region: Register) -> None:
    assert name_of(region) == ALFA.name
    with opened(region.engine.url.render_as_string(hide_password=False)) as other:
        with other.writing() as connection:
            rename(connection, "Nya namnet")
        assert name_of(region) == "Nya namnet"


def test_a_change_that_is_taken_back_is_not_kept(region: Register) -> None:
    def change_and_fail() -> None:
        with region.writing() as connection:
            rename(connection, "Aldrig")
            assert directory_of(connection).unit(ALFA.hsa_id).name == "Aldrig"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert name_of(region) == ALFA.name
    with region.writing() as connection:
        rename(connection, "Nya namnet")
    assert name_of(region) == "Nya namnet"


def test_an_answer_holds_one_state(region: Register) -> None:
    with region.reading() as connection:
        directory = directory_of(connection)
        assert directory.unit(ALFA.hsa_id).name == ALFA.name
        with region.writing() as writer:
            rename(writer, "Nya namnet")
            writer.execute(update(tables.unit).where(tables.unit.c.hsa_key == BETA.hsa_id).values(name="B"))
        assert name_of(region) == "Nya namnet", "others see it at once"
        assert directory_of(connection).unit(BETA.hsa_id).name == BETA.name, "not read before the change"
        assert directory.unit(ALFA.hsa_id).name == ALFA.name


def test_what_is_kept_takes_no_statement_but_that_for_the_version(region: Register) -> None:
    def everything(directory: Directory) -> list[Any]:
        return [
            directory.unit(ALFA.hsa_id),
            directory.care_unit(ALFA),
            directory.provider(PROVIDER.hsa_id),
            directory.staff(DORA.hsa_id),
            directory.team(TEAM.id),
            directory.listable_units(COUNTY),
            directory.offered_types(ALFA.hsa_id),
            directory.listing_types(COUNTY),
            directory.unit_routes(ALFA.hsa_id),
            directory.units_of([PROVIDER.hsa_id]),
        ]

    with region.reading() as connection:
        first = everything(directory_of(connection))
    asked: list[Prepared] = []
    run = Prepared.all

    def noted(self: Prepared, *given: Any) -> list[Row]:
        asked.append(self)
        return run(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "all", noted)
        with region.reading() as connection:
            assert repr(everything(directory_of(connection))) == repr(first)
            directory_of(connection)
    assert len(asked) == 1


def test_a_unit_that_is_not_there(region: Register) -> None:
    with region.reading() as connection:
        assert directory_of(connection).find_unit(hsa("nowhere")) is None
    late = unit("nowhere")
    keep(region, replace(late, name="Till slut"))
    with region.reading() as connection:
        found = directory_of(connection).find_unit(late.hsa_id)
    assert found is not None
    assert found.name == "Till slut"
