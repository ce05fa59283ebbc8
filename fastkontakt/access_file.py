"""Reading ``[access]`` again when its files have changed, without a restart of the service."""

from pathlib import Path

from fastkontakt.settings import SettingsError, file_in_use, load
from producer.access import Reread
from producer.callers import AccessError
from producer.settings import AccessSettings


def rereader(config: Path | None, access: AccessSettings) -> Reread:
    """Return what looks whether ``[access]`` has changed, or the file with the proxy's secret.

    Of the settings file nothing else is used: what it says of other sections holds from the next start.

    Args:
        config: The settings file, as `fastkontakt.settings.load` takes it.
        access: The section as it has been read.
    """
    file = file_in_use(config)
    seen = _stamps(file, access)

    def reread() -> AccessSettings | None:
        nonlocal seen, access
        found = _stamps(file, access)
        if found == seen:
            return None
        seen = found  # also where it cannot be used: that is said once, and again when it has been changed
        try:
            access = load(config).access
        except SettingsError as error:
            raise AccessError(str(error)) from None
        seen = _stamps(file, access)
        return access

    return reread


def _stamps(file: Path | None, access: AccessSettings) -> list[tuple[int, int, int] | None]:
    secret = None if access.proxy is None else access.proxy.secret_file
    return [_stamp(one) for one in (file, secret) if one is not None]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
