"""Clients that send slowly, or nothing, and a client that calls meanwhile."""

import http.client
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from math import ceil
from urllib.parse import urlsplit

from tests.e2e.processes import Server
from tests.messages import CITIZEN, actor, envelope, path, person, request

REQUEST = envelope(request("GetListing", actor(), person("personId", CITIZEN)))
HEAD = (
    f"POST {path('GetListing')} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; charset=UTF-8\r\n"
    f"Content-Length: {len(REQUEST)}\r\n"
).encode()
WHOLE = HEAD + b"\r\n" + REQUEST

SILENT = b""
REQUEST_LINE = b"POST /"
HALF_HEAD = HEAD
HALF_BODY = HEAD + b"\r\n" + REQUEST[:100]
KINDS = {"silent": SILENT, "line": REQUEST_LINE, "head": HALF_HEAD, "body": HALF_BODY}


def place_of(server: Server) -> tuple[str, int]:
    """Return where a server listens."""
    split = urlsplit(server.base)
    assert split.hostname is not None
    assert split.port is not None
    return split.hostname, split.port


@contextmanager
def begun(server: Server, begun_with: bytes, number: int = 1) -> Iterator[list[socket.socket]]:
    """Open connections to a server; see `begun_at`."""
    with begun_at(place_of(server), begun_with, number) as opened:
        yield opened


@contextmanager
def begun_at(place: tuple[str, int], begun_with: bytes, number: int) -> Iterator[list[socket.socket]]:
    """Open connections that have sent so much, and send no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 4096) if hard != resource.RLIM_INFINITY else 4096
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    with ExitStack() as stack:
        opened = []
        for _ in range(number):
            one = stack.enter_context(closing(socket.create_connection(place, timeout=30)))
            one.sendall(begun_with)
            opened.append(one)
        yield opened


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the server ends a connection."""
    try:
        return b"".join(iter(lambda: connection.recv(65536), b""))
    except ConnectionResetError:
        return b""


def call(connection: http.client.HTTPConnection) -> float:
    """Make a call, which must be answered, and return how many seconds it took."""
    began = time.perf_counter()
    connection.request("POST", path("GetListing"), REQUEST, {"Content-Type": "text/xml; charset=UTF-8"})
    answer = connection.getresponse()
    body = answer.read()
    assert (answer.status, b"resultCode>OK<" in body) == (200, True), body
    return time.perf_counter() - began


def calls(server: Server, number: int) -> list[float]:
    """Make calls over a connection, one after the other, and return how many seconds each took."""
    host, port = place_of(server)
    with closing(http.client.HTTPConnection(host, port, timeout=30)) as connection:
        return [call(connection) for _ in range(number)]


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Return what so many percent took at most."""
    return sorted(seconds)[ceil(len(seconds) * percent / 100) - 1]
