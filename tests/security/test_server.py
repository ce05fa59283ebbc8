"""What the HTTP server in front of the producer makes of requests that are no HTTP."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.processes import Server, serving
from tests.messages import path
from tests.records import ANNA
from tests.security.refusals import GOOD

HEAD = f"POST {path('GetListing')} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n".encode()
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "no chunks": CHUNKED + GOOD + b"\r\n",
    "chunk without end": CHUNKED + b"%x\r\n%s%s\r\n" % (len(GOOD), GOOD, ANNA.encode()),
    "no length": HEAD + f"Content-Length: {ANNA}x\r\n\r\n".encode() + GOOD,
    "no request line": ANNA.encode() + b"\r\n\r\n",
    "no header": HEAD + ANNA.encode() + b"\r\n\r\n",
    "header with a blank": HEAD + b"x y: " + ANNA.encode() + b"\r\n\r\n",
    "folded header": HEAD + b"x: y\r\n " + ANNA.encode() + b"\r\n\r\n",
    "unknown coding": HEAD + b"Transfer-Encoding: " + ANNA.encode() + b"\r\n\r\n" + GOOD,
}


def send(server: Server, data: bytes) -> bytes:
    """Return everything that comes back until the server closes the connection."""
    place = urlsplit(server.base)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_nothing_of_a_broken_request_is_repeated(tmp_path: Path) -> None:
    """Neither to the caller nor to the log, and the next is answered as ever."""
    with serving("--demo", "--workers", "1", cwd=tmp_path) as server:
        for name, data in BROKEN.items():
            answer = send(server, data)
            assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n"), (name, answer)
            assert ANNA.encode() not in answer, name
        whole = send(server, HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD))
        assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
        server.stop()
    logged = "".join(server.errors)
    assert logged.count("event=http_failed") == len(BROKEN)
    assert ANNA not in logged
    assert all(line.startswith("timestamp=") for line in server.errors)
