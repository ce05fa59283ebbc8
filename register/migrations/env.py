"""What Alembic runs around the revisions; `register.schema` hands it a connection in a transaction.

For the audit log, which on SQLite lies in another file, revisions find another connection in
``config.attributes["audit_connection"]``.
"""

from alembic import context

from register.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
