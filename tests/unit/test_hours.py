"""Opening hours: the notation, and where it says an operator went wrong."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import MONTHS, WEEKDAYS
from contracts.hours import Hours, HoursError, in_swedish, parse_hours

WORKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon-Fri", [Hours(WORKDAYS)]),
        ("MON,wed,Fri", [Hours(("Monday", "Wednesday", "Friday"))]),
        ("Mon-Thu,Sat", [Hours((*WORKDAYS[:4], "Saturday"))]),
        ("Fri-Mon", [Hours(("Monday", "Friday", "Saturday", "Sunday"))]),
        ("Mon-Sun", [Hours(WEEKDAYS)]),
        ("Tue-Mon", [Hours(WEEKDAYS)]),
        ("Wed-Wed", [Hours(("Wednesday",))]),
        ("Fri,Mon,Fri,Mon-Tue", [Hours(("Monday", "Tuesday", "Friday"))]),
        ("mån-FRE", [Hours(WORKDAYS)]),
        ("MÅN,tis,ons,tor,fre,LÖR,sön", [Hours(WEEKDAYS)]),
        ("Jan-Jun,Aug-Dec", [Hours(months=(*MONTHS[:6], *MONTHS[7:]))]),
        ("Nov-Feb", [Hours(months=("January", "February", "November", "December"))]),
        ("jan,feb,mar,apr,maj,jun,jul,aug,sep,okt,nov,dec", [Hours(months=MONTHS)]),
        ("maj,Oct", [Hours(months=("May", "October"))]),
        ("Mar Mon", [Hours(("Monday",), ("March",))]),
        ("08:00-17:00", [Hours(start=time(8), end=time(17))]),
        ("00:00-24:00", [Hours(start=time(0), end=time(23, 59, 59))]),
        ("23:59-24:00", [Hours(start=time(23, 59), end=time(23, 59, 59))]),
        ("2026-06-01/2026-08-31", [Hours(date_from=date(2026, 6, 1), date_to=date(2026, 8, 31))]),
        ("2026-06-01/2026-06-01", [Hours(date_from=date(2026, 6, 1), date_to=date(2026, 6, 1))]),
        ("2026-06-01/", [Hours(date_from=date(2026, 6, 1))]),
        (
            "Mon-Fri 08:00-12:00,13:00-17:00",
            [Hours(WORKDAYS, start=time(8), end=time(12)), Hours(WORKDAYS, start=time(13), end=time(17))],
        ),
        (
            "  2026-06-01/  Aug-Jun\tMon 08:00-12:00 ;Jul sön ",
            [
                Hours(
                    ("Monday",),
                    (*MONTHS[:6], *MONTHS[7:]),
                    start=time(8),
                    end=time(12),
                    date_from=date(2026, 6, 1),
                ),
                Hours(("Sunday",), ("July",)),
            ],
        ),
        (
            "Fri 22:00-24:00; Sat 00:00-06:00",
            [
                Hours(("Friday",), start=time(22), end=time(23, 59, 59)),
                Hours(("Saturday",), start=time(0), end=time(6)),
            ],
        ),
    ],
)
def test_notation(text: str, hours: list[Hours]) -> None:
    assert parse_hours(text) == tuple(hours)


@pytest.mark.parametrize(
    ("text", "character", "says"),
    [
        ("", 1, "an entry is empty"),
        ("Mon;", 5, "an entry is empty"),
        ("Mon; ;Tue", 5, "an entry is empty"),
        ("Mon Tue", 5, "week days stand twice"),
        ("08:00-12:00 13:00-17:00", 13, "times stand twice"),
        ("Mon Jan", 5, "the order is dates, months, week days, times"),
        ("08:00-12:00 Mon", 13, "the order is dates, months, week days, times"),
        ("Mon; Jan 2026-06-01/", 10, "the order is dates, months, week days, times"),
        ("Monday", 1, "or week days such as Mon-Fri"),
        ("Mon - Fri", 5, "or week days such as Mon-Fri"),
        ("closed", 1, "first and last day such as"),
        ("Mon, Tue", 5, "expected week days"),
        ("Mon,Xyz", 5, "expected week days"),
        ("Mon,Jan", 5, "expected week days"),
        ("Jan,Feb-Xyz", 5, "expected months"),
        ("Mon-Wed-Fri", 1, "expected week days"),
        ("Mon-", 1, "expected week days"),
        ("Mon 8:00-12:00", 5, "expected times"),
        ("Mon 08:00", 5, "expected times"),
        ("Mon 08:00-12:00,", 17, "expected times"),
        ("Mon 08:00-12:00,13:00", 17, "expected times"),
        ("08:00-25:00", 1, "no such time"),
        ("08:60-09:00", 1, "no such time"),
        ("24:00-24:00", 1, "no such time"),
        ("08:00-08:00", 1, "end must come after the start"),
        ("Fri 22:00-06:00", 5, "hours over midnight as two entries"),
        ("/2026-08-31", 1, "expected first and last day"),
        ("2026-6-1/", 1, "expected first and last day"),
        ("1899-12-31/", 1, "years 1900-2099"),
        ("2026-01-01/2100-01-01", 1, "years 1900-2099"),
        ("2026-02-30/", 1, "no such date"),
        ("2026-02-01/2026-02-30", 1, "no such date"),
        ("2026-08-31/2026-06-01", 1, "last day comes before the first"),
    ],
)
def test_error_says_where_and_what_is_expected(text: str, character: int, says: str) -> None:
    with pytest.raises(HoursError, match=says) as caught:
        parse_hours(text)
    assert str(caught.value).startswith(f"hours, character {character}: ")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Mon-Fri 08:00-16:30", "Mån-fre 08:00-16:30"),
        ("mån,Thu 13:00-14:00", "Mån, tor 13:00-14:00"),
        ("Jan-May,Oct Wed 08:00-12:00,13:00-17:00; Jul", "Jan-maj, okt ons 08:00-12:00, 13:00-17:00; Jul"),
        ("2026-06-01/2026-08-31 Sat-Sun", "2026-06-01 till 2026-08-31 lör-sön"),
        ("2026-06-01/", "Från 2026-06-01"),
        ("08:00-24:00", "08:00-24:00"),
    ],
)
def test_hours_are_read_in_swedish(text: str, read: str) -> None:
    """A Swede reads them in internalNotes, whatever language the source writes names in."""
    assert in_swedish(text) == read
    assert parse_hours(text)


def test_the_same_text_is_parsed_once() -> None:
    assert parse_hours("Mon-Fri 07:45-16:15") is parse_hours("Mon-Fri 07:45-16:15")


@given(st.text(alphabet="MonFriJaäåö-,;:/ 0123456789\n", max_size=30))
def test_any_text_is_hours_or_an_hours_error(text: str) -> None:
    try:
        hours = parse_hours(text)
    except HoursError:
        return
    assert len(hours) >= text.count(";") + 1
    assert Hours() not in hours


@given(
    first=st.integers(0, 6),
    last=st.integers(0, 6),
    swedish=st.booleans(),
)
def test_a_range_of_week_days_runs_forward_from_the_first(first: int, last: int, swedish: bool) -> None:
    names = ("mån tis ons tor fre lör sön" if swedish else "Mon Tue Wed Thu Fri Sat Sun").split()
    expected = {WEEKDAYS[last]}
    day = first
    while day != last:
        expected.add(WEEKDAYS[day])
        day = (day + 1) % 7
    (hours,) = parse_hours(f"{names[first]}-{names[last]}")
    assert hours.week_days == tuple(day for day in WEEKDAYS if day in expected)
