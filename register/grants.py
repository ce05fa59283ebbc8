"""PostgreSQL: what the service's own user of the database is to be allowed, and no more (docs/audit.md)."""

from sqlalchemy.dialects import postgresql

from register.tables import audit, metadata

_QUOTE = postgresql.dialect().identifier_preparer.quote_identifier  # type: ignore[no-untyped-call]


def grants(role: str, schema: str) -> list[str]:
    """Return the statements that let a role serve and load, to be run by the owner of the tables.

    It reads the audit log and adds to it. It cannot change or delete what is there, alter the tables, or
    upgrade them.
    """
    to, place = _QUOTE(role), _QUOTE(schema)
    tables = ", ".join(f"{place}.{one.name}" for one in metadata.sorted_tables)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM {to}",
        f"GRANT USAGE ON SCHEMA {place} TO {to}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {to}",
        f"GRANT SELECT, INSERT ON {place}.{audit.name} TO {to}",
        f"GRANT SELECT ON {place}.alembic_version TO {to}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {place} TO {to}",
    ]
