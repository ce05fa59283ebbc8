"""As many fictional residents as a test needs."""

from datetime import date, timedelta

_FIRST_BIRTHDAY = date(1950, 1, 1)
_SERIAL = "239"
"""Serial numbers that the tax agency never gives to anybody begin like this."""


def people(number: int) -> list[str]:
    """Return the personnummer of this many adults who do not exist."""
    births = (_FIRST_BIRTHDAY + timedelta(days=one) for one in range(number))
    return [f"{birth:%Y%m%d}{_SERIAL}{check_digit(f'{birth:%y%m%d}{_SERIAL}')}" for birth in births]


def check_digit(digits: str) -> int:
    """Return the digit that makes the sum right: every other digit counts double, by its own digits."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return -sum(one // 10 + one % 10 for one in doubled) % 10
