"""A mock as people write one in an afternoon: routes and string templates, and no rule of any contract.

It is written as a small Flask application is, and its author never read the contracts: so it is meant.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

ROUTES: dict[str, Callable[[str], tuple[int, str]]] = {}

PAGE = """<?xml version="1.0"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
  <soapenv:Body>{body}</soapenv:Body>
</soapenv:Envelope>"""

FAULT = "<soapenv:Fault><faultcode>Server</faultcode><faultstring>{text}</faultstring></soapenv:Fault>"

LISTING = """<GetListingResponse xmlns="urn:riv:supportprocess:logistics:carelisting:GetListingResponder:2"
    xmlns:c="urn:riv:supportprocess:logistics:carelisting:2">
  <listings>
    <c:validFromDate>2024-01-01T00:00:00Z</c:validFromDate>
    <c:listingType><c:code>PV</c:code><c:codeSystem> 1.2.752.129.5.1.27</c:codeSystem></c:listingType>
    <c:healthcareFacility><c:id>SE2321000131-MOCK1</c:id><c:name>Vårdcentralen</c:name></c:healthcareFacility>
    <c:isInQueue>FALSE</c:isInQueue>
  </listings>
  <resultCode>OK</resultCode>
</GetListingResponse>"""

CONTACTS = """<GetCareManagersResponse
  xmlns="urn:riv:coreprocess:residentparticipation:residentparticipation:GetCareManagersResponder:1"/>"""


def route(name: str) -> Callable[[Callable[[str], tuple[int, str]]], Callable[[str], tuple[int, str]]]:
    """Register what answers a contract."""

    def registered(view: Callable[[str], tuple[int, str]]) -> Callable[[str], tuple[int, str]]:
        ROUTES[name] = view
        return view

    return registered


@route("GetListing")
def get_listing(data: str) -> tuple[int, str]:
    """Answer a listing to everybody whose number it finds somewhere in the text."""
    found = re.search(r"extension[^>]*>(\d+)<", data)
    if found is None:
        return 500, FAULT.format(text="AttributeError: 'NoneType' object has no attribute 'group'")
    if found[1].startswith("1893"):
        return 400, FAULT.format(text=f"Person {found[1]} not found")
    return 200, LISTING


@route("GetCareManagers")
def get_care_managers(data: str) -> tuple[int, str]:
    """Answer that there is nobody."""
    return 200, CONTACTS


def mock(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer by the last parts of the address, as the author thought a contract was told by."""
    data = environ["wsgi.input"].read().decode("utf-8", "ignore")
    name = next((one for one in ROUTES if f"/{one}/" in environ["PATH_INFO"]), None)
    status, body = ROUTES[name](data) if name else (404, "Not Found")
    page = PAGE.format(body=body) if name else body
    start_response(
        f"{status} Whatever", [("Content-Type", "text/html; charset=utf-8"), ("X-Powered-By", "mock")]
    )
    return [page.encode()]
