"""The calls that are made: bytes as a consumer sends them, and what their answers must hold."""

from typing import NamedTuple

from contracts.identifiers import HsaId
from fastkontakt.demo_data import LISTED_PERSON
from tests.messages import actor, envelope, path, person, request

MEDIA_TYPE = "text/xml; charset=UTF-8"
READ = ("GetListing", "GetCareManagers")

DEMO_COUNTY = "14"


class Request(NamedTuple):
    """A call.

    Attributes:
        contract: Name of its contract.
        path: Path part of its address.
        body: The envelope.
        contains: Bytes that are in the answer wanted, and in no Fault and no empty answer.
    """

    contract: str
    path: str
    body: bytes
    contains: bytes

    def http(self) -> bytes:
        """Return the call as it goes over a connection that is kept."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


def get_listing(person_id: str, county: str) -> Request:
    """Return a call of GetListing about a resident who is listed, by a citizen."""
    body = envelope(request("GetListing", actor("CITIZEN", person_id), person("personId", person_id)), county)
    return Request("GetListing", path("GetListing"), body, b"healthcareFacility>")


def get_care_managers(person_id: str, source_system: str | HsaId) -> Request:
    """Return a call of GetCareManagers about a resident who has a fixed contact."""
    body = envelope(request("GetCareManagers", person("patientId", person_id)), str(source_system))
    return Request("GetCareManagers", path("GetCareManagers"), body, b"careManager>")


def of_demo(contract: str, source_system: str = "SE2321000131-FASTKONTAKT") -> Request:
    """Return a call about the resident of the demo data who is listed and has contacts."""
    if contract == "GetCareManagers":
        return get_care_managers(LISTED_PERSON, source_system)
    return get_listing(LISTED_PERSON, DEMO_COUNTY)
