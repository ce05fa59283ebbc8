"""The audit log: who has asked about which person (design rule 8; requirement row S000-005)."""

from dataclasses import dataclass, fields

from register.database import Register


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One call that touched a person (design rule 8; requirement row S000-005).

    Attributes:
        log_id: UUID that faults, resultText and log events of the same call carry.
        correlation_id: The platform's correlation id, if one came.
        consumer: HSA-id of the original consumer, or None when the caller did not say.
        sender: HSA-id of the system that called us, or its network address.
        on_behalf_of: HSA-id of the organisation the consumer acts for, if it said so.
        actor_type: Actor type of the request, where the contract has one.
        actor_id: Identity of the actor, where the contract has one.
        person_id: The person asked about, as written in the request.
        contract: Name of the contract.
        logical_address: Who the call was addressed to.
        outcome: resultCode of the answer, ``OK`` for an answer without one, or ``FAULT``.
        hits: Number of items in the answer.
    """

    log_id: str
    person_id: str
    contract: str
    logical_address: str
    outcome: str
    hits: int = 0
    correlation_id: str | None = None
    consumer: str | None = None
    sender: str | None = None
    on_behalf_of: str | None = None
    actor_type: str | None = None
    actor_id: str | None = None


_FIELDS = [field.name for field in fields(AuditEntry)]


def write(register: Register, *entries: AuditEntry) -> None:
    """Add entries, all or none of them. They are durable when the function returns.

    Args:
        register: The register; somebody may be within its `writing`.
        entries: The calls. When they were is written here, in UTC.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The entries could not be kept; the answer must not leave.
    """
    register.audit_writer.write([{name: getattr(entry, name) for name in _FIELDS} for entry in entries])
