"""Request messages for the tests, written as a consumer writes them and checked against their schemas."""

from contracts import oids
from contracts.catalogue import by_name
from contracts.codes import PV
from contracts.identifiers import HsaId

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LOGICAL_ADDRESS = "urn:riv:itintegration:registry:1"
LISTING_CORE = by_name("GetListing").domain_namespace
CARE_CORE = by_name("GetCareManagers").domain_namespace

CITIZEN = "195709263080"
"""An adult resident among the official test identities."""


def path(contract: str) -> str:
    """Path part of a contract's address."""
    return by_name(contract).path


def envelope(content: str, address: str = "14") -> bytes:
    """Wrap a request element in an envelope with a LogicalAddress."""
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:r="{LOGICAL_ADDRESS}">'
        f"<s:Header><r:LogicalAddress>{address}</r:LogicalAddress></s:Header>"
        f"<s:Body>{content}</s:Body></s:Envelope>"
    ).encode()


def request(contract: str, *parts: str) -> str:
    """Return the request element of a contract with these parts; the core types have the prefix ``c``."""
    one = by_name(contract)
    return (
        f'<{contract} xmlns="{one.namespace}" xmlns:c="{one.domain_namespace}">{"".join(parts)}</{contract}>'
    )


def identity(element: str, root: str, extension: str | HsaId) -> str:
    """Return an element of IIType."""
    return f"<{element}><c:root>{root}</c:root><c:extension>{extension}</c:extension></{element}>"


def person_root(person: str) -> str:
    """Return the root of a person's number: coordination numbers have 60 added to the day, or 0."""
    if not person.isdecimal():
        return oids.NATIONAL_RESERVE_NUMBER
    return oids.SAMORDNINGSNUMMER if int(person[6:8]) >= 60 else oids.PERSONNUMMER


def person(element: str, number: str) -> str:
    """Return an element of IIType that names a person."""
    return identity(element, person_root(number), number)


def actor(actor_type: str = "CITIZEN", actor_id: str | HsaId = CITIZEN) -> str:
    """Return the actor element of carelisting."""
    is_person = actor_type in ("CITIZEN", "GUARDIAN")
    root = person_root(str(actor_id)) if is_person else oids.HSA_ID
    return f"<actor>{identity('c:actorId', root, actor_id)}<c:actorType>{actor_type}</c:actorType></actor>"


def code(element: str, value: str, system: str) -> str:
    """Return an element of CVType."""
    return f"<{element}><c:code>{value}</c:code><c:codeSystem>{system}</c:codeSystem></{element}>"


def hsa(element: str, value: str | HsaId) -> str:
    """Return an element of IIType that holds an HSA-id."""
    return identity(element, oids.HSA_ID, value)


def county(element: str, value: str) -> str:
    """Return an element of IIType that holds a county code."""
    return identity(element, oids.COUNTY, value)


def create_listing(
    resident: str,
    facility: str | HsaId,
    *,
    kind: tuple[str, str] = (PV.code, PV.system),
    doctor: str | HsaId | None = None,
    add_to_queue: bool | None = None,
    home: str | None = None,
    new: str | None = None,
    actor_type: str = "CITIZEN",
    actor_id: str | HsaId | None = None,
) -> str:
    """Return a CreateListing; the resident itself asks unless another actor is named."""
    parts = [
        actor(actor_type, actor_id or resident),
        person("personId", resident),
        f"<healthcareFacilityHSAId>{facility}</healthcareFacilityHSAId>",
        code("listingType", *kind),
    ]
    if doctor is not None:
        parts.append(f"<healthcarePersonnel>{doctor}</healthcarePersonnel>")
    if add_to_queue is not None:
        parts.append(f"<addToQueue>{str(add_to_queue).lower()}</addToQueue>")
    parts += [
        county(name, value) for name, value in (("homeCounty", home), ("newListingCounty", new)) if value
    ]
    return request("CreateListing", *parts)


def update_listing(resident: str, new: str, home: str, *, kind: tuple[str, str] | None = None) -> str:
    """Return an UpdateListing; without a type it is about PV."""
    parts = [person("personId", resident), county("newListingCounty", new), county("homeCounty", home)]
    if kind is not None:
        parts.append(code("listingType", *kind))
    return request("UpdateListing", *parts)
