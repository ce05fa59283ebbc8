"""Swedish local time, which every date and time of the contracts is in (carelisting TKB 5.1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")


def swedish_now() -> datetime:
    """Return the current Swedish local time without zone, as the contracts and the register write it."""
    return datetime.now(SWEDEN).replace(tzinfo=None)
