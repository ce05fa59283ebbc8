"""Types of columns that SQLAlchemy does not bring."""

from typing import Any

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from contracts.identifiers import HsaId

TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Text that is compared and ordered by code point, whatever the server's locale; it makes indexes cheaper."""


class _HsaIdColumn(TypeDecorator[HsaId]):
    """A column of HSA-ids. A text that it is compared with is taken for one."""

    impl = String
    cache_ok = True

    @property
    def python_type(self) -> type[Any]:
        """What values of the column are."""
        return HsaId

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database."""
        return dialect.type_descriptor(String(collation="C" if dialect.name == "postgresql" else None))

    def process_result_value(self, value: str | None, dialect: Dialect) -> HsaId | None:
        """Return the HSA-id that is kept."""
        return None if value is None else HsaId(value)


class HsaKey(_HsaIdColumn):
    """HSA-ids in the form they are compared in: keys of tables, and what refers to them."""

    cache_ok = True

    def process_bind_param(self, value: HsaId | str | None, dialect: Dialect) -> str | None:
        """Return what is kept of an HSA-id."""
        return None if value is None else (value if isinstance(value, HsaId) else HsaId(value)).key


class HsaSpelling(_HsaIdColumn):
    """HSA-ids in the spelling of their source, which answers show."""

    cache_ok = True

    def process_bind_param(self, value: HsaId | str | None, dialect: Dialect) -> str | None:
        """Return what is kept of an HSA-id."""
        return None if value is None else str(value)
