"""The address on which health and metrics are served, apart from the calls."""

import json
import socket
import socketserver
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from threading import BoundedSemaphore, Thread
from typing import Any

import structlog

from producer.monitoring.readiness import Finding, Fitness

log = structlog.get_logger(__name__)

_IDLE_SECONDS = 5
"""How long somebody may take to ask."""

_MOST_AT_ONCE = 16
"""Connections that one process answers at a time; who comes then is cut off."""

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MonitoringError(OSError):
    """The address for health and metrics cannot be had; the text names the setting."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address. Call it before the workers are forked: they share it, and any of them answers.

    Raises:
        MonitoringError: It cannot be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=64)
    except OSError as error:
        raise MonitoringError(
            f"monitoring.host, monitoring.port: {host}:{port} cannot be had: {error.strerror or error}"
        ) from None
    listener.setblocking(False)  # a connection that several processes are told of is the quickest one's
    return listener


def base_of(listener: socket.socket) -> str:
    """Return the base address that a socket of `listen` is reached by."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Endpoint:
    """Answers in one worker process, in threads of its own.

    Args:
        listener: From `listen`.
        ready: Looks at the parts of the service.
        metrics: Returns the metrics, as Prometheus reads them.
        stopping: Tells whether the process has been told to stop: it is not ready then.
    """

    def __init__(
        self,
        listener: socket.socket,
        ready: Callable[[], Mapping[str, Finding]],
        metrics: Callable[[], bytes],
        stopping: Callable[[], bool],
    ) -> None:
        class Answering(_Handler):
            answers = {
                "/health/live": lambda: (200, "application/json", b'{"live": true}\n'),
                "/health/ready": lambda: _readiness(ready(), stopping()),
                "/metrics": lambda: (200, _METRICS_TYPE, metrics()),
            }

        self._server = _Server(listener, Answering)

    def often(self, do: Callable[[], None]) -> None:
        """Do something twice a second. Call it before `start`."""
        failed: list[str] = []

        def survive() -> None:
            try:
                do()
                failed.clear()
            except Exception as error:  # the boundary: it must not end the thread that answers
                if not failed:
                    log.error("monitoring_failed", error=type(error).__name__)
                failed[:] = ["told"]

        self._server.service_actions = survive  # type: ignore[method-assign]

    def start(self) -> None:
        """Answer from now on, until the process ends."""
        Thread(target=self._server.serve_forever, name="monitoring", daemon=True).start()

    def stop(self) -> None:
        """Answer no more; the socket stays open for the other processes."""
        self._server.shutdown()


class _Server(socketserver.ThreadingMixIn, socketserver.BaseServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(listener.getsockname(), handler)
        self.socket = listener
        self._places = BoundedSemaphore(_MOST_AT_ONCE)

    def fileno(self) -> int:
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()  # BlockingIOError: another process has it, and all is well
        connection.settimeout(_IDLE_SECONDS)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            request.close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def shutdown_request(self, request: Any) -> None:
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone away; nobody else is to know."""


class _Handler(BaseHTTPRequestHandler):
    answers: Mapping[str, Callable[[], tuple[int, str, bytes]]]
    server_version, sys_version = "fastkontakt", ""

    def do_GET(self) -> None:
        """Answer, and close: who asks every few seconds needs no connection in between."""
        answer = self.answers.get(self.path.partition("?")[0])
        status, media_type, body = answer() if answer else (404, "text/plain", b"not here\n")
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing: who asks is a machine, every few seconds."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request we know; nothing of it is repeated."""
        super().send_error(code, None, None)


def _readiness(found: Mapping[str, Finding], stopping: bool) -> tuple[int, str, bytes]:
    """Return the answer of ``/health/ready``: 503 when a part has failed, or the process is stopping."""
    fit = not stopping and all(finding.fitness is not Fitness.FAILED for finding in found.values())
    parts = {
        name: {"state": finding.fitness} | ({"why": finding.why} if finding.why else {})
        for name, finding in found.items()
    }
    content = {"ready": fit, "stopping": stopping, "parts": parts}
    return 200 if fit else 503, "application/json", json.dumps(content, ensure_ascii=False).encode() + b"\n"
