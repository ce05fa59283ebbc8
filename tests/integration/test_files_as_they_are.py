"""Files as other programs and people make them: read, or refused in the words of somebody who sees them."""

import gzip
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from mapping.sources.profile import load_profile
from mapping.sources.rejects import write_faulty
from mapping.sources.report import LoadState
from register.database import Register
from register.tables import staff
from tests.integration.region_files import kept, load_files, loaded, told
from tests.libreoffice import converted
from tests.workbooks import row, strict_workbook

SQLITE_ALONE = True

STAFF = """
[[file]]
name = "s.*"
record = "staff"
fields = { hsa_id = "HSA", given_name = "FN", surname = "EN", title = "TITEL" }
"""
FIND = '[format]\nheader = "find"\n' + STAFF
HEADER = "HSA;FN;EN;TITEL\n"
ROW = "SE2321000131-X1;Åsa;Öberg;Läkare\n"
ASA = [("Åsa", "Öberg", "Läkare")]


def names(register: Register) -> list[tuple[str, ...]]:
    return kept(register, staff, "given_name", "surname", "title")


def refusal(report: object) -> tuple[int | None, str]:
    assert report.state is LoadState.REFUSED  # type: ignore[attr-defined]
    ((line, _, message),) = told(report)  # type: ignore[arg-type]
    return line, message


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (STAFF, HEADER.strip() + "\nSE2321000131-X1;Åsa;Öberg;Läkare;\n"),
        (STAFF, HEADER.strip() + ";\n" + ROW),
        (STAFF, HEADER.strip() + ";\n" + ROW.strip() + ";\n"),
        (STAFF, "sep=;\r\n" + HEADER + ROW),
        (STAFF, "sep=,\n" + (HEADER + ROW).replace(";", ",")),
        (STAFF, HEADER + '="SE2321000131-X1";Åsa;"=""Öberg""";Läkare\n'),
        (STAFF, "TITEL;EN;FN;HSA\nLäkare;Öberg;Åsa;SE2321000131-X1\n"),
        (STAFF, ";;HSA;FN;EN;TITEL\n;;" + ROW),
        (FIND, "Läkare på Vårdcentralen\nHämtad 2026-03-01\n\n" + HEADER + ROW),
        (FIND, "Läkare;;;\n" + HEADER + ROW),
        (
            '[format]\nnot_rows = ["summa*", "antal*"]\n' + STAFF,
            HEADER + ROW + "\nSumma;1;;\nAntal rader: 1\n",
        ),
        (
            '[format]\nheader = "auto"\ncolumns = ["HSA", "FN", "EN", "TITEL"]\n' + STAFF,
            "EN;FN;HSA;TITEL\nÖberg;Åsa;SE2321000131-X1;Läkare\n",
        ),
    ],
    ids=[
        "delimiter at the end of rows",
        "delimiter at the end of the header",
        "delimiter at the end of both",
        "the line sep=",
        "the line sep= with another",
        "texts kept from becoming numbers",
        "columns in another order",
        "blank columns in front",
        "rows before the header",
        "a row before the header",
        "totals",
        "a header that may be",
    ],
)
def test_read(register: Register, tmp_path: Path, profile: str, text: str) -> None:
    loaded(register, tmp_path, profile, {"s.csv": text})
    assert names(register) == ASA


@pytest.mark.parametrize(
    ("profile", "text", "line", "message"),
    [
        (
            STAFF,
            "Läkare på Vårdcentralen\n\n" + HEADER + ROW,
            1,
            'the columns are named in line 3; set header = "find" in the profile',
        ),
        (FIND, ROW * 3, None, "none of the first 100 rows has all of the columns 'EN', 'FN', 'HSA', 'TITEL'"),
        (
            '[format]\nheader = false\ncolumns = ["HSA", "FN", "EN", "TITEL"]\n' + STAFF,
            HEADER + ROW,
            1,
            'the line names the columns, and the profile expects no header; set header = "auto"',
        ),
    ],
    ids=["rows before the header", "no header", "a header that is not expected"],
)
def test_refused(
    register: Register, tmp_path: Path, profile: str, text: str, line: int | None, message: str
) -> None:
    assert refusal(load_files(register, tmp_path, profile, {"s.csv": text})) == (line, message)


def test_a_message_names_no_column_that_the_file_does_not_have(register: Register, tmp_path: Path) -> None:
    """Those that may be missing are not in the file either."""
    profile = STAFF.replace('"TITEL"', '{ column = "TITEL", optional = true }')
    _, message = refusal(load_files(register, tmp_path, profile, {"s.csv": "HSA;läs mig\n"}))
    assert message == "there is no column 'FN', 'EN'; the file has 'HSA', 'läs mig'"
    _, message = refusal(load_files(register, tmp_path, profile, {"s.csv": "läs mig\n"}))
    assert message.startswith("there is no column 'HSA', 'FN', 'EN'; line 1 looks like a row")


def book() -> Workbook:
    """Return a workbook as people have them: title, blank column, hidden row, total, second sheet."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Läkare"
    sheet.append(["Läkare 2026"])
    sheet.append([])
    sheet.append([None, "HSA", "FN", "EN", "TITEL", "FROM", "SIST", "AKTIV"])
    sheet.append(
        [
            None,
            "SE2321000131-X1",
            "Åsa",
            "Öberg",
            "Läkare",
            date(2026, 2, 3),
            datetime(2026, 2, 3, 8, 5),
            True,
        ]
    )
    sheet.append([None, "SE2321000131-X2", "Bo", "Ek", None, date(2026, 2, 4), None, False])
    sheet.append([None, "SE2321000131-X3", "Dold", "Rad", None, None, None, None])
    sheet.row_dimensions[6].hidden = True
    sheet.append(["Summa", 3])
    made.create_sheet("Annat").append(["Q"])
    return made


FULL = """
[format]
header = "find"
hidden = "skip"
not_rows = ["Summa"]
[[file]]
name = "s.*"
record = "staff"
[file.fields]
hsa_id = "HSA"
given_name = "FN"
surname = "EN"
title = "TITEL"
protected = "AKTIV"
"""
FOUND = [("Bo", "Ek", None, False), ("Åsa", "Öberg", "Läkare", True)]


@pytest.mark.parametrize("ending", ["openpyxl", "xlsx", "ods", "xltx", "xlsm"])
def test_workbooks(register: Register, tmp_path: Path, ending: str) -> None:
    """As openpyxl writes them, and as LibreOffice does, whatever the file is called."""
    source = tmp_path / "s.xlsx"
    book().save(source)
    made = source if ending == "openpyxl" else converted(source, ending, tmp_path / "out")
    content = made.read_bytes()
    for name in (f"s.{made.suffix[1:]}", "s.csv"):
        report = loaded(register, tmp_path, FULL, {name: content}, all_rows=True)
        assert told(report) == [(None, None, "1 rows of the sheet are hidden, and are left out")]
        assert kept(register, staff, "given_name", "surname", "title", "protected") == FOUND


def test_rows_that_are_hidden_are_read_and_told(register: Register, tmp_path: Path) -> None:
    source = tmp_path / "s.xlsx"
    book().save(source)
    profile = FULL.replace('hidden = "skip"\n', "")
    report = loaded(register, tmp_path, profile, {"s.xlsx": source.read_bytes()})
    assert len(kept(register, staff, "surname")) == 3
    assert told(report) == [
        (None, None, '1 rows of the sheet are hidden, and are read; hidden = "skip" leaves them out')
    ]


def test_the_wrong_sheet_is_not_asked_for_its_delimiter(register: Register, tmp_path: Path) -> None:
    source = tmp_path / "s.xlsx"
    book().save(source)
    profile = STAFF.replace("record", 'format = { sheet = "Annat" }\nrecord')
    _, message = refusal(load_files(register, tmp_path, profile, {"s.xlsx": source.read_bytes()}))
    assert message == (
        "there is no column 'HSA', 'FN', 'EN', 'TITEL'; row 1 of the sheet 'Annat' names none of them: "
        "is it the right sheet (the file has Läkare, Annat)?"
    )


def test_a_strict_workbook(register: Register, tmp_path: Path) -> None:
    rows = [row(1, "HSA", "FN", "EN", "TITEL"), row(2, "SE2321000131-X1", "Åsa", "Öberg", "Läkare")]
    content = strict_workbook(tmp_path / "made.xlsx", rows).read_bytes()
    loaded(register, tmp_path, STAFF, {"s.xlsx": content})
    assert names(register) == ASA


def test_text_with_the_name_of_a_workbook(register: Register, tmp_path: Path) -> None:
    for name in ("s.xlsx", "s.xls"):
        loaded(register, tmp_path, STAFF, {name: HEADER + ROW})
        assert names(register) == ASA


SAVE = "open it in a spreadsheet program and save it as .xlsx"
HTML = "<html><table><tr><td>HSA</td></tr></table></html>"
XML = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


def _zip(folder: Path, *parts: str) -> bytes:
    with ZipFile(folder / "made.zip", "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return (folder / "made.zip").read_bytes()


@pytest.mark.parametrize("name", ["s.xlsx", "s.xls", "s.csv", "s.txt"])
def test_what_cannot_be_read_is_said_with_how_to_save_it(
    register: Register, tmp_path: Path, name: str
) -> None:
    text = (HEADER + ROW).encode()
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    for content, message in (
        (HTML.encode(), f"the file is a web page (HTML), whatever its name; {SAVE}"),
        (
            f"\ufeff\n<!DOCTYPE HTML>{HTML}".encode(),
            f"the file is a web page (HTML), whatever its name; {SAVE}",
        ),
        (XML.encode(), f"the file is an XML spreadsheet, which cannot be read; {SAVE}"),
        (gzip.compress(text), "the file is packed (gzip); unpack it, and load what is in it"),
        (old, f"the file is an old workbook (.xls); {SAVE}"),
        (
            old + "EncryptedPackage".encode("utf-16-le"),
            f"the file is protected with a password; {SAVE} without one",
        ),
        (_zip(tmp_path, "s.csv"), "the file is a zip archive; unpack it, and load what is in it"),
        (
            _zip(tmp_path, "[Content_Types].xml", "xl/workbook.bin"),
            f"the file is a binary workbook (.xlsb); {SAVE}",
        ),
        (
            _zip(tmp_path, "[Content_Types].xml", "word/document.xml"),
            "the file is a document, not a workbook; save its table as .xlsx",
        ),
        (b"%PDF-1.7", "the file is a PDF; have the table exported as .xlsx or text (CSV)"),
        (
            b"SQLite format 3\0" + b"\0" * 100,
            "the file is a database (SQLite); name it in database.url, and put a query",
        ),
    ):
        assert refusal(load_files(register, tmp_path, STAFF, {name: content})) == (None, message)


def test_an_old_workbook_of_libreoffice(register: Register, tmp_path: Path) -> None:
    source = tmp_path / "made.xlsx"
    book().save(source)
    content = converted(source, "xls", tmp_path / "out").read_bytes()
    line, message = refusal(load_files(register, tmp_path, FULL, {"s.xlsx": content}))
    assert (line, message) == (None, f"the file is an old workbook (.xls); {SAVE}")


def test_a_zip_file_of_very_many_parts(register: Register, tmp_path: Path) -> None:
    content = _zip(tmp_path, *(f"{'x' * 900}{number}" for number in range(6000)))
    _, message = refusal(load_files(register, tmp_path, STAFF, {"s.xlsx": content}))
    assert message == "the file has too many parts for a workbook; save it as a text file (CSV)"


def test_faulty_rows_of_a_workbook_of_another_kind_come_back(register: Register, tmp_path: Path) -> None:
    """They are written as .xlsx, and are for the section that the workbook was for."""
    profile = STAFF.replace('"s.*"', '"s*.ods"')
    source = tmp_path / "made.xlsx"
    made = Workbook()
    for cells in (("HSA", "FN", "EN", "TITEL"), ("SE2321000131-X1", None, "Ek", "Läkare")):
        made.worksheets[0].append(cells)
    made.save(source)
    content = converted(source, "ods", tmp_path / "out").read_bytes()
    report = load_files(register, tmp_path, profile, {"s.ods": content})
    assert report.files[0].faulty == 1

    written = write_faulty(report.files[0], load_profile(tmp_path / "p.toml"), tmp_path / "back")
    assert written is not None
    assert written.name == "s.faulty.xlsx"
    again = load_files(register, tmp_path, profile, {"s.faulty.xlsx": written.read_bytes()})
    assert [message for _, _, message in told(again)] == ["is empty, but every row needs its given_name"]
