"""Hours of the portal: in Swedish, and whether they are now."""

from datetime import datetime

import pytest

from consumer.portal.hours import open_at, written

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
FRIDAY = datetime(2026, 11, 27, 9, 30)


@pytest.mark.parametrize(
    ("period", "line"),
    [
        ({"weekDay": WEEK, "time": {"start": "080000", "end": "163000"}}, "mån–fre 08:00–16:30"),
        ({"weekDay": ["Saturday", "Sunday"]}, "lör, sön"),
        ({"weekDay": ["Monday", "Wednesday", "Friday"]}, "mån, ons, fre"),
        ({"month": ["June", "July", "August"], "weekDay": ["Monday"]}, "juni–aug mån"),
        ({"datePeriod": {"start": "20261201", "end": "20261224"}}, "(2026-12-01–2026-12-24)"),
        ({"time": {"start": "080000", "end": None}}, "08:00–"),
        ({"weekDay": ["Fredag"]}, "Fredag"),
        ({}, ""),
    ],
)
def test_a_period_is_a_line(period: dict[str, object], line: str) -> None:
    assert written([period]) == ([line] if line else [])


@pytest.mark.parametrize(
    ("period", "is_open"),
    [
        ({"weekDay": WEEK, "time": {"start": "080000", "end": "163000"}}, True),
        ({"weekDay": WEEK, "time": {"start": "093000", "end": "100000"}}, True),
        ({"weekDay": WEEK, "time": {"start": "080000", "end": "093000"}}, False),
        ({"weekDay": ["Saturday"]}, False),
        ({"month": ["November"]}, True),
        ({"month": ["December"]}, False),
        ({"datePeriod": {"start": "20261127", "end": "20261127"}}, True),
        ({"datePeriod": {"start": "20261128", "end": None}}, False),
        ({"time": {"start": None, "end": "100000"}}, True),
        ({}, True),
    ],
)
def test_a_moment_is_in_a_period_by_day_month_date_and_clock(
    period: dict[str, object], is_open: bool
) -> None:
    assert open_at([period], FRIDAY) is is_open


def test_without_hours_nothing_is_known() -> None:
    assert open_at([], FRIDAY) is None


def test_one_of_several_periods_is_enough() -> None:
    assert open_at([{"weekDay": ["Monday"]}, {"weekDay": ["Friday"]}], FRIDAY) is True
