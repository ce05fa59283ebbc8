"""Request messages as plain dataclasses: read from the elements of their contract, written for SOAP clients.

A field's element name stands in its metadata and its type says the rest. Messages are read after their schema
has accepted them, so reading never guesses. Text is trimmed: contract descriptions print some OIDs with a
leading blank (carelisting contradiction C22), and blanks never mean anything in these messages.

Source: the interface facts of carelisting 2.1, residentparticipation 1.0, monitoring 1.0 and
engagementindex 1.0. Element names
are those of the schemas where the contract descriptions differ (contradictions C2-C4).
"""

from dataclasses import dataclass, field, fields
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from lxml import etree

from contracts.catalogue import Contract
from contracts.codes import ActorType


def _of(element: str, **options: Any) -> Any:
    """A field that is read from and written as ``element``."""
    return field(metadata={"element": element}, **options)


@dataclass(frozen=True, slots=True)
class II:
    """An identity: which series (root, an OID) and which member of it (extension)."""

    root: str = _of("root")
    extension: str | None = _of("extension", default=None)


@dataclass(frozen=True, slots=True)
class CV:
    """A coded value. Carelisting requires code and code system; residentparticipation requires nothing."""

    code: str | None = _of("code", default=None)
    code_system: str | None = _of("codeSystem", default=None)
    display_name: str | None = _of("displayName", default=None)


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf a carelisting contract is called."""

    actor_id: II = _of("actorId")
    actor_type: ActorType = _of("actorType")


@dataclass(frozen=True, slots=True)
class GetListing:
    """Where is the resident listed, and queuing, in the addressed region?"""

    actor: Actor = _of("actor")
    person_id: II = _of("personId")


@dataclass(frozen=True, slots=True)
class GetListingCounty:
    """In which counties has the resident an active listing?"""

    actor: Actor = _of("actor")
    person_id: II = _of("personId")


@dataclass(frozen=True, slots=True)
class GetListingTypes:
    """Which listing types does the addressed region offer, in general or to this resident?"""

    person_id: II | None = _of("personId", default=None)
    home_county_code: II | None = _of("homeCountyCode", default=None)


@dataclass(frozen=True, slots=True)
class GetAvailableHealthcareFacilities:
    """Which facilities can residents be listed at in the addressed region?"""

    healthcare_facilities: tuple[str, ...] = _of("healthcareFacilities", default=())
    listing_types: tuple[CV, ...] = _of("listingTypes", default=())


@dataclass(frozen=True, slots=True)
class GetAvailableHealthcarePersonnel:
    """Which doctors can the resident choose at the facility?"""

    person_id: II = _of("personId")
    healthcare_facility: str = _of("healthcareFacilityHSAId")
    listing_types: tuple[CV, ...] = _of("listingTypes", default=())


@dataclass(frozen=True, slots=True)
class CreateListing:
    """The resident wants to be listed at the facility, choose a doctor there, or leave its queue."""

    actor: Actor = _of("actor")
    person_id: II = _of("personId")
    healthcare_facility: str = _of("healthcareFacilityHSAId")
    listing_type: CV = _of("listingType")
    healthcare_personnel: str | None = _of("healthcarePersonnel", default=None)
    add_to_queue: bool | None = _of("addToQueue", default=None)
    home_county: II | None = _of("homeCounty", default=None)
    new_listing_county: II | None = _of("newListingCounty", default=None)


@dataclass(frozen=True, slots=True)
class UpdateListing:
    """A region tells another in which county the resident is listed now."""

    person_id: II = _of("personId")
    new_listing_county: II = _of("newListingCounty")
    home_county: II = _of("homeCounty")
    listing_type: CV | None = _of("listingType", default=None)


@dataclass(frozen=True, slots=True)
class GetCareManagers:
    """Which fixed contacts has the patient?"""

    patient_id: II = _of("patientId")
    care_giver_id: II | None = _of("careGiverId", default=None)
    care_unit_id: II | None = _of("careUnitId", default=None)
    care_manager_type: tuple[CV, ...] = _of("careManagerType", default=())
    care_process_id: II | None = _of("careProcessId", default=None)


@dataclass(frozen=True, slots=True)
class PingForConfiguration:
    """Are the system's services up, and which version is it?"""

    service_contract_namespace: str = _of("serviceContractNamespace")
    logical_address: str = _of("logicalAddress")


@dataclass(frozen=True, slots=True)
class Engagement:
    """That a source system has information about a resident, as the engagement index keeps it.

    What the index itself sets (creationTime, updateTime, owner) a source system does not send (TKB-EI).

    Attributes:
        most_recent_content: YYYYMMDDhhmmss, Swedish local time.
        data_controller: The accountable organisation.
    """

    resident: str = _of("registeredResidentIdentification", repr=False)
    service_domain: str = _of("serviceDomain")
    categorization: str = _of("categorization")
    logical_address: str = _of("logicalAddress")
    business_object: str = _of("businessObjectInstanceIdentifier")
    care_process: str = _of("clinicalProcessInterestId")
    most_recent_content: str = _of("mostRecentContent")
    source_system: str = _of("sourceSystem")
    data_controller: str = _of("dataController")


@dataclass(frozen=True, slots=True)
class EngagementTransaction:
    """One engagement to add or update, or to remove."""

    delete: bool = _of("deleteFlag")
    engagement: Engagement = _of("engagement")


@dataclass(frozen=True, slots=True)
class Update:
    """Engagements to add, update and remove in the engagement index; none of them has another's key."""

    transactions: tuple[EngagementTransaction, ...] = _of("engagementTransaction")


Request = (
    GetListing
    | GetListingCounty
    | GetListingTypes
    | GetAvailableHealthcareFacilities
    | GetAvailableHealthcarePersonnel
    | CreateListing
    | UpdateListing
    | GetCareManagers
    | PingForConfiguration
)
"""Every request the producer answers."""

REQUESTS: dict[str, type[Request]] = {cls.__name__: cls for cls in get_args(Request)}
"""Contract name -> class of its request."""

M = TypeVar("M")


def read(contract: Contract, element: etree._Element) -> Request:
    """Build the request from its element, which the contract's schema has accepted.

    Elements of other namespaces (extensions of a later minor version) are passed over, as a producer must.
    """
    return _read(REQUESTS[contract.name], element, contract.namespace, contract.domain_namespace)


def arguments(message: object) -> dict[str, Any]:
    """Return the message as keyword arguments for a SOAP client: element name -> text, dict or list."""
    found = {}
    for part, (_, _, many) in zip(fields(message), _plan(type(message)), strict=True):  # type: ignore[arg-type]
        value = getattr(message, part.name)
        if value is None or value == ():
            continue
        found[part.metadata["element"]] = [_argument(one) for one in value] if many else _argument(value)
    return found


def _argument(value: object) -> Any:
    if isinstance(value, bool):
        return value
    return str(value) if isinstance(value, str) else arguments(value)


def _read(cls: type[M], element: etree._Element, namespace: str, inner_namespace: str) -> M:
    """Read ``cls``; its own elements are in ``namespace``, those of its parts in ``inner_namespace``."""
    known = _elements(cls, namespace)  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    for child in element:
        if (one := known.get(child.tag)) is None:
            continue
        name, kind, many = one
        value = _read_value(kind, child, inner_namespace)
        if many:
            repeated.setdefault(name, []).append(value)
        else:
            values.setdefault(name, value)
    for name, found in repeated.items():
        values[name] = tuple(found)
    return cls(**values)


@cache
def _elements(cls: type, namespace: str) -> dict[str, tuple[str, type, bool]]:
    """For each element of the class: name of its field, type of one value, and whether it repeats."""
    return {
        f"{{{namespace}}}{tag}": (part.name, kind, many)
        for part, (tag, kind, many) in zip(fields(cls), _plan(cls), strict=True)
    }


def _read_value(kind: type, element: etree._Element, namespace: str) -> Any:
    text = (element.text or "").strip()
    if issubclass(kind, str):
        return kind(text)
    if kind is bool:
        return text in ("true", "1")
    return _read(kind, element, namespace, namespace)


@cache
def _plan(cls: type) -> tuple[tuple[str, type, bool], ...]:
    """For each field of the class: element name, type of one value, and whether it repeats."""
    hints = get_type_hints(cls)
    plan = []
    for part in fields(cls):
        hint, many = hints[part.name], False
        if get_origin(hint) is tuple:
            hint, many = get_args(hint)[0], True
        elif get_args(hint):
            hint = next(option for option in get_args(hint) if option is not NoneType)
        plan.append((part.metadata["element"], hint, many))
    return tuple(plan)
