"""The portal put together with the settings, and with the register where it runs next to one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask

from consumer.portal.app import Explain, portal
from consumer.portal.settings import NATIONAL_AGGREGATING_SERVICE, read_personas
from consumer.settings import CallSettings
from contacts.findings import findings
from contacts.kept import kept_of
from contracts.clock import swedish_now
from fastkontakt.commands.common import operator
from fastkontakt.commands.reports import audited
from fastkontakt.demo_data import PERSONAS
from fastkontakt.demo_data import PORTAL_PATH as PATH
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import Settings
from producer.serving.waiting import waits_long
from producer.wsgi import Producer
from register.database import Register


@dataclass(frozen=True, slots=True)
class WithPortal:
    """A producer with the portal beside it, as the demo serves them."""

    producer: Producer
    portal: Flask

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one HTTP request."""
        path = environ["PATH_INFO"]
        if path != PATH and not path.startswith(f"{PATH}/"):
            return self.producer(environ, start_response)
        with waits_long():  # a page waits for calls of the producer, which other threads answer
            inner = environ | {"SCRIPT_NAME": PATH, "PATH_INFO": path.removeprefix(PATH) or "/"}
            return self.portal(inner, start_response)

    def stop(self) -> None:
        """Let nobody wait for what may not come any more."""
        self.producer.stop()


def make_portal(
    settings: Settings, call: CallSettings, register: Register | None = None, secret: str | None = None
) -> Flask:
    """Return the portal as a WSGI application.

    Args:
        settings: All settings.
        call: Whom its pages call.
        register: The register of the producer that is called, where it is at hand: it tells why something is
            not shown.
        secret: As for `consumer.portal.app.portal`.

    Raises:
        PersonasError: The file of who can be chosen cannot be used.
        SchemaError: ``schemas.path`` cannot be used.
    """
    sources = settings.care_managers
    own = sources.source_system_id if sources else NATIONAL_AGGREGATING_SERVICE
    explain: Explain | None = partial(_why_not_shown, register) if register is not None else None
    return portal(
        settings.portal,
        read_personas(settings.portal.personas or PERSONAS),
        call,
        open_schemas(settings),
        contacts_address=settings.portal.contacts_address or own,
        explain=explain,
        secret=secret,
    )


def _why_not_shown(register: Register, person: str) -> Iterator[str]:
    """Yield what is found about a person's fixed contacts; the words are those of `fastkontakt quality`."""
    audited(register, "portal", operator(None), [person])
    kept = kept_of(register, person, swedish_now())
    if kept is not None:
        for one in findings(kept):
            yield f"{one.kind}: {one.unit_name} ({one.unit})"
