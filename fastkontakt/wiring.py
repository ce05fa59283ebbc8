"""Where the parts are put together: settings in, register and service out."""

from functools import partial

from consumer.outgoing.messages import MessageSender
from consumer.outgoing.posts import PostSender
from contacts.care_managers import care_managers_of
from contacts.settings import CareManagerSettings
from contracts.schemas import SchemaError, Schemas
from fastkontakt.settings import Settings, SettingsError
from listings.settings import kept_up, yearly_limits
from mapping.answers.engagementindex import ReadContacts
from producer.service import Service
from producer.wsgi import Producer
from register import schema
from register.database import Register, open_register
from register.engine import RegisterError


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
        RegisterError: It cannot be opened, or its tables are older or newer, or there is no audit log; the
            text says what to do.
    """
    register = open_register(settings.database)
    status = schema.status(register)
    if status.current == status.head and not status.audit_log:
        register.dispose()
        raise RegisterError(
            f"{', '.join(map(str, status.audit_missing))}: holds no audit log; put back the file that "
            "belongs to the register, or start a new log with: fastkontakt db upgrade"
        )
    if not status.up_to_date:
        register.dispose()
        raise RegisterError(
            f"the register's tables are at {status.current or 'nothing'} and this version needs "
            f"{status.head}; run: fastkontakt db upgrade"
        )
    return register


def make_sender(settings: Settings) -> MessageSender:
    """Return a sender of messages to other regions; call it in the process that will use it."""
    return MessageSender(
        open_register(settings.database),
        settings.call,
        settings.outbox,
        yearly_limits(settings.regions),
        upkeep=kept_up(settings.regions),
        schemas=open_schemas(settings),
    )


def contacts_shown(settings: CareManagerSettings) -> ReadContacts:
    """Return what reads the contacts that GetCareManagers answers with, to a consumer that may see all."""
    return partial(
        care_managers_of,
        max_care_contacts=settings.max_care_contacts,
        lone_coordinator=settings.lone_coordinator == "send",
    )


def make_index_sender(settings: Settings) -> PostSender | None:
    """Return a sender of posts to the engagement index; call it in the process that will use it.

    Returns:
        None where no index is set up.

    Raises:
        SettingsError: There is an index and nothing that it could lead to.
    """
    address = settings.index.logical_address
    if address is None:
        return None
    if settings.care_managers is None:
        raise SettingsError("index.logical_address: set up [care_managers] too, which the index leads to")
    return PostSender(
        open_register(settings.database),
        settings.call,
        settings.index,
        settings.outbox,
        address,
        settings.care_managers.source_system_id,
        contacts_shown(settings.care_managers),
        schemas=open_schemas(settings),
    )


def make_producer(settings: Settings, sender: MessageSender) -> Producer:
    """Return the WSGI application; call it in the process that will use it.

    Args:
        settings: All settings.
        sender: Sends what a request must have an answer to; its register is the one that is served.
    """
    return Producer(Service(settings, sender.register, open_schemas(settings), deliver=sender.deliver))
