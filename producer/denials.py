"""The audit rows of calls that were denied (RIV-TA Basic Profile 2.1 rule 28; docs/access.md)."""

import structlog

from contracts.identifiers import LogicalAddress
from producer.faults import SoapFault
from producer.service import ServedRequest, Service
from register import audit
from register.audit import AuditEntry

log = structlog.get_logger(__name__)

DENIED = "DENIED"
"""The outcome of such a row."""

_NONE = "-"
"""Of a person or address that is not known: nothing is read of a request whose caller may not call."""


def audit_denied(service: Service, exchange: ServedRequest, address: LogicalAddress | None = None) -> None:
    """Keep an audit row of a call that is denied; it is durable when this returns.

    Raises:
        SoapFault: FK504, it could not be kept.
    """
    caller = exchange.caller
    entry = AuditEntry(
        log_id=exchange.log_id,
        person_id=_NONE,
        contract=exchange.contract or _NONE,
        logical_address=_known(service, address),
        outcome=DENIED,
        correlation_id=caller.correlation_id,
        consumer=caller.consumer,
        sender=caller.sender,
        on_behalf_of=caller.on_behalf_of,
    )
    try:
        audit.write(service.register, entry)
    except Exception as error:  # whatever it is: nothing is answered without its row
        log.error(
            "audit_failed", log_id=exchange.log_id, contract=exchange.contract, error=type(error).__name__
        )
        raise SoapFault("FK504") from None


def _known(service: Service, address: LogicalAddress | None) -> str:
    """Return an address that is served. Others may hold anything, and are not for the audit log."""
    settings = service.settings
    own = settings.care_managers
    served = [*settings.regions, *((own.source_system_id, *own.logical_addresses) if own is not None else ())]
    return address.value if address is not None and address.is_among(served) else _NONE
