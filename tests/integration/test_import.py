"""Imports into a register: what is stored, what keeps a file out, and what the operator is told."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from mapping.loads import source_reader, staging
from mapping.loads.batches import RecordCounts
from mapping.loads.pipeline import load
from mapping.loads.report import LoadReport
from mapping.sources import report
from mapping.sources.profile import load_profile
from mapping.sources.report import FileReport, LoadState, RowProblem, Severity
from register import tables
from register.database import Register
from tests.integration.shipped import rows

TODAY = date(2026, 3, 1)

PROFILE = """
[profile]
name = "test"
title = "Test"
[format]
delimiter = ","
[[file]]
name = "providers.csv"
record = "care_provider"
fields = { hsa_id = "ID", name = "NAME" }
[[file]]
name = "units*.csv"
record = "unit"
fields = { hsa_id = "ID", name = "NAME", provider = "PROVIDER", county = "COUNTY", care_unit = "CARE UNIT" }
[[file]]
name = "types.csv"
record = "listing_type"
[file.fields]
county = "COUNTY"
code = "CODE"
code_system = "SYSTEM"
display_name = "NAME"
agreed_counties = "AGREED"
[[file]]
name = "unit_types.csv"
record = "unit_listing_type"
fields = { unit = "UNIT", code = "CODE", code_system = "SYSTEM" }
[[file]]
name = "teams.csv"
record = "team"
fields = { unit = "UNIT", name = "NAME" }
[[file]]
name = "staff.csv"
record = "staff"
fields = { hsa_id = "ID", given_name = "GIVEN", surname = "SURNAME", befattning = "CODE" }
[[file]]
name = "staff.csv"
record = "employment"
when = { column = "UNIT" }
[file.fields]
staff = "ID"
unit = "UNIT"
selectable_as_doctor = { column = "KIND", values = { FLK = true, FVK = false } }
[[file]]
name = "staff.csv"
record = "contact_route"
when = { column = "KIND", values = ["FLK"] }
[file.fields]
staff = "ID"
unit = "UNIT"
value = "PHONE"
system = { constant = "phone" }
audience = { constant = "by_choice" }
[[file]]
name = "residents.csv"
record = "resident"
fields = { person_id = "PNR", home_county = "COUNTY", other_ids = "OTHER" }
[[file]]
name = "listings.csv"
record = "listing"
[file.fields]
person_id = "PNR"
unit = "UNIT"
code = { column = "CODE", default = "PV" }
code_system = { column = "SYSTEM", default = "1.2.752.129.5.1.27" }
valid_from = "FROM"
valid_to = "TO"
[[file]]
name = "elsewhere.csv"
record = "out_of_county_listing"
fields = { person_id = "PNR", county = "COUNTY", code = "CODE", code_system = "SYSTEM", valid_from = "FROM" }
[[file]]
name = "contacts.csv"
record = "fixed_contact"
[file.fields]
person_id = "PNR"
type_code = { column = "TYPE", default = "2" }
staff = "STAFF"
unit = "UNIT"
team_name = "TEAM"
valid_from = "FROM"
valid_to = "TO"
documented_at = "DOCUMENTED"
[[file]]
name = "routes.csv"
record = "contact_route"
[file.fields]
system = "SYSTEM"
value = "VALUE"
hours = "HOURS"
provider = "PROVIDER"
unit = "UNIT"
team_name = "TEAM"
staff = "STAFF"
"""

BASE = {
    "providers.csv": "ID,NAME\nSE2321000131-V,Västkusten\n",
    "units.csv": (
        "ID,NAME,PROVIDER,COUNTY,CARE UNIT\n"
        "SE2321000131-W,Sköterskorna,se2321000131-v,14,SE2321000131-A\n"
        "SE2321000131-A,Ängen,SE2321000131-V,14,se2321000131-a\n"
        "SE2321000131-B,Älven,SE2321000131-V,17,\n"
    ),
    "types.csv": "COUNTY,CODE,SYSTEM,NAME,AGREED\n14,FYS,urn:x:1,Fysioterapi,17\n",
    "teams.csv": "UNIT,NAME\nSE2321000131-A,Team Öst\n",
    "staff.csv": (
        "ID,GIVEN,SURNAME,CODE,UNIT,KIND,PHONE\n"
        "SE2321000131-1,Åsa,Öberg,201011,SE2321000131-A,FLK,+46701740605\n"
        "SE2321000131-2,Göran,Sjö,206011,SE2321000131-A,FVK,+46701740606\n"
        "SE2321000131-3,Märta,Ek,201011,,,\n"
    ),
    "residents.csv": "PNR,COUNTY,OTHER\n195709263080,14,\n194003189083,14,196109732393\n",
}
"""A small register that the files under test refer to."""


class Files(list[FileReport]):
    """The reports of the files of a load, and that of the load as a whole."""

    def __init__(self, whole: LoadReport) -> None:
        super().__init__(whole.files)
        self.whole = whole


Load = Callable[..., Files]


@pytest.fixture
def loaded(register: Register, tmp_path: Path) -> Load:
    """Write files, by name and content, and load them."""
    (tmp_path / "test.toml").write_text(PROFILE, encoding="utf-8")
    profile = load_profile(tmp_path / "test.toml")

    def load_files(files: dict[str, str], **options: Any) -> Files:
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        paths = [tmp_path / name for name in files]
        return Files(load(register, profile, paths, **{"today": TODAY, **options}))

    return load_files


@pytest.fixture
def with_base(loaded: Load) -> Load:
    """As ``loaded``, with the base data in the register."""
    assert [one.state for one in loaded(BASE)] == [LoadState.LOADED] * len(BASE)
    return loaded


def told(reports: list[FileReport]) -> list[tuple[int | None, str | None, str]]:
    return [(one.line, one.column, one.message) for report in reports for one in report.problems]


class TestWhatIsStored:
    def test_counts(self, loaded: Load) -> None:
        files = loaded(BASE)
        (staff,) = [one for one in files if one.file.name == "staff.csv"]
        assert (staff.rows, staff.approved, staff.faulty, staff.updated) == (3, 3, 0, 6)
        assert files.whole.records == {
            "care_provider": RecordCounts(added=1),
            "unit": RecordCounts(added=3),
            "listing_type": RecordCounts(added=1),
            "team": RecordCounts(added=1),
            "staff": RecordCounts(added=3),
            "employment": RecordCounts(added=2),
            "contact_route": RecordCounts(added=1),
            "resident": RecordCounts(added=2),
        }

    def test_again_changes_nothing_and_a_change_is_counted(self, with_base: Load) -> None:
        again = with_base({"staff.csv": BASE["staff.csv"]})
        assert (again[0].rows, again[0].passed_over, again[0].updated) == (3, 3, 0)
        again = with_base({"staff.csv": BASE["staff.csv"]}, all_rows=True)
        assert (again[0].passed_over, again[0].updated) == (0, 0)
        assert again.whole.records["staff"] == RecordCounts(unchanged=3)
        changed = with_base({"staff.csv": BASE["staff.csv"].replace("Sjö", "Sjöström")}, all_rows=True)
        assert changed.whole.records == {
            "staff": RecordCounts(changed=1, unchanged=2),
            "employment": RecordCounts(unchanged=2),
            "contact_route": RecordCounts(unchanged=1),
        }

    def test_files_are_taken_in_the_order_of_the_profile(self, loaded: Load) -> None:
        reports = loaded(dict(reversed(BASE.items())))
        assert [one.file.name for one in reports] == list(BASE)
        assert {one.state for one in reports} == {LoadState.LOADED}

    def test_several_files_of_one_section_are_taken_in_the_order_given(self, with_base: Load) -> None:
        head = "ID,NAME,PROVIDER,COUNTY,CARE UNIT\n"
        reports = with_base(
            {
                "units_b.csv": head + "SE2321000131-C,C,SE2321000131-V,14,\n",
                "units_a.csv": head + "SE2321000131-D,D,SE2321000131-V,14,SE2321000131-C\n",
            }
        )
        assert [(one.file.name, one.state) for one in reports] == [
            ("units_b.csv", LoadState.LOADED),
            ("units_a.csv", LoadState.LOADED),
        ]

    def test_a_unit_that_is_its_own_care_unit_has_none(self, with_base: Load, register: Register) -> None:
        assert rows(register, tables.unit, "hsa_id", "care_unit_key") == [
            ("SE2321000131-A", None),
            ("SE2321000131-B", None),
            ("SE2321000131-W", "SE2321000131-A"),
        ]

    def test_dates_of_a_contact_fill_in_for_each_other(self, with_base: Load, register: Register) -> None:
        (report,) = with_base(
            {
                "contacts.csv": "PNR,TYPE,STAFF,UNIT,TEAM,FROM,TO,DOCUMENTED\n"
                "19570926-3080,,SE2321000131-1,SE2321000131-A,team  öst,2026-01-02,9999-12-31,\n"
                "194003189083,1,SE2321000131-2,SE2321000131-A,,,,2026-01-03 10:11\n"
            }
        )
        assert report.state is LoadState.LOADED
        ((team,),) = rows(register, tables.team, "id")
        found = rows(
            register, tables.fixed_contact, "person_id", "valid_from", "documented_at", "valid_to", "team_id"
        )
        assert found == [
            ("194003189083", date(2026, 1, 3), datetime(2026, 1, 3, 10, 11), None, None),
            ("195709263080", date(2026, 1, 2), datetime(2026, 1, 2), None, team),
        ]

    def test_a_route_has_the_owner_its_row_names(self, with_base: Load, register: Register) -> None:
        (report,) = with_base(
            {
                "routes.csv": "SYSTEM,VALUE,HOURS,PROVIDER,UNIT,TEAM,STAFF\n"
                "url,https://www.example.org/a?b=c,,SE2321000131-V,,,\n"
                'phone,+46313900601,"Mån-Fre 08:00-12:00,13:00-17:00",,SE2321000131-A,,\n'
                "phone,+46313900602,,,SE2321000131-A,Team Öst,\n"
            }
        )
        assert report.state is LoadState.LOADED
        ((team,),) = rows(register, tables.team, "id")
        found = rows(
            register, tables.contact_route, "value", "provider_key", "unit_key", "staff_key", "team_id"
        )
        assert found == [
            ("+46313900601", None, "SE2321000131-A", None, None),
            ("+46313900602", None, None, None, team),
            ("+46701740605", None, "SE2321000131-A", "SE2321000131-1", None),
            ("https://www.example.org/a?b=c", "SE2321000131-V", None, None, None),
        ]

    def test_batches_do_not_show(self, loaded: Load, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(staging, "_ROWS", 1)
        monkeypatch.setattr(source_reader, "_ROWS_OF_PROGRESS", 1)
        files = loaded(BASE)
        assert {one.state for one in files} == {LoadState.LOADED}
        assert files.whole.records["resident"] == RecordCounts(added=2)

    def test_doubtful_codes_are_stored_with_a_warning(self, with_base: Load, register: Register) -> None:
        (staff,) = with_base({"staff.csv": BASE["staff.csv"].replace("206011", "299999")})
        assert (staff.state, staff.errors, staff.warnings) == (LoadState.LOADED, 0, 1)
        assert staff.problems[0].severity is Severity.WARNING
        assert told([staff]) == [
            (3, "CODE", "'299999': is not in the packaged list of KV_Befattning; it is kept")
        ]
        assert ("SE2321000131-2", "299999") in rows(register, tables.staff, "hsa_id", "befattning")

    def test_check_digits_as_asked(self, with_base: Load) -> None:
        residents = {"residents.csv": "PNR,COUNTY,OTHER\n191212129999,14,\n"}
        (refused,) = with_base(residents)
        assert told([refused]) == [(2, "PNR", "the check digit of the personnummer is wrong")]
        (taken,) = with_base(residents, check_digits=False)
        assert taken.state is LoadState.LOADED


class TestAllOrNothing:
    FAULTY = "PNR,COUNTY,OTHER\n196101182803,14,\n191212129999,99,\nx\n200302022389,,191212129999\n"

    def test_a_faulty_row_keeps_the_file_out(self, with_base: Load, register: Register) -> None:
        before = rows(register, tables.resident, "person_id")
        reports = with_base(
            {
                "providers.csv": "ID,NAME\nSE2321000131-Y,Y\n",
                "residents.csv": self.FAULTY,
                "listings.csv": "PNR,UNIT,CODE,SYSTEM,FROM,TO\n195709263080,SE2321000131-A,,,2026-01-01,\n",
            }
        )
        assert [one.state for one in reports] == [LoadState.REFUSED, LoadState.REFUSED, LoadState.NOT_READ]
        # S001-049: nothing of a load with a faulty row is stored
        assert rows(register, tables.resident, "person_id") == before
        assert ("SE2321000131-Y",) not in rows(register, tables.care_provider, "hsa_id")
        assert (reports[1].rows, reports.whole.records, reports[1].errors) == (4, {}, 4)
        assert (reports[2].rows, reports[2].problems) == (0, [])
        assert [(one.line, one.column) for one in reports[1].problems] == [
            (3, "PNR"),
            (3, "COUNTY"),
            (4, None),
            (5, "OTHER"),
        ]

    def test_no_message_holds_a_person_number(self, with_base: Load) -> None:
        contact = "PNR,TYPE,STAFF,UNIT,TEAM,FROM,TO,DOCUMENTED\n"
        reports = [
            *with_base({"residents.csv": self.FAULTY}),
            *with_base(
                {"contacts.csv": contact + "19570926-3081,2,19570926-3080,195709263080,,570926-3080,,\n"}
            ),
            *with_base({"contacts.csv": contact + "196101182803,2,SE1-X,SE1-Y,,2026-01-01,,\n" * 2}),
        ]
        texts = [message for _, _, message in told(reports)]
        assert len(texts) > 8
        assert [
            text for text in texts if any(number in text for number in ("191212", "570926", "9611"))
        ] == []

    def test_a_file_that_cannot_be_read_on(self, with_base: Load, register: Register) -> None:
        (report,) = with_base({"residents.csv": 'PNR,COUNTY,OTHER\n196101182803,14,\nx,14,\n"x\n'})
        assert report.state is LoadState.REFUSED
        assert [(line, column) for line, column, _ in told([report])] == [(3, "PNR"), (4, None)]
        assert len(rows(register, tables.resident, "person_id")) == 2

    def test_missing_columns_are_told_once_for_each_section(self, loaded: Load) -> None:
        (report,) = loaded({"staff.csv": "ID,NAME\n"})
        assert [problem.line for problem in report.problems] == [1]
        assert (
            "no column 'GIVEN', 'SURNAME', 'CODE', 'UNIT', 'KIND', 'PHONE'; the file has"
            in report.problems[0].message
        )

    def test_row_faults_are_told_once_though_three_sections_read_the_file(self, loaded: Load) -> None:
        (_, _, report) = loaded(
            {
                "providers.csv": BASE["providers.csv"],
                "units.csv": BASE["units.csv"],
                "staff.csv": BASE["staff.csv"] + "x\n",
            }
        )
        assert told([report]) == [(5, None, "the row has 1 cells, the header 7")]
        assert report.rows == 4

    def test_a_faulty_row_is_not_blamed_again_by_the_next_section(self, with_base: Load) -> None:
        content = BASE["staff.csv"].replace("201011,,", "201011,SE2321000131-A,FLX")
        (report,) = with_base({"staff.csv": content.replace("131-3,Märta", "131-4,\x01")})
        assert [(line, column) for line, column, _ in told([report])] == [(4, "GIVEN"), (4, "KIND")]

    def test_dry_run_keeps_nothing(self, loaded: Load, register: Register) -> None:
        reports = loaded(BASE, dry_run=True)
        assert [one.state for one in reports] == [LoadState.CHECKED] * len(BASE)
        assert reports.whole.records["unit"] == RecordCounts(added=3)
        assert rows(register, tables.care_provider, "hsa_id") == []

    def test_dry_run_stops_where_a_load_would(self, loaded: Load, register: Register) -> None:
        reports = loaded(BASE | {"types.csv": BASE["types.csv"] + "15,A,B,C,\n"}, dry_run=True)
        assert [one.state for one in reports] == [
            *[LoadState.REFUSED] * 3,
            *[LoadState.NOT_READ] * 3,
        ]
        assert rows(register, tables.care_provider, "hsa_id") == []

    def test_problems_are_counted_beyond_those_kept(
        self, with_base: Load, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(report, "KEPT_PROBLEMS", 2)
        content = "ID,GIVEN,SURNAME,CODE,UNIT,KIND,PHONE\n"
        content += "".join(f"SE2321000131-{number},A,B,299999,,,\n" for number in range(5))
        content += "x,A,B,,,,\n" * 4
        (refused,) = with_base({"staff.csv": content})
        assert (refused.warnings, refused.errors) == (5, 4)
        assert [one.severity for one in refused.problems] == [*[Severity.WARNING] * 2, *[Severity.ERROR] * 2]


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
class TestFiles:
    def test_a_file_without_section(self, loaded: Load, register: Register, tmp_path: Path) -> None:
        reports = loaded({"providers.csv": BASE["providers.csv"], "notes.txt": ""})
        assert [(one.file.name, one.state) for one in reports] == [
            ("notes.txt", LoadState.REFUSED),
            ("providers.csv", LoadState.NOT_READ),
        ]
        message = (
            "the profile has no section for a file of this name; it has providers.csv, units*.csv, "
            "types.csv, unit_types.csv, teams.csv, staff.csv, residents.csv, listings.csv, elsewhere.csv, "
            "contacts.csv, routes.csv"
        )
        assert reports[0].problems == [
            RowProblem(tmp_path / "notes.txt", None, None, Severity.ERROR, message),
        ]
        assert rows(register, tables.care_provider, "hsa_id") == []

    def test_a_file_given_twice(self, register: Register, loaded: Load, tmp_path: Path) -> None:
        profile = load_profile(tmp_path / "test.toml")
        path = tmp_path / "providers.csv"
        path.write_text(BASE["providers.csv"], encoding="utf-8")
        for twice in ([path, path], [path, tmp_path / "." / ".." / tmp_path.name / "providers.csv"]):
            reports = Files(load(register, profile, twice, today=TODAY))
            assert {one.state for one in reports} == {LoadState.REFUSED}
            assert {message for _, _, message in told(reports)} == {"the file is given more than once"}

    def test_a_missing_file(self, register: Register, loaded: Load, tmp_path: Path) -> None:
        profile = load_profile(tmp_path / "test.toml")
        (report,) = Files(load(register, profile, [tmp_path / "providers.csv"], today=TODAY))
        assert report.state is LoadState.REFUSED
        assert told([report]) == [(None, None, "the file cannot be opened: No such file or directory")]


LISTINGS = "PNR,UNIT,CODE,SYSTEM,FROM,TO\n"
CONTACTS = "PNR,TYPE,STAFF,UNIT,TEAM,FROM,TO,DOCUMENTED\n"
ROUTES = "SYSTEM,VALUE,HOURS,PROVIDER,UNIT,TEAM,STAFF\n"
ELSEWHERE = "PNR,COUNTY,CODE,SYSTEM,FROM\n"
A, DOCTOR, OTHER_DOCTOR = "SE2321000131-A", "SE2321000131-1", "SE2321000131-3"
P = "195709263080"


class TestChecks:
    @pytest.mark.parametrize(
        ("file", "content", "problems"),
        [
            (
                "units.csv",
                "ID,NAME,PROVIDER,COUNTY,CARE UNIT\nSE2321000131-C,C,SE1-X,14,SE1-Y\n",
                [
                    (2, "PROVIDER", "the provider is not in the register; load care providers first"),
                    (2, "CARE UNIT", "the care_unit is not in the register; load units first"),
                ],
            ),
            (
                "contacts.csv",
                f"{CONTACTS}196101182803,2,SE1-X,SE1-Y,Team Väst,2026-01-01,,\n",
                [
                    (2, "PNR", "the person_id is not in the register; load residents first"),
                    (2, "STAFF", "the staff is not in the register; load staff first"),
                    (2, "UNIT", "the unit is not in the register; load units first"),
                    (2, "TEAM", "the team is not in the register; load teams first"),
                ],
            ),
            (
                "contacts.csv",
                f"{CONTACTS}{P},2,{DOCTOR},{A},,,,\n",
                [(2, None, "there is no value for documented_at and valid_from")],
            ),
            (
                "contacts.csv",
                f"{CONTACTS}{P},2,{DOCTOR},{A},,2026-01-02,2026-01-01,\n",
                [(2, "TO", "the end comes before the start (2026-01-01, 2026-01-02)")],
            ),
            (
                "contacts.csv",
                f"{CONTACTS}{P},2,{DOCTOR},{A},,2026-02-30,,\n",
                [
                    (
                        2,
                        "FROM",
                        "'2026-02-30': not a date that exists in any of the forms %Y-%m-%d, %Y%m%d, "
                        "%Y-%m-%dT%H:%M:%S, %Y-%m-%d %H:%M:%S, %Y-%m-%d %H:%M, %Y-%m-%dT%H:%M:%S%z, "
                        "%Y-%m-%d %H:%M:%S%z",
                    )
                ],
            ),
            (
                "residents.csv",
                f"PNR,COUNTY,OTHER\n{P},14,\n,14,\n\n19570926-3080,,\n",
                [
                    (3, "PNR", "is empty, but every row needs its person_id"),
                    (5, None, "the load has this resident already, in a row that has not changed"),
                ],
            ),
            (
                "providers.csv",
                "ID,NAME\nSE2321000131-V,A\nse2321000131-v,B\n",
                [(3, None, "the load has this care_provider already, on line 2")],
            ),
            (
                "staff.csv",
                "ID,GIVEN,SURNAME,CODE,UNIT,KIND,PHONE\nSE1-X,A,B\x1b,läkare,SE2321000131-A,FL2,\n",
                [
                    (2, "SURNAME", "holds the control character U+001B, which no message can carry"),
                    (
                        2,
                        "CODE",
                        "not a code of KV_Befattning (six digits); a title in words goes to the field title",
                    ),
                    (2, "KIND", "'FL2': is not among the values of the profile"),
                ],
            ),
            (
                "routes.csv",
                f"{ROUTES}url,ftp://example.org,,,{A},,\nurl,www.example.org,,,{A},,\nurl,https://[x,,,{A},,\n",
                [
                    (line, "VALUE", "is no web address; it must begin with https:// or http://")
                    for line in (2, 3, 4)
                ],
            ),
            (
                "routes.csv",
                f"{ROUTES}phone,1,,,,,\nphone,2,,SE2321000131-V,{A},,\nphone,3,,,{A},Team Öst,{DOCTOR}\n",
                [
                    (
                        line,
                        "UNIT",
                        "the owner must be one: a unit, staff together with a unit, a team, or a provider",
                    )
                    for line in (2, 3, 4)
                ],
            ),
            (
                "routes.csv",
                f"{ROUTES}telefon,1,,,{A},,\nphone,2,12:00-08:00,,{A},,\n",
                [
                    (
                        2,
                        "SYSTEM",
                        "unknown contact point system; there are email, fax, other, pager, phone, sms, url",
                    ),
                    (
                        3,
                        "HOURS",
                        "'12:00-08:00': hours, character 1: the end must come after the start; "
                        "write hours over midnight as two entries",
                    ),
                ],
            ),
        ],
    )
    @pytest.mark.parametrize("register", ["sqlite"], indirect=True)
    def test_faults(
        self, with_base: Load, file: str, content: str, problems: list[tuple[int | None, str | None, str]]
    ) -> None:
        (report,) = with_base({file: content})
        assert report.state is LoadState.REFUSED
        assert told([report]) == problems

    @pytest.mark.parametrize(
        ("file", "content", "offered"),
        [
            ("listings.csv", f"{LISTINGS}{P},{A},FYS,urn:x:1,2026-01-01,\n", True),
            ("listings.csv", f"{LISTINGS}{P},se2321000131-a,PV,1.2.752.129.5.1.27,2026-01-01,\n", True),
            ("listings.csv", f"{LISTINGS}{P},{A},FYS,urn:x:2,2026-01-01,\n", False),
            ("listings.csv", f"{LISTINGS}{P},{A},PV,urn:x:1,2026-01-01,\n", False),
            ("listings.csv", f"{LISTINGS}{P},SE2321000131-B,FYS,urn:x:1,2026-01-01,\n", False),
            ("unit_types.csv", f"UNIT,CODE,SYSTEM\n{A},FYS,urn:x:1\n", True),
            ("unit_types.csv", f"UNIT,CODE,SYSTEM\n{A},BHV,urn:x:1\n", False),
            ("elsewhere.csv", f"{ELSEWHERE}{P},14,FYS,urn:x:1,2026-01-01\n", True),
            ("elsewhere.csv", f"{ELSEWHERE}{P},17,FYS,urn:x:1,2026-01-01\n", True),
            ("elsewhere.csv", f"{ELSEWHERE}{P},13,PV,1.2.752.129.5.1.27,2026-01-01\n", True),
            ("elsewhere.csv", f"{ELSEWHERE}{P},13,FYS,urn:x:1,2026-01-01\n", False),
        ],
    )
    def test_listing_types(self, with_base: Load, file: str, content: str, offered: bool) -> None:
        (report,) = with_base({file: content})
        assert report.state is (LoadState.LOADED if offered else LoadState.REFUSED)
        assert [column for _, column, _ in told([report])] == ([] if offered else ["CODE"])
        if not offered:
            assert "offers no such listing type" in report.problems[0].message

    def test_two_doctors_in_one_file(self, with_base: Load, register: Register) -> None:
        (report,) = with_base(
            {
                "contacts.csv": f"{CONTACTS}{P},2,{DOCTOR},{A},,2026-01-01,,\n"
                f"{P},1,{DOCTOR},{A},,2026-01-01,,\n{P},2,{OTHER_DOCTOR},{A},,2026-02-01,,\n"
            }
        )
        assert told([report]) == [
            (4, None, "the resident has another fast läkarkontakt at the same time (on line 2)")
        ]
        assert rows(register, tables.fixed_contact, "id") == []

    def test_a_second_doctor(self, with_base: Load, register: Register) -> None:
        first = f"{CONTACTS}{P},2,{DOCTOR},{A},,2026-01-01,,\n"
        second = f"{CONTACTS}{P},2,{OTHER_DOCTOR},{A},,2026-02-01,,\n"
        assert with_base({"contacts.csv": first})[0].state is LoadState.LOADED
        (report,) = with_base({"contacts.csv": second})
        assert told([report]) == [
            (2, None, "the resident has another fast läkarkontakt at the same time (in the register)")
        ]
        change = first.replace("2026-01-01,", "2026-01-01,2026-02-01") + second.removeprefix(CONTACTS)
        assert with_base({"contacts.csv": change})[0].state is LoadState.LOADED
        assert len(rows(register, tables.fixed_contact, "id")) == 2

    def test_two_listings_at_a_time(self, with_base: Load) -> None:
        first, second = (
            f"{P},{A},,,2026-01-01,\n",
            f"{P},SE2321000131-B,,,2026-02-01,\n",
        )
        (report,) = with_base({"listings.csv": LISTINGS + first + second})
        assert told([report]) == [
            (3, None, "the resident has another listing of this type at the same time (on line 2)")
        ]
        ended = first.replace(",\n", ",2026-01-31\n")
        other_type = f"{P},{A},FYS,urn:x:1,2026-01-01,\n"
        assert (
            with_base({"listings.csv": LISTINGS + second + ended + other_type})[0].state is LoadState.LOADED
        )
