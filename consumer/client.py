"""The SOAP client: a request message in, a typed result out.

zeep writes the requests and reads the answers, by WSDLs and schemas that lie on disk: nothing is fetched.
Between the two everything is our own, so that half-broken peers become results and not exceptions.
"""

import logging
import re
from collections.abc import Mapping
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.helpers import serialize_object

from consumer.response import read_response
from consumer.results import NoAnswer, Result
from consumer.settings import CallSettings
from consumer.transport import CallError, RecordingTransport
from contracts.catalogue import Contract, by_name
from contracts.identifiers import LogicalAddress
from contracts.messages import Request, Update, arguments
from contracts.schemas import SchemaError, Schemas, built_in

ORIGINAL_CONSUMER = "x-rivta-original-serviceconsumer-hsaid"
"""HTTP header with the HSA-id of the first consumer in the chain (RIV-TA Basic Profile 2.1 rule 23)."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")

# zeep logs a value it cannot convert, and the value is part of a message; the schema report says it without.
logging.getLogger("zeep.xsd.types.simple").addFilter(lambda record: False)


class Client:
    """Calls contracts. Use one client per thread, and close it: it keeps connections open between calls.

    Args:
        settings: Address, timeouts, TLS files.
        schemas: WSDLs to call by and schemas to check answers with; our own when left out.

    Raises:
        CallError: A TLS file is missing.
    """

    def __init__(self, settings: CallSettings, schemas: Schemas | None = None) -> None:
        self._settings = settings
        self._schemas = schemas or built_in()
        self._transport = RecordingTransport(settings, f"fastkontakt/{version('fastkontakt')}")
        self._clients: dict[str, zeep.Client] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.session.close()

    def call(
        self,
        message: Request | Update,
        logical_address: str,
        *,
        endpoint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Result:
        """Call the contract the message belongs to, once.

        Args:
            message: The request.
            logical_address: Whom it is addressed to; blanks around it are left out, as VP refuses them.
            endpoint: Address to call instead of the one in the settings.
            headers: HTTP headers to send beside our own, or in their place.

        Raises:
            CallError: The address, a header or a text in the message cannot be sent.
            IdentifierError: The logical address is empty.
            SchemaError: The contract's WSDL cannot be used.
        """
        contract = by_name(type(message).__name__)
        header = LogicalAddress.parse(logical_address).value
        address = contract_address(endpoint or self._settings.endpoint, contract)
        client = self._zeep_client(contract)
        binding = f"{{{contract.wsdl_namespace}}}{contract.name}ResponderBinding"
        service = client.create_service(binding, address)
        http_headers = self._headers(headers or {})
        try:
            with client.settings(extra_http_headers=http_headers):
                sent = service[contract.name](_soapheaders={"LogicalAddress": header}, **arguments(message))
        except ValueError as error:  # lxml and requests refuse text that XML or HTTP cannot carry
            raise CallError(f"the request cannot be written: {error}") from None
        if isinstance(sent, NoAnswer):
            return sent
        return read_response(contract, sent, self._schemas, self._read_body)

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        headers = dict(given)
        if self._settings.original_consumer is not None:
            headers = {ORIGINAL_CONSUMER: self._settings.original_consumer} | headers
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise CallError(f"the HTTP header {name!r} must be a name and a value in ASCII")
        return headers

    def _zeep_client(self, contract: Contract) -> zeep.Client:
        client = self._clients.get(contract.name)
        if client is None:
            wsdl = self._schemas.wsdl(contract)
            # raw_response: what the transport returns comes back from the call as it is.
            settings = zeep.Settings(
                strict=True, raw_response=True, forbid_dtd=True, forbid_entities=True, forbid_external=True
            )
            try:
                client = zeep.Client(str(wsdl), transport=self._transport, settings=settings)
            except (ZeepError, OSError) as error:
                raise SchemaError(f"{wsdl} cannot be used: {error}") from None
            self._clients[contract.name] = client
        return client

    def _read_body(self, contract: Contract, element: etree._Element, valid: bool) -> dict[str, Any]:
        client = self._zeep_client(contract)
        try:
            with client.settings(strict=valid):
                found = client.get_element(contract.response).parse(element, client.wsdl.types)
        except ZeepError:  # too far from the schema; its problems tell
            return {}
        return _named(serialize_object(found, dict)) or {}


def contract_address(endpoint: str, contract: Contract) -> str:
    """Return the address to call: the endpoint with the contract's path, or as it is when it has a path.

    The platform has one address for every contract and tells them apart by the message (SKLTP VP).

    Raises:
        CallError: The endpoint is no http or https address.
    """
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise CallError(f"{endpoint} is no address to call; expected for example http://127.0.0.1:8080")
    return endpoint if parts.path.strip("/") or parts.query else endpoint.rstrip("/") + contract.path


def _named(value: Any) -> Any:
    """Return a value without what zeep keeps under names of its own: elements the schema does not name."""
    if isinstance(value, dict):
        return {name: _named(part) for name, part in value.items() if not name.startswith("_")}
    return [_named(part) for part in value] if isinstance(value, list) else value
