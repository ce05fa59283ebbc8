"""Where the parts are put together: settings in, what sends out."""

from functools import partial

from consumer.outgoing.messages import MessageSender
from consumer.outgoing.posts import PostSender
from contacts.care_managers import care_managers_of
from contacts.settings import CareManagerSettings
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import Settings, SettingsError
from listings.settings import kept_up, led_elsewhere, yearly_limits
from mapping.answers.engagementindex import ReadContacts
from register.database import open_register


def make_sender(settings: Settings) -> MessageSender:
    """Return a sender of messages to other regions; call it in the process that will use it."""
    return MessageSender(
        open_register(settings.database),
        settings.call,
        settings.outbox,
        yearly_limits(settings.regions),
        upkeep=kept_up(settings.regions),
        led_elsewhere=led_elsewhere(settings.regions),
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
