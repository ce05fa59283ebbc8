"""What the contract descriptions demand of a request and its schema cannot say.

Each function takes a part of a schema-valid request and returns what it means, or raises `RuleError`.
"""

from enum import StrEnum

from contracts import oids
from contracts.identifiers import HsaId, IdentifierError, PersonId, PersonIdKind, parse_county
from contracts.messages import II, Actor


class RuleSubject(StrEnum):
    """What a broken rule is about; chooses the sentence a resident reads."""

    PERSON = "person"
    ACTOR = "actor"
    COUNTY = "county"
    FACILITY = "facility"
    MESSAGE = "message"


class RuleError(ValueError):
    """A request that its schema accepts and its contract does not.

    Attributes:
        subject: What it is about.
        element: Path of the element within the request.
        reason: What is wrong, for support; never quotes the value.
    """

    def __init__(self, subject: RuleSubject, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.subject = subject
        self.element = element
        self.reason = reason


LISTING_PERSONS = frozenset({PersonIdKind.PERSONNUMMER, PersonIdKind.SAMORDNINGSNUMMER})
"""Identities carelisting allows (field tables of TKB 2.1, contradiction C8)."""

CARE_MANAGER_PERSONS = frozenset(PersonIdKind)
"""Identities GetCareManagers allows in a request (TKB 1.0 RC2, patientId)."""


def person(identity: II, element: str, allowed: frozenset[PersonIdKind], *, check_digits: bool) -> PersonId:
    """Return the person an II names.

    Args:
        identity: The II of the request; an extension is required although the schema lets it be left out
            (carelisting contradiction C10).
        element: Name of the element, for the error.
        allowed: Kinds of identity the contract accepts.
        check_digits: Whether the check digit must be right; test systems use numbers where it is not.

    Raises:
        RuleError: The series is not one the contract accepts, or the number is not possible.
    """
    try:
        found = PersonId.parse(identity.root, _extension(identity), check_digits=check_digits)
    except IdentifierError as error:
        raise RuleError(RuleSubject.PERSON, element, str(error)) from None
    if found.kind not in allowed:
        names = ", ".join(sorted(kind.value for kind in allowed))
        raise RuleError(RuleSubject.PERSON, f"{element}/root", f"this contract accepts only {names}")
    return found


def actor_id(actor: Actor, *, check_digits: bool) -> str:
    """Return the actor's identity after checking that its series fits the actor type (TKB 2.1, ActorType).

    Raises:
        RuleError: A CITIZEN or GUARDIAN is not named by a person id, or another actor not by an HSA-id.
    """
    element = "actor/actorId"
    try:
        if actor.actor_type.is_person:
            return person(actor.actor_id, element, LISTING_PERSONS, check_digits=check_digits).extension
        return str(hsa_id(actor.actor_id, element))
    except RuleError as error:
        reason = f"{error.reason} (actorType is {actor.actor_type})"
        raise RuleError(RuleSubject.ACTOR, error.element, reason) from None


def hsa_id(identity: II, element: str) -> HsaId:
    """Return the HSA-id an II names.

    Raises:
        RuleError: The root is not that of HSA-ids, or the extension cannot be one.
    """
    if identity.root != oids.HSA_ID:
        raise RuleError(RuleSubject.FACILITY, f"{element}/root", f"expected {oids.HSA_ID} (HSA-id)")
    try:
        return HsaId.parse(_extension(identity))
    except IdentifierError as error:
        raise RuleError(RuleSubject.FACILITY, f"{element}/extension", str(error)) from None


def county(identity: II, element: str) -> str:
    """Return the two-digit county code an II names (TKB 2.1: root is that of kv län).

    Raises:
        RuleError: The root is another, or there is no such county.
    """
    if identity.root != oids.COUNTY:
        raise RuleError(RuleSubject.COUNTY, f"{element}/root", f"expected {oids.COUNTY} (county code)")
    try:
        return parse_county(_extension(identity))
    except IdentifierError as error:
        raise RuleError(RuleSubject.COUNTY, f"{element}/extension", str(error)) from None


def _extension(identity: II) -> str:
    return identity.extension or ""
