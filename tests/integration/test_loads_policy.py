"""Policy full and delta: what becomes of records that are in no file any more, and what holds a load back.

The rules are those of ``mapping/loads/vanished.py``, row by row; the register is compared as a whole.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mapping.loads import pipeline
from mapping.loads.batches import RecordCounts
from mapping.sources.report import LoadState
from register.database import Register
from register.model import UnitListingType
from tests.databases import keep
from tests.records import (
    ANNA,
    BO,
    CLARA,
    DAN,
    EVA,
    NOW,
    PROVIDER,
    REGION_TYPE,
    TODAY,
    doctor,
    hsa,
    residents,
    unit,
)
from tests.sources import FIELDS, Dump, Files, Source, dump, problems, section, without_origins

YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = f"{TODAY + timedelta(days=1)}"
A, B, NEW = hsa("a"), hsa("b"), hsa("new")
DORA, EMIL = hsa("dora"), hsa("emil")
LISTED = (ANNA, A, "2025-01-01", "")
PEOPLE = (ANNA, BO, CLARA, DAN, EVA)

REMOVED = None
LEFT: dict[str, Any] = {}
ENDED = {"valid_to": YESTERDAY}

CASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], dict[str, Any] | None]] = {
    "care provider": ("care_provider", (hsa("p1"), "One"), (hsa("p2"), "Two"), LEFT),
    "unit": (
        "unit",
        (NEW, "New", PROVIDER.hsa_id, "14", ""),
        (hsa("old"), "Old", PROVIDER.hsa_id, "14", "2020-01-01"),
        ENDED,
    ),
    "unit that has not opened": (
        "unit",
        (NEW, "New", PROVIDER.hsa_id, "14", ""),
        (hsa("old"), "Old", PROVIDER.hsa_id, "14", TOMORROW),
        {"valid_from": YESTERDAY, "valid_to": YESTERDAY},
    ),
    "listing type": (
        "listing_type",
        ("14", *REGION_TYPE, "BVC", "01"),
        ("14", "X", "urn:x", "X", "01,17"),
        LEFT,
    ),
    "listing type of a unit": ("unit_listing_type", (A, *REGION_TYPE), (B, *REGION_TYPE), REMOVED),
    "team": ("team", ("1", "urn:t", "One", A), ("2", "urn:t", "Two", A), LEFT),
    "staff": ("staff", (hsa("s1"), "S", "One"), (hsa("s2"), "S", "Two"), LEFT),
    "employment": ("employment", (DORA, A, "ja", ""), (DORA, B, "ja", "2020-01-01"), ENDED),
    "employment without start": ("employment", (DORA, A, "ja", ""), (DORA, B, "ja", ""), ENDED),
    "employment of today": ("employment", (DORA, A, "ja", ""), (DORA, B, "ja", f"{TODAY}"), REMOVED),
    "employment to come": ("employment", (DORA, A, "ja", ""), (DORA, B, "ja", TOMORROW), REMOVED),
    "resident": ("resident", (ANNA, "14", ""), (BO, "14", CLARA), LEFT),
    "guardianship": ("guardianship", (ANNA, BO, "ja"), (ANNA, CLARA, "nej"), REMOVED),
    "listing": ("listing", LISTED, (BO, A, "2025-02-01 08:00", "ja"), {"valid_to": NOW}),
    "listing to come": ("listing", LISTED, (BO, A, TOMORROW, ""), REMOVED),
    "queue place": ("queue_place", LISTED, (BO, A, "2025-02-01", "7"), {"left_at": NOW}),
    "queue place to come": ("queue_place", LISTED, (BO, A, TOMORROW, "7"), REMOVED),
    "listing elsewhere": (
        "out_of_county_listing",
        (ANNA, "01", "2025-01-01", ""),
        (BO, "01", "2025-01-01", "ja"),
        {"valid_to": NOW},
    ),
    "listing elsewhere to come": (
        "out_of_county_listing",
        (ANNA, "01", "2025-01-01", ""),
        (BO, "01", TOMORROW, "ja"),
        REMOVED,
    ),
    "contact": (
        "fixed_contact",
        (ANNA, "2", DORA, A, "2025-01-01", ""),
        (BO, "2", DORA, A, f"{YESTERDAY}", "wish"),
        ENDED,
    ),
    "contact of today": (
        "fixed_contact",
        (ANNA, "2", DORA, A, "2025-01-01", ""),
        (BO, "2", DORA, A, f"{TODAY}", ""),
        REMOVED,
    ),
    "contact to come": (
        "fixed_contact",
        (ANNA, "2", DORA, A, "2025-01-01", ""),
        (BO, "2", DORA, A, TOMORROW, ""),
        REMOVED,
    ),
    "contact route": ("contact_route", (A, "phone", "1", ""), (A, "phone", "2", "Mon 08:00-09:00"), REMOVED),
}
"""What vanishes -> its record type, a row that stays, the row that vanishes, and what then changes of it."""


@pytest.fixture
def source(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source with policy full for a register that holds what its records refer to. It is always NOW."""
    monkeypatch.setattr(pipeline, "swedish_now", lambda: NOW)
    keep(
        register,
        PROVIDER,
        unit("a"),
        unit("b"),
        doctor("dora"),
        doctor("emil"),
        *residents(*PEOPLE),
    )
    types = Source(register, tmp_path / "types", ["listing_type"], name="types")
    types.loaded({"listing_type": [("14", *REGION_TYPE, "Types of the region", "")]})
    return Source(register, tmp_path / "source", ["listing"], policy="full")


def of_source(rows: Dump, table: str) -> list[dict[str, Any]]:
    return [one for one in rows[table] if one["loaded_from"] is not None]


def contacts(register: Register) -> list[tuple[Any, ...]]:
    return [(one["person_id"], one["valid_to"]) for one in dump(register)["fixed_contact"]]


def listed(register: Register) -> dict[str, list[datetime | None]]:
    """Return the ends of each resident's listings."""
    found: dict[str, list[datetime | None]] = {}
    for one in dump(register)["listing"]:
        found.setdefault(one["person_id"], []).append(one["valid_to"])
    return found


def listings(*people: str, **cells: str) -> Files:
    return {"listing": [(one, cells.get("at", A), cells.get("start", "2025-01-01"), "") for one in people]}


class TestWhatEnds:
    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    @pytest.mark.parametrize(
        ("case", "all_rows"),
        [
            *(pytest.param(one, False, id=one) for one in CASES),
            *(pytest.param(one, True, id=f"{one}, all rows") for one in ("unit", "resident", "listing")),
        ],
    )
    def test_one_row_goes_and_comes_back(self, source: Source, case: str, all_rows: bool) -> None:
        record, stays, goes, change = CASES[case]
        name = "nightly" if record != "listing_type" else "types"
        source = source.with_(records=[record], all_rows=all_rows, name=name)
        source.loaded({record: [stays, goes]})
        before = dump(source.register)
        (at,) = (place for place, one in enumerate(before[record]) if one["loaded_line"] == 3)

        counts = source.loaded({record: [stays]})

        ended, removed = change is not None and change != LEFT, change is None
        expected = {**before, record: before[record][:]}
        if change is None:
            del expected[record][at]
        else:
            expected[record][at] = expected[record][at] | change
        assert without_origins(dump(source.register)) == without_origins(expected)
        assert counts == {
            record: RecordCounts(unchanged=int(all_rows), ended=int(ended), removed=int(removed))
        }

        assert source.loaded({record: [stays]}) == {record: RecordCounts(unchanged=int(all_rows))}
        assert without_origins(dump(source.register)) == without_origins(expected)

        counts = source.loaded({record: [stays, goes]})
        assert without_origins(dump(source.register)) == without_origins(before)
        unchanged = int(all_rows) + int(change == LEFT)
        assert counts == {record: RecordCounts(int(removed), int(ended), unchanged)}

    def test_what_has_ended_already_is_left(self, source: Source) -> None:
        columns = [*FIELDS["listing"][:3], "valid_to"]
        source = source.with_(sections=[section("listing", columns)])
        source.loaded({"listing": [LISTED, (BO, A, "2025-01-01", "2025-05-05 10:00")]}, header=columns)
        assert source.loaded({"listing": [LISTED]}, header=columns) == {"listing": RecordCounts()}
        assert listed(source.register)[BO] == [datetime(2025, 5, 5, 10)]

    def test_records_of_nobody_and_of_others_stay(self, source: Source) -> None:
        keep(source.register, UnitListingType(A, *REGION_TYPE))
        other = source.with_(name="other", records=["listing", "unit_listing_type"])
        other.loaded({**listings(BO), "unit_listing_type": [(B, *REGION_TYPE)]})
        own = source.with_(records=["listing", "unit_listing_type"])
        own.loaded({**listings(ANNA), "unit_listing_type": []})
        before = dump(source.register)
        assert own.loaded({"listing": [], "unit_listing_type": []})["listing"] == RecordCounts(ended=1)
        after = dump(source.register)
        assert after["unit_listing_type"] == before["unit_listing_type"]
        assert listed(source.register) == {ANNA: [NOW], BO: [None]}

    def test_delta_ends_nothing(self, source: Source) -> None:
        source = source.with_(policy="delta")
        source.loaded(listings(ANNA, BO))
        before = dump(source.register)
        source.loaded(listings(ANNA))
        source.loaded(listings())
        assert dump(source.register) == before


class TestFollowed:
    """A record belongs to the row that spoke of it last, wherever that row goes in the file."""

    @pytest.mark.parametrize(
        "then",
        [
            pytest.param([BO, CLARA, ANNA], id="moved"),
            pytest.param([BO, ANNA, CLARA], id="swapped"),
            pytest.param([DAN, ANNA, BO, CLARA], id="another before"),
            pytest.param([CLARA, BO, ANNA], id="turned round"),
        ],
    )
    def test_a_row_that_moves_and_then_goes(self, source: Source, then: list[str]) -> None:
        source.loaded(listings(ANNA, BO, CLARA))
        source.loaded(listings(*then))
        assert set(sum(listed(source.register).values(), [])) == {None}
        source.loaded(listings(*(one for one in then if one != ANNA)))
        assert listed(source.register) == {one: [NOW if one == ANNA else None] for one in then}

    def test_a_row_whose_text_changes_and_then_goes(self, source: Source) -> None:
        other_text = (ANNA, A, "20250101", "nej")
        source.loaded(listings(ANNA, BO))
        assert source.loaded({"listing": [other_text, *listings(BO)["listing"]]})["listing"].changed == 0
        assert listed(source.register) == {ANNA: [None], BO: [None]}
        source.loaded(listings(BO))
        assert listed(source.register) == {ANNA: [NOW], BO: [None]}

    def test_two_rows_change_places_and_values(self, source: Source) -> None:
        counts = ("2025-01-01", "ja"), ("2025-01-01", "")
        source.loaded({"listing": [(ANNA, A, *counts[0]), (BO, A, *counts[1]), (CLARA, A, *counts[1])]})
        source.loaded({"listing": [(BO, A, *counts[0]), (ANNA, A, *counts[1]), (CLARA, A, *counts[1])]})
        found = {one["person_id"]: one["counts_as_change"] for one in dump(source.register)["listing"]}
        assert found == {ANNA: False, BO: True, CLARA: False}
        source.loaded({"listing": [(BO, A, *counts[0]), (CLARA, A, *counts[1])]})
        assert listed(source.register) == {ANNA: [NOW], BO: [None], CLARA: [None]}

    def test_several_files_of_one_feed(self, source: Source) -> None:
        first, second = listings(ANNA, BO)["listing"], listings(CLARA, DAN)["listing"]
        source.loaded({"listing-1": first, "listing-2": second})
        source.loaded({"listing-2": second[:1], "listing-1": [*second[1:], *first]})
        assert listed(source.register) == {one: [None] for one in (ANNA, BO, CLARA, DAN)}
        source.loaded({"listing-3": [*first, *second[1:]]})
        assert listed(source.register) == {ANNA: [None], BO: [None], CLARA: [NOW], DAN: [None]}

    def test_several_feeds_of_one_record_type(self, source: Source) -> None:
        two = [section("listing", FIELDS["listing"], name=f'"listing-{one}.csv"') for one in (1, 2)]
        source = source.with_(sections=two)
        first, second = listings(ANNA, BO)["listing"], listings(CLARA, DAN)["listing"]
        source.loaded({"listing-1": first, "listing-2": second})
        source.loaded({"listing-1": first[:1], "listing-2": [*second, first[1]]})  # Bo is in the other now
        assert listed(source.register) == {one: [None] for one in (ANNA, BO, CLARA, DAN)}
        source.loaded({"listing-1": first[:1], "listing-2": second})
        assert listed(source.register) == {ANNA: [None], BO: [NOW], CLARA: [None], DAN: [None]}

    @pytest.mark.parametrize("goes", ["listing-1", "listing-2"])
    def test_a_record_that_another_feed_still_has_lives(self, source: Source, goes: str) -> None:
        two = [
            section("listing", FIELDS["listing"], name='"listing-1.csv"'),
            section("listing", FIELDS["listing"], name='"listing-2.csv"', existing='"keep"'),
        ]
        source = source.with_(sections=two)
        both = {one: listings(ANNA, BO)["listing"] for one in ("listing-1", "listing-2")}
        source.loaded(both)
        source.loaded(both | {goes: listings(BO)["listing"]})
        assert listed(source.register) == {ANNA: [None], BO: [None]}
        source.loaded({one: listings(BO)["listing"] for one in both})
        assert listed(source.register) == {ANNA: [NOW], BO: [None]}

    def test_a_resident_who_moves(self, source: Source) -> None:
        source = source.with_(records=["listing", "fixed_contact"])
        at_a: Files = {"fixed_contact": [(ANNA, "2", DORA, A, "2025-01-01", "")]}
        at_b: Files = {"fixed_contact": [(ANNA, "2", EMIL, B, "2026-03-10", "")]}
        source.loaded(listings(ANNA) | at_a)
        source.loaded(listings(ANNA, at=B, start="2026-03-09") | at_b)
        found = [(one["unit_key"], one["valid_to"]) for one in of_source(dump(source.register), "listing")]
        assert sorted(found) == [(A.upper(), datetime(2026, 3, 9)), (B.upper(), None)]
        rows = dump(source.register)["fixed_contact"]
        assert sorted((one["unit_key"], one["valid_to"]) for one in rows) == [
            (A.upper(), YESTERDAY),
            (B.upper(), None),
        ]


class TestBrake:
    @pytest.mark.parametrize(("brake", "state"), [(25, LoadState.LOADED), (24, LoadState.REFUSED)])
    def test_at_and_above_its_share(self, source: Source, brake: int, state: LoadState) -> None:
        source = source.with_(brake=brake)
        source.loaded(listings(ANNA, BO, CLARA, DAN))
        before = dump(source.register)
        report = source.load(listings(BO, CLARA, DAN, EVA))
        assert report.state is state
        if state is LoadState.REFUSED:
            assert dump(source.register) == before
            ((line, message),) = problems(report)
            assert line is None
            assert message.startswith(
                "1 of the 4 records (listing) of this source are in no row any more: 25 perc"
            )
            assert message.endswith("--allow-vanished")

    def test_is_let_off_once(self, source: Source) -> None:
        source = source.with_(brake=0)
        source.loaded(listings(ANNA, BO))
        assert source.load(listings(BO)).state is LoadState.REFUSED
        assert source.load(listings(BO), dry_run=True).state is LoadState.REFUSED
        assert source.load(listings(BO), allow_vanished=True).state is LoadState.LOADED
        assert listed(source.register) == {ANNA: [NOW], BO: [None]}
        assert source.load(listings(BO)).state is LoadState.LOADED

    def test_an_empty_file(self, source: Source) -> None:
        source = source.with_(brake=99)
        assert source.load(listings()).state is LoadState.LOADED
        source.loaded(listings(ANNA, BO))
        assert source.load(listings()).state is LoadState.REFUSED
        assert source.loaded(listings(), allow_vanished=True) == {"listing": RecordCounts(ended=2)}
        assert source.loaded(listings(ANNA)) == {"listing": RecordCounts(changed=1)}

    def test_counts_each_type_by_itself(self, source: Source) -> None:
        source = source.with_(brake=40, records=["listing", "employment"])
        employed: Files = {"employment": [(DORA, A, "ja", ""), (DORA, B, "ja", "")]}
        source.loaded(listings(ANNA, BO, CLARA, DAN) | employed)
        one_less: Files = {"employment": employed["employment"][:1]}
        report = source.load(listings(ANNA, BO, CLARA, DAN) | one_less)
        assert [message for _, message in problems(report)][0].startswith("1 of the 2 records (employment)")

    def test_counts_the_living(self, source: Source) -> None:
        source = source.with_(brake=50)
        source.loaded(listings(ANNA, BO, CLARA, DAN))
        source.loaded(listings(ANNA, BO))
        assert source.load(listings()).state is LoadState.REFUSED
        assert source.loaded(listings(ANNA)) == {"listing": RecordCounts(ended=1)}

    def test_every_section_needs_its_file(self, source: Source) -> None:
        source = source.with_(records=["listing", "employment"])
        source.loaded(listings(ANNA) | {"employment": []})
        report = source.load(listings())
        assert report.state is LoadState.REFUSED
        assert problems(report) == [
            (None, "with policy full every section needs a file, and there is none for employment[.-]*")
        ]
        assert listed(source.register) == {ANNA: [None]}


class TestFaultyRows:
    FAULTY = {
        "a text": ("x", A, "2025-01-01", ""),
        "a unit that is not there": (ANNA, hsa("no such unit".replace(" ", "")), "2025-01-01", ""),
        "the same twice": (BO, A, "20250101", "ja"),
    }

    @pytest.mark.parametrize("fault", FAULTY)
    def test_nothing_ends_before_they_are_right(self, source: Source, fault: str) -> None:
        source = source.with_(faulty="skip")
        source.loaded(listings(ANNA, BO, CLARA))
        report = source.load({"listing": [*listings(BO, DAN)["listing"], self.FAULTY[fault]]})
        assert (report.state, report.faulty) == (LoadState.LOADED, 1)
        assert listed(source.register) == {one: [None] for one in (ANNA, BO, CLARA, DAN)}
        report = source.load({"listing": [*listings(BO, DAN)["listing"], self.FAULTY[fault]]})
        assert (report.state, report.faulty) == (LoadState.LOADED, 1)
        assert listed(source.register) == {one: [None] for one in (ANNA, BO, CLARA, DAN)}
        source.loaded(listings(BO, DAN))
        assert listed(source.register) == {ANNA: [NOW], BO: [None], CLARA: [NOW], DAN: [None]}

    def test_a_refused_load_is_as_none(self, source: Source) -> None:
        source.loaded(listings(ANNA, BO))
        before = dump(source.register)
        assert source.load({"listing": [self.FAULTY["a text"]]}).state is LoadState.REFUSED
        assert dump(source.register) == before
        assert source.loaded(listings(BO)) == {"listing": RecordCounts(ended=1)}


class TestChangedProfile:
    def test_delta_and_full_by_turns(self, source: Source) -> None:
        delta = source.with_(policy="delta")
        source.loaded(listings(ANNA, BO))
        delta.loaded(listings(CLARA))
        assert listed(source.register) == {ANNA: [None], BO: [None], CLARA: [None]}
        assert source.loaded(listings(ANNA, CLARA)) == {"listing": RecordCounts(unchanged=2, ended=1)}
        assert listed(source.register) == {ANNA: [None], BO: [NOW], CLARA: [None]}
        delta.loaded(listings(ANNA))
        delta.loaded(listings(DAN))
        source.loaded(listings(ANNA))
        assert listed(source.register) == {ANNA: [None], BO: [NOW], CLARA: [NOW], DAN: [NOW]}

    def test_another_column_has_all_rows_looked_at(self, source: Source) -> None:
        three = source.with_(sections=[section("listing", FIELDS["listing"][:3])])
        rows = {"listing": [(ANNA, A, "2025-01-01", "ja"), (BO, A, "2025-01-01", "")]}
        three.loaded(rows)
        assert three.load(rows).files[0].passed_over == 2
        report = source.load(rows)
        assert (report.files[0].passed_over, report.records) == (
            0,
            {"listing": RecordCounts(changed=1, unchanged=1)},
        )
        assert source.load(rows).files[0].passed_over == 2
        assert source.loaded({"listing": rows["listing"][1:]}) == {"listing": RecordCounts(ended=1)}
        assert listed(source.register) == {ANNA: [NOW], BO: [None]}

    def test_changed_and_changed_back(self, source: Source) -> None:
        """The rows of the first profile do not know what the second one has loaded."""
        source = source.with_(policy="delta")
        other = source.with_(records=["employment", "listing"])
        source.loaded({"listing": [(ANNA, A, "2025-01-01", "ja")]})
        other.loaded({"listing": [(ANNA, A, "2025-01-01", "")]})
        assert source.loaded({"listing": [(ANNA, A, "2025-01-01", "ja")]}) == {
            "listing": RecordCounts(changed=1)
        }

    def test_a_section_that_is_gone_ends_nothing(self, source: Source) -> None:
        two = source.with_(records=["listing", "employment"])
        two.loaded(listings(ANNA) | {"employment": [(DORA, A, "ja", "")]})
        source.loaded(listings(ANNA))
        assert [one["valid_to"] for one in dump(source.register)["employment"]] == [None]
        assert two.loaded(listings(ANNA) | {"employment": []})["employment"] == RecordCounts(ended=1)


class TestCurrent:
    SECTION = section("fixed_contact", FIELDS["fixed_contact"][:4], current="true")
    SECTION += '\nvalid_from = { column = "valid_from", default = "today", formats = ["relative"] }'

    def test_who_is_doctor_still_lives(self, source: Source) -> None:
        """A row that says who the contact is now stands for the contact that the resident has."""
        source = source.with_(sections=[self.SECTION], policy="delta")
        rows = {"fixed_contact": [(ANNA, "2", DORA, A, "", ""), (BO, "2", DORA, A, "", "")]}
        source.loaded(rows, today=date(2026, 1, 1))
        source.loaded(rows, today=date(2026, 2, 1))
        assert sorted(contacts(source.register)) == sorted([(ANNA, None), (BO, None)])
