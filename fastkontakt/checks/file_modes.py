"""Checks of who may read and write files."""

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from fastkontakt.checks.found import Found, Installation, look, mend, ok
from register.file_modes import exposed_files, mending


def register_files(installation: Installation) -> Iterator[Found]:
    """Whether others may read the register."""
    settings = installation.settings.database
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite":
        return
    files = exposed_files(settings)
    if files:
        yield mend("database.url", f"others may read or change the register; run: {mending(settings, files)}")
    else:
        finding = look if settings.readable_by == "everybody" else ok
        yield finding("database.readable_by", f"the register's files may be read by {settings.readable_by}")
    folder = Path(str(url.database)).absolute().parent
    if folder.stat().st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
        yield mend(
            "database.url", f"everybody may put files in the register's folder; run: chmod o-w {folder}"
        )


def secrets(installation: Installation) -> Iterator[Found]:
    """Whether everybody on the machine may read keys, passwords and secrets."""
    exposed = [(about, file) for about, file in _secrets(installation) if _for_everybody(file)]
    for about, file in exposed:
        yield mend(about, f"everybody on this machine may read or change {file}; run: chmod o= {file}")
    if not exposed:
        yield ok("secrets", "nobody but owner and group may read the files with keys and passwords")


def _for_everybody(file: Path) -> bool:
    return file.exists() and bool(file.stat().st_mode & stat.S_IRWXO)  # others say that it is not there


def _secrets(installation: Installation) -> Iterator[tuple[str, Path]]:
    settings = installation.settings
    if installation.file is not None and make_url(settings.database.url).password:
        yield "settings", installation.file
    if settings.access.proxy is not None:
        yield "access.proxy.secret_file", settings.access.proxy.secret_file
    keys = {"call.client_key": settings.call.client_key or settings.call.client_certificate}
    if settings.server.tls is not None:
        keys["server.tls.key"] = settings.server.tls.key or settings.server.tls.certificate
    yield from ((about, file) for about, file in keys.items() if file is not None)
