"""Several sources for one register: whose a record is, what a source leaves alone, loads at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mapping.loads.batches import RecordCounts
from mapping.loads.pipeline import LoadConflict
from mapping.loads.report import LoadReport, Progress
from mapping.sources.report import LoadState
from register.columns import TABLES
from register.database import Register
from register.model import Resident
from register.tables import import_batch, import_file
from tests.databases import keep, opened
from tests.integration.contact_commands import EMIL, done, fill
from tests.producers import CENTRE, DOCTOR
from tests.records import ANNA, BO, CLARA, DAN, EVA, PROVIDER, REGION_TYPE, doctor, hsa, residents, unit
from tests.sources import FIELDS, Dump, Files, Source, dump, problems, section

A, B = str(hsa("a")), str(hsa("b"))
DORA = str(hsa("dora"))
U, P, S = str(hsa("u")), str(hsa("p")), str(hsa("s"))

EVERYTHING: Files = {
    "care_provider": [(P, "P")],
    "unit": [(U, "U", P, "14", "")],
    "listing_type": [("14", *REGION_TYPE, "BVC", "01")],
    "unit_listing_type": [(U, *REGION_TYPE)],
    "team": [("1", "urn:t", "One", U)],
    "staff": [(S, "S", "One")],
    "employment": [(S, U, "ja", "")],
    "resident": [(ANNA, "14", ""), (BO, "14", CLARA)],
    "guardianship": [(ANNA, BO, "ja")],
    "listing": [(ANNA, U, "2025-01-01", "")],
    "queue_place": [(BO, U, "2025-01-01", "")],
    "out_of_county_listing": [(BO, "01", "2025-01-01", "")],
    "fixed_contact": [(ANNA, "2", S, U, "2025-01-01", "")],
    "contact_route": [(U, "phone", "1", "")],
}
"""A record of each type, and two residents."""


@pytest.fixture
def source(register: Register, tmp_path: Path) -> Source:
    """A source with policy full for a register that holds two units, a doctor and residents of nobody."""
    keep(register, PROVIDER, unit("a"), unit("b"), doctor("dora"), *residents(ANNA, BO, CLARA, DAN))
    return Source(register, tmp_path / "source", ["listing"], policy="full")


def listings(*people: str, at: str = A, counts: str = "") -> Files:
    return {"listing": [(one, at, "2025-01-01", counts) for one in people]}


def owners(register: Register, table: str) -> dict[str, str | None]:
    """Return the source that the records of residents come from."""
    own = next(one for one in TABLES.values() if one.name == table)
    found = (
        select(own.c.person_id, import_batch.c.source)
        .outerjoin(import_file, import_file.c.id == own.c.loaded_from)
        .outerjoin(import_batch, import_batch.c.id == import_file.c.batch_id)
    )
    with register.reading() as connection:
        return {row.person_id: row.source for row in connection.execute(found)}


def row_of(rows: Dump, table: str, **values: Any) -> dict[str, Any]:
    (row,) = (one for one in rows[table] if all(one[name] == value for name, value in values.items()))
    return row


class TestWhose:
    def test_every_record_knows_its_row(self, register: Register, tmp_path: Path) -> None:
        source = Source(register, tmp_path / "source", list(EVERYTHING))
        report = source.load(EVERYTHING)
        assert (report.state, report.batch) == (LoadState.LOADED, 1), problems(report)
        with register.reading() as connection:
            files = {one.id: one for one in connection.execute(select(import_file))}
            (batch,) = connection.execute(select(import_batch)).all()
        assert (batch.id, batch.source, batch.policy, batch.state) == (1, "nightly", "delta", "loaded")
        rows = dump(register)
        for record, cells in EVERYTHING.items():
            found = [one for one in rows[record] if one["loaded_from"] is not None]
            assert {(files[one["loaded_from"]].name, files[one["added_from"]].name) for one in found} == {
                (f"{record}.csv", f"{record}.csv")
            }
            assert {files[one["loaded_from"]].batch_id for one in found} == {1}
            assert sorted(one["loaded_line"] for one in found) == list(range(2, 2 + len(cells)))

    def test_what_changes_a_record_is_where_it_is_from(self, source: Source) -> None:
        source.loaded(listings(ANNA, BO))
        source.loaded(listings(CLARA, ANNA) | {"listing-2": []})
        first = row_of(dump(source.register), "listing", person_id=ANNA)
        assert (first["loaded_from"], first["loaded_line"], first["added_from"]) == (1, 2, 1)
        source.loaded({"listing": [*listings(CLARA)["listing"], *listings(ANNA, counts="ja")["listing"]]})
        changed = row_of(dump(source.register), "listing", person_id=ANNA)
        assert (changed["loaded_from"], changed["loaded_line"], changed["added_from"]) == (4, 3, 1)

    def test_another_source_s_record_is_not_changed(self, source: Source) -> None:
        other = source.with_(name="other", folder=source.folder / "other")
        source.loaded(listings(ANNA, BO))
        before = dump(source.register)
        report = other.load(listings(ANNA, CLARA, counts="ja"))
        assert report.state is LoadState.REFUSED
        message = "another source has brought this record; leave it to that, or say existing = keep"
        assert problems(report) == [(2, f"{message} (source nightly)")]
        assert dump(source.register) == before

    def test_rows_at_fault_for_it_are_left_out(self, source: Source) -> None:
        other = source.with_(name="other", folder=source.folder / "other", faulty="skip")
        source.loaded(listings(ANNA, BO))
        report = other.load(listings(ANNA, CLARA, counts="ja"))
        assert (report.state, report.faulty) == (LoadState.LOADED, 1)
        assert owners(source.register, "listing") == {ANNA: "nightly", BO: "nightly", CLARA: "other"}
        assert row_of(dump(source.register), "listing", person_id=ANNA)["counts_as_change"] is False

    def test_the_same_said_by_two_is_the_first_one_s(self, source: Source) -> None:
        other = source.with_(name="other", folder=source.folder / "other")
        source.loaded(listings(ANNA, BO))
        before = dump(source.register)
        assert other.loaded(listings(ANNA, BO)) == {"listing": RecordCounts(unchanged=2)}
        assert other.loaded(listings(ANNA)) == {"listing": RecordCounts()}
        assert dump(source.register) == before
        assert source.loaded(listings(ANNA)) == {"listing": RecordCounts(ended=1)}

    def test_neither_ends_the_other_s(self, source: Source) -> None:
        other = source.with_(name="other", folder=source.folder / "other")
        source.loaded(listings(ANNA, BO))
        other.loaded(listings(CLARA, DAN))
        source.loaded(listings(ANNA))
        other.loaded(listings(DAN))
        ended = {one["person_id"]: one["valid_to"] is not None for one in dump(source.register)["listing"]}
        assert ended == {ANNA: False, BO: True, CLARA: True, DAN: False}

    def test_existing_keep_leaves_what_is_there(self, source: Source) -> None:
        keeping = section("resident", FIELDS["resident"], existing='"keep"')
        other = source.with_(name="other", sections=[keeping], policy="delta")
        first = source.with_(records=["resident"], policy="delta")
        first.loaded({"resident": [(ANNA, "01", "")]})
        before = dump(source.register)
        counts = other.loaded({"resident": [(ANNA, "17", CLARA), (BO, "17", DAN), (EVA, "17", "")]})
        assert counts == {"resident": RecordCounts(added=1, unchanged=2)}
        after = dump(source.register)
        assert [one for one in after["resident"] if one["person_id"] != EVA] == before["resident"]
        assert after["resident_identity"] == before["resident_identity"]


class TestTakenOver:
    def test_a_record_of_nobody_becomes_the_source_s(self, source: Source) -> None:
        source = source.with_(records=["resident"], policy="delta")
        assert source.loaded({"resident": [(ANNA, "14", ""), (BO, "01", "")]}) == {
            "resident": RecordCounts(changed=2)
        }
        people = {one["person_id"]: one for one in dump(source.register)["resident"]}
        assert [people[one]["loaded_from"] for one in (ANNA, BO, CLARA)] == [1, 1, None]
        assert [people[one]["added_from"] for one in (ANNA, BO)] == [None, None]
        assert source.loaded({"resident": [(ANNA, "14", "")]}, all_rows=True) == {
            "resident": RecordCounts(unchanged=1)
        }

    def test_fields_that_are_not_mapped_are_left_alone(
        self, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A directory knows who works where; caps, pauses and roles are the region's own."""
        fill(register, tmp_path, monkeypatch)
        own = ("--pause", "--cap", "7", "--role", "ST-A", "--working-share", "50")
        at, old, new = (str(one.hsa_id) for one in (CENTRE, DOCTOR, EMIL))
        done("doctors", "set", at, new, *own)
        source = Source(register, tmp_path / "source", ["employment", "resident"])
        before = dump(register, origins=False)
        rows: Files = {
            "employment": [(old, at, "ja", ""), (new, at, "nej", "")],
            "resident": [(EVA, "01", CLARA)],
        }
        source.loaded(rows)
        who = {"staff_key": EMIL.hsa_id}
        after = dump(register, origins=False)
        expected = row_of(before, "employment", **who) | {"selectable_as_doctor": False}
        assert row_of(after, "employment", **who) == expected
        assert row_of(after, "resident", person_id=EVA) == row_of(before, "resident", person_id=EVA) | {
            "home_county": "01"
        }
        assert row_of(after, "resident", person_id=EVA)["protected"] is True
        done("doctors", "set", at, new, "--resume", "--cap", "9")
        source.loaded(rows, all_rows=True)
        found = row_of(dump(register), "employment", **who)
        assert (found["max_patients"], found["paused"], found["role"]) == (9, False, "ST-A")

    def test_what_a_command_changed_comes_back_with_all_rows_only(self, source: Source) -> None:
        """A row that the source has not changed changes nothing, whatever has been done since."""
        source = source.with_(records=["resident"], policy="delta")
        rows = {"resident": [(ANNA, "14", "")]}
        source.loaded(rows)
        keep(source.register, Resident(ANNA, "17"))
        source.loaded(rows)
        assert row_of(dump(source.register), "resident", person_id=ANNA)["home_county"] == "17"
        source.loaded(rows, all_rows=True)
        assert row_of(dump(source.register), "resident", person_id=ANNA)["home_county"] == "14"


class TestAtTheSameTime:
    def test_a_load_of_the_same_source_meanwhile(self, source: Source) -> None:
        """What the first knew of the source is no longer so when it comes to write: it writes nothing."""
        source.loaded(listings(ANNA))
        reports: list[LoadReport] = []

        def another(_: Progress) -> None:
            if not reports:
                inner = source.with_(folder=source.folder / "inner")
                reports.append(inner.load(listings(ANNA, BO)))

        with pytest.raises(LoadConflict):
            source.load(listings(ANNA, CLARA), on_progress=another)
        assert owners(source.register, "listing") == {ANNA: "nightly", BO: "nightly"}
        assert source.loaded(listings(ANNA, CLARA)) == {"listing": RecordCounts(added=1, ended=1)}

    def test_a_load_of_another_source_meanwhile(self, source: Source) -> None:
        source.loaded(listings(ANNA))
        other = source.with_(name="other", folder=source.folder / "other")
        reports: list[LoadReport] = []

        def another(_: Progress) -> None:
            if not reports:
                reports.append(other.load(listings(BO)))

        counts = source.loaded(listings(CLARA), on_progress=another)
        assert counts == {"listing": RecordCounts(added=1, ended=1)}
        assert owners(source.register, "listing") == {ANNA: "nightly", BO: "other", CLARA: "nightly"}

    def test_loads_from_two_processes(self, source: Source) -> None:
        """The register is as one of the loads wanted it: the last that was not turned away."""
        url = source.register.engine.url.render_as_string(hide_password=False)
        states = [listings(ANNA, BO), listings(BO, counts="ja"), listings(CLARA, DAN), listings(ANNA, DAN)]
        start = threading.Barrier(2)

        def load_all(number: int) -> list[tuple[int, int]]:
            found = []
            with opened(url) as register:
                own = source.with_(register=register, folder=source.folder / str(number))
                own.folder.mkdir(parents=True)
                start.wait()
                for at in range(number, number + 6):
                    try:
                        report = own.load(states[at % len(states)])
                    except LoadConflict:
                        continue
                    assert report.state is LoadState.LOADED, problems(report)
                    assert report.batch is not None
                    found.append((report.batch, at % len(states)))
            return found

        source.loaded(states[0])
        with ThreadPoolExecutor(2) as pool:
            done_by = list(pool.map(load_all, (0, 1)))
        batches = dict(sum(done_by, []))
        assert len(batches) == sum(map(len, done_by))
        wanted = {row[0]: row[3] == "ja" for row in states[batches[max(batches)]]["listing"]}
        live = [one for one in dump(source.register)["listing"] if one["valid_to"] is None]
        assert {one["person_id"]: one["counts_as_change"] for one in live} == wanted
