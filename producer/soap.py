"""The producer as a Spyne application: our gate reads, our handler answers, Spyne runs the exchange.

Contract-first: bodies stay lxml elements and types come from ``xsd/``, never from Spyne models. The QName of
the Body's element decides which contract is called; SOAPAction is not for dispatch (WS-I Basic Profile 1.1).
"""

from typing import Any

import structlog
from lxml import etree

from contracts.catalogue import CONTRACTS, Contract
from producer.faults import SoapFault, envelope, fault_element, to_bytes
from producer.gate import Envelope, open_envelope
from producer.handler import Handler, offered_contract
from producer.operations import OPERATIONS
from producer.service import Exchange
from producer.spyne_compat import AnyXml, Application, Service, Soap11, WsgiApplication, rpc

log = structlog.get_logger(__name__)

EXCHANGE = "fastkontakt.exchange"
"""Key of the WSGI environment that holds the `Exchange`."""

CHARSET = "fastkontakt.charset"
"""Key of the WSGI environment that holds the charset of the Content-Type, or None."""


class RivTaSoap(Soap11):  # type: ignore[misc]  # Spyne has no types
    """SOAP 1.1 as RIV-TA uses it: hardened parsing in, the response element as it is out."""

    mime_type = "text/xml; charset=UTF-8"

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Open the request with the parse gate instead of Spyne's parser."""
        ctx.in_document = open_envelope(b"".join(ctx.in_string), ctx.transport.req_env[CHARSET])

    def decompose_incoming_envelope(self, ctx: Any, message: str = Soap11.REQUEST) -> None:
        """Tell Spyne which contract is called, by the QName of the Body's element."""
        ctx.in_body_doc = ctx.in_document.content
        ctx.method_request_string = offered_contract(ctx.in_body_doc).name

    def deserialize(self, ctx: Any, message: str) -> None:
        """Hand the opened request on as it is."""
        ctx.in_object = ctx.in_document

    def serialize(self, ctx: Any, message: str) -> None:
        """Build the envelope around the response element or the Fault."""
        content = ctx.out_object[0] if ctx.out_error is None else _fault(ctx)
        ctx.out_document = envelope(content)

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:
        """Write UTF-8, whatever charset the request came in: the platform labels every answer so."""
        ctx.out_string = [to_bytes(ctx.out_document)]


def _fault(ctx: Any) -> etree._Element:
    """Return the Fault element; what is not one of our own Faults is an error nobody foresaw."""
    exchange: Exchange = ctx.transport.req_env[EXCHANGE]
    fault = ctx.out_error
    if not isinstance(fault, SoapFault):  # Spyne's own, whose text may quote the request
        log.error("engine_failed", log_id=exchange.log_id, error=type(fault).__name__)
        fault = SoapFault("FK501")
    exchange.outcome = fault.kind.code
    return fault_element(fault, exchange.log_id)


def soap_application(handler: Handler) -> WsgiApplication:
    """Return the WSGI application that answers POST requests.

    The environment it is called with must hold EXCHANGE and CHARSET.
    """
    functions = {one.name: _service_function(one, handler) for one in CONTRACTS if one.name in OPERATIONS}
    service = type("RivTaService", (Service,), functions)
    application = Application(
        [service], tns="urn:fastkontakt", in_protocol=RivTaSoap(), out_protocol=RivTaSoap()
    )
    # Spyne has a limit of its own, which must not be below ours.
    return WsgiApplication(application, max_content_length=handler.service.settings.server.max_body_bytes)


def _service_function(contract: Contract, handler: Handler) -> Any:
    """Return what Spyne calls for a contract, named like it: Spyne tells functions apart by their names."""

    def answer(ctx: Any, opened: Envelope) -> etree._Element:
        return handler.answer(ctx.transport.req_env[EXCHANGE], opened)

    answer.__name__ = contract.name
    return rpc(AnyXml, _returns=AnyXml, _body_style="bare")(answer)
