"""A stand-in for the national platform (SKLTP VP) over real HTTP on loopback.

It routes by LogicalAddress, passes on what VP passes on, makes of answers what VP makes of them, and can be
told how each address fails. Every request and answer that passes is checked.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import requests

from contracts.catalogue import LOGICAL_ADDRESS, Contract, by_element
from producer.wsgi import Producer
from tests.soap import SOAP, check_exchange, check_request, fault
from tests.wsgi import TEXT_XML, post

CORRELATION_ID = "x-skltp-correlation-id"
ORIGINAL_CONSUMER = "x-rivta-original-serviceconsumer-hsaid"
CONSUMER = "SE2321000131-CONSUMER"
"""HSA-id that the platform finds in the certificate of whoever calls."""

WAIT_SECONDS = 20
"""Longest wait for a producer, or for a test to let go of an address that hangs."""

_CLIENT_CODES = frozenset({"VP001", "VP002", "VP003", "VP004", "VP005", "VP011", "VP013", "VP015"})
"""Faults of VP with the faultcode Client; the others have Server."""

Route = Producer | str
"""A producer in this process, or the base address of one that runs somewhere."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that came to the platform, and what was answered.

    Attributes:
        address: Its LogicalAddress.
        contract: Name of its contract.
        correlation_id: The header x-skltp-correlation-id that went on; a new one where none came.
        request: Body of the request.
        status: HTTP status of the answer; None when none was given.
        response: Body of the answer; empty when none was given.
    """

    address: str
    contract: str
    correlation_id: str
    request: bytes
    status: int | None
    response: bytes


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    checked: bool = True


class Platform:
    """The platform; serves while it is used as a context manager.

    Leaving the context fails the test if anything that passed was not as it must be.

    Attributes:
        routes: LogicalAddress -> who answers; may be changed at any time.
        passed: What has come, in the order it was answered. An address that hangs is in it from the start.
        base: Address to call, with the one path that VP has for every contract.
    """

    def __init__(self, routes: Mapping[str, Route] | None = None) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.passed: list[Passed] = []
        self._instead: dict[str, Callable[[bytes, Contract, dict[str, str]], _Answer | None]] = {}
        self._failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._free = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False  # so that closing waits for them
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}/vp"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._free.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._failures and error is None:
            raise self._failures[0]

    def calls(self, address: str | None = None, contract: str | None = None) -> list[Passed]:
        """Return what has passed, to one address or of one contract if they are given."""
        with self._lock:
            return [
                one
                for one in self.passed
                if address in (None, one.address) and contract in (None, one.contract)
            ]

    def up(self, address: str) -> None:
        """Have an address answer again, as its route says."""
        self._instead.pop(address, None)

    def down(self, address: str) -> None:
        """Have the platform find nobody at an address: a VP009 Fault, and nothing reaches the producer."""
        self.fault(address, "VP009", "java.net.ConnectException: Connection refused")

    def fault(self, address: str, code: str, detail: str = "") -> None:
        """Answer for an address with a Fault of the platform, such as VP007."""
        self.answer(address, vp_fault(code, detail), status=500)

    def denied(self, address: str) -> None:
        """Have the producer deny access, with HTTP 403, which VP makes a VP009 of (RIV-TA rule 28)."""
        self.fault(address, "VP009", "VP_PRODUCER_EXCEPTION_HTTP_STATUS=403")

    def answer(self, address: str, body: bytes, *, status: int = 200, checked: bool = True) -> None:
        """Answer for an address with these bytes.

        Args:
            address: The LogicalAddress.
            body: The answer.
            status: Its HTTP status.
            checked: Whether it must be a right answer; False for one that is wrong on purpose.
        """
        self._instead[address] = lambda *_: _Answer(status, body, checked)

    def hang(self, address: str) -> None:
        """Give no answer for an address, and pass nothing on; the caller has to give up."""
        self._instead[address] = lambda *_: None

    def let_go(self) -> None:
        """End the calls that hang now, by closing their connections."""
        free, self._free = self._free, threading.Event()
        free.set()

    def lose_answers(self, address: str) -> None:
        """Pass requests on, and answer that the connection broke: the producer has done what was asked."""

        def lose(body: bytes, contract: Contract, headers: dict[str, str]) -> _Answer:
            self._route(address, body, contract, headers)
            return _Answer(500, vp_fault("VP009", "java.net.SocketException: Connection reset"))

        self._instead[address] = lose

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 - the name http.server looks for
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = platform._pass(body, headers)
                if answer is None:
                    platform._free.wait(WAIT_SECONDS)
                    return
                with suppress(ConnectionError):  # the caller gave up
                    self.send_response(answer.status)
                    self.send_header("Content-Type", TEXT_XML)
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _pass(self, body: bytes, headers: dict[str, str]) -> _Answer | None:
        try:
            content = check_request(body)
            contract = by_element(content.tag)
            assert contract is not None
            assert headers.get("soapaction") == f'"{contract.soap_action}"'
            address = content.getroottree().getroot().findtext(f"{{{SOAP}}}Header/{LOGICAL_ADDRESS}")
            onward = {
                CORRELATION_ID: headers.get(CORRELATION_ID) or str(uuid4()),
                ORIGINAL_CONSUMER: headers.get(ORIGINAL_CONSUMER) or CONSUMER,
            }
            instead = self._instead.get(address)
            answer = (
                instead(body, contract, onward) if instead else self._route(address, body, contract, onward)
            )
            if answer is not None and answer.checked:
                check_exchange(body, answer.body)
        except BaseException as error:
            self._failures.append(error)
            return _Answer(500, vp_fault("VP015"))
        with self._lock:
            self.passed.append(
                Passed(
                    address,
                    contract.name,
                    onward[CORRELATION_ID],
                    body,
                    answer.status if answer else None,
                    answer.body if answer else b"",
                )
            )
        return answer

    def _route(self, address: str, body: bytes, contract: Contract, headers: dict[str, str]) -> _Answer:
        route = self.routes.get(address)
        if route is None:
            return _Answer(500, vp_fault("VP004"))
        if isinstance(route, str):
            status, answer = _post(route.rstrip("/") + contract.path, body, headers)
        else:
            response = post(route, contract.path, body, headers=headers)
            status, answer = response.status, response.body
        return _as_vp(status, answer)


def vp_fault(code: str, detail: str = "") -> bytes:
    """Return a Fault as VP writes it: the code first in faultstring, one detailString in detail."""
    return fault(
        "soap:Client" if code in _CLIENT_CODES else "soap:Server",
        f"{code} [test-platform] Fel i plattformen",
        f"<detail><detailString>{detail}</detailString></detail>" if detail else "",
    )


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, bytes]:
    try:
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                url, body, headers=headers | {"Content-Type": TEXT_XML}, timeout=WAIT_SECONDS
            )
            return response.status_code, response.content
    except requests.RequestException as error:
        return None, type(error).__name__.encode()


def _as_vp(status: int | None, body: bytes) -> _Answer:
    """Make of a producer's answer what VP makes of it: most that is no success becomes VP009."""
    if status is None:
        return _Answer(500, vp_fault("VP009", body.decode()))
    if status == 200 or (status == 500 and SOAP.encode() in body):
        return _Answer(status, body)
    return _Answer(500, vp_fault("VP009", f"VP_PRODUCER_EXCEPTION_HTTP_STATUS={status}"))
