"""Where the parts are put together: settings in, register and service out."""

from consumer.sender import Sender
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


def make_sender(settings: Settings) -> Sender:
    """Return a sender of what lies in the outbox; call it in the process that will use it."""
    return Sender(
        open_register(settings.database),
        settings.call,
        settings.outbox,
        settings.yearly_limits,
        upkeep=settings.kept_up,
        schemas=open_schemas(settings),
    )


def make_producer(settings: Settings, sender: Sender) -> Producer:
    """Return the WSGI application; call it in the process that will use it.

    Args:
        settings: All settings.
        sender: Sends what a request must have an answer to; its register is the one that is served.
    """
    return Producer(Service(settings, sender.register, open_schemas(settings), deliver=sender.deliver))
