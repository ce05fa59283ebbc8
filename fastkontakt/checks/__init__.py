"""What an operator should know before the service is opened to callers (`fastkontakt check`).

A check is a function that yields what it finds. A new one is written in the module of its subject, or in one
of its own, and named in CHECKS.
"""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from contracts.schemas import SchemaError
from fastkontakt.checks import certificates, database, file_modes, policy, sending, service
from fastkontakt.checks.found import Check, Found, Installation, mend, reason
from fastkontakt.settings import SettingsError
from producer.callers import AccessError
from register.engine import RegisterError

CHECKS: tuple[Check, ...] = (
    service.contracts,
    service.schemas,
    service.listening,
    service.strictness,
    database.register,
    file_modes.register_files,
    file_modes.secrets,
    certificates.certificates,
    policy.callers,
    policy.update_listing,
    policy.rules,
    sending.regions,
    sending.engagement_index,
)
"""In the order of the report."""

_FORESEEN = (AccessError, RegisterError, SchemaError, SettingsError, SQLAlchemyError, OSError)


def findings(installation: Installation) -> Iterator[Found]:
    """Yield what all checks find; one that cannot be made is a finding, too."""
    for check in CHECKS:
        try:
            yield from check(installation)
        except _FORESEEN as error:
            yield mend(check.__name__.replace("_", " "), reason(error))
