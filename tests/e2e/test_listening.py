"""Where the service listens, and who can reach it there."""

import ast
import http.client
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from producer.listening import ListenError, base_address, listen
from producer.settings import ServerSettings
from tests.certificates import make_certs
from tests.e2e.processes import Server, run, serving
from tests.e2e.slow_clients import HEAD, REQUEST, begun, calls, place_of, rest
from tests.e2e.small_server import small_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_ipv6(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, script=small_server(host="::1")) as server:
        assert server.base.startswith("http://[::1]:")
        with begun(server, GET) as (one,):
            assert rest(one).startswith(b"HTTP/1.1 200 OK\r\n")


def test_all_addresses_of_both_kinds(tmp_path: Path) -> None:
    script = small_server(host="::", allow_plain_http=True)
    with serving(cwd=tmp_path, script=script) as server:
        port = urlsplit(server.base).port
        for host in ("::1", "127.0.0.1"):
            with closing(http.client.HTTPConnection(host, port, timeout=30)) as connection:
                connection.request("POST", "/environ", b"x")
                told = ast.literal_eval(connection.getresponse().read().decode())
                assert told["REMOTE_ADDR"] == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - what is refused
def test_plain_http_is_for_this_machine_unless_allowed(tmp_path: Path, host: str) -> None:
    refused = run("serve", "--demo", "--host", host, "--port", "0", cwd=tmp_path)
    assert refused.returncode == 2
    assert "server.allow_plain_http" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1, refused.stderr
    for _ in range(2):
        with serving(cwd=tmp_path, script=small_server(host=host, allow_plain_http=True)) as server:
            assert any("event=plain_http" in line for line in server.errors)


def test_with_tls_any_address_will_do(tmp_path: Path) -> None:
    folder = make_certs(tmp_path / "certs").folder
    tls = {"certificate": str(folder / "server.pem"), "key": str(folder / "server.key")}
    script = small_server(host="::", tls=tls | {"client_certificate": "none"})
    with serving(cwd=tmp_path, script=script) as server:
        assert server.base.startswith("https://[::]:")
        assert not any("event=plain_http" in line for line in server.errors)


def test_a_port_in_use_is_one_line_at_once_and_leaves_the_demo_alone(tmp_path: Path) -> None:
    with serving("--demo", "--workers", "1", cwd=tmp_path) as server:
        before = {one.name: one.stat().st_mtime_ns for one in tmp_path.glob("*.sqlite3")}
        began = time.monotonic()
        second = run("serve", "--demo", "--port", str(place_of(server)[1]), cwd=tmp_path)
        assert time.monotonic() - began < 10  # five were waited for
        assert second.returncode == 2
        assert "another program listens there" in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1, second.stderr
        assert {one.name: one.stat().st_mtime_ns for one in tmp_path.glob("*.sqlite3")} == before
        assert len(calls(server, 2)) == 2


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "a b", ""])
def test_an_address_of_nobody_is_told(host: str) -> None:
    with pytest.raises(ListenError, match="server.host"):
        listen(ServerSettings(host=host, port=0, allow_plain_http=host != ""))


def test_the_base_address_is_one_that_can_be_called() -> None:
    with closing(listen(ServerSettings(host="localhost", port=0))) as listener:
        assert base_address(ServerSettings(), listener).startswith("http://")


def test_a_head_may_hold_a_chain_of_certificates(demo: Server) -> None:
    chain = b"x-forwarded-client-cert: " + b"A" * 30_000 + b"\r\n"
    with begun(demo, HEAD + chain + b"\r\n" + REQUEST) as (one,):
        assert one.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    with begun(demo, HEAD + chain * 3 + b"\r\n" + REQUEST) as (one,):
        answer = rest(one)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"\r\nContent-Type: text/plain; charset=UTF-8\r\n" in answer
    assert answer.endswith(b"\r\n\r\nRequest Header Fields Too Large\n")


def test_too_large_a_body_is_told_and_the_connection_ends(demo: Server) -> None:
    """A Fault, with word that the connection ends, so that nobody sends the next request on it."""
    large = HEAD.replace(f"Content-Length: {len(REQUEST)}".encode(), b"Content-Length: 3000000")
    with begun(demo, large + b"\r\n" + b" " * 3_000_000) as (one,):
        answer = rest(one)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"FK108" in answer


def test_a_refusal_with_its_body_read_keeps_the_connection(demo: Server) -> None:
    wrong = HEAD.replace(b"/rivtabp21", b"/nothing") + b"\r\n" + REQUEST
    with begun(demo, b"") as (one,):
        for _ in range(10):
            one.sendall(wrong)
            answer = one.recv(65536)
            assert answer.startswith(b"HTTP/1.1 500 ")
            assert b"FK205" in answer
            assert b"Connection: keep-alive" in answer
