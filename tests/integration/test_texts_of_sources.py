"""Texts as sources have them: words for nothing, invisible characters, dates, ten digits, names, numbers."""

from datetime import date, datetime
from pathlib import Path

import pytest

from contracts.clock import swedish_now
from mapping.sources.report import LoadState
from register.database import Register
from register.model import Unit
from register.tables import contact_route, fixed_contact, listing, resident, staff
from tests.databases import keep
from tests.integration.contact_commands import done
from tests.integration.region_files import ABOUT, ASA, GORAN, ONE, fill, kept, load_files, loaded, told
from tests.people import check_digit
from tests.records import ANNA, BO, COUNTY, PROVIDER, hsa

SQLITE_ALONE = True

STAFF = """
[[file]]
name = "s.csv"
record = "staff"
fields = { hsa_id = "HSA", given_name = "FN", surname = "EN", title = "TITEL" }
"""
SAID = "holds characters that nobody sees (U+200B, U+FEFF); they are left out"


def test_words_for_nothing_and_invisible_characters(register: Register, tmp_path: Path) -> None:
    rows = (
        "HSA;FN;\ufeffEN\u200b;TITEL\n"
        "SE2321000131-X1;Åsa\u200b\ufeff;Öberg;NULL\n"
        "SE2321000131-X2;NULL;Ek;\\N\n"
        "SE2321000131-X3;Bo;Ek;n/a\n"
        "SE2321000131-X4;Eva;Ek;-\n"
    )
    report = load_files(register, tmp_path, STAFF, {"s.csv": rows})
    assert told(report) == [(2, "FN", SAID), (3, "FN", "is empty, but every row needs its given_name")]
    assert kept(register, staff, "given_name", "surname", "title") == [
        ("Bo", "Ek", None),
        ("Eva", "Ek", None),
        ("Åsa", "Öberg", None),
    ]


def test_a_profile_says_which_words_those_are(register: Register, tmp_path: Path) -> None:
    profile = "[format]\nnothing = ['saknas']\n" + STAFF
    rows = "HSA;FN;EN;TITEL\nSE2321000131-X1;Åsa;Null;Saknas\nSE2321000131-X2;Bo;Ek;-\n"
    loaded(register, tmp_path, profile, {"s.csv": rows})
    assert kept(register, staff, "surname", "title") == [("Ek", "-"), ("Null", None)]


def test_a_word_for_nothing_that_the_profile_names_is_that_word(register: Register, tmp_path: Path) -> None:
    profile = STAFF.replace('title = "TITEL"', 'title = { column = "TITEL", values = { "-" = "Läkare" } }')
    profile = profile.replace("fields =", 'when = { column = "EN", not_values = [""] }\nfields =')
    rows = "HSA;FN;EN;TITEL\nSE2321000131-X1;Åsa;Öberg;-\nSE2321000131-X2;;NULL;-\n"
    loaded(register, tmp_path, profile, {"s.csv": rows})
    assert kept(register, staff, "surname", "title") == [("Öberg", "Läkare")]


def test_the_words_are_told_by_profile_check(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(ABOUT + STAFF, "utf-8")
    assert r"read as nothing: NULL \N N/A -" in " ".join(
        done("profile", "check", str(tmp_path / "p.toml")).split()
    )


LISTINGS = """
[[file]]
name = "l.csv"
record = "listing"
[file.fields]
person_id = "PNR"
unit = "ENHET"
code = { constant = "PV" }
code_system = { constant = "1.2.752.129.5.1.27" }
valid_from = "FROM"
valid_to = "TOM"
"""


@pytest.mark.parametrize("formats", ["", '[format]\ndates = ["auto"]\n'], ids=["default", "auto"])
@pytest.mark.parametrize(
    ("start", "read"),
    [
        ("2020-01-15 08:30:00.1234567", "08:30"),
        ("2020-01-15T08:30:00.1", "08:30"),
        ("2020-01-15 08:30:00,123456789", "08:30"),
        ("2020-01-15 07:30:00.123Z", "08:30"),
        ("2020-01-15T08:30:00.1234567+01:00", "08:30"),
        ("2020-01-15 08:30:00.1234567 +01:00", "08:30"),
        ("2020-01-15 08:30:00+01", "08:30"),
        ("2020-01-15 07:30:00.000000-00:00", "08:30"),
    ],
)
def test_decimals_of_seconds_and_zones(
    register: Register, tmp_path: Path, formats: str, start: str, read: str
) -> None:
    fill(register)
    rows = f"PNR;ENHET;FROM;TOM\n{ANNA};{hsa('two')};{start};2020-06-30 00:00:00.0000000\n"
    loaded(register, tmp_path, formats + LISTINGS, {"l.csv": rows})
    day = datetime.fromisoformat(f"2020-01-15T{read}")
    assert (day, datetime(2020, 6, 30)) in kept(register, listing, "valid_from", "valid_to")


RESIDENTS = """
[[file]]
name = "r.csv"
record = "resident"
fields = { person_id = { column = "PNR", form = "person-number" }, home_county.constant = "14" }
"""


def ten(born: str) -> str:
    return born + str(check_digit(born))


def test_ten_digits(register: Register, tmp_path: Path) -> None:
    this_year = f"{swedish_now().year % 100:02}0101"
    texts = (ANNA[2:], f"{BO[2:8]}-{BO[8:]}", "121212+1212", "20170101-2393", ten(f"{this_year}239"))
    loaded(register, tmp_path, RESIDENTS, {"r.csv": "PNR\n" + "".join(f"{one}\n" for one in texts)})
    found = {person_id for (person_id,) in kept(register, resident, "person_id")}
    assert found == {ANNA, BO, "191212121212", "201701012393", f"20{ten(f'{this_year}239')}"}


def test_ten_digits_need_the_form(register: Register, tmp_path: Path) -> None:
    profile = RESIDENTS.replace(', form = "person-number"', "")
    report = load_files(register, tmp_path, profile, {"r.csv": f"PNR\n{ANNA[2:]}\n"})
    assert told(report) == [(2, "PNR", "the century is missing: write the year of birth with four digits")]


def test_a_plus_that_contradicts_the_century(register: Register, tmp_path: Path) -> None:
    texts = ("19121212+1212", "19570926+3080")
    report = loaded(register, tmp_path, RESIDENTS, {"r.csv": "PNR\n" + "\n".join(texts) + "\n"})
    message = (
        "has a +, which is for those of 100 years and more, and a later year of birth; it is read by the year"
    )
    assert told(report) == [(3, "PNR", message)]
    assert ANNA in {person_id for (person_id,) in kept(register, resident, "person_id")}


NAMED = """
[[file]]
name = "k.csv"
record = "fixed_contact"
[file.fields]
person_id = "PNR"
type_code = { constant = "2" }
staff_given_name = { column = "LÄKARE", form = "given-name-of-two" }
staff_surname = { column = "LÄKARE", form = "surname-of-two" }
unit_name = "VÅRDCENTRAL"
valid_from = "FROM"
"""


def test_a_name_in_one_column_and_a_unit_by_its_name(register: Register, tmp_path: Path) -> None:
    fill(register)
    rows = (
        "PNR;LÄKARE;VÅRDCENTRAL;FROM\n"
        f"{ANNA};Åsa Öberg;vårdcentralen  ett;2026-01-01\n"
        f"{BO};Göran Sjöström;Vårdcentralen Ett;2026-01-01\n"
    )
    loaded(register, tmp_path, NAMED, {"k.csv": rows})
    assert kept(register, fixed_contact, "person_id", "staff_key", "unit_key") == sorted(
        [
            (ANNA, ASA.hsa_id.key, ONE.hsa_id.key),
            (BO, GORAN.hsa_id.key, ONE.hsa_id.key),
        ]
    )


@pytest.mark.parametrize(
    ("doctor", "unit", "column", "message"),
    [
        (
            "Anna Lena Berg",
            "Vårdcentralen Ett",
            "LÄKARE",
            "not a given name and a surname of one word each; have names of more words in two columns",
        ),
        (
            "Åsa",
            "Vårdcentralen Ett",
            "LÄKARE",
            "not a given name and a surname of one word each; have names of more words in two columns",
        ),
        (
            "Åsa Öberg",
            "Vårdcentralen Et",
            "VÅRDCENTRAL",
            f"no unit has this name; it could be {ONE.hsa_id} (Vårdcentralen Ett), "
            f"{hsa('two')} (Vårdcentralen Två)",
        ),
        ("Åsa Öberg", "Psykiatrin i norr", "VÅRDCENTRAL", "no unit has this name"),
        (
            "Åsa Öberg",
            "Hälsan",
            "VÅRDCENTRAL",
            f"more than one unit has this name; it could be {hsa('h1')} (Hälsan), {hsa('h2')} (Hälsan)",
        ),
        ("Åsa Öberg", "Stängda mottagningen", "VÅRDCENTRAL", "no unit has this name"),
    ],
    ids=["three words", "one word", "misspelt unit", "unknown unit", "two units", "closed unit"],
)
def test_names_that_are_not_one(
    register: Register, tmp_path: Path, doctor: str, unit: str, column: str, message: str
) -> None:
    fill(register)
    keep(
        register,
        Unit(hsa("h1"), "Hälsan", PROVIDER.hsa_id, COUNTY),
        Unit(hsa("h2"), "Hälsan", PROVIDER.hsa_id, COUNTY),
        Unit(hsa("shut"), "Stängda mottagningen", PROVIDER.hsa_id, COUNTY, valid_to=date(2025, 1, 1)),
    )
    rows = f"PNR;LÄKARE;VÅRDCENTRAL;FROM\n{ANNA};{doctor};{unit};2026-01-01\n"
    report = load_files(register, tmp_path, NAMED, {"k.csv": rows})
    assert report.state is LoadState.LOADED
    assert {one for one in told(report) if one[1] == column} == {(2, column, message)}
    assert kept(register, fixed_contact, "person_id") == []


def test_a_number_without_its_zero(register: Register, tmp_path: Path) -> None:
    fill(register)
    profile = """
[[file]]
name = "t.csv"
record = "contact_route"
fields = { unit = "ENHET", system.constant = "phone", value = "TELEFON" }
"""
    rows = f"ENHET;TELEFON\n{ONE.hsa_id};311234567\n{hsa('two')};031-123 45 67\n{hsa('two')};1177\n"
    report = loaded(register, tmp_path, profile, {"t.csv": rows})
    assert [(line, column) for line, column, _ in told(report)] == [(2, "TELEFON")]
    assert "Keep such columns as text" in told(report)[0][2]
    assert len(kept(register, contact_route, "value")) == 3
