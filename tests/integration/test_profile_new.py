"""`fastkontakt profile new` on files and databases as people have them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from fastkontakt.cli import app
from mapping.sources.profile import load_profile
from tests.integration.contact_commands import done
from tests.libreoffice import converted
from tests.records import ANNA, BO

DOCTOR, UNIT = "SE2321000131-L1", "SE2321000131-one"


def written(folder: Path, name: str, text: str, *options: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return done("profile", "new", "x", "--sample", str(folder / name), *options)


@pytest.mark.parametrize(
    ("record", "columns", "row"),
    [
        (
            "fixed_contact",
            "Personnr;Namn;Vårdcentral;HSAID_LAKARE;Fr.o.m.",
            f"{ANNA};X;{UNIT};{DOCTOR};2026-01-01",
        ),
        ("listing", "Personnr;Namn;Vårdcentral;Listad från;Listad till", f"{ANNA};X;{UNIT};2026-01-01;"),
        ("resident", "Personnummer;Förnamn;Efternamn;Sekretess;Län", f"{ANNA};X;Y;N;14"),
        ("queue_place", "Personnummer;Vårdcentral;Köad", f"{ANNA};{UNIT};2026-01-01"),
        ("guardianship", "Barn;Vårdnadshavare;Samtycker", f"{ANNA};{BO};ja"),
        ("staff", "HSA-id;Förnamn;Efternamn;Titel", f"{DOCTOR};X;Y;Z"),
        ("unit", "HSA-id;Enhetsnamn;Vårdgivare;Länskod;Besöksadress", f"{UNIT};X;SE2321000131-VG;14;Y"),
        ("team", "Teamnamn;Namn;Enhet", f"A;B;{UNIT}"),
    ],
)
def test_the_record_type(tmp_path: Path, record: str, columns: str, row: str) -> None:
    text = written(tmp_path, "f.csv", f"{columns}\n{row}\n")
    assert f'record = "{record}"  # GUESSED' in text


def test_header_totals_ten_digits_and_names(tmp_path: Path) -> None:
    rows = (
        "Fasta läkare;;;;\nUtskrivet 2026-03-01;;;;\n\n"
        "Personnr;Läkare;Vårdcentral;Fr o m;Direktnummer visas\n"
        f"{ANNA[2:]};Åsa Öberg;Vårdcentralen Ett;2026-01-01;Visas\n"
        f"{BO[2:8]}-{BO[8:]};Göran Sjöström;Vårdcentralen Ett;2026-01-01;ja\n"
        "Summa;2;;;\n"
    )
    text = written(tmp_path, "f.csv", rows, "--record", "fixed_contact")
    for line in (
        'header = "find"  # there are rows before it',
        'not_rows = ["Summa*"]  # GUESSED: look at it',
        'person_id = { column = "Personnr", form = "person-number" }  # GUESSED: look at it',
        'staff_given_name = { column = "Läkare", form = "given-name-of-two" }  # GUESSED: look at it',
        'staff_surname = { column = "Läkare", form = "surname-of-two" }  # GUESSED: look at it',
        'unit_name = "Vårdcentral"  # GUESSED: look at it',
        'valid_from = "Fr o m"',
        'direct_number_visible = { column = "Direktnummer visas", values = { "Visas" = "", "ja" = "ja" } }'
        "  # GUESSED: look at it",
        "# type_code =  # NEEDED: a column, or a constant",
    ):
        assert line in text.splitlines()
    assert "# person_id: " not in text
    assert ANNA[2:] not in text
    assert "Sjöström" not in text

    profile = tmp_path / "p.toml"
    profile.write_text(text.replace("# type_code =", 'type_code = { constant = "2" }'), "utf-8")
    assert "1940***" in done("profile", "check", str(profile), str(tmp_path / "f.csv")).replace(
        "*****", "***"
    )


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_the_sheet_that_has_the_table(tmp_path: Path, ending: str) -> None:
    book = Workbook()
    book.worksheets[0].title = "Information"
    book.worksheets[0].append(["Om filen"])
    table = book.create_sheet("Läkare")
    table.append([None, "HSA-id", "Förnamn", "Efternamn"])
    table.append([None, DOCTOR, "Åsa", "Öberg"])
    book.save(tmp_path / "f.xlsx")
    sample = tmp_path / "f.xlsx"
    if ending == "ods":
        sample = converted(sample, "ods", tmp_path / "out")
    to = tmp_path / "p.toml"
    done("profile", "new", "x", "--sample", str(sample), "--output", str(to))
    assert 'sheet = "Läkare"' in to.read_text("utf-8")
    assert load_profile(to).file[0].record == "staff"
    assert DOCTOR in done("profile", "check", str(to), str(sample))


def test_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "d.sqlite3")) as database, database:
        database.execute('CREATE TABLE "läkare lista" (HSAID, "Förnamn", Efternamn)')
        database.execute('INSERT INTO "läkare lista" VALUES (?, ?, ?)', (DOCTOR, "Åsa", "Öberg"))
        database.execute("CREATE TABLE settings (a, b)")
    monkeypatch.setenv("EHR", f"sqlite:///{tmp_path / 'd.sqlite3'}")
    to = tmp_path / "p.toml"
    done("profile", "new", "x", "--database", "EHR", "--output", str(to))
    text = to.read_text("utf-8")
    assert "# Table settings is for no record type that its columns tell: a, b" in text
    (section,) = load_profile(to).file
    assert (section.record, section.query) == ("staff", 'SELECT * FROM "läkare lista"')
    monkeypatch.delenv("EHR")
    refused = CliRunner().invoke(app, ["profile", "new", "x", "--database", "EHR"])
    assert refused.exit_code == 1
    assert "the environment variable EHR is not set" in refused.stderr


def test_what_nothing_tells_is_asked_for(tmp_path: Path) -> None:
    sample = tmp_path / "f.csv"
    sample.write_text(f"Personnummer;Q\n{ANNA};{UNIT}\n", "utf-8")
    to = tmp_path / "p.toml"
    arguments = ["profile", "new", "x", "--sample", str(sample), "--ask", "--output", str(to)]
    answered = CliRunner().invoke(app, [*arguments, "--record", "listing"], input="Q\n=2026-01-01\n")
    assert answered.exit_code == 0, answered.output
    fields = load_profile(to).file[0].fields
    assert (fields["unit"].column, fields["valid_from"].constant) == ("Q", "2026-01-01")


def test_a_file_or_a_database(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["profile", "new", "x"]).exit_code == 2
