"""Forms: texts of directories and patient cards to texts that the kinds of fields read."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import WEEKDAYS
from contracts.hours import Hours, parse_hours
from mapping.sources.forms import FORMS
from mapping.sources.readers import VALUES
from mapping.sources.values import ValueFault

WORK_DAYS = WEEKDAYS[:5]


@pytest.mark.parametrize(
    ("form", "text", "read"),
    [
        ("phone", "+46317478200", "031-747 82 00"),
        ("phone", "+46 33 6161000", "033-616 10 00"),
        ("phone", "031-747 82 00", "031-747 82 00"),
        ("phone", "(031) 7478200", "031-747 82 00"),
        ("phone", "+46 (0)31-747 82 00", "031-747 82 00"),
        ("phone", "0046317478200", "031-747 82 00"),
        ("phone", "08-123 456 78", "08-123 456 78"),
        ("phone", "0500431000", "0500-43 10 00"),
        ("phone", "+46 31 000 00 00", "031-000 00 00"),
        ("phone", "+4722225555", "+47 22 22 55 55"),
        ("phone", "1177", "1177"),
        ("phone", "+46 31 123 45", "+46 3112345"),
        ("title", "Psykolog,leg.", "Psykolog, leg."),
        ("title", "Läkare", "Läkare"),
        ("title", " Leg.  läkare , ,docent", "Leg. läkare, docent"),
        ("surname", "Svensson, Anna Maria", "Svensson"),
        ("surname", "von  Platen,Anna", "von Platen"),
        ("given-name", "Svensson,  Anna Maria ", "Anna Maria"),
        ("digits", "031-747 82", "03174782"),
        ("digits", "nr 7", "7"),
    ],
)
def test_forms(form: str, text: str, read: str) -> None:
    assert FORMS[form](text) == read


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("phone", "7478200", "with area code, such as 031-123 45 67"),
        ("phone", "0319", "with area code"),
        ("phone", "ring växeln", "with area code"),
        ("phone", "031-VARDEN", "with area code"),
        ("phone", "4711", "with area code"),
        ("phone", "031-747 82 00, 031-747 82 01", "with area code"),
        ("phone", "03174782003174782003174782", "with area code"),
        ("phone", "19570926-3080", "with area code"),
        ("phone", "195709263080", "with area code"),
        ("phone", "570926-3080", "with area code"),
        ("surname", "Svensson Anna", "surname, comma, given name"),
        ("surname", "Svensson,", "surname, comma, given name"),
        ("given-name", ",Anna", "surname, comma, given name"),
        ("given-name", "Svensson, Anna, leg.", "surname, comma, given name"),
        ("digits", "inga", "without any digits"),
        ("kiv-hours", "mån-fre 8-17", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "2-5#08:00", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-8#08:00#17:00", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-5#08:00#24:30", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-5#08:60#17:00", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-5#8#25", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-5#08:00#17:00#a#20260101#20261231#b", "such as 1-5#08:00#17:00"),
        ("kiv-hours", "1-5#22:00#06:00", "over midnight must be two values"),
        ("kiv-hours", "1-5#08:00#08:00", "end before they begin"),
        ("kiv-hours", "1-5#08:00#17:00##20260230", "no date such as 20260131"),
        ("kiv-hours", "1-5#08:00#17:00##20260201#20260131", "last day comes before their first"),
    ],
)
def test_what_a_form_does_not_read(form: str, text: str, expected: str) -> None:
    with pytest.raises(ValueFault, match=expected) as caught:
        FORMS[form](text)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "street", "postal_code", "town"),
    [
        (
            "Vårdcentral Majorna$ $Skärgårdsgatan 4$ $414 58$Göteborg",
            "Skärgårdsgatan 4",
            "41458",
            "Göteborg",
        ),
        ("Skärgårdsgatan 4\r$414 58  Göteborg\r", "Skärgårdsgatan 4", "41458", "Göteborg"),
        ("Box 12345$401 20 Göteborg$Sverige", "Box 12345", "40120", "Göteborg"),
        ("Storgatan 1$SE-41458 Göteborg", "Storgatan 1", "41458", "Göteborg"),
        ("Skärgårdsgatan 4$Göteborg", "Skärgårdsgatan 4", "", "Göteborg"),
        ("Skärgårdsgatan 4", "Skärgårdsgatan 4", "", ""),
        ("414 58 Göteborg", "", "41458", "Göteborg"),
        ("Storgatan 1$414 58", "Storgatan 1", "41458", ""),
        (" $\r$ ", "", "", ""),
    ],
)
def test_addresses(text: str, street: str, postal_code: str, town: str) -> None:
    assert FORMS["kiv-street"](text) == street
    assert FORMS["kiv-postal-code"](text) == postal_code
    assert FORMS["kiv-town"](text) == town


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1-5#08:00#17:00", Hours(WORK_DAYS, start=time(8), end=time(17))),
        ("1-5#8#17.30#endast akut", Hours(WORK_DAYS, start=time(8), end=time(17, 30))),
        ("1#08:00#5#17:00#endast akut", Hours(WORK_DAYS, start=time(8), end=time(17))),
        ("6-0#00:00#24:00", Hours(WEEKDAYS[5:], start=time(0), end=time(23, 59, 59))),
        ("7#18:00#00:00", Hours(WEEKDAYS[6:], start=time(18), end=time(23, 59, 59))),
        (
            "1-5#08:00#17:00#text#20260101#20261231",
            Hours(WORK_DAYS, (), time(8), time(17), date(2026, 1, 1), date(2026, 12, 31)),
        ),
        (
            "1#08:00#5#17:00##20260101#99991231",
            Hours(WORK_DAYS, (), time(8), time(17), date(2026, 1, 1)),
        ),
        (
            "1-5#08:00#17:00###20261231",
            Hours(WORK_DAYS, (), time(8), time(17), date(1900, 1, 1), date(2026, 12, 31)),
        ),
    ],
)
def test_hours(text: str, hours: Hours) -> None:
    assert parse_hours(FORMS["kiv-hours"](text)) == (hours,)


@pytest.mark.parametrize("separator", [VALUES, "$", " $ "])
def test_several_hours(separator: str) -> None:
    text = separator.join(["1-4#08:00#17:00", "5#08:00#16:00", "1-4#08:00#17:00", ""])
    assert FORMS["kiv-hours"](text) == "Mon-Thu 08:00-17:00; Fri 08:00-16:00"


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 23), st.integers(1, 24)), min_size=1
    )
)
def test_all_hours_that_are_read_can_be_written_in_messages(values: list[tuple[int, int, int, int]]) -> None:
    values = [value for value in values if value[2] < value[3]] or [(1, 5, 8, 17)]
    text = VALUES.join(
        f"{first}-{last}#{start:02}:00#{end:02}:00" for first, last, start, end in dict.fromkeys(values)
    )
    found = parse_hours(FORMS["kiv-hours"](text))
    for first, last, start, end in values:
        days = {WEEKDAYS[(first + step - 1) % 7] for step in range((last - first) % 7 + 1)}
        closes = time(23, 59, 59) if end == 24 else time(end)
        assert any(
            set(one.week_days) == days and (one.start, one.end) == (time(start), closes) for one in found
        )
