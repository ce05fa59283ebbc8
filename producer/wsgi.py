"""The HTTP side: which request goes where, what is read of it, and what the log says about it.

A POST that cannot be answered gets a SOAP Fault with HTTP 500, also where HTTP has a status of its own for
the error: the platform drops the body of any other status, and the caller would not learn what was wrong.
Only denied access is 403 (RIV-TA Basic Profile 2.1 rule 28).
"""

import re
import time
from collections.abc import Callable, Iterable
from email.message import Message
from functools import lru_cache
from io import BytesIO
from typing import Any

import structlog

from contracts.catalogue import CONTRACTS
from contracts.identifiers import HsaId
from producer.auditing import log_unexpected
from producer.changes import PATH, Changes
from producer.documents import Documents
from producer.faults import SoapFault, envelope, fault_element, to_bytes
from producer.handler import Handler
from producer.service import Caller, ServedRequest, Service
from producer.spyne_engine import CHARSET, EXCHANGE, RivTaSoap, soap_application

log = structlog.get_logger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_PRINTABLE = re.compile(r"(?![0-9]{8}[-+]?[0-9]{4}$)[!-~]{1,128}")
"""What a header may hold to be believed and logged: plain text that could not be a person's number."""

_REASONS = {403: "403 Forbidden", 500: "500 Internal Server Error"}
_PATHS = frozenset(contract.path for contract in CONTRACTS)


class Producer:
    """The WSGI application."""

    def __init__(self, service: Service) -> None:
        self._settings = service.settings
        self._consumers = frozenset(map(HsaId, service.settings.access.consumers))
        self._soap = soap_application(Handler(service))
        self._documents = Documents(service.schemas, service.settings)
        self._changes = Changes(service)

    def stop(self) -> None:
        """Answer at once those who wait for something to happen: the process is to stop."""
        self._changes.stopping = True

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request."""
        began = time.monotonic()
        exchange = ServedRequest(
            _caller(environ), environ.get("HTTP_X_MOCK_RESPONSE", "").lower() == "soapfault"
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
        log.info(
            "request_answered",
            log_id=exchange.log_id,
            correlation_id=exchange.caller.correlation_id,
            consumer=exchange.caller.consumer,
            method=environ["REQUEST_METHOD"],
            contract=exchange.contract,
            outcome=exchange.outcome if exchange.contract or posted else None,
            status=int(sent[0].split()[0]),
            milliseconds=round((time.monotonic() - began) * 1000, 1),
        )
        return body

    def _post(self, environ: Environ, exchange: ServedRequest, start: StartResponse) -> Iterable[bytes]:
        try:
            self._admit(environ, exchange)
            charset = _charset(
                environ.get("CONTENT_TYPE") or "application/octet-stream",
                environ.get("HTTP_CONTENT_ENCODING", "identity"),
            )
            body = self._read(environ)
        except SoapFault as fault:
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
        if environ.get("PATH_INFO", "") not in _PATHS:
            raise SoapFault("FK205")
        consumer = exchange.caller.consumer
        if self._consumers and (consumer is None or HsaId(consumer) not in self._consumers):
            raise SoapFault("FK401")

    def _read(self, environ: Environ) -> bytes:
        """Read the body, with Content-Length or chunked, up to the largest size allowed."""
        limit = self._settings.server.max_body_bytes
        chunked_size = limit + 1 if environ.get("wsgi.input_terminated") else 0
        size = int(environ.get("CONTENT_LENGTH") or chunked_size)
        body: bytes = environ["wsgi.input"].read(min(size, limit + 1))
        if len(body) > limit:
            raise SoapFault("FK108", str(limit))
        return body


def _caller(environ: Environ) -> Caller:
    """Return who calls; headers that are not what they should be are left out, since they end up in logs."""

    def header(name: str) -> str | None:
        value = environ.get(name, "").strip()
        return value if _PRINTABLE.fullmatch(value) else None

    return Caller(
        consumer=header("HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID"),
        on_behalf_of=header("HTTP_X_RIVTA_ACTING_ON_BEHALF_OF_HSAID"),
        sender=header("HTTP_X_VP_SENDER_ID") or environ.get("REMOTE_ADDR"),
        correlation_id=header("HTTP_X_SKLTP_CORRELATION_ID"),
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
