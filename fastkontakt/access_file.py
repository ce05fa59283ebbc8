"""Reading ``[access]`` again when its files have changed, without a restart of the service."""

import time
from pathlib import Path

from fastkontakt.settings import SettingsError, file_in_use, load
from producer.access import Reread
from producer.callers import AccessError
from producer.settings import AccessSettings

SETTLED_SECONDS = 1.0
"""How long a file must have been as it is: one that is being written may lack what hides units, say."""

_Stamp = tuple[float, int, int]


def rereader(config: Path | None, access: AccessSettings) -> Reread:
    """Return what looks whether ``[access]`` has changed, or the file with the proxy's secret.

    Of the settings file nothing else is used: what it says of other sections holds from the next start.

    Args:
        config: The settings file, as `fastkontakt.settings.load` takes it.
        access: The section as it has been read.
    """
    file = file_in_use(config)
    seen = changing = _stamps(file, access)

    def reread() -> AccessSettings | None:
        nonlocal seen, changing, access
        found = _stamps(file, access)
        if found == seen:
            return None
        if found != changing and any(_is_new(one) for one in found):
            changing = found
            return None
        seen = changing = found  # also where it cannot be used: that is said once, until it changes again
        try:
            new = load(config).access
        except SettingsError as error:
            raise AccessError(str(error)) from None
        if _stamps(file, access) != found:  # while it was read
            seen = []
            return None
        access = new
        seen = changing = _stamps(file, access)
        return access

    return reread


def _stamps(file: Path | None, access: AccessSettings) -> list[_Stamp | None]:
    secret = None if access.proxy is None else access.proxy.secret_file
    return [_stamp(one) for one in (file, secret) if one is not None]


def _stamp(file: Path) -> _Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime, found.st_size, found.st_ino


def _is_new(stamp: _Stamp | None) -> bool:
    return stamp is not None and time.time() - stamp[0] < SETTLED_SECONDS
