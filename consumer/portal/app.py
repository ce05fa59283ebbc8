"""The portal as a WSGI application."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, render_template
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from consumer.client import Client
from consumer.portal.asking import Clients
from consumer.portal.pages import STATE, pages
from consumer.portal.settings import Persona, PortalSettings
from consumer.settings import CallSettings
from contracts.schemas import Schemas

_HEADERS = {
    # Nothing of elsewhere, nothing inline: text of a producer is text.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Explain = Callable[[str], Iterable[str]]
"""Returns, for a person number, why something in the register is not shown."""


@dataclass(frozen=True, slots=True)
class PortalState:
    """What the pages work with.

    Attributes:
        contacts_address: LogicalAddress of GetCareManagers.
        explain: None where the portal does not run next to the producer's register.
    """

    settings: PortalSettings
    personas: tuple[Persona, ...]
    contacts_address: str
    clients: Clients
    schemas: Schemas
    explain: Explain | None


def portal(
    settings: PortalSettings,
    personas: tuple[Persona, ...],
    call: CallSettings,
    schemas: Schemas,
    *,
    contacts_address: str,
    explain: Explain | None = None,
    secret: str | None = None,
) -> Flask:
    """Return the portal.

    Args:
        settings: Its settings.
        personas: Who can be chosen.
        call: Whom the pages call, and how.
        schemas: What requests are written by and answers are checked with.
        contacts_address: LogicalAddress of GetCareManagers.
        explain: Tells why something is not shown.
        secret: What the choice of a visitor is signed with; all processes of a portal need the same. Made
            for this process when left out.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret or secrets.token_hex(32),
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the choice itself
        MAX_CONTENT_LENGTH=16_384,
    )
    app.extensions[STATE] = PortalState(
        settings, personas, contacts_address, Clients(lambda: Client(call, schemas)), schemas, explain
    )
    CSRFProtect(app)
    app.register_blueprint(pages)
    app.after_request(_with_headers)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _no_page)
    return app


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _form_too_old(_: CSRFError) -> Any:
    return render_template("message.html", title="Formuläret gäller inte längre", text=_TOO_OLD), 400


def _no_page(error: HTTPException) -> Any:
    title = "Sidan finns inte" if error.code == 404 else "Det gick inte"
    return render_template("message.html", title=title, text=_NO_PAGE), error.code or 500


_TOO_OLD = "Portalen har startats om eller så har du valt en annan person i ett annat fönster. Börja om."
_NO_PAGE = "Kontrollera adressen, eller börja om från startsidan."
