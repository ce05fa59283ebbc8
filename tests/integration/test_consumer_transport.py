"""The client against peers on real sockets: what only the network can do wrong."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consumer.client import Client
from consumer.results import Answer, NoAnswer, NoAnswerKind, Result
from consumer.settings import CallSettings
from contracts.catalogue import by_name
from contracts.messages import PingForConfiguration
from tests.soap import check_exchange, response

PING = by_name("PingForConfiguration")
CONTENT = response(
    f'<PingForConfigurationResponse xmlns="{PING.namespace}"><version>1</version>'
    "<pingDateTime>20261121093000</pingDateTime></PingForConfigurationResponse>"
)
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(CONTENT)}\r\n\r\n".encode()

WAIT_SECONDS = 20
"""How long a test waits for something that comes at once, however busy the machine is."""

SILENCE_SECONDS = 0.3
"""How long a test waits for something that never comes."""

Peer = Callable[[socket.socket, threading.Event], None]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


@contextmanager
def listening(peer: Peer) -> Iterator[str]:
    """Serve one connection with ``peer``; yields host and port. The event tells the peer to stop."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_SECONDS)

        def serve() -> None:
            try:
                connection, _ = server.accept()
            except TimeoutError:  # nobody called; the test says so itself
                return
            with connection:
                connection.settimeout(WAIT_SECONDS)
                peer(connection, done)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join(WAIT_SECONDS)
            assert not thread.is_alive()


def receive(connection: socket.socket) -> None:
    """Read a request to its end, so that closing does not reset the connection."""
    data = b""
    while b":Envelope>" not in data:
        data += connection.recv(65_536)


def call(endpoint: str, **settings: object) -> Result:
    patience = {"connect_timeout_seconds": WAIT_SECONDS, "read_timeout_seconds": WAIT_SECONDS}
    chosen = CallSettings.model_validate({"endpoint": endpoint} | patience | settings)
    with Client(chosen) as client:
        return client.call(PingForConfiguration(PING.namespace, "14"), "14")


def answers(connection: socket.socket, _: threading.Event) -> None:
    receive(connection)
    connection.sendall(HEAD + CONTENT)


def is_silent(connection: socket.socket, done: threading.Event) -> None:
    receive(connection)
    done.wait(WAIT_SECONDS)


def falls_silent(connection: socket.socket, done: threading.Event) -> None:
    receive(connection)
    connection.sendall(HEAD + CONTENT[:50])
    done.wait(WAIT_SECONDS)


def hangs_up(connection: socket.socket, _: threading.Event) -> None:
    receive(connection)


def hangs_up_midway(connection: socket.socket, _: threading.Event) -> None:
    receive(connection)
    connection.sendall(HEAD + CONTENT[:50])


def resets(connection: socket.socket, _: threading.Event) -> None:
    receive(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def is_no_http(connection: socket.socket, _: threading.Event) -> None:
    receive(connection)
    connection.sendall(b"220 mail.example ESMTP\r\n")


def test_an_answer_over_a_real_connection() -> None:
    with listening(answers) as peer:
        result = call(f"http://{peer}")
    assert isinstance(result, Answer)
    assert result.ok
    assert result.exchange.request_headers["Content-Length"] == str(len(result.exchange.request))
    check_exchange(result.exchange.request, result.exchange.response)


@pytest.mark.parametrize(
    ("peer", "kind", "says", "status"),
    [
        (is_silent, NoAnswerKind.TIMEOUT, "no answer within 0.3 s", None),
        (falls_silent, NoAnswerKind.TIMEOUT, "no answer within 0.3 s", 200),
        (hangs_up, NoAnswerKind.CONNECTION, "check the address", None),
        (hangs_up_midway, NoAnswerKind.CONNECTION, "IncompleteRead", 200),
        (resets, NoAnswerKind.CONNECTION, "Connection reset by peer", None),
        (is_no_http, NoAnswerKind.CONNECTION, "BadStatusLine", None),
    ],
)
def test_a_broken_peer(peer: Peer, kind: NoAnswerKind, says: str, status: int | None) -> None:
    with listening(peer) as address:
        patience = SILENCE_SECONDS if kind is NoAnswerKind.TIMEOUT else WAIT_SECONDS
        result = call(f"http://{address}", read_timeout_seconds=patience)
    assert isinstance(result, NoAnswer)
    assert (result.kind, result.retry, result.exchange.status) == (kind, True, status)
    assert says in result.reason


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = call(f"http://127.0.0.1:{port}")
    assert isinstance(result, NoAnswer)
    assert result.kind is NoAnswerKind.CONNECTION
    assert "Connection refused" in result.reason


def speaks_no_tls(connection: socket.socket, _: threading.Event) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_https_where_none_is_spoken() -> None:
    with listening(speaks_no_tls) as peer:
        result = call(f"https://{peer}")
    assert isinstance(result, NoAnswer)
    assert (result.kind, result.retry) == (NoAnswerKind.TLS, False)


@pytest.mark.parametrize("setting", ["client_certificate", "ca_bundle"])
def test_a_tls_file_that_holds_something_else(setting: str, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.write_text("no certificate")
    with listening(lambda *_: None) as peer:
        result = call(f"https://{peer}", **{setting: file})
    assert isinstance(result, NoAnswer)
    assert result.kind is NoAnswerKind.TLS
    assert f"call.{setting}" in result.reason


def test_a_ca_bundle_of_the_environment_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    result = call("https://127.0.0.1:1")
    assert isinstance(result, NoAnswer)
    assert result.kind is NoAnswerKind.TLS
    assert "REQUESTS_CA_BUNDLE" in result.reason
