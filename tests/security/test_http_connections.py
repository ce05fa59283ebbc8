"""Over real HTTP: what is refused costs the next request on its connection nothing, and carries nothing out.

The platform keeps its connections and shares them among consumers.
"""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from tests.e2e.processes import Server, serving
from tests.messages import path
from tests.security.refusals import GOOD

HEAD = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\n{}\r\n"
XML = "text/xml; charset=UTF-8"
TIMES = 5


def posted(
    body: bytes,
    *,
    to: str = path("GetListing"),
    media_type: str = XML,
    headers: str = "",
    length: int | None = None,
) -> bytes:
    """Return a request as it goes over the connection."""
    said = f"Content-Length: {len(body) if length is None else length}\r\n{headers}"
    return HEAD.format(to, media_type, said).encode() + body


def chunked(body: bytes, size: int = 60_000) -> bytes:
    """Return a request that comes in chunks."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return (
        HEAD.format(path("GetListing"), XML, "Transfer-Encoding: chunked\r\n").encode() + coded + b"0\r\n\r\n"
    )


REFUSED = {
    "a body that is too large": (posted(b"x" * 3_000_000), b"FK108"),
    "a body that is just too large": (posted(b"x" * 1_048_577), b"FK108"),
    "chunks past the cap": (chunked(b"x" * 3_000_000), b"FK108"),
    "another path": (posted(GOOD, to="/unknown"), b"FK205"),
    "another path and a large body": (posted(b"x" * 1_000_000, to="/unknown"), b"FK205"),
    "another path and chunks": (
        chunked(b"x" * 500_000).replace(path("GetListing").encode(), b"/unknown"),
        b"FK205",
    ),
    "another media type": (posted(b"x" * 500_000, media_type="text/plain"), b"FK107"),
    "compressed": (posted(b"x" * 500_000, headers="Content-Encoding: gzip\r\n"), b"FK107"),
    "two consumers": (
        posted(b"x" * 500_000, headers="x-rivta-original-serviceconsumer-hsaid: SE1-A\r\n" * 2),
        b"FK112",
    ),
    "too many elements": (
        posted(GOOD.replace(b"</GetListing>", b"<x/>" * 9_000 + b"</GetListing>")),
        b"FK110",
    ),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with the demo's data."""
    with serving("--demo", "--workers", "1", cwd=tmp_path_factory.mktemp("http")) as running:
        yield running
        running.stop()


def connected(server: Server) -> socket.socket:
    """Return a connection to the service."""
    place = urlsplit(server.base)
    return socket.create_connection((place.hostname, place.port), timeout=20)


def answer(stream: BinaryIO) -> tuple[int, bool, bytes]:
    """Read one answer: its status (0 for none), whether the connection ends with it, and its body."""
    line = stream.readline()
    if not line:
        return 0, True, b""
    headers = {}
    while (header := stream.readline()) not in (b"\r\n", b""):
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return int(line.split()[1]), headers.get("connection", "").lower() == "close", body


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("pipelined", [False, True])
def test_the_next_request_is_not_lost(server: Server, name: str, pipelined: bool) -> None:
    """It is answered, or the refusal says that the connection ends: who sent it then sends it again."""
    refused, code = REFUSED[name]
    good = posted(GOOD)
    for _ in range(TIMES):
        with connected(server) as connection, connection.makefile("rb") as stream:
            connection.sendall(refused + good if pipelined else refused)
            status, ends, body = answer(stream)
            assert (status, code in body) == (500, True)
            if ends:
                continue
            if not pipelined:
                connection.sendall(good)
            status, _, body = answer(stream)
            assert status == 200, f"the next request was lost after {name}"
            assert b"resultCode>OK<" in body


# Which message the head means is not for two machines to see differently -----------------------------------

HIDDEN = posted(GOOD, to="/hidden")
GAMES = {
    "a length and chunks": HEAD.format(
        path("GetListing"), XML, f"Content-Length: {len(GOOD) + 5}\r\nTransfer-Encoding: chunked\r\n"
    ).encode()
    + b"0\r\n\r\n"
    + HIDDEN,
    "chunks and a length": HEAD.format(
        path("GetListing"), XML, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"
    ).encode()
    + b"0\r\n\r\n"
    + HIDDEN,
    "two lengths": posted(GOOD, headers="Content-Length: 5\r\n") + HIDDEN,
    "two lengths in one": HEAD.format(path("GetListing"), XML, f"Content-Length: {len(GOOD)}, 5\r\n").encode()
    + GOOD,
    "a length below nothing": HEAD.format(path("GetListing"), XML, "Content-Length: -1\r\n").encode() + GOOD,
    "a length with a sign": HEAD.format(path("GetListing"), XML, f"Content-Length: +{len(GOOD)}\r\n").encode()
    + GOOD,
    "chunks twice": HEAD.format(path("GetListing"), XML, "Transfer-Encoding: chunked, chunked\r\n").encode()
    + HIDDEN,
    "chunks under another name": HEAD.format(
        path("GetListing"), XML, "Transfer-Encoding: xchunked\r\n"
    ).encode()
    + GOOD,
    "chunks with a blank in the name": HEAD.format(
        path("GetListing"), XML, "Transfer-Encoding : chunked\r\n"
    ).encode()
    + HIDDEN,
    "a chunk of a length that is none": HEAD.format(
        path("GetListing"), XML, "Transfer-Encoding: chunked\r\n"
    ).encode()
    + b"-5\r\nxxxxx\r\n0\r\n\r\n",
    "no host": posted(GOOD).replace(b"Host: localhost\r\n", b""),
    "two hosts": posted(GOOD, headers="Host: elsewhere\r\n"),
    "a line break in a header": posted(GOOD, headers="x-skltp-correlation-id: a\nx-y: b\rz\r\n").replace(
        b"a\nx-y", b"a\r\n x-y"
    ),
    "a NUL in a header": posted(GOOD, headers="x-skltp-correlation-id: a\0b\r\n"),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_head_that_can_be_read_in_two_ways_is_refused(server: Server, name: str) -> None:
    """Nothing of it is carried out, and what is hidden in it is no request of its own that is answered OK."""
    with connected(server) as connection, connection.makefile("rb") as stream:
        connection.sendall(GAMES[name])
        connection.shutdown(socket.SHUT_WR)
        answers = iter(lambda: answer(stream), (0, True, b""))
        found = list(answers)
    assert found, "no answer"
    assert found[0][0] in (400, 431, 500, 501)
    assert all(status != 200 for status, _, _ in found)
    assert all(b"FK205" not in body for _, _, body in found), "what was hidden was taken for a request"


@pytest.mark.parametrize("sent", [len(GOOD) - 1, len(GOOD), 0])
def test_a_body_that_is_shorter_than_its_length_is_not_carried_out(server: Server, sent: int) -> None:
    with connected(server) as connection, connection.makefile("rb") as stream:
        connection.sendall(posted(GOOD[:sent], length=len(GOOD) + 10))
        connection.shutdown(socket.SHUT_WR)
        status, _, body = answer(stream)
    assert status in (0, 400, 500)
    assert b"resultCode" not in body


def test_a_header_of_an_answer_is_not_the_callers(server: Server, tmp_path: Path) -> None:
    """Nothing that a caller sends in a head comes back in one."""
    with connected(server) as connection, connection.makefile("rb") as stream:
        headers = "x-skltp-correlation-id: marked-by-caller\r\nx-vp-sender-id: marked-by-caller\r\n"
        connection.sendall(
            posted(GOOD, headers=headers) + posted(GOOD, to="/marked-by-caller?marked-by-caller")
        )
        heads = []
        for _ in range(2):
            lines = list(iter(stream.readline, b"\r\n"))
            heads += lines
            length = next(
                int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")
            )
            stream.read(length)
    assert b"marked-by-caller" not in b"".join(heads)
