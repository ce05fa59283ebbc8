"""The contracts fastkontakt knows, and the names that follow from each by the RIV-TA rules.

Everything but the four facts of a row (domain, name, major version, file version) is derived: RIV-TA Basic
Profile 2.1 rules 2-18 and the service schema rules fix namespaces, SOAPAction, file names and message names.
"""

from dataclasses import dataclass
from functools import cached_property

CARELISTING = "supportprocess:logistics:carelisting"
RESIDENTPARTICIPATION = "coreprocess:residentparticipation:residentparticipation"
MONITORING = "itintegration:monitoring"
ENGAGEMENTINDEX = "itintegration:engagementindex"

LOGICAL_ADDRESS = "{urn:riv:itintegration:registry:1}LogicalAddress"
"""The SOAP header every request carries (RIV-TA Basic Profile 2.1 rule 8)."""


@dataclass(frozen=True)
class Contract:
    """One service contract.

    Attributes:
        domain: Service domain with colons, such as ``supportprocess:logistics:carelisting``.
        name: Name of the interaction and its only operation, such as ``GetListing``.
        major: Major version, the last part of the namespaces.
        version: Version of the WSDL and responder schema files, such as ``2.1``.
    """

    domain: str
    name: str
    major: int
    version: str

    @cached_property
    def namespace(self) -> str:
        """Namespace of the request and response elements; also the contract's key in TAK and VP."""
        return f"urn:riv:{self.domain}:{self.name}Responder:{self.major}"

    @cached_property
    def domain_namespace(self) -> str:
        """Namespace of the domain's shared types."""
        return f"urn:riv:{self.domain}:{self.major}"

    @cached_property
    def wsdl_namespace(self) -> str:
        """Target namespace of the WSDL (rule 4)."""
        return f"urn:riv:{self.domain}:{self.name}:{self.major}:rivtabp21"

    @cached_property
    def request(self) -> str:
        """QName of the request element in Clark notation (rule 7); requests are dispatched on it."""
        return f"{{{self.namespace}}}{self.name}"

    @cached_property
    def response(self) -> str:
        """QName of the response element in Clark notation (rule 7)."""
        return f"{{{self.namespace}}}{self.name}Response"

    @cached_property
    def soap_action(self) -> str:
        """Value of the SOAPAction header, without quotes (rule 15). Never used for dispatch."""
        return f"{self.namespace}:{self.name}"

    @cached_property
    def folder(self) -> str:
        """Folder of the domain below ``xsd/``: the domain with underscores, as release packages are named."""
        return self.domain.replace(":", "_")

    @cached_property
    def interaction(self) -> str:
        """Folder of the contract's WSDL and responder schema within the domain's folder."""
        return f"interactions/{self.name}Interaction"

    @cached_property
    def wsdl_file(self) -> str:
        """Path of the WSDL within the domain's folder (rule 2)."""
        return f"{self.interaction}/{self.name}Interaction_{self.version}_RIVTABP21.wsdl"

    @cached_property
    def schema_file(self) -> str:
        """Path of the responder schema within the domain's folder."""
        return f"{self.interaction}/{self.name}Responder_{self.version}.xsd"

    @cached_property
    def path(self) -> str:
        """Path part of the contract's address: domain with slashes, name, major version, profile."""
        return f"/{self.domain.replace(':', '/')}/{self.name}/{self.major}/rivtabp21"


CONTRACTS: tuple[Contract, ...] = (
    Contract(CARELISTING, "GetListing", 2, "2.1"),
    Contract(CARELISTING, "GetListingTypes", 2, "2.0"),
    Contract(CARELISTING, "GetListingCounty", 2, "2.0"),
    Contract(CARELISTING, "GetAvailableHealthcareFacilities", 2, "2.1"),
    Contract(CARELISTING, "GetAvailableHealthcarePersonnel", 2, "2.0"),
    Contract(CARELISTING, "CreateListing", 2, "2.0"),
    Contract(CARELISTING, "UpdateListing", 2, "2.0"),
    Contract(RESIDENTPARTICIPATION, "GetCareManagers", 1, "1.0"),
    Contract(MONITORING, "PingForConfiguration", 1, "1.0"),
    Contract(ENGAGEMENTINDEX, "Update", 1, "1.0"),
)
"""Every contract whose schemas the project carries."""

_BY_NAME = {contract.name: contract for contract in CONTRACTS}
_BY_ELEMENT = {
    element: contract for contract in CONTRACTS for element in (contract.request, contract.response)
}


def by_name(name: str) -> Contract:
    """Return the contract with this name, such as ``GetListing``.

    Raises:
        LookupError: There is no such contract; the text lists those there are.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise LookupError(f"no contract is called {name!r}; there are: {', '.join(_BY_NAME)}") from None


def by_element(qname: str) -> Contract | None:
    """Return the contract whose request or response element has this QName (Clark notation), if any."""
    return _BY_ELEMENT.get(qname)
