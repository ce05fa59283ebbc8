"""Checks of the register and its audit log."""

import getpass
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from fastkontakt.checks.found import Found, Installation, look, mend, ok, reason
from fastkontakt.commands.reports import audited
from register import triggers
from register.database import Register
from register.schema import open_current_register, status


def register(installation: Installation) -> Iterator[Found]:
    """Whether the database has the tables of this version, and takes rows of the audit log."""
    settings = installation.settings
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():  # it would be made
        yield mend("register", f"{url.database} is not there; run: fastkontakt db upgrade")
        return
    opened = open_current_register(settings.database)
    try:
        at = status(opened).current
        yield ok("register", f"{url.render_as_string(hide_password=True)}, at version {at}")
        with opened.reading() as connection:
            missing = sorted(triggers.missing(connection))
        if missing:
            yield mend(
                "register", f"lacks triggers ({', '.join(missing)}); run: fastkontakt db check --repair"
            )
        if settings.database.pool_size < settings.server.threads:
            yield look("database.pool_size", "is below server.threads: calls wait for connections")
        yield _audit_log(opened)
    finally:
        opened.dispose()


def _audit_log(opened: Register) -> Found:
    """Add a row: without one no call about a person is answered."""
    try:
        audited(opened, "check", getpass.getuser(), [])
    except SQLAlchemyError as error:
        return mend("audit log", f"no row can be added, so no call is answered: {reason(error)}")
    return ok("audit log", "a row could be added: that this check was made")
