"""The file of faulty rows, however the source is written: corrected and loaded, no value has changed."""

import csv
import os
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from register import tables
from tests.integration.bad_sources import EVERYBODY, Place, errors, good, place
from tests.integration.contact_commands import done
from tests.integration.shipped import rows
from tests.records import BO, CLARA, DAN, hsa

__all__ = ["place"]

sqlite_only = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

COLUMNS = ["ID", "GIVEN", "SURNAME", "CODE"]
TITLES = {
    "@SUM(A1)": "@SUM(A1)",
    "+46 8 123": "+46 8 123",
    "-1": "-1",
    "\tTab": "Tab",
    "'+1": "+1",
    "'@x": "@x",
    "'Neill": "'Neill",
    "''=1": "''=1",
    '- ; , | "x"': '- ; , | "x"',
    "två\nrader": "två rader",
    "Åsa é ö": "Åsa é ö",
    "a_x0041_b": "a_x0041_b",
    " blanks ": "blanks",
}
"""Given name as it stands in a source -> as the register has it."""

PROFILE = """
[profile]
name = "staff"
title = "Staff"
[format]
{form}
[[file]]
name = "staff*"
record = "staff"
fields = {{ hsa_id = "ID", given_name = "GIVEN", surname = "SURNAME", befattning = "CODE" }}
"""

HEADLESS = f"header = false\ncolumns = {COLUMNS}"
EITHER = f'header = "auto"\ncolumns = {COLUMNS}'


def _faulty(names: list[str]) -> list[list[str]]:
    """Return rows that all lack a digit of the code."""
    return [[str(hsa(f"s{number}")), name, "Ny", "20301"] for number, name in enumerate(names)]


def _given_names(place: Place) -> set[str]:
    found = rows(place.register, tables.staff, "hsa_id", "given_name")
    return {name for hsa_id, name in found if hsa_id.startswith(str(hsa("s")))}


def _lines(place: Place) -> list[str]:
    return (place.folder / "contacts.faulty.csv").read_text("utf-8-sig").splitlines()


@sqlite_only
@pytest.mark.parametrize(
    ("head", "form", "codec", "delimiter", "quote"),
    [
        ("", "", "utf-8", ";", '"'),
        (HEADLESS, "", "utf-8-sig", ";", '"'),
        ("", 'delimiter = ","\nencoding = "windows-1252"', "windows-1252", ",", '"'),
        (HEADLESS, 'delimiter = ","\nencoding = "windows-1252"', "windows-1252", ",", '"'),
        (EITHER, 'delimiter = "\\t"\nencoding = "iso-8859-1"', "iso-8859-1", "\t", '"'),
        ("", 'delimiter = "auto"\nencoding = "auto"', "windows-1252", "|", '"'),
        (HEADLESS, 'delimiter = "auto"\nencoding = "auto"', "utf-8", "\t", '"'),
        (EITHER, 'delimiter = "auto"\nencoding = "auto"', "windows-1252", ",", '"'),
        ("", 'quote = "\'"', "utf-8", ";", "'"),
        ("", 'quote = ""', "utf-8", ";", ""),
        (HEADLESS, 'quote = ""', "utf-8", ";", ""),
    ],
)
def test_delimited(place: Place, head: str, form: str, codec: str, delimiter: str, quote: str) -> None:
    profile = place.folder / "staff.toml"
    profile.write_text(PROFILE.format(form=f"{form}\n{head}"), "utf-8")
    names = [name for name in TITLES if quote or not set(name) & set('";\n')]
    if quote == "'":  # the mark in front and the quotation mark are one character
        names = [name for name in names if not name.startswith("'")]
    source = place.folder / "staff.csv"
    content = [] if head == HEADLESS else [COLUMNS]
    with source.open("w", encoding=codec, newline="") as file:
        if quote:
            csv.writer(file, delimiter=delimiter, quotechar=quote).writerows(content + _faulty(names))
        else:
            file.writelines(delimiter.join(row) + "\n" for row in content + _faulty(names))
    before = source.read_bytes()

    refused = place.load(profile, source)
    assert refused.exit_code == 1
    assert len(errors(refused)) == len(names)
    assert all("column CODE: '20301': not a code" in error for error in errors(refused))
    assert source.read_bytes() == before
    faulty = place.folder / "staff.faulty.csv"
    text = faulty.read_bytes()
    codec = "utf-8-sig" if codec.startswith("utf") or "auto" in form else codec
    assert ("Fel" in text.decode(codec).splitlines()[0]) == (head != HEADLESS)
    cells = [cell for row in csv.reader(text.decode(codec).splitlines(), delimiter=delimiter) for cell in row]
    if quote == '"' and "auto" not in form:
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    faulty.write_bytes(text.replace(b"20301" + delimiter.encode(), b"203010" + delimiter.encode()))
    if "auto" in form:
        faulty.write_bytes(text.replace(b"20301;", b"203010;"))
    done("import", str(profile), str(faulty))

    assert _given_names(place) == {TITLES[name] for name in names}


@sqlite_only
@pytest.mark.parametrize("head", ["", HEADLESS, EITHER], ids=["header", "no-header", "auto"])
def test_xlsx(place: Place, head: str) -> None:
    profile = place.folder / "staff.toml"
    profile.write_text(PROFILE.format(form=f'sheet = "Personal"\n{head}'), "utf-8")
    book = Workbook()
    sheet = book.create_sheet("Personal")
    for row in ([] if head == HEADLESS else [COLUMNS]) + _faulty([*TITLES, "a\x02"]):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("_x0002_", cell.replace("_x", "_x005F_x")) for cell in row])
    source = place.folder / "staff.xlsx"
    book.save(source)
    before = source.read_bytes()

    refused = place.load(profile, source)
    assert refused.exit_code == 1
    assert source.read_bytes() == before
    faulty = place.folder / "staff.faulty.xlsx"
    corrected = load_workbook(faulty)
    for cells in corrected["Personal"].iter_rows():
        assert not any(
            cell.data_type == "f" or str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells
        )
        if cells[3].value == "20301":
            cells[3].value = "203010"
        if str(cells[1].value).endswith("_x0002_"):
            cells[1].value = "control"
    corrected.save(faulty)
    done("import", str(profile), str(faulty))

    assert _given_names(place) == {*TITLES.values(), "control"}


@sqlite_only
@pytest.mark.parametrize("kind", ["delimited", "xlsx"])
def test_a_formula_is_no_text_after_the_round_trip(place: Place, kind: str) -> None:
    """Formula cells are refused from the source, and from the file of faulty rows where they are marked."""
    file = place.file(kind, [good(CLARA, NOTE="=1+1", DAY="2026-02-30"), good(BO)])
    profile = place.profile(kind, ('"refuse"', '"skip"'))

    first = place.load(profile, file)
    faulty = file.with_stem("contacts.faulty")
    again = place.load(profile, faulty)
    third = place.load(profile, faulty.with_stem("contacts.faulty.faulty"))

    assert (first.exit_code, again.exit_code, third.exit_code) == (3, 3, 3)
    for result in (first, again, third):
        assert any("column NOTE: is a formula" in error for error in errors(result))
    notes = rows(place.register, tables.fixed_contact, "internal_notes")
    assert not [note for (note,) in notes if note is not None and "=" in note]


@sqlite_only
def test_headings_and_messages_are_no_formulas_either(place: Place) -> None:
    file = place.folder / "contacts.csv"
    file.write_text(f"PNR;UNIT;STAFF;DAY;SHOW;NOTE;=1+1;@x\n{';'.join(good(DAY='x').values())};;\n", "utf-8")
    place.refuse(place.profile("delimited"), file)

    header, row = csv.reader(_lines(place), delimiter=";")

    assert header[-3:] == ["'=1+1", "'@x", "Fel"]
    assert row[-1].startswith("DAY: not a date")


@sqlite_only
@pytest.mark.parametrize("kind", ["json-lines", "ldif"])
def test_of_other_kinds_the_file_is_for_reading(place: Place, kind: str) -> None:
    file = place.file(kind, [good(CLARA, DAY="2026-02-30"), good(BO)])
    place.refuse(place.profile(kind), file)

    header, row = csv.reader(_lines(place), delimiter=";")

    assert header == [*good(), "Fel"]
    assert row[:-1] == list(good(CLARA, DAY="2026-02-30").values())
    assert row[-1].startswith("DAY: '2026-02-30': not a date that exists")


@sqlite_only
@pytest.mark.parametrize("quote", ["", '"'], ids=["no-quote", "quote"])
def test_only_faulty_rows_are_in_it_whatever_stands_between(place: Place, quote: str) -> None:
    """Lines are counted alike in both readings: blank lines, rows over lines and of other widths."""
    form = f"[format]\nquote = '{quote}'\n[[file]]"
    between = f"{quote}två\nrader{quote}" if quote else "en rad"
    texts = [
        ";".join(good(DAN, NOTE=between).values()),
        "",
        ";".join(good(CLARA, DAY="x").values()),
        ";;",
        "1;2;3",
        ";".join(good(BO, NOTE=between, SHOW="z").values()),
    ]
    file = place.folder / "contacts.csv"
    file.write_bytes(("PNR;UNIT;STAFF;DAY;SHOW;NOTE\r\n" + "\r\n".join(texts) + "\r\n").encode())
    place.refuse(place.profile("delimited", ("[[file]]", form)), file)

    text = (place.folder / "contacts.faulty.csv").read_text("utf-8-sig")

    assert [person in text for person in EVERYBODY] == [True, True, False]
    assert "the row has 3 cells, the header 6" in text
    assert text.count("Fel") == 1


@sqlite_only
def test_a_source_that_has_gone_leaves_no_empty_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file = place.file("delimited", [good(CLARA, DAY="x")])
    profile = place.profile("delimited")
    monkeypatch.setattr("fastkontakt.commands.import_.print_load", lambda _report: os.unlink(file))

    result = place.load(profile, file)

    assert result.exit_code == 1
    assert [path.name for path in Path(place.folder).iterdir()] == ["contacts.toml"]
