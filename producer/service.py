"""What every operation works with: the service around it and the call it answers."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from uuid import uuid4

from lxml import etree
from sqlalchemy import Connection

from contacts.settings import CareManagerSettings
from contracts import rules
from contracts.catalogue import Contract
from contracts.clock import swedish_now
from contracts.codes import ActorType, ResultCode
from contracts.identifiers import HsaId, LogicalAddress, PersonId
from contracts.messages import II, Actor, CreateListing, UpdateListing
from contracts.schemas import Schemas, built_in
from listings.results import ListingResult
from listings.settings import RegionSettings, Visibility
from producer.access import Access, Reread
from producer.callers import Caller
from producer.faults import SoapFault
from producer.settings import ProducerSettings
from register.database import Register
from register.directory import directory_of


@dataclass(slots=True)
class ServedRequest:
    """One HTTP request and its answer.

    Attributes:
        caller: Who calls.
        fault_asked_for: Whether the caller asked demo mode to answer with a Fault.
        log_id: UUID that the log, the audit row and any Fault or resultText share.
        contract: Name of the contract called, for the log, once it is known.
        outcome: What the log says about the answer: a resultCode, the code of a Fault, or OK.
        began: When it came, by `time.monotonic`.
    """

    caller: Caller
    fault_asked_for: bool = False
    log_id: str = field(default_factory=lambda: str(uuid4()))
    contract: str | None = None
    outcome: str = "OK"
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class CallSubject:
    """The person a call is about and the actor who asks."""

    person_id: str
    actor_type: ActorType | None = None
    actor_id: str | None = None


@dataclass(slots=True)
class Call:
    """A request of a contract that is offered here, while it is being answered.

    Attributes:
        now: The moment the whole answer is about, Swedish local time.
        subject: The person the call is about; an operation sets it before it reads about the person.
        intended: Whether the audit log says already that the call is about to change something.
        kept_outcome: Outcome in the audit row that was committed with the change, if one was.
    """

    exchange: ServedRequest
    contract: Contract
    address: LogicalAddress
    now: datetime
    subject: CallSubject | None = None
    intended: bool = False
    kept_outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The response of an operation.

    Attributes:
        element: The response element.
        hits: Number of items in it, for the audit log.
        outcome: Its resultCode.
    """

    element: etree._Element
    hits: int = 0
    outcome: ResultCode = ResultCode.OK


Forward = Callable[[str, CreateListing | UpdateListing, Mapping[str, str]], ListingResult]
"""Sends a request on to the listing system of a county, with HTTP headers, and returns its answer.

Raises `listings.forwarded.NoAnswerError` when there is none that can be believed.
"""


@dataclass(frozen=True)
class Service:
    """What the producer needs to answer: settings, register, schemas and a clock that tests can set.

    Attributes:
        now: Returns Swedish local time without zone.
        version: Version of the product.
        deliver: Sends a message to a region that has been claimed by `sender`, and settles what comes of
            it; None where this process sends nothing.
        sender: The name the claim is made in.
        forward: Sends a request on to a region's own listing system; None where no region has one.
        reread: Returns what ``[access]`` says now, where that is another than at the last look.
    """

    settings: ProducerSettings
    register: Register
    schemas: Schemas = field(default_factory=built_in)
    now: Callable[[], datetime] = swedish_now
    version: str = field(default_factory=lambda: version("fastkontakt"))
    deliver: Callable[[int], None] | None = None
    sender: str = field(default_factory=lambda: str(uuid4()))
    forward: Forward | None = None
    reread: Reread | None = None

    @property
    def check_digits(self) -> bool:
        """Whether a person id in a request must have the right check digit."""
        return self.settings.identifiers.check_digits

    @cached_property
    def access(self) -> Access:
        """Who may call what."""
        tls = self.settings.server.tls is not None
        return Access(self.settings.access, self.reread, tls=tls)

    def hidden_units(self, call: Call, connection: Connection) -> frozenset[HsaId]:
        """Return the units that do not exist for who calls (`access.hidden_units`)."""
        return self.hidden_from(call.exchange.caller, connection)

    def hidden_from(self, caller: Caller, connection: Connection) -> frozenset[HsaId]:
        """Return the units that do not exist for a caller."""
        organisations = self.access.policy.hidden_from(caller)
        return directory_of(connection).units_of(organisations) if organisations else frozenset()

    def sees(self, call: Call, region: RegionSettings, actor_type: ActorType) -> Visibility:
        """Return what an actor type sees: what the region grants it, or the consumer is left with."""
        return self.access.policy.sees(call.exchange.caller, actor_type, region.sees(actor_type))

    def region(self, call: Call) -> tuple[str, RegionSettings]:
        """Return the county and settings of the region a carelisting call is addressed to.

        Raises:
            SoapFault: FK202, the LogicalAddress is none of the regions answered for. The address of a
                region's listing system is its county code (carelisting TKB 3.2).
        """
        county = call.address.county
        if county is None or county not in self.settings.regions:
            raise SoapFault("FK202", call.contract.name)
        return county, self.settings.regions[county]

    def care_managers(self, call: Call) -> CareManagerSettings:
        """Return the settings of GetCareManagers for a call addressed to this source system.

        Raises:
            SoapFault: FK204, the contract is not offered; FK202, the LogicalAddress is another system's.
        """
        settings = self.settings.care_managers
        if settings is None:
            raise SoapFault("FK204", call.contract.name)
        if not call.address.is_among((settings.source_system_id, *settings.logical_addresses)):
            raise SoapFault("FK202", call.contract.name)
        return settings

    def subject_of_carelisting(
        self, call: Call, identity: II, element: str, actor: Actor | None = None
    ) -> PersonId:
        """Return the person a carelisting call is about, after noting it and the actor for the audit log.

        Raises:
            RuleError: The person or the actor is not named as the contract demands.
        """
        person = rules.person(identity, element, rules.LISTING_PERSONS, check_digits=self.check_digits)
        if actor is None:
            call.subject = CallSubject(person.extension)
        else:
            actor_id = rules.actor_id(actor, check_digits=self.check_digits)
            call.subject = CallSubject(person.extension, actor.actor_type, actor_id)
        return person
