"""Delimited files: what is read, and what a file that cannot be read is told; texts to values."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from mapping.sources import values
from mapping.sources.delimited import LONGEST_LINE, Encoding, Row, SourceError, open_table
from mapping.sources.values import FAULTS, Kind, Reading, ValueFault, clean, quoted
from register.model import Audience

WriteFile = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write_file(content: bytes) -> Path:
        path = tmp_path / "källa.csv"
        path.write_bytes(content)
        return path

    return write_file


def read(
    path: Path, encoding: Encoding = "utf-8", delimiter: str = ";", quote: str = '"'
) -> tuple[tuple[str, ...], list[Row]]:
    with open_table(path, encoding=encoding, delimiter=delimiter, quote=quote) as table:
        return table.columns, list(table.rows)


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
        with open_table(path, encoding="utf-8", delimiter=";", quote='"') as table:
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
        with open_table(write(b" B ;A;C\n"), encoding="utf-8", delimiter=";", quote='"') as table:
            assert table.positions(["A", "B", "A"]) == {"A": 1, "B": 0}

    def test_missing_columns_are_named_with_those_found(self, write: WriteFile) -> None:
        path = write(b"A;B\n")
        with (
            open_table(path, encoding="utf-8", delimiter=";", quote='"') as table,
            pytest.raises(SourceError, match="there is no column 'a', 'C'; the file has 'A', 'B'"),
        ):
            table.positions(["a", "A", "C"])

    def test_two_columns_of_one_name_matter_when_one_is_wanted(self, write: WriteFile) -> None:
        with open_table(write(b"A;B;B\n"), encoding="utf-8", delimiter=";", quote='"') as table:
            assert table.positions(["A"]) == {"A": 0}
            with pytest.raises(SourceError, match="more than one column 'B'"):
                table.positions(["A", "B"])


def reading(*dates: str, today: date = date(2026, 3, 31), check_digits: bool = True) -> Reading:
    return Reading(today, check_digits, dates or ("%Y-%m-%d",), ",")


class TestDates:
    @pytest.mark.parametrize(
        ("text", "today", "day"),
        [
            ("today", date(2026, 3, 31), date(2026, 3, 31)),
            ("+30d", date(2026, 12, 31), date(2027, 1, 30)),
            ("-1d", date(2027, 1, 1), date(2026, 12, 31)),
            ("-1m", date(2026, 3, 31), date(2026, 2, 28)),
            ("-1m", date(2028, 3, 31), date(2028, 2, 29)),
            ("-13m", date(2026, 1, 15), date(2024, 12, 15)),
            ("+11m", date(2026, 1, 31), date(2026, 12, 31)),
            ("-1y", date(2028, 2, 29), date(2027, 2, 28)),
            ("-4y", date(2028, 2, 29), date(2024, 2, 29)),
            ("+0d", date(2028, 2, 29), date(2028, 2, 29)),
        ],
    )
    def test_relative(self, text: str, today: date, day: date) -> None:
        assert values.DAY.parse(text, reading("relative", today=today)) == day

    def test_relative_with_time(self) -> None:
        assert values.START.parse("-400d 08:05", reading("relative")) == datetime(2025, 2, 24, 8, 5)

    @pytest.mark.parametrize(
        "text", ["30d", "+30", "-1w", "tomorrow", "-1d 24:00", "-99999y", "-1d 8:00", ""]
    )
    def test_not_relative(self, text: str) -> None:
        with pytest.raises(ValueFault, match="not a date that exists in any of the forms relative"):
            values.DAY.parse(text, reading("relative"))

    def test_formats_are_tried_in_turn(self) -> None:
        forms = reading("relative", "%d/%m/%Y", "%Y%m%d %H:%M")
        assert values.DAY.parse("03/02/2026", forms) == date(2026, 2, 3)
        assert values.DAY.parse("20260203 23:59", forms) == date(2026, 2, 3)
        with pytest.raises(ValueFault, match="exists"):
            values.DAY.parse("30/02/2026", forms)

    def test_a_day_begins_and_ends_a_period_in_full(self) -> None:
        assert values.START.parse("2026-02-03", reading()) == datetime(2026, 2, 3)
        assert values.END.parse("2026-02-03", reading()) == datetime(2026, 2, 3, 23, 59, 59)

    def test_a_moment_is_kept(self) -> None:
        form = reading("%Y-%m-%d %H:%M:%S")
        assert values.END.parse("2026-02-03 00:00:00", form) == datetime(2026, 2, 3)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("20100917140355Z", datetime(2010, 9, 17, 16, 3, 55)),
            ("20101231230355Z", datetime(2011, 1, 1, 0, 3, 55)),
        ],
    )
    def test_a_zone_is_turned_into_swedish_time(self, text: str, moment: datetime) -> None:
        assert values.START.parse(text, reading("%Y%m%d%H%M%S%z")) == moment

    @pytest.mark.parametrize("text", ["9999-12-31", "2999-01-01", "2100-01-01"])
    def test_an_end_in_the_far_future_is_no_end(self, text: str) -> None:
        assert values.LAST_DAY.parse(text, reading()) is None
        assert values.END.parse(text, reading()) is None
        assert values.END.parse(f"{text} 23:59Z", reading("%Y-%m-%d %H:%M%z")) is None

    @pytest.mark.parametrize("kind", [values.DAY, values.START])
    @pytest.mark.parametrize("text", ["2100-01-01", "1899-12-31"])
    def test_a_year_the_contracts_cannot_write(self, kind: Kind, text: str) -> None:
        with pytest.raises(ValueFault, match="from 1900 to 2099"):
            kind.parse(text, reading())


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            (values.TEXT, "Anna\u00a0 Lööf\n", "Anna Lööf"),
            (values.NOTES, "En  rad\r\noch en till", "En rad\noch en till"),
            (values.PERSON_ID, "19570926-3080", "195709263080"),
            (values.PERSON_IDS, "195709263080, 196812732391,", ("195709263080", "196812732391")),
            (values.HSA_ID, "se2321000131-x", "se2321000131-x"),
            (values.COUNTY, "14", "14"),
            (values.COUNTY, "1", "01"),
            (values.COUNTIES, "14,17", ("14", "17")),
            (values.ORGANISATION_NUMBER, "232100-0131", "2321000131"),
            (values.CONTACT_SYSTEM, "Phone", "phone"),
            (values.AUDIENCE, "by_choice", Audience.BY_CHOICE),
            (values.FLAG, "Ja", True),
            (values.FLAG, "N", False),
            (values.FLAG, "0", False),
            (values.COUNT, "0", 0),
            (values.HOURS, "Mån-Fre 08:00-17:00", "Mån-Fre 08:00-17:00"),
            (values.BEFATTNING, "201011", "201011"),
        ],
    )
    def test_values(self, kind: Kind, text: str, value: object) -> None:
        assert kind.parse(text, reading()) == value

    @pytest.mark.parametrize(
        ("kind", "text", "message"),
        [
            (values.PERSON_ID, "191212129999", "check digit"),
            (values.PERSON_ID, "570926-3080", "century"),
            (values.PERSON_IDS, "195709263080,191212129999", "check digit"),
            (values.HSA_ID, "Ängsblomman", "not an HSA-id"),
            (values.COUNTY, "88", "not a county code"),
            (values.COUNTIES, "14,88", "not a county code"),
            (values.ORGANISATION_NUMBER, "2321", "ten digits"),
            (values.CONTACT_SYSTEM, "telefon", "there are email, fax, other, pager, phone, sms, url"),
            (values.AUDIENCE, "alla", "there are patient, by_choice, staff"),
            (values.FLAG, "kanske", "neither yes nor no"),
            (values.COUNT, "-1", "whole number"),
            (values.COUNT, "1.5", "whole number"),
            (values.HOURS, "08-17", "character 1"),
            (values.BEFATTNING, "Läkare", "goes to the field title"),
        ],
    )
    def test_faults(self, kind: Kind, text: str, message: str) -> None:
        with pytest.raises(FAULTS, match=message) as caught:
            kind.parse(text, reading())
        assert text not in str(caught.value)

    def test_check_digits_can_be_left_unchecked(self) -> None:
        assert values.PERSON_ID.parse("191212129999", reading(check_digits=False)) == "191212129999"

    def test_open_code_lists_only_warn(self) -> None:
        assert values.BEFATTNING.warn is not None
        assert values.CONTACT_TYPE.warn is not None
        assert values.BEFATTNING.warn("201011") is None
        assert "is not in the packaged list of KV_Befattning" in str(values.BEFATTNING.warn("999999"))
        assert values.CONTACT_TYPE.warn("4") is None
        assert "is not in the packaged list of Kv typ" in str(values.CONTACT_TYPE.warn("5"))

    @pytest.mark.parametrize("cell", ["a\x00", "\x1b[31m", "a\x7f", "\ufffe", "\ud800"])
    def test_what_xml_cannot_carry(self, cell: str) -> None:
        with pytest.raises(ValueFault, match="control character"):
            clean(cell)

    def test_a_c1_control_points_at_the_encoding(self) -> None:
        with pytest.raises(ValueFault, match=r"U\+0092.*is the file windows-1252"):
            clean(b"Anna\x92s".decode("iso-8859-1"))

    def test_clean_trims_and_keeps_line_breaks_within(self) -> None:
        assert clean(" \u00a0a\r\nb\t") == "a\r\nb"


class TestQuoting:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (values.DAY, "2026-02-30"),
            (values.HSA_ID, "SE2321000131_X"),
            (values.BEFATTNING, "20101"),
            (values.HOURS, "08-17"),
        ],
    )
    def test_told(self, kind: Kind, text: str) -> None:
        assert quoted(kind, text) == f"{text!r}: "

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (values.PERSON_ID, "1957"),
            (values.TEXT, "Anna 2"),
            (values.NOTES, "Ring 1177"),
            (values.HSA_ID, "Anna Lööf"),
            (values.HSA_ID, "19570926-3080"),
            (values.COUNTY, "570926+3080"),
            (values.CONTACT_TYPE, "19570926 3080"),
            (values.CONTACT_TYPE, "Lööf"),
            (values.FLAG, "patienten 195709263080 vill"),
            (values.CODE, "22950606FH20"),
            (values.CODE, "1" * 61),
        ],
    )
    def test_never_told(self, kind: Kind, text: str) -> None:
        assert quoted(kind, text) == ""
