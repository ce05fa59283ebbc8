"""A stand-in for a region's own listing system, over HTTP, that answers as a test wants it to."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from contracts.catalogue import LOGICAL_ADDRESS, Contract, by_element
from tests.soap import SOAP, check_request, response
from tests.wsgi import TEXT_XML

Written = list[tuple[float, bytes]]
"""What goes over the wire after the headers: seconds to wait, and bytes."""


class ListingSystem:
    """The listing system; what it is sent is checked.

    Attributes:
        answer: What it does with a request: bytes to answer with; None to hang up; a list of `Written` to be
            sent piece by piece, without a length.
        status: HTTP status of its answers.
        asked: The requests, oldest first.
        addresses: The LogicalAddress of each.
        headers: The HTTP headers of each, names in small letters.
    """

    def __init__(self) -> None:
        self.answer: Callable[[Contract], bytes | Written | None] = lambda contract: done(contract)
        self.status = 200
        self.asked: list[bytes] = []
        self.addresses: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.base = ""
        self._wrong: list[BaseException] = []

    @contextmanager
    def serving(self) -> Iterator["ListingSystem"]:
        """Answer on a port while the block runs; then whatever was wrong with a request is raised."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        server.block_on_close = False
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        self.base = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        for error in self._wrong:
            raise error

    def _take(self, body: bytes, headers: dict[str, str]) -> Contract:
        try:
            content = check_request(body)
            contract = by_element(content.tag)
            assert contract is not None
            assert headers["soapaction"] == f'"{contract.soap_action}"'
            root = content.getroottree().getroot()
            self.addresses.append(root.findtext(f"{{{SOAP}}}Header/{LOGICAL_ADDRESS}") or "")
        except BaseException as error:
            self._wrong.append(error)
            raise
        self.asked.append(body)
        self.headers.append(headers)
        return contract

    def _handler(system) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                contract = system._take(body, {name.lower(): value for name, value in self.headers.items()})
                answer = system.answer(contract)
                self.close_connection = answer is None or isinstance(answer, list)
                if answer is None:
                    return
                with suppress(ConnectionError):  # the caller gave up
                    self.send_response(system.status)
                    self.send_header("Content-Type", TEXT_XML)
                    if isinstance(answer, bytes):
                        self.send_header("Content-Length", str(len(answer)))
                        answer = [(0, answer)]
                    self.end_headers()
                    for seconds, piece in answer:
                        time.sleep(seconds)
                        self.wfile.write(piece)
                        self.wfile.flush()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def done(contract: Contract, code: str = "OK", text: str | None = None) -> bytes:
    """Return the response of an updating contract."""
    says = "" if text is None else f"<resultText>{text}</resultText>"
    name = f"{contract.name}Response"
    return response(f'<{name} xmlns="{contract.namespace}"><resultCode>{code}</resultCode>{says}</{name}>')
