"""Delimited files: what is read, and what a file that cannot be read is told."""

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.sources.readers import Encoding, Row, SourceError, open_file
from mapping.sources.readers.text import LONGEST_LINE

WriteFile = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write_file(content: bytes) -> Path:
        path = tmp_path / "källa.csv"
        path.write_bytes(content)
        return path

    return write_file


def read(
    path: Path,
    encoding: Encoding = "utf-8",
    delimiter: str = ";",
    quote: str = '"',
    header: bool | Literal["auto"] = True,
    columns: Sequence[str] | None = None,
    wanted: Sequence[str] = (),
) -> tuple[tuple[str, ...], list[Row]]:
    with open_file(
        path,
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
        header=header,
        columns=columns,
        wanted=wanted,
    ) as table:
        return table.columns, list(table.rows)


def refused(path: Path, **form: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path, **form)
    return caught.value


class TestDelimited:
    @pytest.mark.parametrize(
        ("encoding", "content"),
        [
            ("utf-8", "Namn;Ort\nÅsa;Öbo\n".encode()),
            ("utf-8", b"\xef\xbb\xbf" + "Namn;Ort\nÅsa;Öbo\n".encode()),
            ("windows-1252", "Namn;Ort\nÅsa;Öbo\n".encode("cp1252")),
            ("iso-8859-1", "Namn;Ort\r\nÅsa;Öbo".encode("latin-1")),
        ],
    )
    def test_encodings(self, write: WriteFile, encoding: Encoding, content: bytes) -> None:
        assert read(write(content), encoding) == (("Namn", "Ort"), [Row(2, ["Åsa", "Öbo"])])

    def test_a_row_knows_the_line_it_begins_on(self, write: WriteFile) -> None:
        content = b'A;B\n1;"two\nlines"\n\n ; \n2;"with ""quotes"" and ;"\n'
        assert read(write(content)) == (
            ("A", "B"),
            [Row(2, ["1", "two\nlines"]), Row(6, ["2", 'with "quotes" and ;'])],
        )

    def test_other_delimiter_and_no_quotes(self, write: WriteFile) -> None:
        assert read(write(b'A\tB\n"1\t2;3\n'), delimiter="\t", quote="") == (
            ("A", "B"),
            [Row(2, ['"1', "2;3"])],
        )

    def test_a_row_with_the_wrong_number_of_cells_is_only_its_own_fault(self, write: WriteFile) -> None:
        _, rows = read(write(b"A;B\n1\n1;2;3\n1;2\n"))
        assert [row.fault for row in rows] == [
            "the row has 1 cells, the header 2",
            "the row has 3 cells, the header 2",
            None,
        ]

    @pytest.mark.parametrize(
        ("content", "encoding", "line", "reason"),
        [
            (b"", "utf-8", 1, "must name the columns"),
            (b"\n1;2\n", "utf-8", 1, "must name the columns"),
            ("A;B\n1;2\n1;å\n".encode("cp1252"), "utf-8", 3, "byte 11 of the file (hex e5) is not utf-8"),
            (b"\xef\xbb\xbfA\n\xe5\n", "utf-8", 2, "byte 6 of the file (hex e5)"),
            (b"\xef\xbb\xbf\xe5\n", "utf-8", 1, "byte 4 of the file (hex e5)"),
            (b"A\n\x81\n", "windows-1252", 2, "byte 3 of the file (hex 81) is not windows-1252"),
            ("\ufeffA\nå\n".encode(), "windows-1252", 1, "marked as UTF-8, but the profile says"),
            ("A;B\n".encode("utf-16"), "utf-8", 1, "is UTF-16; save it as UTF-8"),
            ("A;B\n".encode("utf-16-be"), "utf-8", 1, "NUL byte"),
            (b"A;B\n1;2\n1;\x00\n", "iso-8859-1", 3, "NUL byte"),
            (b'A;B\n1;2\n1;"2\n1;2\n', "utf-8", 3, "is a quotation mark not closed?"),
            (b'A;B\n1;"2"x\n', "utf-8", 2, "is a quotation mark not closed?"),
            (b'A;B\n1;"' + b"x" * 200_000 + b"\n", "utf-8", 2, "is a quotation mark not closed?"),
            (b"A;B\r1;2\r1;2\r", "utf-8", 1, "cannot be split into cells"),
            (b"A;B\n" + b"1" * (LONGEST_LINE + 1), "utf-8", 2, "are the line breaks LF?"),
        ],
    )
    def test_unreadable(
        self, write: WriteFile, content: bytes, encoding: Encoding, line: int, reason: str
    ) -> None:
        with pytest.raises(SourceError) as caught:
            read(write(content), encoding)
        assert caught.value.line == line
        assert reason in caught.value.reason
        assert str(caught.value) == f"line {line}: {caught.value.reason}"

    def test_rows_before_the_fault_are_given(self, write: WriteFile) -> None:
        path = write(b'A\n1\n"2\n')
        with open_file(path) as table:
            assert next(table.rows) == Row(2, ["1"])
            with pytest.raises(SourceError):
                next(table.rows)

    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="cannot be opened: No such file") as caught:
            read(tmp_path / "nothing.csv")
        assert caught.value.line is None

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="cannot be opened"):
            read(tmp_path)

    def test_columns_are_found_by_name(self, write: WriteFile) -> None:
        with open_file(write(b" B ;A;C\n")) as table:
            assert table.positions(["A", "B", "A"]) == {"A": 1, "B": 0}

    def test_missing_columns_are_named_with_those_found(self, write: WriteFile) -> None:
        path = write(b"A;B\n")
        with (
            open_file(path) as table,
            pytest.raises(SourceError, match="there is no column 'a', 'C'; the file has 'A', 'B'"),
        ):
            table.positions(["a", "A", "C"])

    def test_two_columns_of_one_name_matter_when_one_is_wanted(self, write: WriteFile) -> None:
        with open_file(write(b"A;B;B\n")) as table:
            assert table.positions(["A"]) == {"A": 0}
            with pytest.raises(SourceError, match="more than one column 'B'"):
                table.positions(["A", "B"])

    def test_line_breaks_of_windows(self, write: WriteFile) -> None:
        assert read(write(b"A;B\r\n1;2\r\n\r\n3;4\r\n")) == (
            ("A", "B"),
            [Row(2, ["1", "2"]), Row(4, ["3", "4"])],
        )

    def test_a_quotation_mark_far_into_the_file_keeps_the_lines_counted(self, write: WriteFile) -> None:
        plain = b"".join(b"%d;xxx\n" % number for number in range(40_000))
        _, rows = read(write(b"A;B\n" + plain + b'1;"a\nb"\n2;c\n'))
        assert [(row.line, row.cells) for row in rows[-3:]] == [
            (40_001, ["39999", "xxx"]),
            (40_002, ["1", "a\nb"]),
            (40_004, ["2", "c"]),
        ]

    def test_the_rows_before_an_undecodable_letter_are_given(self, write: WriteFile) -> None:
        with open_file(write(b"A\n1\n2\n\xe5\n")) as table:
            assert [next(table.rows).line, next(table.rows).line] == [2, 3]
            with pytest.raises(SourceError, match=r"line 4: byte 7 of the file \(hex e5\)"):
                next(table.rows)

    def test_a_fault_far_into_the_file(self, write: WriteFile) -> None:
        error = refused(write(b"A\n" + (b"1" * 999 + b"\n") * 300 + b"\xe5\n" + b"1\n" * 10))
        assert error.line == 302
        assert "byte 300003 of the file" in error.reason

    def test_a_file_cut_off_within_a_letter(self, write: WriteFile) -> None:
        error = refused(write("A;B\n1;å".encode()[:-1]))
        assert (error.line, "cut off" in error.reason) == (2, True)

    def test_the_share_that_has_been_read(self, write: WriteFile) -> None:
        with open_file(write(b"A\n" + (b"1" * 99 + b"\n") * 12_000)) as table:
            shares = [table.done() for row in table.rows if row.line % 4000 == 0]
            assert None not in shares
            assert shares == sorted(shares)  # type: ignore[type-var]  # None is not among them
            assert 0 < (shares[0] or 0) < 0.6
            assert table.done() == 1.0

    @settings(max_examples=50)
    @given(
        st.lists(st.lists(st.text(alphabet="aå;\t,|\"' \n", max_size=4), min_size=2, max_size=2), max_size=5),
        st.sampled_from([";", ",", "\t", "|"]),
        st.sampled_from(["utf-8", "windows-1252", "iso-8859-1"]),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    def test_reads_what_the_csv_module_writes(
        self,
        tmp_path: Path,
        rows: list[list[str]],
        delimiter: str,
        encoding: Encoding,
        line_break: str,
        quoting: Any,
    ) -> None:
        text = StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator=line_break, quoting=quoting)
        writer.writerows([["A", "B"], *rows])
        path = tmp_path / "file.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        _, found = read(path, encoding, delimiter)
        assert [row.cells for row in found] == [row for row in rows if any(cell.strip() for cell in row)]

    @settings(max_examples=50)
    @given(st.text(alphabet='a;" \r\n', max_size=30))
    def test_splits_cells_as_the_csv_module_does(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "file.csv"
        path.write_bytes(content.encode())
        columns = [str(number) for number in range(40)]
        try:
            expected = list(csv.reader(StringIO(content, newline="\n"), delimiter=";", strict=True))
        except csv.Error:
            refused(path, header=False, columns=columns)
        else:
            _, found = read(path, header=False, columns=columns)
            assert [row.cells for row in found] == [row for row in expected if any(map(str.strip, row))]


class TestEncodingFound:
    @pytest.mark.parametrize(
        "content",
        [
            "Namn\nÅsa\n".encode(),
            "\ufeffNamn\nÅsa\n".encode(),
            "Namn\nÅsa\n".encode("cp1252"),
            b"Namn\n" + (b"x" * 999 + b"\n") * 300 + "Åsa\n".encode("cp1252"),
            b"Namn\n" + (b"x" * 999 + b"\n") * 300 + "Åsa\n".encode(),
        ],
        ids=["utf-8", "marked", "windows-1252", "windows-1252 late", "utf-8 late"],
    )
    def test_found(self, write: WriteFile, content: bytes) -> None:
        assert read(write(content), "auto")[1][-1].cells == ["Åsa"]

    @pytest.mark.parametrize(("first", "second"), [("utf-8", "cp1252"), ("cp1252", "utf-8")])
    @pytest.mark.parametrize("between", [0, 300], ids=["near", "far"])
    def test_a_mixture_is_refused_with_both_lines(
        self, write: WriteFile, first: str, second: str, between: int
    ) -> None:
        content = (
            b"Namn\n" + "Åsa\n".encode(first) + (b"x" * 999 + b"\n") * between + "Örjan\n".encode(second)
        )
        error = refused(write(content), encoding="auto")
        utf8, other = (2, between + 3) if first == "utf-8" else (between + 3, 2)
        assert error.line == between + 3
        assert f"line {utf8} is utf-8, line {other} is not" in error.reason

    def test_utf16_and_nul_bytes(self, write: WriteFile) -> None:
        assert "UTF-16" in refused(write("A\n".encode("utf-16")), encoding="auto").reason
        assert "NUL" in refused(write(b"A\n\0\n"), encoding="auto").reason

    def test_no_character_of_windows_1252(self, write: WriteFile) -> None:
        error = refused(write(b"A\n\x81\n"), encoding="auto")
        assert (error.line, "is not windows-1252" in error.reason) == (2, True)


class TestDelimiterFound:
    @pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
    def test_by_the_header(self, write: WriteFile, delimiter: str) -> None:
        path = write(delimiter.join(["A", "B", "C"]).encode() + b"\n")
        assert read(path, delimiter="auto")[0] == ("A", "B", "C")

    def test_by_the_names_that_are_wanted(self, write: WriteFile) -> None:
        content = b"Namn, kort;Ort\nA, B;Oby\n"
        assert read(write(content), delimiter="auto", wanted=["Ort"])[0] == ("Namn, kort", "Ort")
        assert read(write(content), delimiter="auto", wanted=["kort;Ort"])[0] == ("Namn", "kort;Ort")

    def test_by_the_rows(self, write: WriteFile) -> None:
        _, rows = read(write(b"Namn, kort;Ort\nA;Oby\nB;Oby\n"), delimiter="auto")
        assert [row.cells for row in rows] == [["A", "Oby"], ["B", "Oby"]]

    def test_what_stands_in_quotation_marks_does_not_count(self, write: WriteFile) -> None:
        assert read(write(b'"A;x;y",B\n"1;2;3",2\n'), delimiter="auto")[0] == ("A;x;y", "B")

    def test_several_would_do(self, write: WriteFile) -> None:
        error = refused(write(b"A,a;B\n1,1;2\n"), delimiter="auto")
        assert (error.line, error.reason) == (
            1,
            "the delimiter may be ';' or ','; set delimiter in the profile",
        )

    def test_one_column(self, write: WriteFile) -> None:
        assert read(write(b"A\n1\n"), delimiter="auto") == (("A",), [Row(2, ["1"])])

    def test_an_empty_file(self, write: WriteFile) -> None:
        assert refused(write(b""), delimiter="auto").line == 1


class TestHeader:
    @pytest.mark.parametrize("header", [False, "auto"])
    def test_without_header(self, write: WriteFile, header: bool | Literal["auto"]) -> None:
        path = write(b"\n1;2\n3;4;fel datum\n5\n6;7;8;9\n")
        assert read(path, header=header, columns=["A", "B"]) == (
            ("A", "B"),
            [
                Row(2, ["1", "2"]),
                Row(3, ["3", "4"]),
                Row(4, ["5"], "the row has 1 cells, the profile names 2 columns"),
                Row(5, ["6", "7", "8", "9"], "the row has 4 cells, the profile names 2 columns"),
            ],
        )

    def test_a_first_row_that_has_names_is_a_header(self, write: WriteFile) -> None:
        path = write(b" b ;x\n1;2\n")
        assert read(path, header="auto", columns=["A", "B"]) == (("b", "x"), [Row(2, ["1", "2"])])

    @pytest.mark.parametrize("header", [False, "auto"])
    def test_an_empty_file_without_header_has_no_rows(
        self, write: WriteFile, header: bool | Literal["auto"]
    ) -> None:
        assert read(write(b"\n;\n"), header=header, columns=["A", "B"]) == (("A", "B"), [])
