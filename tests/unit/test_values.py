"""Texts of a source to values of a record."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import HsaId
from mapping.sources import values
from mapping.sources.cells import CellFault, clean
from mapping.sources.dates import AUTO_FORMATS, read_date
from mapping.sources.values import FAULTS, FieldKind, TextRules, ValueFault, quoted
from register.model import Audience


def reading(*dates: str, today: date = date(2026, 3, 31), check_digits: bool = True) -> TextRules:
    return TextRules(today, check_digits, dates or ("%Y-%m-%d",), ",")


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

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-02-03", datetime(2026, 2, 3)),
            ("20260203", datetime(2026, 2, 3)),
            ("2026/02/03", datetime(2026, 2, 3)),
            ("03/02/2026", datetime(2026, 2, 3)),
            ("3/2/2026", datetime(2026, 2, 3)),
            ("3.2.2026", datetime(2026, 2, 3)),
            ("03-02-2026", datetime(2026, 2, 3)),
            ("2026-02-03 08:05", datetime(2026, 2, 3, 8, 5)),
            ("2026-02-03T08:05:06", datetime(2026, 2, 3, 8, 5, 6)),
            ("2026-02-03T08:05:06.789Z", datetime(2026, 2, 3, 9, 5, 6)),
            ("2026-07-03 08:05:06+00:00", datetime(2026, 7, 3, 10, 5, 6)),
            ("20100917140355Z", datetime(2010, 9, 17, 16, 3, 55)),
            ("99991231235959Z", None),
        ],
    )
    def test_auto(self, text: str, moment: datetime | None) -> None:
        assert (values.START if moment else values.END).parse(text, reading("auto")) == moment

    @pytest.mark.parametrize(
        "text",
        [
            "02/25/2026",
            "26-02-03",
            "030226",
            "202602",
            "2026023",
            "2026-02-30",
            "3 feb 2026",
            "2010091714035Z",
        ]
        + ["0001-01-01T00:00+02:00", "today"],
    )
    def test_what_auto_does_not_read(self, text: str) -> None:
        with pytest.raises(ValueFault, match="not a date that exists in any of the forms auto"):
            values.DAY.parse(text, reading("auto"))

    @given(st.text(alphabet="0123456789/.-: TZ+", max_size=20))
    def test_no_text_is_two_days(self, text: str) -> None:
        found = [read_date(text, (form,), date(2026, 1, 1)) for form in AUTO_FORMATS]
        assert len({day[0] for day in found if day is not None}) <= 1

    @pytest.mark.parametrize(
        ("text", "form"),
        [("202612", "%Y%m%d"), ("2026123", "%Y%m%d"), ("2026020", "%y%m%d"), ("20260203 805", "%Y%m%d %H%M")],
    )
    def test_a_date_that_lacks_a_digit_is_not_another_day(self, text: str, form: str) -> None:
        with pytest.raises(ValueFault, match="not a date"):
            values.DAY.parse(text, reading(form))

    @pytest.mark.parametrize("text", ["9999-12-31", "2999-01-01", "2100-01-01"])
    def test_an_end_in_the_far_future_is_no_end(self, text: str) -> None:
        assert values.LAST_DAY.parse(text, reading()) is None
        assert values.END.parse(text, reading()) is None
        assert values.END.parse(f"{text} 23:59Z", reading("%Y-%m-%d %H:%M%z")) is None

    @pytest.mark.parametrize("kind", [values.DAY, values.START])
    @pytest.mark.parametrize("text", ["2100-01-01", "1899-12-31"])
    def test_a_year_the_contracts_cannot_write(self, kind: FieldKind, text: str) -> None:
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
    def test_values(self, kind: FieldKind, text: str, value: object) -> None:
        assert kind.parse(text, reading()) == value

    def test_an_hsa_id_keeps_its_spelling(self) -> None:
        found = values.HSA_ID.parse("se2321000131-x", reading())
        assert (type(found), str(found)) == (HsaId, "se2321000131-x")

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
    def test_faults(self, kind: FieldKind, text: str, message: str) -> None:
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
        with pytest.raises(CellFault, match="control character"):
            clean(cell)

    def test_a_c1_control_points_at_the_encoding(self) -> None:
        with pytest.raises(CellFault, match=r"U\+0092.*is the file windows-1252"):
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
    def test_told(self, kind: FieldKind, text: str) -> None:
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
    def test_never_told(self, kind: FieldKind, text: str) -> None:
        assert quoted(kind, text) == ""
