"""Spreadsheets: cells to texts, and files that cannot be read."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from mapping.sources.readers import Row, SourceError, open_file, parts, sheet
from mapping.sources.readers import xlsx as reader
from tests.workbooks import row as row_of
from tests.workbooks import write_workbook


def workbook(*rows: list[Any]) -> Workbook:
    book = Workbook()
    book.worksheets[0].title = "Blad1"
    for row in rows:
        book.worksheets[0].append(row)
    return book


def saved(folder: Path, content: Workbook | bytes) -> Path:
    path = folder / "källa.xlsx"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.save(path)
    return path


def read(
    path: Path,
    sheet: str | None = None,
    header: bool | Literal["auto"] = True,
    columns: Sequence[str] | None = None,
) -> tuple[tuple[str, ...], list[Row]]:
    with open_file(path, sheet=sheet, header=header, columns=columns) as table:
        return table.columns, list(table.rows)


def refused(path: Path, **form: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path, **form)
    return caught.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Åsa", "Åsa"),
        ("0701", "0701"),
        ("a\nb", "a\nb"),
        (701, "701"),
        (195709263080.0, "195709263080"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (date(2026, 2, 3), "2026-02-03"),
        (datetime(2026, 2, 3, 8, 5), "2026-02-03T08:05:00"),
        (datetime(2026, 2, 3), "2026-02-03T00:00:00"),
        (time(8, 5), "08:05:00"),
        ("=1+1", "="),
        ("#N/A", "=#N/A"),
    ],
)
def test_values(tmp_path: Path, value: object, text: str) -> None:
    assert read(saved(tmp_path, workbook(["A"], [value])))[1] == [Row(2, [text])]


def test_a_value_that_is_no_text(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook(["A"], [timedelta(hours=30)], ["x"]))
    assert read(path)[1] == [
        Row(2, [], "the row holds a timedelta, which is no text, number or date"),
        Row(3, ["x"]),
    ]


def test_an_escaped_control_character(tmp_path: Path) -> None:
    assert read(saved(tmp_path, workbook(["A"], ["a_x000D_b"])))[1] == [Row(2, ["a\rb"])]


def test_rows(tmp_path: Path) -> None:
    book = workbook([" A ", "B", None], ["1"], [], [" ", None], [None, "2", "  "], ["3", "4", "5"])
    assert read(saved(tmp_path, book)) == (
        ("A", "B"),
        [
            Row(2, ["1", ""]),
            Row(5, ["", "2"]),
            Row(6, ["3", "4", "5"], "the row has 3 cells, the header 2"),
        ],
    )


def test_without_header(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook(["1"], ["2", "3", "fel"]))
    assert read(path, header=False, columns=["A", "B"]) == (
        ("A", "B"),
        [Row(1, ["1", ""]), Row(2, ["2", "3"])],
    )


def test_more_rows_than_are_read_at_once(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook(["A"], *([number] for number in range(2500))))
    with open_file(path) as table:
        assert [(row.line, row.cells) for row in table.rows] == [(n + 2, [str(n)]) for n in range(2500)]
        assert table.done() == 1.0


def test_sheets(tmp_path: Path) -> None:
    book = workbook(["A"], ["1"])
    book.create_sheet("Blad2").append(["B"])
    path = saved(tmp_path, book)
    assert read(path)[0] == ("A",)
    assert read(path, sheet="Blad2")[0] == ("B",)
    assert refused(path, sheet="Blad3").reason == "there is no sheet 'Blad3'; the file has Blad1, Blad2"


@pytest.mark.parametrize("rows", [[], [[None], ["A"]]], ids=["no rows", "first row empty"])
def test_no_header(tmp_path: Path, rows: list[list[Any]]) -> None:
    assert str(refused(saved(tmp_path, workbook(*rows)))) == (
        "line 1: the line is empty; it must name the columns"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged, or no workbook"),
        (b"PK\x03\x04", "the file is damaged, or was cut off"),
    ],
)
def test_no_spreadsheet(tmp_path: Path, content: bytes, reason: str) -> None:
    error = refused(saved(tmp_path, content))
    assert error.line is None
    assert reason in error.reason


@pytest.mark.parametrize(
    ("module", "limit", "reason"),
    [
        (parts, "LARGEST_PART", "a part of it has over 100 bytes"),
        (parts, "LONGEST_TEXT", "a cell has over 100 characters"),
        (reader, "MOST_STRINGS", "it has over 100 different texts"),
        (reader, "LARGEST_STRINGS", "when it is unpacked"),
        (sheet, "MOST_CELLS", "it has over 100 cells"),
    ],
)
def test_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, limit: str, reason: str
) -> None:
    texts = [f"{number}" * 40 for number in range(1000)]
    path = write_workbook(
        tmp_path / "b.xlsx",
        (row_of(number, text) for number, text in enumerate(texts, 1)),
        strings=(f"<si><t>{text}</t></si>" for text in texts),
    )
    monkeypatch.setattr(module, limit, 100)
    told = refused(path).reason
    assert told.startswith("the workbook is too large: ")
    assert reason in told


def test_missing_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.xlsx").reason == "the file cannot be opened: No such file or directory"


GOOD = BytesIO()
workbook(["A", "B"], *([number, f"text {number}", date(2026, 1, 1)] for number in range(30))).save(GOOD)


def refusal(path: Path, *words: str) -> bool:
    """Tell whether a file is read, or refused for a reason that holds one of some words."""
    try:
        read(path)
    except SourceError as error:
        return any(word in error.reason for word in words)
    return True


@settings(max_examples=40)
@given(
    st.integers(0, len(GOOD.getvalue()) - 1),
    st.binary(min_size=1, max_size=4),
    st.integers(0, len(GOOD.getvalue())),
)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, place: int, damage: bytes, end: int) -> None:
    content = bytearray(GOOD.getvalue())
    content[place : place + len(damage)] = damage
    for broken in (bytes(content), bytes(content[:end])):
        assert refusal(
            saved(tmp_path, broken),
            "damaged",
            "text",
            "empty",
            "NUL",
            "utf-8",
            "cells",
            "column",
            "zip archive",
            "packed",
            "no sheet",
        )


def packed(parts: dict[str, str]) -> bytes:
    file = BytesIO()
    with ZipFile(BytesIO(GOOD.getvalue())) as good, ZipFile(file, "w") as broken:
        for name in good.namelist():
            broken.writestr(name, parts.get(name) or good.read(name))
    return file.getvalue()


@settings(max_examples=40)
@given(
    st.sampled_from(ZipFile(BytesIO(GOOD.getvalue())).namelist()),
    st.integers(0, 3000),
    st.text("<>/=\"' 0aA&;\0", max_size=4),
)
def test_damaged_xml_is_read_or_refused(tmp_path: Path, name: str, place: int, damage: str) -> None:
    text = ZipFile(BytesIO(GOOD.getvalue())).read(name).decode()
    broken = packed({name: text[:place] + damage + text[place + len(damage) :]})
    assert refusal(
        saved(tmp_path, broken), "damaged", "sheet", "empty", "no workbook", "zip archive", "binary"
    )


def test_a_sheet_damaged_in_the_middle_gives_the_rows_before(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 1500))
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    head += '<dimension ref="A1:A1500"/><sheetData>'
    path = saved(tmp_path, packed({"xl/worksheets/sheet1.xml": f"{head}{rows}<row r="}))
    with open_file(path) as table:
        assert len([next(table.rows) for _ in range(999)]) == 999
        with pytest.raises(SourceError, match=r"line 1\d\d\d: the file is damaged after this line"):
            list(table.rows)


def test_a_row_number_far_out_ends_soon(tmp_path: Path) -> None:
    cell = '<row r="{0}"><c r="A{0}" t="str"><v>x</v></c></row>'
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = f"{head}{cell.format(1)}{cell.format(999_999_999_999)}</sheetData></worksheet>"
    assert read(saved(tmp_path, packed({"xl/worksheets/sheet1.xml": sheet}))) == (("x",), [])
