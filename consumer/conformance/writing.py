"""Requests as bytes: zeep writes the messages by the contracts' WSDLs, and a case may alter the bytes."""

from collections.abc import Mapping
from typing import Any

import zeep
from lxml import etree

from contracts import oids
from contracts.catalogue import Contract, by_name
from contracts.codes import PV, ActorType
from contracts.messages import CV, II, Actor, Request, arguments
from contracts.schemas import Schemas

SOAP_HEADERS: Mapping[str, str] = {"Content-Type": "text/xml; charset=utf-8"}
"""HTTP headers of a plain request, beside its SOAPAction."""


class Writer:
    """Writes requests. A contract's WSDL is read when it is first needed.

    Args:
        schemas: Where the WSDLs lie.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._clients: dict[str, tuple[Any, Any]] = {}
        self._written: dict[tuple[Request, str], bytes] = {}

    def envelope(self, message: Request, address: str) -> bytes:
        """Return a request with its LogicalAddress, as a consumer sends it; what was written is kept."""
        if (message, address) not in self._written:
            self._written[message, address] = self._write(message, address)
        return self._written[message, address]

    def _write(self, message: Request, address: str) -> bytes:
        contract = by_name(type(message).__name__)
        client, service = self._client(contract)
        element = client.create_message(
            service, contract.name, _soapheaders={"LogicalAddress": address}, **arguments(message)
        )
        written: bytes = etree.tostring(element, xml_declaration=True, encoding="utf-8")
        return written

    def _client(self, contract: Contract) -> tuple[Any, Any]:
        if contract.name not in self._clients:
            client = zeep.Client(str(self._schemas.wsdl(contract)))
            binding = f"{{{contract.wsdl_namespace}}}{contract.name}ResponderBinding"
            self._clients[contract.name] = client, client.create_service(binding, "http://127.0.0.1/")
        return self._clients[contract.name]


def headers_of(contract: Contract) -> dict[str, str]:
    """Return the HTTP headers of a plain request."""
    return {**SOAP_HEADERS, "SOAPAction": f'"{contract.soap_action}"'}


def person(number: str) -> II:
    """Return a person's identity with the root that its form says; for a test, also of a wrong number."""
    if not number.isdecimal():
        return II(oids.NATIONAL_RESERVE_NUMBER, number)
    coordination = len(number) == 12 and int(number[6:8]) > 60
    return II(oids.SAMORDNINGSNUMMER if coordination else oids.PERSONNUMMER, number)


def hsa(text: str) -> II:
    """Return an HSA-id as an identity."""
    return II(oids.HSA_ID, text)


def county(code: str) -> II:
    """Return a county as an identity."""
    return II(oids.COUNTY, code)


def kind(text: str) -> CV:
    """Return a listing type written as ``CODE|SYSTEM``; ``PV`` alone is the national one."""
    code, _, system = text.partition("|")
    return CV(code, system or PV.system)


def citizen(number: str) -> Actor:
    """Return a resident who acts for itself."""
    return Actor(person(number), ActorType.CITIZEN)
