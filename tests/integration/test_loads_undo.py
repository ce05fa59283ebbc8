"""Taking back a load: the register is again what it was, all of it, or nothing is done."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from contracts.clock import swedish_now
from mapping.loads.batches import RecordCounts
from mapping.loads.undo import UndoRefused
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import outgoing
from tests.databases import keep
from tests.integration.contact_commands import EMIL, done, fill
from tests.integration.test_loads_sources import EVERYTHING
from tests.messages import create_listing, envelope, path
from tests.producers import CENTRE, DOCTOR, make_producer
from tests.records import ANNA, BO, CLARA, DAN, EVA, REGION_TYPE, doctor, hsa, unit
from tests.records import listing as listed_at
from tests.sources import FIELDS, Dump, Files, Rows, Source, dump, section, undo, without_origins
from tests.wsgi import post

UNIT, P, S, S2 = (str(hsa(one)) for one in ("u", "p", "s", "s2"))
AT, OLD, NEW = str(CENTRE.hsa_id), str(DOCTOR.hsa_id), str(EMIL.hsa_id)
"""The unit of the region and its two doctors, who has patients and who has none."""

CHANGED: Files = {
    "care_provider": [(P, "P changed")],
    "unit": [(UNIT, "U changed", P, "14", "")],
    "listing_type": [("14", *REGION_TYPE, "BVC", "17,01"), ("14", "X", "urn:x", "X", "01")],
    "unit_listing_type": [(UNIT, "X", "urn:x")],
    "team": [("1", "urn:t", "One changed", UNIT)],
    "staff": [(S, "S", "Changed"), (S2, "S", "Two")],
    "employment": [(S2, UNIT, "ja", "")],
    "resident": [(ANNA, "01", DAN), (CLARA, "14", EVA)],
    "guardianship": [(ANNA, CLARA, "ja")],
    "listing": [(CLARA, UNIT, "2025-01-01", "ja")],
    "queue_place": [(BO, UNIT, "2025-01-01", "7")],
    "out_of_county_listing": [(BO, "17", "2025-01-01", "")],
    "fixed_contact": [(CLARA, "2", S2, UNIT, "2025-01-01", "wish")],
    "contact_route": [(UNIT, "phone", "2", "")],
}
"""The next night: of every type something is another, new, ended or gone."""

EMIL_THERE = ("--type", "2", "--staff", NEW, "--unit", AT)

UPLOAD = section("fixed_contact", FIELDS["fixed_contact"][:5], current="true")


@pytest.fixture
def source(register: Register, tmp_path: Path) -> Source:
    """A source with a section for every record type."""
    return Source(register, tmp_path / "source", list(EVERYTHING))


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source for a region whose staff keep contacts by command: Anna has a doctor, Bo and Clara none."""
    fill(register, tmp_path, monkeypatch)
    return Source(register, tmp_path / "source", ["fixed_contact"], name="contacts")


def contact(person: str, doctor: str = OLD, start: str = "2026-01-01") -> Rows:
    return {"fixed_contact": [(person, "2", doctor, AT, start, "")]}


def marked(register: Register) -> set[str]:
    with register.reading() as connection:
        return set(connection.scalars(select(outgoing.c.person_id)))


def forget_marks(register: Register) -> None:
    with register.writing() as connection:
        connection.execute(delete(outgoing))


class TestAsBefore:
    def test_a_first_load(self, source: Source) -> None:
        before = dump(source.register)
        assert {len(rows) for rows in before.values()} == {0}
        source.loaded(EVERYTHING)
        brought = dump(source.register)
        assert {table for table, rows in brought.items() if rows} >= set(EVERYTHING)
        counts = undo(source.register, 1)
        assert {name: one.removed for name, one in counts.items()} == {
            name: len(rows) for name, rows in EVERYTHING.items()
        }
        assert dump(source.register) == before
        source.loaded(EVERYTHING)
        assert dump(source.register, origins=False) == without_origins(brought)

    @pytest.mark.parametrize("policy", ["delta", "full"])
    @pytest.mark.parametrize("all_rows", [False, True], ids=["changed rows", "all rows"])
    def test_the_next_night(self, source: Source, policy: str, all_rows: bool) -> None:
        source = source.with_(policy=policy)
        source.loaded(EVERYTHING)
        before = dump(source.register)
        source.loaded(CHANGED, all_rows=all_rows)
        after = dump(source.register, origins=False)
        assert after != without_origins(before)
        assert {name for name in CHANGED if after[name] == without_origins(before)[name]} == set()

        undo(source.register, 2)
        assert without_origins(dump(source.register)) == without_origins(before)
        if not all_rows:
            assert dump(source.register) == before

        source.loaded(CHANGED)
        again = dump(source.register, origins=False)
        assert ends_cut(again) == ends_cut(after)
        undo(source.register, 3)
        undo(source.register, 1)
        assert {len(rows) for rows in dump(source.register).values()} == {0}

    def test_an_upload_that_replaced_doctors(self, region: Source) -> None:
        upload = region.with_(sections=[UPLOAD], name="upload")
        upload.loaded(contact(BO))
        before = dump(region.register)
        rows = [(one, "2", NEW, AT, "2026-02-01", "") for one in (BO, ANNA, CLARA)]
        upload.loaded({"fixed_contact": rows})
        after = dump(region.register, origins=False)
        assert len(after["fixed_contact"]) == len(before["fixed_contact"]) + 3
        forget_marks(region.register)
        undo(region.register, 2)
        assert dump(region.register) == before
        assert marked(region.register) == {ANNA, BO, CLARA}
        upload.loaded({"fixed_contact": rows})
        assert dump(region.register, origins=False) == after

    def test_another_spelling(self, source: Source) -> None:
        """Letter case says nothing of who somebody is, but answers show it."""
        source.loaded(EVERYTHING)
        before = dump(source.register)
        assert source.loaded({"staff": [(S.upper(), *row[1:]) for row in EVERYTHING["staff"]]}) == {
            "staff": RecordCounts(changed=1)
        }
        assert [one["hsa_id"] for one in dump(source.register)["staff"]] == [S.upper()]
        undo(source.register, 2)
        assert dump(source.register) == before

    def test_marks_for_the_index(self, source: Source) -> None:
        source = source.with_(policy="full")
        source.loaded(EVERYTHING)
        source.loaded(CHANGED)
        forget_marks(source.register)
        undo(source.register, 2)
        assert marked(source.register) == {ANNA, CLARA}
        forget_marks(source.register)
        undo(source.register, 1)
        assert marked(source.register) == {ANNA}

    def test_a_refused_load_after_it_does_not_count(self, source: Source) -> None:
        source.loaded(EVERYTHING)
        assert source.load({"resident": [("x", "", "")]}).state is LoadState.REFUSED
        undo(source.register, 1)
        assert dump(source.register)["resident"] == []

    def test_loads_of_several_sources_from_the_last_on(self, region: Source) -> None:
        other = region.with_(name="other", folder=region.folder / "other")
        other.folder.mkdir(parents=True)
        before = dump(region.register)
        region.loaded(contact(BO))
        other.loaded(contact(CLARA))
        with pytest.raises(UndoRefused, match="Load 2 came after load 1"):
            undo(region.register, 1)
        undo(region.register, 2)
        undo(region.register, 1)
        assert dump(region.register) == before


def ends_cut(rows: Dump) -> Dump:
    """Return rows that tell only whether they have ended: two loads are not at the same moment."""
    return {
        table: [
            {name: value is None if name in ("valid_to", "left_at") else value for name, value in row.items()}
            for row in own
        ]
        for table, own in rows.items()
    }


class TestRefused:
    def test_twice(self, region: Source) -> None:
        region.loaded(contact(BO))
        undo(region.register, 1)
        before = dump(region.register, of_loads=True)
        for number in (1, 2, 0):
            with pytest.raises(UndoRefused, match=f"There is no load {number} that could be undone"):
                undo(region.register, number)
        assert dump(region.register, of_loads=True) == before

    @pytest.mark.parametrize("command", ["end", "add"])
    def test_contacts_that_were_kept_by_command_since(self, region: Source, command: str) -> None:
        region.loaded(contact(BO))
        if command == "end":
            done("contacts", "end", BO, "--type", "2")
        else:
            done("contacts", "add", BO, *EMIL_THERE)
        self._refuses(region, 1)

    def test_a_doctor_who_was_ended_by_command_since(self, region: Source) -> None:
        """The load did not bring the contact but changed it."""
        upload = region.with_(sections=[UPLOAD], name="upload")
        upload.loaded(contact(ANNA, NEW, "2026-02-01"))
        done("contacts", "end", ANNA, "--type", "2")
        self._refuses(region, 1)

    def test_a_resident_who_has_changed_listing_since(self, region: Source) -> None:
        listings = region.with_(records=["listing"])
        other = unit("other")
        keep(region.register, other)
        listings.loaded({"listing": [(DAN, AT, "2020-01-01", "")]})
        app = make_producer(region.register, now=swedish_now())
        body = envelope(create_listing(DAN, other.hsa_id))
        assert post(app, path("CreateListing"), body).result == ("OK", None)
        self._refuses(region, 1)

    def test_a_spelling_that_is_another_since(self, source: Source) -> None:
        source.loaded(EVERYTHING)
        source.loaded({"staff": [(S.upper(), "S", "One")]})
        keep(source.register, doctor("s", given_name="S", surname="One"))
        self._refuses(source, 2)

    def test_records_that_others_refer_to(self, source: Source) -> None:
        source.loaded(EVERYTHING)
        keep(source.register, listed_at("own", BO, unit("u")))
        self._refuses(source, 1)

    def test_records_of_a_later_load_refer_to_it(self, source: Source) -> None:
        source.loaded(EVERYTHING)
        source.loaded({"team": [("2", "urn:t", "Two", UNIT)]})
        self._refuses(source, 1)

    def test_what_commands_set_beside_it_is_not_lost(self, region: Source) -> None:
        """An undo takes back what the load has changed: caps and pauses that were set since are not of it."""
        employed = region.with_(records=["employment"])
        employed.loaded({"employment": [(NEW, AT, "nej", "")]})
        done("doctors", "set", AT, NEW, "--cap", "7", "--pause")
        try:
            undo(region.register, 1)
        except UndoRefused:
            selectable = False
        else:
            selectable = True
        rows = dump(region.register)["employment"]
        (row,) = (one for one in rows if one["staff_key"] == EMIL.hsa_id)
        assert (row["max_patients"], row["paused"], row["selectable_as_doctor"]) == (7, True, selectable)

    def _refuses(self, source: Source, number: int) -> None:
        before = dump(source.register, of_loads=True, marks=True)
        with pytest.raises(UndoRefused, match="correct the source and load it again|came after load"):
            undo(source.register, number)
        assert dump(source.register, of_loads=True, marks=True) == before
