"""The audit log: who has asked about which person (design rule 8; requirement row S000-005)."""

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import insert

from register.database import Register
from register.model import AuditEntry
from register.tables import audit


def write(register: Register, entry: AuditEntry) -> None:
    """Add an entry, in a transaction of its own. It is durable when the function returns.

    Args:
        register: The register. The caller must not be within its `writing` on SQLite, which has one writer.
        entry: The call. Its ``logged_at`` is not used: the time is set here, in UTC.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The entry could not be kept; the answer must not leave.
    """
    values = asdict(entry) | {"logged_at": datetime.now(UTC).replace(tzinfo=None)}
    with register.writing(queue=False) as connection:
        connection.execute(insert(audit), values)
