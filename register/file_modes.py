"""Who may read a register in files: its owner alone, whatever the umask of who made it.

Person numbers and care data are in it, and in the files of the audit log beside it.
"""

import os
import shlex
import stat
from contextlib import suppress
from pathlib import Path

from register.audit_files import MOST
from register.engine import RegisterError, audit_file, parse_url
from register.settings import RegisterSettings

_OTHERS = {"owner": stat.S_IRWXG | stat.S_IRWXO, "group": stat.S_IWGRP | stat.S_IRWXO, "everybody": 0}
"""What others may not do with the files, by `database.readable_by`."""

_BESIDE = ("", "-wal", "-shm", "-journal", "-lock")
"""Endings of the files that SQLite, and we, make beside a database."""


def make_private(file: Path) -> None:
    """Make the file of a register, unless it is there, so that its owner alone may read it.

    SQLite would make it as the umask says, and makes those beside it as this one is.
    """
    with suppress(OSError):  # it is there; what else is wrong SQLite says when it opens the file
        number = os.open(file, os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.fchmod(number, 0o600)  # a umask may have taken the owner's own rights
        finally:
            os.close(number)


def exposed_files(settings: RegisterSettings) -> list[Path]:
    """Return the files of a register on SQLite with which others may do more than they are to.

    Raises:
        RegisterError: The URL cannot be used.
    """
    url = parse_url(settings.url)
    if url.drivername != "sqlite":
        return []
    register = Path(str(url.database))
    files = [register, *(audit_file(register, number) for number in range(MOST))]
    return [one for file in files for one in _beside(file) if _mode(one) & _OTHERS[settings.readable_by]]


def _beside(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{ending}") for ending in _BESIDE]


def _mode(file: Path) -> int:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return 0


def mending(settings: RegisterSettings, files: list[Path]) -> str:
    """Return the command that has files be readable by whom they are to be."""
    mode = {"owner": "600", "group": "640"}[settings.readable_by]
    return f"chmod {mode} {shlex.join(map(str, files))}"


def refuse_exposed(settings: RegisterSettings) -> None:
    """Refuse a register that others may read.

    Raises:
        RegisterError: They may; the text has the command that mends it.
    """
    files = exposed_files(settings)
    if files:
        raise RegisterError(
            f"{files[0]}: others than its owner may read or change the register; run: "
            f"{mending(settings, files)} (or say in database.readable_by who may)"
        )
