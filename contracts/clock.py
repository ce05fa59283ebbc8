"""Swedish local time, which every date and time of the contracts is in (carelisting TKB 5.1)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def swedish_now() -> datetime:
    """Return the current Swedish local time without zone, as the contracts and the register write it."""
    return swedish(datetime.now(UTC))


def utc_now() -> datetime:
    """Return the present as naive UTC, as what is no record is written: what goes out, logs."""
    return datetime.now(UTC).replace(tzinfo=None)


def swedish(moment: datetime) -> datetime:
    """Return a moment as Swedish local time without zone.

    It never goes back: the hour that comes twice when summer time ends stands still at its end the second
    time, so that what was written in the first is not yet to come in the second.

    Args:
        moment: A datetime with a zone, or naive UTC.
    """
    local = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(SWEDEN)
    if local.fold:
        local = local.replace(minute=59, second=59, microsecond=999_999)
    return local.replace(tzinfo=None, fold=0)


def utc(local: datetime) -> datetime:
    """Return Swedish local time as naive UTC, never later than the moment that `swedish` was given."""
    return local.replace(tzinfo=SWEDEN, fold=0).astimezone(UTC).replace(tzinfo=None)


def a_year_before(moment: datetime) -> datetime:
    """Return the same moment of the year before; of 29 February, 28 February."""
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return moment.replace(year=moment.year - 1, day=28)
