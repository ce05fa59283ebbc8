"""The schemas that the settings name."""

from contracts.schemas import SchemaError, Schemas
from fastkontakt.settings import Settings


def open_schemas(settings: Settings) -> Schemas:
    """Return the schemas in use.

    Raises:
        SchemaError: ``schemas.path`` cannot be used; the text names the setting.
    """
    try:
        return Schemas(settings.schemas.path)
    except SchemaError as error:
        raise SchemaError(f"schemas.path: {error}") from None
