"""Where the parts are put together: settings in, register and service out."""

from contracts.schemas import SchemaError, Schemas
from fastkontakt.settings import Settings
from producer.service import Service
from producer.wsgi import Producer
from register import schema
from register.database import Register, RegisterError, open_register


def open_schemas(settings: Settings) -> Schemas:
    """Return the schemas in use.

    Raises:
        SchemaError: ``schemas.path`` cannot be used; the text names the setting.
    """
    try:
        return Schemas(settings.schemas.path)
    except SchemaError as error:
        raise SchemaError(f"schemas.path: {error}") from None


def open_current_register(settings: Settings) -> Register:
    """Open the register and see that its tables are those of this version.

    Raises:
        RegisterError: It cannot be opened, or its tables are older or newer; the text says what to do.
    """
    register = open_register(settings.database)
    status = schema.status(register)
    if not status.up_to_date:
        register.dispose()
        raise RegisterError(
            f"the register's tables are at {status.current or 'nothing'} and this version needs "
            f"{status.head}; run: fastkontakt db upgrade"
        )
    return register


def make_producer(settings: Settings) -> Producer:
    """Return the WSGI application; call it in the process that will use it."""
    register = open_register(settings.database)
    return Producer(Service(settings, register, open_schemas(settings)))
