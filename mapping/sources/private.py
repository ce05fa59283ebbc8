"""Files with personal data in them."""

import os
import stat


def owner_only(path: str, flags: int) -> int:
    """Open a file that its owner alone may read and write: an ``opener`` for the built-in ``open``."""
    number = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(number).st_mode):  # not a device, which is everybody's
        os.fchmod(number, 0o600)  # it may have been there with another mode
    return number
