"""The HTTP side: which request goes where, what is read of it, and what the log says about it.

A POST that cannot be answered gets a SOAP Fault with HTTP 500, also where HTTP has a status of its own for
the error: the platform drops the body of any other status, and the caller would not learn what was wrong.
Only denied access is 403 (RIV-TA Basic Profile 2.1 rule 28).
"""

import time
from collections.abc import Callable, Iterable
from email.message import Message
from functools import lru_cache
from io import BytesIO
from typing import Any

import structlog

from contracts.catalogue import CONTRACTS
from producer import headers
from producer.auditing import log_unexpected
from producer.body import Body
from producer.callers import Caller
from producer.changes import PATH, Changes
from producer.denials import audit_denied
from producer.documents import Documents
from producer.faults import SoapFault, envelope, fault_element, to_bytes
from producer.handler import Handler
from producer.service import ServedRequest, Service
from producer.serving.exchange import REFUSED
from producer.spyne_engine import CHARSET, EXCHANGE, RivTaSoap, soap_application
from register.database import Register

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_REASONS = {403: "403 Forbidden", 500: "500 Internal Server Error"}
_NAMES = {contract.path: contract.name for contract in CONTRACTS}


class Producer:
    """The WSGI application.

    Args:
        service: What it needs to answer.
        answered: Told of each POST and pull of the feed when it has been answered, and the seconds taken.

    Attributes:
        stopping: Whether the process has been told to stop.
    """

    def __init__(
        self, service: Service, answered: Callable[[ServedRequest, float], None] | None = None
    ) -> None:
        self.stopping = False
        self._answered = answered
        self._service = service
        self._access = service.access  # made here: what is wrong with its settings is said at the start
        self._settings = service.settings
        self._soap = soap_application(Handler(service))
        self._documents = Documents(service.schemas, service.settings)
        self._changes = Changes(service)

    @property
    def register(self) -> Register:
        """The register that is served."""
        return self._service.register

    def stop(self) -> None:
        """Answer at once those who wait for something to happen: the process is to stop."""
        self.stopping = self._changes.stopping = True

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request."""
        began = time.monotonic()
        exchange = ServedRequest(
            self._access.caller(environ, _claimed(environ)),
            environ.get("HTTP_X_MOCK_RESPONSE", "").lower() == "soapfault",
        )
        sent: list[str] = []

        def start(status: str, headers: list[tuple[str, str]]) -> Any:
            sent.append(status)
            return start_response(status, headers)

        posted = environ["REQUEST_METHOD"] == "POST"
        if posted:
            body = self._post(environ, exchange, start)
        elif environ["REQUEST_METHOD"] == "GET" and environ.get("PATH_INFO") == PATH:
            body = self._pull(environ, exchange, start)
        else:
            body = self._documents(environ, start)
        seconds = time.monotonic() - began
        if self._answered is not None and (posted or exchange.contract):
            self._answered(exchange, seconds)
        log.info(
            "request_answered",
            log_id=exchange.log_id,
            correlation_id=exchange.caller.correlation_id,
            consumer=exchange.caller.consumer,
            caller_unknown=exchange.caller.unknown,
            method=environ["REQUEST_METHOD"],
            contract=exchange.contract,
            outcome=exchange.outcome if exchange.contract or posted else None,
            status=int(sent[0].split()[0]),
            milliseconds=round(seconds * 1000, 1),
        )
        return body

    def _post(self, environ: Environ, exchange: ServedRequest, start: StartResponse) -> Iterable[bytes]:
        sent = Body(environ)
        try:
            self._admit(environ, exchange)
            charset = _charset(
                environ.get("CONTENT_TYPE") or "application/octet-stream",
                environ.get("HTTP_CONTENT_ENCODING", "identity"),
            )
            body = sent.read(self._settings.server.max_body_bytes)
        except SoapFault as fault:
            sent.drain()
            return _refuse(fault, exchange, start)
        request = environ | {
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            EXCHANGE: exchange,
            CHARSET: charset,
        }
        try:
            # What it does before this is to tell a question for a WSDL, by an address it puts together.
            answer: Iterable[bytes] = self._soap.handle_rpc(request, start)
        except Exception as error:  # the boundary: the server would log the text, and answer without a Fault
            log_unexpected(exchange, "request_failed", error)
            return _refuse(SoapFault("FK501"), exchange, start)
        return answer

    def _pull(self, environ: Environ, exchange: ServedRequest, start: StartResponse) -> Iterable[bytes]:
        status, media_type, body = self._changes(environ.get("QUERY_STRING", ""), exchange)
        start(status, [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    def _admit(self, environ: Environ, exchange: ServedRequest) -> None:
        """Check what the request line and headers say before any of the body is read."""
        if REFUSED in environ:
            raise SoapFault("FK506")
        name = _NAMES.get(environ.get("PATH_INFO", ""))
        if name is None:
            raise SoapFault("FK205")
        try:
            self._access.admit(exchange.caller)
        except SoapFault:
            exchange.contract = name
            audit_denied(self._service, exchange)
            raise
        headers.check(environ)


def _claimed(environ: Environ) -> Caller:
    """Return who calls by the headers; those that are not what they should be are left out of logs so."""
    return Caller(
        consumer=headers.hsa_id(environ, headers.CONSUMER),
        on_behalf_of=headers.hsa_id(environ, headers.ON_BEHALF_OF),
        sender=headers.plain(environ, headers.SENDER) or environ.get("REMOTE_ADDR"),
        correlation_id=headers.plain(environ, headers.CORRELATION_ID),
    )


@lru_cache(maxsize=64)
def _charset(header: str, encoding: str) -> str | None:
    """Return the charset of a Content-Type, after checking that it is SOAP 1.1's and not compressed."""
    content_type = Message()
    content_type["Content-Type"] = header
    if content_type.get_content_type() == "application/soap+xml":
        raise SoapFault("FK104")
    if content_type.get_content_type() != "text/xml" or encoding.lower() != "identity":
        raise SoapFault("FK107")
    charset = content_type.get_param("charset")
    return charset if isinstance(charset, str) else None


def _refuse(fault: SoapFault, exchange: ServedRequest, start: StartResponse) -> Iterable[bytes]:
    """Answer with a Fault before Spyne has seen the request."""
    exchange.outcome = fault.kind.code
    body = to_bytes(envelope(fault_element(fault, exchange.log_id)))
    start(
        _REASONS[fault.kind.status],
        [("Content-Type", RivTaSoap.mime_type), ("Content-Length", str(len(body)))],
    )
    return [body]
