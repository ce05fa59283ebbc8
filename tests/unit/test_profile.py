"""Profiles: what they may say, what a wrong one is told, and that the page on them tells everything."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from contracts.identifiers import HsaId
from fastkontakt.demo_data import PROFILE
from mapping.sources.feeds import plan
from mapping.sources.file_format import Format
from mapping.sources.forms import FORMS
from mapping.sources.profile import About, Database, Profile, ProfileError, load_profile
from mapping.sources.profile import Load as LoadTable
from mapping.sources.records import RECORD_TYPES, STAFF_NAME, TEAM_NAME, UNIT_NAME
from mapping.sources.report import LoadState
from mapping.sources.section import Checks, Each, ProfileSection, Source, When
from mapping.sources.values import FLAGS, ValueFault
from register.ids import MADE_HERE
from register.model import FixedContact, Record, Team, Unit
from tests.records import hsa, lower

PAGE = Path(__file__).parents[2] / "docs" / "profile-language.md"

HEAD = """
[profile]
name = "test"
title = "Test"
"""
UNITS = """
[[file]]
name = "enheter*.csv"
record = "unit"
[file.fields]
hsa_id = "HSA-id"
name = "Namn"
provider = "Vårdgivare"
county = { constant = "14" }
"""
CONTACTS = """
[[file]]
name = "kontakter.csv"
record = "fixed_contact"
[file.fields]
person_id = "Personnummer"
type_code = { constant = 2 }
staff = "Läkare"
unit = "Enhet"
"""

Load = Callable[[str], Profile]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    def load(text: str) -> Profile:
        path = tmp_path / "profil.toml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path)

    return load


class TestLanguage:
    def test_a_short_profile(self, loaded: Load) -> None:
        (section,) = loaded(HEAD + UNITS).file
        assert section.record_type.record is Unit
        assert section.format == Format()
        assert section.fields["name"] == Source(column="Namn")
        assert section.fields["county"].constant == "14"

    def test_numbers_and_flags_need_no_quotation_marks(self, loaded: Load) -> None:
        text = (
            HEAD
            + UNITS
            + 'listable = { column = "X", values = { ja = true, nej = false }, default = true }\n'
        )
        source = loaded(text + "max_listings = { constant = 500 }").file[0].fields
        assert source["listable"].values == {"ja": "true", "nej": "false"}
        assert source["listable"].default == "true"
        assert source["max_listings"].constant == "500"

    def test_a_files_format_starts_from_the_profiles(self, loaded: Load) -> None:
        form = '[format]\nencoding = "windows-1252"\ndelimiter = ","\n'
        own = UNITS.replace("[file.fields]", 'format = { delimiter = "\\t", quote = "" }\n[file.fields]')
        first, second = (section.format for section in loaded(HEAD + form + UNITS + own).file)
        assert (first.encoding, first.delimiter, first.quote) == ("windows-1252", ",", '"')
        assert (second.encoding, second.delimiter, second.quote) == ("windows-1252", "\t", "")

    def test_several_conditions_and_a_single_one_are_written_alike(self, loaded: Load) -> None:
        one = '{ column = "A", not_values = ["x"] }'
        single, several = (
            loaded(HEAD + UNITS.replace("[file.f", f"when = {when}\n[file.f")).file[0].when
            for when in (one, f"[{one}]")
        )
        assert single == several == (When(column="A", not_values=("x",)),)

    def test_only_columns_that_nothing_needs_may_be_missing(self, loaded: Load) -> None:
        units = UNITS.replace("[file.f", 'when = { column = "Ort" }\n[file.f')
        text = HEAD + units + 'visiting_town = { column = "Ort", optional = true }\n'
        text += 'postal_town = { column = "Postort", optional = true }\n'
        text += 'postal_address = { column = "Box", optional = true }\npostal_code = "Box"\n'
        assert loaded(text).file[0].optional == {"Postort"}

    def test_a_query_is_no_file(self, loaded: Load) -> None:
        units = UNITS.replace("[file.f", 'query = "SELECT 1"\n[file.f')
        (section,) = loaded(HEAD + '[database]\nurl_from = "EHR"\n' + units).file
        assert not section.matches(Path("enheter1.csv"))

    @pytest.mark.parametrize(
        ("file", "matches"),
        [
            ("enheter.csv", True),
            ("Enheter_2026-01-31.CSV", True),
            ("gamla enheter.csv", False),
            ("enheter.csv.bak", False),
        ],
    )
    def test_names_match_in_any_letter_case(self, loaded: Load, file: str, matches: bool) -> None:
        (section,) = loaded(HEAD + UNITS).file
        assert section.matches(Path("enheter.csv") / file) is matches

    def test_one_of_two_dates_is_enough(self, loaded: Load) -> None:
        for field in ("valid_from", "documented_at"):
            assert field in loaded(HEAD + CONTACTS + f'{field} = "Datum"').file[0].fields


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "key", "reason"),
        [
            ("", "profile", "is missing"),
            (HEAD, "file", "is missing"),
            (HEAD + "file = []", "profile.file", "unknown key"),
            ("file = []" + HEAD, "file", "at least 1"),
            (HEAD.replace("test", "Åtta", 1) + UNITS, "profile.name", "of the form"),
            (HEAD + "titel = 1" + UNITS, "profile.titel", "unknown key"),
            (HEAD + UNITS + "[formats]", "formats", "unknown key"),
            (HEAD + '[format]\nencoding = "ebcdic"\n' + UNITS, "format.encoding", "'utf-8', 'windows-1252'"),
            (HEAD + '[format]\ndelimiter = ";;"\n' + UNITS, "format.delimiter", "of the form"),
            (HEAD + "[format]\ndates = []\n" + UNITS, "format.dates", "at least 1"),
            (HEAD + '[format]\ndates = ["%d/%m"]\n' + UNITS, "format.dates.0", "has no year"),
            (HEAD + '[format]\ndates = ["%Y-%m"]\n' + UNITS, "format.dates.0", "year, month and day"),
            (HEAD + '[format]\ndates = ["%Y-%m-%d %K"]\n' + UNITS, "format.dates.0", "is no date format"),
            (HEAD + "format = 1" + UNITS, "profile.format", "unknown key"),
            ("format = 1" + HEAD + UNITS, "format", "a section of its own"),
            ("file = 1" + HEAD, "file", "a list"),
            (HEAD + "[load]\nbrake = 101\n" + UNITS, "load.brake", "at most 100"),
            (HEAD + "[load]\nbrake = -1\n" + UNITS, "load.brake", "at least 0"),
            (HEAD + '[load]\npolicy = "all"\n' + UNITS, "load.policy", "'delta' or 'full'"),
            (HEAD + '[load]\nfaulty = "keep"\n' + UNITS, "load.faulty", "'refuse' or 'skip'"),
            (HEAD + '[database]\nurl = "A"\nurl_from = "B"\n' + UNITS, "database", "either url or url_from"),
            (HEAD + "[database]\n" + UNITS, "database", "either url or url_from"),
            (HEAD + UNITS.replace("[file.f", 'query = "SELECT 1"\n[file.f'), "", "database: is missing"),
            (HEAD + "[format]\nheader = false\n" + UNITS, "format", "columns: needed where header is false"),
            (HEAD + '[format]\nheader = "auto"\n' + UNITS, "format", "columns: needed where header is false"),
            (HEAD + '[format]\ncolumns = ["A"]\n' + UNITS, "format", "or auto, and only there"),
            (HEAD + "[format]\nheader = false\ncolumns = []\n" + UNITS, "format.columns", "at least 1"),
            (HEAD + '[format]\nkind = "csv"\n' + UNITS, "format.kind", "'json-lines'"),
            (HEAD + '[format]\nseveral = "||"\n' + UNITS, "format.several", "at most 1 character"),
        ],
    )
    def test_around_the_files(self, loaded: Load, text: str, key: str, reason: str) -> None:
        with pytest.raises(ProfileError) as caught:
            loaded(text)
        assert caught.value.key == key
        assert reason in caught.value.reason

    @pytest.mark.parametrize(
        ("change", "key", "reason"),
        [
            (
                ('"unit"', '"units"'),
                "",
                "record: unknown record type 'units'; there are care_provider, unit,",
            ),
            (('hsa_id = "HSA-id"\n', ""), "", "fields: a unit needs hsa_id"),
            (("hsa_id", "hsaid"), "", "fields.hsaid: a unit has no such field; there are hsa_id, name"),
            (('"HSA-id"', "3"), "fields.hsa_id", "a section of its own"),
            (('"HSA-id"', "{}"), "fields.hsa_id", "needs either column or constant"),
            (('"HSA-id"', '{ column = "A", constant = "B" }'), "fields.hsa_id", "needs either"),
            (('"HSA-id"', '{ kolumn = "A" }'), "fields.hsa_id.kolumn", "unknown key"),
            (('"14"', '"15"'), "", "fields.county.constant: '15': 15 is not accepted"),
            (('"14" }', '"14", default = "17" }'), "fields.county", "neither values, default"),
            (
                ('constant = "14"', 'column = "L", default = "x"'),
                "",
                "fields.county.default: 'x': not a county",
            ),
            (('constant = "14"', 'column = "L", values = { a = "x" }'), "", "fields.county.values: 'x': not"),
            (('constant = "14"', 'column = "L", separator = ","'), "", "separator: the field is no list"),
            (
                ('constant = "14"', 'column = "L", formats = ["relative"]'),
                "",
                "formats: the field is no date",
            ),
            (('"unit"', '"unit"\nwhen = { values = ["x"] }'), "when.0.column", "is missing"),
            (('"unit"', '"unit"\nwhen = { column = "A", values = [] }'), "when.0.values", "at least 1"),
            (('"unit"', '"unit"\nformat = 1'), "format", "a section of its own"),
            (('"unit"', '"unit"\nquery = ""'), "query", "at least 1 character"),
            (('"unit"', '"unit"\nrepeats = "first"'), "repeats", "'last', True or False"),
            (
                ('"unit"', '"unit"\nformat = { header = "yes" }'),
                "format.header",
                "True, False, 'auto' or 'find'",
            ),
            (('"unit"', '"unit"\nchecks = { listed = false }'), "checks.listed", "a text"),
            (('"unit"', '"unit"\nexisting = "leave"'), "existing", "'replace' or 'keep'"),
            (('"unit"', '"unit"\ncurrent = true'), "", "current and checks are for a fixed_contact only"),
            (
                ('"unit"', '"unit"\nchecks = { listed = true }'),
                "",
                "current and checks are for a fixed_contact only",
            ),
            (('"unit"', '"unit"\nchecks = { listd = true }'), "checks.listd", "unknown key"),
            (('"unit"', '"unit"\neach = { separator = "," }'), "each.column", "is missing"),
            (('"unit"', '"unit"\neach = { column = "A", separator = "" }'), "each.separator", "at least 1"),
            (
                ('"unit"', '"unit"\nwhen = { column = "A", values = ["x"], not_values = ["y"] }'),
                "when.0",
                "has either values or not_values",
            ),
            (
                ('"unit"', '"unit"\nwhen = [{ column = "A" }, { column = "B", not_values = [] }]'),
                "when.1.not_values",
                "at least 1",
            ),
            (('"14" }', '"14", filled = "17" }'), "fields.county", "a constant has neither"),
            (('"14" }', '"14", optional = true }'), "fields.county", "a constant has neither"),
            (('"14" }', '"14", pick = "first" }'), "fields.county", "a constant has neither"),
            (('"14" }', '"14", form = "digits" }'), "fields.county", "a constant has neither"),
            (('"HSA-id"', '{ column = "A", pick = "any" }'), "fields.hsa_id.pick", "'first' or 'last'"),
            (
                ('"HSA-id"', '{ column = "A", form = "upper" }'),
                "fields.hsa_id",
                "form: unknown form 'upper'; there are phone, kiv-hours",
            ),
            (
                ('constant = "14"', 'column = "L", filled = "14", form = "digits"'),
                "fields.county",
                "filled: the text of the cell is not read",
            ),
            (
                ('constant = "14"', 'column = "L", filled = "14", values = { a = "14" }'),
                "fields.county",
                "filled: the text of the cell is not read",
            ),
            (
                ('constant = "14"', 'column = "L", filled = "15"'),
                "",
                "fields.county.filled: '15': 15 is not accepted",
            ),
        ],
    )
    def test_within_a_file(self, loaded: Load, change: tuple[str, str], key: str, reason: str) -> None:
        with pytest.raises(ProfileError) as caught:
            loaded(HEAD + CONTACTS + 'valid_from = "Från"\n' + UNITS.replace(*change))
        assert caught.value.key == ": ".join(part for part in ("file 2 (enheter*.csv)", key) if part)
        assert reason in caught.value.reason

    def test_a_file_without_name(self, loaded: Load) -> None:
        with pytest.raises(ProfileError) as caught:
            loaded(HEAD + UNITS.replace('name = "enheter*.csv"\n', ""))
        assert (caught.value.key, caught.value.reason) == ("file 1: name", "is missing")

    def test_a_contact_without_any_date(self, loaded: Load) -> None:
        with pytest.raises(ProfileError, match="a fixed_contact needs valid_from or documented_at"):
            loaded(HEAD + CONTACTS)

    @pytest.mark.parametrize("fields", ['team_name = "A"\nteam = "B"', 'team_name = "A"'])
    def test_a_team_name_needs_its_unit(self, loaded: Load, fields: str) -> None:
        route = '[[file]]\nname = "x"\nrecord = "contact_route"\n[file.fields]\nsystem = "S"\nvalue = "V"\n'
        with pytest.raises(ProfileError, match="fields.team_name: needs unit beside it, and no team"):
            loaded(HEAD + route + fields + '\nprovider = "P"\n')

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ('staff_surname = "E"', "fields: staff_given_name and staff_surname go together, without staff"),
            (
                'staff_given_name = "F"',
                "fields: staff_given_name and staff_surname go together, without staff",
            ),
            ('staff_given_name = "F"\nstaff_surname = "E"\nstaff = "S"', "go together, without staff"),
            ("", "fields: a fixed_contact needs staff"),
        ],
    )
    def test_staff_by_name_need_both_names_and_no_id(self, loaded: Load, fields: str, reason: str) -> None:
        with pytest.raises(ProfileError, match=reason):
            loaded(HEAD + CONTACTS.replace('staff = "Läkare"', fields) + 'valid_from = "Datum"\n')

    def test_a_contact_of_now_has_no_end(self, loaded: Load) -> None:
        now = CONTACTS.replace("[file.fields]", "current = true\n[file.fields]")
        with pytest.raises(ProfileError, match="current: a contact of now has no end; leave valid_to out"):
            loaded(HEAD + now + 'valid_from = "Från"\nvalid_to = "Till"\n')

    def test_the_last_of_several_values_is_not_told(self, loaded: Load) -> None:
        text = '[[file]]\nname = "r*"\nrecord = "resident"\nrepeats = "last"\n'
        text += 'fields = { person_id = "P", other_ids = "Q" }'
        with pytest.raises(ProfileError, match="last and other_ids, which has several values, do not go"):
            loaded(HEAD + text)

    def test_text_names_file_and_key(self, loaded: Load, tmp_path: Path) -> None:
        with pytest.raises(ProfileError) as caught:
            loaded(HEAD + "titel = 1" + UNITS)
        assert str(caught.value) == f"{tmp_path / 'profil.toml'}: profile.titel: unknown key"

    def test_no_toml(self, loaded: Load) -> None:
        with pytest.raises(ProfileError, match=r"is no TOML: .*line 1"):
            loaded("profile: test")

    def test_not_utf8(self, tmp_path: Path) -> None:
        path = tmp_path / "profil.toml"
        path.write_bytes("# Öppettider".encode("latin-1"))
        with pytest.raises(ProfileError, match="is not UTF-8"):
            load_profile(path)

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ProfileError, match="cannot be read: No such file"):
            load_profile(tmp_path / "profil.toml")


class TestPlan:
    """What a load is told before any file is opened."""

    FULL = HEAD + '[load]\npolicy = "full"\n' + UNITS + CONTACTS + 'valid_from = "Datum"\n'

    def test_files_are_taken_in_the_order_of_the_profile(self, loaded: Load) -> None:
        feeds = plan(loaded(self.FULL), [Path("kontakter.csv"), Path("enheter2.csv"), Path("enheter1.csv")])
        names = [[report.file.name for report in feed.reports] for feed in feeds]
        assert names == [["enheter2.csv", "enheter1.csv"], ["kontakter.csv"]]
        assert all(report.errors == 0 for feed in feeds for report in feed.reports)

    @pytest.mark.parametrize("files", [["enheter1.csv"], []], ids=["one", "none"])
    def test_policy_full_needs_a_file_for_every_section(self, loaded: Load, files: list[str]) -> None:
        first = plan(loaded(self.FULL), [Path(name) for name in files])[0].reports[0]
        lacking = "kontakter.csv" if files else r"enheter\*.csv, kontakter.csv"
        assert re.fullmatch(f"with policy full .* none for {lacking}", first.problems[0].message)
        assert first.state is LoadState.REFUSED

    def test_policy_delta_does_not(self, loaded: Load) -> None:
        (feed,) = plan(loaded(self.FULL.replace('"full"', '"delta"')), [Path("enheter1.csv")])
        assert [report.errors for report in feed.reports] == [0]

    @pytest.mark.parametrize(
        ("form", "errors"), [('{ delimiter = "," }', 1), ('{ dates = ["%d/%m/%Y"] }', 0)]
    )
    def test_sections_of_one_file_read_it_alike_but_for_dates(
        self, loaded: Load, form: str, errors: int
    ) -> None:
        other = UNITS.replace("[file.f", f"format = {form}\n[file.f")
        (feed,) = plan(loaded(HEAD + UNITS + other), [Path("enheter1.csv")])
        told = [problem.message for problem in feed.reports[0].problems]
        assert told == ["the sections for this file read it in different ways; see their format"] * errors

    def test_a_file_of_another_name_is_told_which_there_are(self, loaded: Load) -> None:
        profile = loaded(HEAD + UNITS + UNITS)
        (feed,) = plan(profile, [Path("units.csv")])
        (problem,) = feed.reports[0].problems
        assert problem.message.endswith("no section for a file of this name; it has enheter*.csv")


class TestConditions:
    NAMED = """
[conditions]
open = { column = "STATE", not_values = ["closed"] }
public = [{ column = "KIND", values = ["A"] }, { column = "PHONE" }]
"""

    def test_they_stand_where_their_names_are(self, loaded: Load) -> None:
        section = UNITS.replace("[file.f", 'when = ["open", { column = "X" }, "public"]\n[file.f')
        alone = UNITS.replace("[file.f", 'when = "open"\n[file.f')
        profile = loaded(HEAD + self.NAMED + section + alone)
        assert [[one.column for one in section.when] for section in profile.file] == [
            ["STATE", "X", "KIND", "PHONE"],
            ["STATE"],
        ]

    def test_a_name_that_is_not_there(self, loaded: Load) -> None:
        section = UNITS.replace("[file.f", 'when = "shut"\n[file.f')
        with pytest.raises(ProfileError, match="there is no condition 'shut'; there are open, public"):
            loaded(HEAD + self.NAMED + section)


class TestRecordTypes:
    def test_every_record_is_there(self) -> None:
        assert {one.record for one in RECORD_TYPES.values()} == set(get_args(Record))

    @pytest.mark.parametrize("name", RECORD_TYPES)
    def test_every_field_has_a_kind(self, name: str) -> None:
        record_type = RECORD_TYPES[name]
        names = {one.name for one in fields(record_type.record)}
        assert names == set(record_type.kinds) - record_type.helpers
        assert record_type.helpers <= {TEAM_NAME, UNIT_NAME, *STAFF_NAME}
        named = {*record_type.natural_key, *record_type.filled_in, *record_type.any_of, *record_type.follows}
        assert named <= names
        assert set(record_type.follows.values()) <= set(record_type.kinds)
        assert ("id" in names) == bool(record_type.natural_key)

    def test_ids_are_stable(self) -> None:
        # These ids are keys in registers that exist: a changed one would double every record on re-import.
        unit = HsaId("SE2321000131-DEMOVC01")
        team = RECORD_TYPES["team"].build({"unit": unit, "name": "Team Väst"})
        assert team == Team("c850f1fb-d749-530c-a862-97a6d9679904", MADE_HERE, "Team Väst", unit)

    @pytest.mark.parametrize("name", [name for name, one in RECORD_TYPES.items() if one.natural_key])
    def test_an_id_does_not_depend_on_the_letter_case_of_hsa_ids(self, name: str) -> None:
        record_type = RECORD_TYPES[name]
        given: dict[str, Any] = {"unit": hsa("A"), "staff": hsa("B"), "provider": hsa("C")}
        respelled = {field: lower(one) for field, one in given.items()}
        assert record_type.made_id(given) == record_type.made_id(respelled)
        if "unit" in record_type.natural_key:
            assert record_type.made_id(given) != record_type.made_id(given | {"unit": hsa("X")})

    def test_a_given_team_id_needs_its_series(self) -> None:
        with pytest.raises(ValueFault, match="there is no value for id_root"):
            RECORD_TYPES["team"].build({"id": "7", "unit": hsa("A"), "name": "Team"})

    def test_a_contact_without_dates(self) -> None:
        with pytest.raises(ValueFault, match="there is no value for documented_at and valid_from"):
            RECORD_TYPES["fixed_contact"].build(
                {"person_id": "195709263080", "type_code": "2", "staff": hsa("B"), "unit": hsa("A")}
            )

    def test_a_given_id_is_kept(self) -> None:
        values: dict[str, Any] = {
            "id": "F1",
            "person_id": "195709263080",
            "type_code": "2",
            "staff": hsa("B"),
            "unit": hsa("A"),
            "team": "T1",
            "valid_from": date(2026, 1, 2),
        }
        contact = RECORD_TYPES["fixed_contact"].build(values)
        assert isinstance(contact, FixedContact)
        assert (contact.id, contact.team) == ("F1", "T1")


class TestPage:
    @pytest.mark.parametrize(
        "model", [About, LoadTable, Database, Format, Source, When, Each, Checks, ProfileSection, Profile]
    )
    def test_every_key_is_described(self, model: type[Any]) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert [key for key in model.model_fields if f"`{key}`" not in page] == []

    @pytest.mark.parametrize("name", RECORD_TYPES)
    def test_every_record_and_field_is_described(self, name: str) -> None:
        _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"### `{name}`\n")
        assert found
        table = rest.partition("\n### ")[0]
        assert [field for field in RECORD_TYPES[name].kinds if f"| `{field}` |" not in table] == []

    def test_every_form_is_described(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert [name for name in FORMS if f"| `{name}` |" not in page] == []

    def test_every_flag_is_described(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert [text for text in FLAGS if f"`{text}`" not in page] == []


def test_demo_profile() -> None:
    profile = load_profile(PROFILE)
    assert {section.record for section in profile.file} == set(RECORD_TYPES)
