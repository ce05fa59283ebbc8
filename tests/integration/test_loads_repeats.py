"""Several rows about one record: refused, let through when they say the same, or the last of them counts."""

from pathlib import Path

import pytest

from mapping.loads.batches import RecordCounts
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import unit_listing_type
from tests.databases import keep
from tests.integration.shipped import rows
from tests.records import ANNA, PROVIDER, REGION_TYPE, hsa, residents, unit
from tests.sources import Source, problems, section

A, B = (hsa(name).text.upper() for name in "ab")
COUNTY_TYPE = ("14", *REGION_TYPE, "BVC", "")


@pytest.fixture
def source(register: Register, tmp_path: Path) -> Source:
    keep(register, PROVIDER, unit("a"), unit("b"), *residents(ANNA))
    return Source(register, tmp_path / "source")


def of_each_unit(source: Source, repeats: str) -> Source:
    """Return a source of which a row has one listing type and several units."""
    types = section("listing_type", source.fields["listing_type"])
    offered = section(
        "unit_listing_type",
        source.fields["unit_listing_type"],
        each='{ column = "unit", separator = "|" }',
        repeats=repeats,
    )
    return source.with_(sections=[types, offered])


@pytest.mark.parametrize("repeats", ["true", '"last"'])
@pytest.mark.parametrize("units", [(A, f"{A}|{B}"), (f"{A}|{B}", A), (f"{A}|{B}", f"{B}|{A}")])
def test_of_a_row_with_several_records_only_the_repeated_one_is_passed_over(
    source: Source, units: tuple[str, str], repeats: str
) -> None:
    of_type = {"unit_listing_type": [(one, *REGION_TYPE) for one in units]}
    of_each_unit(source, repeats).loaded({"listing_type": [COUNTY_TYPE], **of_type})
    assert rows(source.register, unit_listing_type, "unit_key") == [(A,), (B,)]


def test_a_cell_that_has_a_value_twice(source: Source) -> None:
    twice = [(f"{A}|{A.lower()}", *REGION_TYPE)]
    for repeats in ("false", "true", '"last"'):
        of_each_unit(source, repeats).loaded({"listing_type": [COUNTY_TYPE], "unit_listing_type": twice})
        assert rows(source.register, unit_listing_type, "unit_key") == [(A,)]


def test_the_last_row_counts_and_not_what_it_leaves_empty_in_an_earlier_one(source: Source) -> None:
    names = ("hsa_id", "name", "provider", "county", "visiting_town")
    last = source.with_(sections=[section("unit", names, repeats='"last"')], fields={"unit": names})
    of_unit = {
        "unit": [
            (A, "First", str(PROVIDER.hsa_id), "14", "Borås"),
            (B, "Other", str(PROVIDER.hsa_id), "14", ""),
            (A, "Second", str(PROVIDER.hsa_id), "14", ""),
        ],
        "unit-2": [(A, "Third", str(PROVIDER.hsa_id), "14", "")],
    }
    assert last.loaded(of_unit) == {"unit": RecordCounts(changed=2)}
    report = source.with_(sections=[section("unit", names)], fields={"unit": names}).load(of_unit)
    assert report.state is LoadState.REFUSED
    assert problems(report) == [
        (4, "the load has this unit already, on line 2"),
        (2, "the load has this unit already, on line 2 of unit.csv"),
    ]
