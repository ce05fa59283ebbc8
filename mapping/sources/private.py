"""Files with personal data in them."""

import os


def owner_only(path: str, flags: int) -> int:
    """Open a file that its owner alone may read and write: an ``opener`` for the built-in ``open``."""
    number = os.open(path, flags, 0o600)
    os.fchmod(number, 0o600)  # it may have been there with another mode
    return number
