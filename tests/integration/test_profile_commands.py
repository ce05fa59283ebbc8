"""`fastkontakt profile`: profiles that ship, a profile in words, rows as it reads them, and a new one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fastkontakt.cli import app
from fastkontakt.profiles import shipped
from mapping.sources.profile import ProfileError, load_profile
from tests.integration.contact_commands import done, refused, run
from tests.records import ANNA, BO

PROFILE = """
[profile]
name = "region"
title = "The region"
[load]
policy = "delta"
faulty = "skip"
[format]
dates = ["%d/%m/%Y"]
[[file]]
name = "contacts*.csv"
record = "fixed_contact"
current = true
existing = "keep"
when = { column = "KIND", not_values = ["X"] }
[file.checks]
listed = "Inte listad"
within_cap = true
[file.fields]
person_id = "PNR"
type_code = { column = "TYPE", values = { FLK = "2" }, default = "FLK" }
unit = { constant = "SE2321000131-X" }
staff_given_name = "FIRST"
staff_surname = "LAST"
valid_from = "FROM"
internal_notes = "NOTE"
direct_number_visible = { column = "NOTE", filled = "true" }
[[file]]
name = "staff*.csv"
record = "staff"
fields = { hsa_id = "ID", given_name = "FIRST", surname = "LAST", title = "TITLE" }
"""


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile in a folder without settings and without a register."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "region.toml"
    path.write_text(PROFILE, "utf-8")
    return path


def test_profiles_that_ship_are_listed_shown_and_explained_by_name() -> None:
    listed = done("profile", "list")
    for path in shipped():
        assert any(line.split()[:1] == [path.stem] for line in listed.splitlines())
        assert done("profile", "show", path.stem) == path.read_text("utf-8")
        assert load_profile(path).profile.title in done("profile", "check", path.stem)


def test_a_name_that_is_no_profile_is_told(profile: Path) -> None:
    for command in ("show", "check"):
        found = CliRunner().invoke(app, ["profile", command, "nowhere"]).exception
        assert isinstance(found, ProfileError)
        assert str(found) == "nowhere: there is no such file, nor does a profile of this name ship"


def test_a_profile_is_told_in_words(profile: Path) -> None:
    told = done("profile", "check", str(profile))

    for sentence in (
        "region: The region",
        "Only what the files name is added or changed; nothing is ended for being absent.",
        "Faulty rows are left out, the others loaded.",
        "Files: named contacts*.csv",
        "Only rows where KIND is not 'X'",
        "Records that the register has already are left as they are",
        "A row says who the contact is",
        'Checked: the resident is listed (PV) at the unit on the first day; else "Inte listad"',
        "Checked: the staff takes new patients, and has no more than the cap allows",
        "always 'SE2321000131-X'",
        "column TYPE, 'FLK' where empty",
        "type of contact; 'FLK' is '2', no other text",
        "day in %d/%m/%Y",
        "'true' where there is any text",
        "Left as they are: id, ",
    ):
        assert sentence in told


def test_a_profile_of_all_that_a_source_has_is_told_in_words(profile: Path) -> None:
    text = PROFILE.replace('policy = "delta"', 'policy = "full"\nbrake = 7').replace("current = true\n", "")
    profile.write_text(text, "utf-8")
    told = done("profile", "check", str(profile))
    assert "The files are all that the source has: its records that are in no row any more are ended." in told
    assert "More than 7 % of its records of a type vanishing stops the load." in told


def test_rows_are_shown_as_they_are_read_with_persons_masked(profile: Path) -> None:
    file = profile.parent / "contacts1.csv"
    file.write_text(
        "PNR;TYPE;FIRST;LAST;FROM;NOTE;KIND\n"
        f"{ANNA};FLK;Dora;Doktorsson;01/02/2026;Ring Anna;\n"
        f"{BO};;Dora;Doktorsson;03/02/2026;;\n"
        f"{BO};;Dora;Doktorsson;03/02/2026;;X\n",
        "utf-8",
    )

    masked = done("profile", "check", str(profile), str(file))
    whole = done("profile", "check", str(profile), str(file), "--persons")

    assert f"{ANNA[:4]}********" in masked
    assert "2026-02-01" in masked
    assert "(by name, when loaded)" in masked
    for secret in (ANNA, ANNA[4:], BO, "Doktorsson", "Dora", "Ring Anna"):
        assert secret not in masked
    assert ANNA in whole
    assert "Ring Anna" in whole
    rows = [line for line in masked.splitlines() if line.startswith(("2 ", "3 ", "4 "))]
    assert len(rows) == 2, "one row is kept out"


def test_names_of_staff_are_masked_and_titles_are_not(profile: Path) -> None:
    file = profile.parent / "staff.csv"
    file.write_text("ID;FIRST;LAST;TITLE\nSE2321000131-X;Dora;Doktorsson;Överläkare\n", "utf-8")

    told = done("profile", "check", str(profile), str(file))

    assert "D***" in told
    assert "Överläkare" in told
    assert "Dora" not in told
    assert "Doktorsson" not in told


def test_ten_rows_are_shown(profile: Path) -> None:
    file = profile.parent / "staff.csv"
    rows = [f"SE2321000131-{number};Dora;Doktorsson;" for number in range(30)]
    file.write_text("\n".join(["ID;FIRST;LAST;TITLE", *rows]), "utf-8")

    told = done("profile", "check", str(profile), str(file))

    assert "SE2321000131-9 " in told
    assert "SE2321000131-10" not in told


def test_faults_of_the_rows_are_told_with_line_and_column(profile: Path) -> None:
    file = profile.parent / "contacts1.csv"
    file.write_text(
        f"PNR;TYPE;FIRST;LAST;FROM;NOTE;KIND\n{ANNA[:11]}9;FLK;Dora;Doktorsson;30/02/2026;;\n", "utf-8"
    )

    result = run("profile", "check", str(profile), str(file))

    assert result.exit_code == 1
    assert "contacts1.csv, line 2, column PNR" in result.stderr
    assert "contacts1.csv, line 2, column FROM" in result.stderr
    assert f"{ANNA[:11]}9" not in result.output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("contacts1.csv", "PNR;TYPE\n", "there is no column 'FIRST'"),
        ("contacts1.csv", None, "the file cannot be opened"),
        ("other.csv", "A;B\n", "no section for a file of this name"),
    ],
    ids=["columns", "no file", "no section"],
)
def test_a_file_that_cannot_be_read_is_told(profile: Path, name: str, content: str | None, said: str) -> None:
    file = profile.parent / name
    if content is not None:
        file.write_text(content, "utf-8")

    result = run("profile", "check", str(profile), str(file))

    assert (result.exit_code, said in result.stderr) == (1, True)


COLUMNS = ("PERSNR", "Enhet", "Läkare HSA-id", "Fr.o.m.", "Okänd spalt")
ROW = (ANNA, "SE2321000131-X", "SE2321000131-Y", "01/02/2026", "Å")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_new_profile_reads_its_sample(tmp_path: Path, encoding: str, delimiter: str) -> None:
    sample = tmp_path / "fasta läkare 2026-02.csv"
    sample.write_text("\n".join(delimiter.join(row) for row in (COLUMNS, ROW)) + "\n", encoding)

    text = done("profile", "new", "my-source", "--sample", str(sample), "--record", "fixed_contact")

    assert "# NOT COMPLETE: file 1 (fasta läkare*.csv): fields: a fixed_contact needs type_code" in text
    assert '# = "Okänd spalt"' in text
    assert 'dates = ["%d/%m/%Y"]' in text
    profile = tmp_path / "new.toml"
    profile.write_text(text.replace("# type_code =", 'type_code = { constant = "2" }'), "utf-8")
    loaded = load_profile(profile)
    assert loaded.format.delimiter == delimiter
    assert loaded.format.encoding == encoding.removesuffix("-sig")
    assert "2026-02-01" in done("profile", "check", str(profile), str(sample))


def test_a_new_profile_is_written_where_nothing_is_yet(tmp_path: Path) -> None:
    sample = tmp_path / "personal.csv"
    sample.write_text("HSA-id;Förnamn;Efternamn;Titel\nSE2321000131-X;Dora;Doktorsson;\n", "utf-8")
    to = tmp_path / "new.toml"

    done("profile", "new", "staff", "--sample", str(sample), "--output", str(to))

    assert "NOT COMPLETE" not in to.read_text("utf-8")
    assert load_profile(to).file[0].record == "staff"
    assert "D***" in done("profile", "check", str(to), str(sample))
    assert "cannot be written" in refused("profile", "new", "x", "--sample", str(sample), "--output", str(to))


def test_what_the_columns_do_not_tell_has_to_be_said(tmp_path: Path) -> None:
    sample = tmp_path / "x.csv"
    sample.write_text("A;B\n1;2\n", "utf-8")

    unclear = run("profile", "new", "x", "--sample", str(sample))
    unknown = run("profile", "new", "x", "--sample", str(sample), "--record", "doctor")

    assert (unclear.exit_code, "do not tell the record type" in unclear.stderr) == (2, True)
    assert (unknown.exit_code, "fixed_contact" in unknown.stderr) == (2, True)


def test_a_sample_without_header_gets_made_up_columns_and_no_data_in_the_profile(tmp_path: Path) -> None:
    sample = tmp_path / "export.txt"
    sample.write_text(f"{ANNA}|SE2321000131-X|Doktorsson\n{BO}|SE2321000131-X|Doktorsson\n", "utf-8")

    text = done("profile", "new", "x", "--sample", str(sample), "--record", "listing")

    assert "header = false" in text
    assert 'columns = ["column 1", "column 2", "column 3"]' in text
    assert ANNA not in text
    assert "Doktorsson" not in text


def test_texts_that_a_field_cannot_read_are_counted_and_not_quoted(tmp_path: Path) -> None:
    sample = tmp_path / "residents.csv"
    sample.write_text(f"Personnummer;Län\n{ANNA};14\n{BO[:11]}9;Okänt\n", "utf-8")

    text = done("profile", "new", "x", "--sample", str(sample), "--record", "resident")

    assert "# person_id: 1 of 2 texts of the sample cannot be read" in text
    assert "# home_county: 1 of 2 texts" in text
    assert BO[:11] not in text


def test_a_date_form_that_is_not_known_is_told(tmp_path: Path) -> None:
    sample = tmp_path / "residents.csv"
    sample.write_text(f"Personnummer;Avliden\n{ANNA};den 3 maj\n", "utf-8")

    text = done("profile", "new", "x", "--sample", str(sample), "--record", "resident")

    assert "# deceased_on: its dates have a form that is not known here" in text


@pytest.mark.parametrize("kind", ["json-lines", "ldif"])
def test_columns_of_other_kinds_are_found(tmp_path: Path, kind: str) -> None:
    sample = tmp_path / ("staff.jsonl" if kind == "json-lines" else "staff.ldif")
    person = {"hsaIdentity": "SE2321000131-X", "givenName": "Dora", "sn": "Doktorsson"}
    if kind == "json-lines":
        sample.write_text(json.dumps(person) + "\n", "utf-8")
    else:
        lines = ["dn: cn=x,c=SE", *(f"{name}: {text}" for name, text in person.items())]
        sample.write_text("\n".join(lines) + "\n", "utf-8")
    to = tmp_path / "new.toml"

    done("profile", "new", "x", "--sample", str(sample), "--record", "staff", "--output", str(to))

    assert load_profile(to).format.kind == kind
    assert "SE2321000131-X" in done("profile", "check", str(to), str(sample))


def test_a_sample_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "the file cannot be opened" in refused("profile", "new", "x", "--sample", str(tmp_path / "no.csv"))


def test_a_new_profile_maps_texts_that_name_a_type_of_contact(tmp_path: Path) -> None:
    """A code stands in GetCareManagers, never a text: the sample's texts are mapped, others counted."""
    sample = tmp_path / "kontakter.csv"
    texts = (
        "Fast läkarkontakt",
        "FAST VÅRDKONTAKT",
        "Fast omsorgskontakt i hemtjänsten",
        "4",
        "Kontaktsjuksköterska",
    )
    rows = (f"{ANNA};{text};SE2321000131-X;SE2321000131-Y;2026-02-01" for text in (*texts, "Doktorsson"))
    header = "Personnummer;Kontakttyp;HSA-id person;HSA-id enhet;Startdatum"
    sample.write_text("\n".join((header, *rows)) + "\n", "utf-8")

    text = done("profile", "new", "x", "--sample", str(sample), "--record", "fixed_contact")

    assert (
        'type_code = { column = "Kontakttyp", values = { "Fast läkarkontakt" = "2", '
        '"FAST VÅRDKONTAKT" = "1", "Fast omsorgskontakt i hemtjänsten" = "3", "4" = "4", '
        '"Kontaktsjuksköterska" = "contact-nurse" } }'
    ) in text
    assert "# type_code: 1 of 6 texts of the sample cannot be read: it names no type of contact" in text
    assert "Doktorsson" not in text


def test_a_new_profile_takes_codes_of_types_as_they_are(tmp_path: Path) -> None:
    sample = tmp_path / "kontakter.csv"
    sample.write_text(f"Personnummer;Kontakttyp\n{ANNA};2\n{BO};contact-nurse\n", "utf-8")
    text = done("profile", "new", "x", "--sample", str(sample), "--record", "fixed_contact")
    assert 'type_code = "Kontakttyp"' in text
