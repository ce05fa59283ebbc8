"""Alembic's side of the register: `register.schema` runs it."""
