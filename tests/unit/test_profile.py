"""Profiles: what they may say, what a wrong one is told, and that the page on them tells everything."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from fastkontakt.demo_data import PROFILE
from mapping.sources.profile import About, Format, Profile, ProfileError, Section, Source, When, load_profile
from mapping.sources.records import RECORD_TYPES, TEAM_NAME, UUID_ROOT
from mapping.sources.values import FLAGS, ValueFault
from register.model import FixedContact, Record, Team, Unit

PAGE = Path(__file__).parents[2] / "docs" / "mapping-a-source.md"

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
            ("file = []" + HEAD, "file", "at least 1 item"),
            (HEAD.replace("test", "Åtta", 1) + UNITS, "profile.name", "match pattern"),
            (HEAD + "titel = 1" + UNITS, "profile.titel", "unknown key"),
            (HEAD + UNITS + "[formats]", "formats", "unknown key"),
            (HEAD + '[format]\nencoding = "ebcdic"\n' + UNITS, "format.encoding", "'utf-8', 'windows-1252'"),
            (HEAD + '[format]\ndelimiter = ";;"\n' + UNITS, "format.delimiter", "at most 1 character"),
            (HEAD + "[format]\ndates = []\n" + UNITS, "format.dates", "at least 1 item"),
            (HEAD + '[format]\ndates = ["%d/%m"]\n' + UNITS, "format.dates.0", "has no year"),
            (HEAD + '[format]\ndates = ["%Y-%m"]\n' + UNITS, "format.dates.0", "year, month and day"),
            (HEAD + '[format]\ndates = ["%Y-%m-%d %K"]\n' + UNITS, "format.dates.0", "is no date format"),
            (HEAD + "format = 1" + UNITS, "profile.format", "unknown key"),
            ("format = 1" + HEAD + UNITS, "format", "valid dictionary"),
            ("file = 1" + HEAD, "file", "valid tuple"),
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
            (('"HSA-id"', "3"), "fields.hsa_id", "valid dictionary"),
            (('"HSA-id"', "{}"), "fields.hsa_id", "needs either column or constant"),
            (('"HSA-id"', '{ column = "A", constant = "B" }'), "fields.hsa_id", "needs either"),
            (('"HSA-id"', '{ kolumn = "A" }'), "fields.hsa_id.kolumn", "unknown key"),
            (('"14"', '"15"'), "", "fields.county.constant: '15': 15 is not accepted"),
            (('"14" }', '"14", default = "17" }'), "fields.county", "neither values nor default"),
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
            (('"unit"', '"unit"\nwhen = { values = ["x"] }'), "when.column", "is missing"),
            (('"unit"', '"unit"\nwhen = { column = "A", values = [] }'), "when.values", "at least 1 item"),
            (('"unit"', '"unit"\nformat = 1'), "format", "valid dictionary"),
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


class TestRecordTypes:
    def test_every_record_is_there(self) -> None:
        assert {one.record for one in RECORD_TYPES.values()} == set(get_args(Record))

    @pytest.mark.parametrize("name", RECORD_TYPES)
    def test_every_field_has_a_kind(self, name: str) -> None:
        record_type = RECORD_TYPES[name]
        names = {one.name for one in fields(record_type.record)}
        assert names == set(record_type.kinds) - record_type.helpers
        assert record_type.helpers <= {TEAM_NAME}
        named = {*record_type.key, *record_type.natural_key, *record_type.filled_in, *record_type.any_of}
        assert named <= names
        assert ("id" in names) == bool(record_type.natural_key)

    def test_ids_are_stable(self) -> None:
        # These ids are keys in registers that exist: a changed one would double every record on re-import.
        team = RECORD_TYPES["team"].build({"unit": "SE2321000131-DEMOVC01", "name": "Team Väst"})
        assert team == Team(
            "c850f1fb-d749-530c-a862-97a6d9679904", UUID_ROOT, "Team Väst", "SE2321000131-DEMOVC01"
        )

    @pytest.mark.parametrize("name", [name for name, one in RECORD_TYPES.items() if one.natural_key])
    def test_an_id_does_not_depend_on_the_letter_case_of_hsa_ids(self, name: str) -> None:
        record_type = RECORD_TYPES[name]
        upper: dict[str, Any] = {"unit": "SE1-A", "staff": "SE1-B", "provider": "SE1-C"}
        lower = {field: text.lower() for field, text in upper.items()}
        assert record_type.made_id(upper) == record_type.made_id(lower)
        if "unit" in record_type.natural_key:
            assert record_type.made_id(upper) != record_type.made_id(upper | {"unit": "SE1-X"})

    def test_a_given_team_id_needs_its_series(self) -> None:
        with pytest.raises(ValueFault, match="there is no value for id_root"):
            RECORD_TYPES["team"].build({"id": "7", "unit": "SE1-A", "name": "Team"})

    def test_a_contact_without_dates(self) -> None:
        with pytest.raises(ValueFault, match="there is no value for documented_at and valid_from"):
            RECORD_TYPES["fixed_contact"].build(
                {"person_id": "195709263080", "type_code": "2", "staff": "SE1-B", "unit": "SE1-A"}
            )

    def test_a_given_id_is_kept(self) -> None:
        values: dict[str, Any] = {
            "id": "F1",
            "person_id": "195709263080",
            "type_code": "2",
            "staff": "SE1-B",
            "unit": "SE1-A",
            "team": "T1",
            "valid_from": date(2026, 1, 2),
        }
        contact = RECORD_TYPES["fixed_contact"].build(values)
        assert isinstance(contact, FixedContact)
        assert (contact.id, contact.team) == ("F1", "T1")


class TestPage:
    @pytest.mark.parametrize("model", [About, Format, Source, When, Section, Profile])
    def test_every_key_is_described(self, model: type[Any]) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert [key for key in model.model_fields if f"`{key}`" not in page] == []

    @pytest.mark.parametrize("name", RECORD_TYPES)
    def test_every_record_and_field_is_described(self, name: str) -> None:
        _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"### `{name}`\n")
        assert found
        table = rest.partition("\n### ")[0]
        assert [field for field in RECORD_TYPES[name].kinds if f"| `{field}` |" not in table] == []

    def test_every_flag_is_described(self) -> None:
        page = PAGE.read_text(encoding="utf-8")
        assert [text for text in FLAGS if f"`{text}`" not in page] == []


def test_demo_profile() -> None:
    profile = load_profile(PROFILE)
    assert {section.record for section in profile.file} == set(RECORD_TYPES)
