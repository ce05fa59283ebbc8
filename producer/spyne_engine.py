"""Spyne, and all that it takes: its import on every Python we support, and the exchange it runs for us.

Our gate reads, our handler answers, Spyne runs the exchange. Contract-first: bodies stay lxml elements and
types come from ``xsd/``, never from Spyne models. The QName of the Body's element decides which contract is
called; SOAPAction is not for dispatch (WS-I Basic Profile 1.1).

Spyne 2.14 bundles six 1.14, whose import hook lacks ``find_spec``: Python 3.11 warns about it and 3.12 no
longer calls the old hook. We load the bundled six under its own name first and give its importer the methods
that six 1.16 has. Spyne also imports ``cgi``, which warns on 3.11 and 3.12 and is gone from 3.13, where the
``legacy-cgi`` package stands in for it.

Spyne logs exceptions and messages as they are, personal data included. Its loggers are silenced here; the
producer writes its own log events. Spyne also runs a full garbage collection after a call every second, which
held up answers for 80 ms when measured; Python collects on its own, so that is switched off.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from http import HTTPStatus
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from lxml import etree

from contracts.catalogue import CONTRACTS, Contract
from producer.faults import SoapFault, envelope, fault_element, to_bytes
from producer.gate import Envelope, open_envelope
from producer.handler import Handler, offered_contract
from producer.operations import OPERATIONS
from producer.service import ServedRequest

log = structlog.get_logger(__name__)

_SIX = "spyne.util.six"


def _load_bundled_six() -> None:
    if _SIX in sys.modules:
        return
    package = find_spec("spyne")
    if package is None or package.submodule_search_locations is None:
        raise ImportError("Spyne is not installed")
    path = Path(package.submodule_search_locations[0]) / "util" / "six.py"
    spec = spec_from_file_location(_SIX, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Spyne's bundled six is not at {path}")
    six = module_from_spec(spec)
    sys.modules[_SIX] = six
    spec.loader.exec_module(six)
    _teach(six._importer.__class__)


def _teach(importer: Any) -> None:
    """Give six's import hook the methods of today's import system, as six 1.16 does."""

    def find_spec(self: Any, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname in self.known_modules else None

    def create_module(self: Any, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = self.load_module(spec.name)
        return module

    def exec_module(self: Any, module: ModuleType) -> None:
        """Nothing to do: load_module has run the module."""

    importer.find_spec = find_spec
    importer.create_module = create_module
    importer.exec_module = exec_module


_load_bundled_six()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # cgi, and escapes in Spyne's strings: nothing we can mend
    from spyne import AnyXml, Application, Service, const, rpc
    from spyne.model.fault import Fault
    from spyne.protocol.soap import Soap11
    from spyne.server.wsgi import WsgiApplication

const.MIN_GC_INTERVAL = float("inf")
logging.getLogger("spyne").setLevel(logging.CRITICAL + 1)

EXCHANGE = "fastkontakt.exchange"
"""Key of the WSGI environment that holds the `Exchange`."""

CHARSET = "fastkontakt.charset"
"""Key of the WSGI environment that holds the charset of the Content-Type, or None."""


class _Refusal(Fault):  # type: ignore[misc]  # Spyne has no types
    """Carries one of our Faults through Spyne, which knows no exceptions but its own."""

    def __init__(self, fault: SoapFault) -> None:
        super().__init__(fault.kind.faultcode, str(fault))
        self.fault = fault


def _refused(step: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return step(*arguments)
    except SoapFault as fault:
        raise _Refusal(fault) from None


class RivTaSoap(Soap11):  # type: ignore[misc]  # Spyne has no types
    """SOAP 1.1 as RIV-TA uses it: hardened parsing in, the response element as it is out."""

    mime_type = "text/xml; charset=UTF-8"

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Open the request with the parse gate instead of Spyne's parser."""
        ctx.in_document = _refused(open_envelope, b"".join(ctx.in_string), ctx.transport.req_env[CHARSET])

    def decompose_incoming_envelope(self, ctx: Any, message: str = Soap11.REQUEST) -> None:
        """Tell Spyne which contract is called, by the QName of the Body's element."""
        ctx.in_body_doc = ctx.in_document.content
        ctx.method_request_string = _refused(offered_contract, ctx.in_body_doc).name

    def deserialize(self, ctx: Any, message: str) -> None:
        """Hand the opened request on as it is."""
        ctx.in_object = ctx.in_document

    def serialize(self, ctx: Any, message: str) -> None:
        """Build the envelope around the response element or the Fault."""
        content = ctx.out_object[0] if ctx.out_error is None else _fault(ctx)
        ctx.out_document = envelope(content)

    def fault_to_http_response_code(self, fault: Any) -> str:
        """Return the status line: 500 with every Fault but that of denied access, which has 403 (rule 28)."""
        status = HTTPStatus(fault.fault.kind.status if isinstance(fault, _Refusal) else 500)
        return f"{status.value} {status.phrase}"

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:
        """Write UTF-8, whatever charset the request came in: the platform labels every answer so."""
        ctx.out_string = [to_bytes(ctx.out_document)]


def _fault(ctx: Any) -> etree._Element:
    """Return the Fault element; what is not one of our own Faults is an error nobody foresaw."""
    exchange: ServedRequest = ctx.transport.req_env[EXCHANGE]
    if isinstance(ctx.out_error, _Refusal):
        fault = ctx.out_error.fault
    else:  # Spyne's own, whose text may quote the request
        log.error("engine_failed", log_id=exchange.log_id, error=type(ctx.out_error).__name__)
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
        return _refused(handler.answer, ctx.transport.req_env[EXCHANGE], opened)

    answer.__name__ = contract.name
    return rpc(AnyXml, _returns=AnyXml, _body_style="bare")(answer)
