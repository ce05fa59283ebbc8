"""The profile population-register: what the sample says is in the register, and what vanishes ends."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mapping.loads.report import LoadReport
from mapping.sources.report import LoadState
from register import tables
from register.database import Register
from tests.integration.shipped import (
    contents,
    listed_doctors,
    load_demo,
    load_with,
    rows,
    samples,
    shown_contacts,
    told,
)
from tests.records import TODAY

SQLITE_ALONE = True

NAME = "population-register"
DAY = timedelta(days=1)
CENTRE = "SE2321000131-DEMOVC01"
ANNA, BO, MARKED, DEAD, MOVED = (
    "195709263080",
    "194003189083",
    "200001252386",
    "191001289816",
    "198703122385",
)

Load = Callable[..., LoadReport]


@pytest.fixture
def load_files(register: Register, tmp_path: Path) -> Load:
    """Load the sample, with texts of some files changed, into a register with units and staff."""
    load_demo(register, "vardgivare", "enheter", "personal")

    def load_changed(
        changes: dict[str, tuple[str, str]] | None = None, *, only: str = "", **options: Any
    ) -> LoadReport:
        files = []
        for sample in samples(NAME):
            if not sample.stem.startswith(only):
                continue
            text = sample.read_text("cp1252")
            old, new = (changes or {}).get(sample.stem, ("", ""))
            assert old in text
            files.append(tmp_path / sample.name)
            files[-1].write_bytes(text.replace(old, new).replace("\n", "\r\n").encode("cp1252"))
        return load_with(NAME, register, files, **options)

    return load_changed


@pytest.fixture
def loaded(load_files: Load) -> Load:
    """As ``load_files``, with the sample in the register."""
    report = load_files()
    assert (report.state, told(report)) == (LoadState.LOADED, [])
    return load_files


class TestSample:
    def test_residents(self, loaded: Load, register: Register) -> None:
        found = rows(register, tables.resident, "person_id", "home_county", "protected", "deceased_on")
        assert len(found) == 14
        assert [one for one in found if one[2] or one[3]] == [
            ("189602029812", "14", True, None),
            (DEAD, "14", False, date(2025, 10, 12)),
            (MARKED, "14", True, None),
        ]
        # S000-007: of who is marked nothing is shown
        assert listed_doctors(register, MARKED) == shown_contacts(register, MARKED) == []

    def test_selectable_staff(self, loaded: Load, register: Register) -> None:
        flags = ("selectable_as_doctor", "selectable_as_care_contact", "external")
        found = {
            staff.rpartition("DEMO")[2]: tuple(flag)
            for staff, *flag in rows(register, tables.employment, "staff_key", *flags)
        }
        doctor, care_contact = (True, False, False), (False, True, False)
        # S000-011, S000-025: selectable as doctor or as care contact, as the source has it
        # S000-026: or from outside
        assert found == dict.fromkeys(("L01", "L02", "L04", "L05"), doctor) | dict.fromkeys(
            ("S01", "S02", "S03"), care_contact
        ) | {"L07": (True, False, True)}

    def test_listings_with_history(self, loaded: Load, register: Register) -> None:
        columns = ("person_id", "unit_key", "valid_from", "valid_to", "counts_as_change")
        found = [one[1:] for one in rows(register, tables.listing, *columns) if one[0] == MOVED]
        end = timedelta(days=1, seconds=-1)
        # S000-008, S000-009: the listing of today and those before it are loaded
        assert sorted(found, key=lambda one: one[1]) == [
            ("SE2321000131-DEMOVC04", datetime(2023, 5, 2), datetime(2025, 8, 31) + end, True),
            (CENTRE, datetime(2025, 9, 1), datetime(2025, 12, 31) + end, True),
            ("SE2321000131-DEMOVC04", datetime(2026, 1, 1), None, True),
        ]

    def test_contacts_and_roles(self, loaded: Load, register: Register) -> None:
        """The role is kept and not sent."""
        columns = ("person_id", "type_code", "valid_from", "valid_to", "documented_at", "appointed_by")
        found = [one[1:] for one in rows(register, tables.fixed_contact, *columns) if one[0] == BO]
        # S000-034, S000-035: with first and last day
        # S000-040: with who appointed
        # S000-047, S000-054: the treating role too
        assert found == [
            ("1", date(2025, 8, 15), None, datetime(2025, 8, 14, 15, 40), "Vårdenhetschefen"),
            ("2", date(2024, 7, 1), None, datetime(2024, 7, 1, 8, 15), None),
            ("treating-role", date(2025, 8, 15), date(2027, 8, 31), datetime(2025, 8, 14, 15, 42), None),
        ]
        # S000-047: which is not sent
        assert shown_contacts(register, BO) == [("1", "Jörgen Mårtensson"), ("2", "Åsa Öberg")]
        assert shown_contacts(register, ANNA) == [("1", "Bengt-Åke Ljungström"), ("2", "Åsa Öberg")]
        assert listed_doctors(register, ANNA) == [(CENTRE, "Åsa Öberg")]

    @pytest.mark.parametrize("all_rows", [False, True])
    def test_again_changes_nothing(self, loaded: Load, register: Register, all_rows: bool) -> None:
        before = contents(register)
        again = loaded(today=TODAY + DAY, all_rows=all_rows)
        assert (again.state, told(again)) == (LoadState.LOADED, [])
        assert {(one.added, one.changed, one.ended, one.removed) for one in again.records.values()} <= {
            (0, 0, 0, 0)
        }
        assert contents(register) == before


class TestChanges:
    def test_a_marking_hides_at_once(self, loaded: Load, register: Register) -> None:
        report = loaded({"personer": (f"{ANNA};14;;", f"{ANNA};14;Skyddad identitet;")})
        assert report.records["resident"].changed == 1
        # S000-007: a marking hides the resident at once
        assert listed_doctors(register, ANNA) == shown_contacts(register, ANNA) == []

    def test_an_unknown_marking_is_refused(self, loaded: Load, register: Register) -> None:
        before = contents(register)
        report = loaded({"personer": (f"{ANNA};14;;", f"{ANNA};14;Sekretess;")})
        assert report.state is LoadState.REFUSED
        assert [(file, line, column) for file, line, column, _ in told(report)] == [
            ("personer.csv", 2, "Markering")
        ]
        assert contents(register) == before

    def test_another_doctor(self, loaded: Load, register: Register) -> None:
        old = f"{ANNA};Fast läkarkontakt;SE2321000131-DEMOL01;{CENTRE};2024-03-01;;"
        new = (
            old.replace("2024-03-01;;", "2024-03-01;2026-03-09;")
            + "2024-02-28 13:05;\r\n"
            + f"{ANNA};Fast läkarkontakt;SE2321000131-DEMOL02;{CENTRE};2026-03-10;;"
        ).replace("\r\n", "\n")
        report = loaded({"kontakter": (old, new)})
        assert told(report) == []
        # S000-032: the doctor who was moved to is shown
        assert listed_doctors(register, ANNA) == [(CENTRE, "Göran Sjöström")]

    def test_two_doctors_at_a_time_are_refused(self, loaded: Load) -> None:
        other = f"{ANNA};Fast läkarkontakt;SE2321000131-DEMOL02;{CENTRE};2026-03-01;;2026-03-01 08:00;\n"
        old = f"{ANNA};Fast vårdkontakt;"
        report = loaded({"kontakter": (old, other + old)})
        assert report.state is LoadState.REFUSED
        ((file, line, _, message),) = told(report)
        assert (file, line) == ("kontakter.csv", 3)
        # S000-019: a second doctor at the same time is refused
        assert message.startswith("the resident has another fast läkarkontakt at the same time")

    def test_what_vanishes_ends(self, loaded: Load, register: Register) -> None:
        """Gone from the source, ended here, and kept as history."""
        gone = (
            f"{ANNA};Fast läkarkontakt;SE2321000131-DEMOL01;{CENTRE};2024-03-01;;2024-02-28 13:05;"
            "Vårdenhetschefen\n"
        )
        stopped = loaded({"kontakter": (gone, "")})
        assert (stopped.state, len(told(stopped))) == (LoadState.REFUSED, 1)
        assert listed_doctors(register, ANNA) == [(CENTRE, "Åsa Öberg")]
        report = loaded({"kontakter": (gone, "")}, allow_vanished=True)
        assert (report.state, report.records["fixed_contact"].ended) == (LoadState.LOADED, 1)
        # S000-037: gone from the answer
        assert listed_doctors(register, ANNA) == []
        ends = rows(register, tables.fixed_contact, "person_id", "type_code", "valid_to")
        # S000-037: kept with its last day
        assert (ANNA, "2", TODAY - DAY) in ends

    def test_staff_who_are_selectable_again(self, loaded: Load, register: Register) -> None:
        gone = f"SE2321000131-DEMOL02;{CENTRE};X;;Anställd\n"
        assert loaded({"valbara": (gone, "")}, allow_vanished=True).records["employment"].ended == 1
        report = loaded(today=TODAY + DAY)
        assert (report.state, told(report)) == (LoadState.LOADED, [])
        found = rows(register, tables.employment, "staff_key", "valid_to")
        assert ("SE2321000131-DEMOL02", None) in found

    def test_all_files_must_be_there(self, loaded: Load, register: Register) -> None:
        before = contents(register)
        report = loaded(only="kontakter")
        assert report.state is LoadState.REFUSED
        assert contents(register) == before
