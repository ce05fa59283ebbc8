"""The ready configurations of nginx and HAProxy, with the real ones of Debian."""

import ast
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import ANOTHER, CALLER, Certs, make_certs
from tests.e2e.processes import Server, run, serving
from tests.e2e.slow_clients import place_of
from tests.e2e.small_server import small_server
from tests.messages import CITIZEN

DEPLOY = Path(__file__).parents[2] / "deploy"
SECRET = "a-secret-of-the-tests"  # noqa: S105 - of the tests


def program(name: str) -> str:
    """Return where a program is; where it is not, the test is skipped here and fails in CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        text = f"{name} is not installed: apt-get install {name}"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs.

    Attributes:
        port: Where it listens.
        certs: What it and its clients use.
    """

    port: int
    certs: Certs

    def connect(self, hsa_id: str | None = CALLER) -> http.client.HTTPSConnection:
        """Return a connection of a client with a certificate, if any."""
        context = self.certs.client(hsa_id)
        return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context)


def nginx(folder: Path, port: int, service: int) -> tuple[list[str], dict[str, str]]:
    """Write nginx's files; return its command line and environment."""
    text = _placed((DEPLOY / "nginx.conf").read_text("utf-8"), folder, service)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("    listen [::]:443 ssl;\n", "")
    (folder / "fastkontakt.conf").write_text(text)
    (folder / "proxy-secret.nginx").write_text(f'proxy_set_header x-fastkontakt-proxy-secret "{SECRET}";\n')
    temporary = "".join(
        f"{one}_temp_path {folder}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary} include {folder}/fastkontakt.conf; }}\n"
    )
    return [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], {}


def haproxy(folder: Path, port: int, service: int) -> tuple[list[str], dict[str, str]]:
    """Write HAProxy's files; return its command line and environment."""
    text = _placed((DEPLOY / "haproxy.cfg").read_text("utf-8"), folder, service)
    text = text.replace("bind :443", f"bind 127.0.0.1:{port}")
    (folder / "haproxy.cfg").write_text(text)
    return [program("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")], {
        "FASTKONTAKT_PROXY_SECRET": SECRET
    }


def _placed(text: str, folder: Path, service: int) -> str:
    return text.replace("/etc/fastkontakt", str(folder)).replace("127.0.0.1:8080", f"127.0.0.1:{service}")


Write = Callable[[Path, int, int], tuple[list[str], dict[str, str]]]


@contextmanager
def in_front(write: Write, folder: Path, server: Server) -> Iterator[Proxy]:
    """Run a proxy in front of a service until the block ends."""
    certs, port = make_certs(folder / "certs"), free_port()
    place = folder / "proxy"
    place.mkdir()
    for name, source in (
        ("server.pem", "server.pem"),
        ("server.key", "server.key"),
        ("clients-ca.pem", "ca.pem"),
    ):
        shutil.copy(certs.folder / source, place / name)
    both = (certs.folder / "server.pem").read_bytes() + (certs.folder / "server.key").read_bytes()
    (place / "server-with-key.pem").write_bytes(both)
    command, variables = write(place, port, place_of(server)[1])
    with (place / "output").open("w+b") as output:
        process = subprocess.Popen(  # noqa: S603 - as Debian has it
            command, env=os.environ | variables, stdout=output, stderr=output
        )
        try:
            give_up = time.monotonic() + 30
            while True:
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                assert process.poll() is None, (place / "output").read_text()
                assert time.monotonic() < give_up, (place / "output").read_text()
                time.sleep(0.05)
            yield Proxy(port, certs)
        finally:
            process.terminate()
            process.wait(30)


BOTH = pytest.mark.parametrize("write", [nginx, haproxy])


def environ(connection: http.client.HTTPSConnection, **headers: str) -> dict[str, str]:
    """Return what the application is told of a request."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", "/environ", b"x", given)
    found: dict[str, str] = ast.literal_eval(connection.getresponse().read().decode())
    return found


@BOTH
def test_the_service_is_told_who_called_and_by_whom(write: Write, tmp_path: Path) -> None:
    """Whatever the caller itself says under these names; and connections to the service are kept."""
    forged = {
        "x_fastkontakt_client_serialnumber": "SE2321000131-FORGED",
        "x_fastkontakt_proxy_secret": "guessed",
    }
    with (
        serving(cwd=tmp_path, script=small_server()) as server,
        in_front(write, tmp_path, server) as proxy,
    ):
        ports = set()
        for hsa_id in (CALLER, ANOTHER):
            with closing(proxy.connect(hsa_id)) as connection:
                for _ in range(3):
                    found = environ(connection, **forged)
                    ports.add(found["REMOTE_PORT"])
                    assert found["HTTP_X_FASTKONTAKT_CLIENT_SERIALNUMBER"] == hsa_id
                    assert found["HTTP_X_FASTKONTAKT_PROXY_SECRET"] == SECRET
                    assert "FORGED" not in repr(found)
        assert len(ports) <= 2


@BOTH
def test_nobody_comes_in_without_a_certificate(write: Write, tmp_path: Path) -> None:
    with (
        serving(cwd=tmp_path, script=small_server()) as server,
        in_front(write, tmp_path, server) as proxy,
        closing(proxy.connect(None)) as connection,
    ):
        try:
            connection.request("POST", "/environ", b"x")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, ssl.SSLError):
            return
        assert answer.status == 400
        assert b"<html" not in body.lower()


@BOTH
def test_bodies_up_to_our_limit_go_through_and_long_answers_are_waited_for(
    write: Write, tmp_path: Path
) -> None:
    with (
        serving(cwd=tmp_path, script=small_server()) as server,
        in_front(write, tmp_path, server) as proxy,
        closing(proxy.connect()) as connection,
    ):
        connection.request("POST", "/large", b"10" + b" " * 1_048_574)
        assert connection.getresponse().read() == b"x" * 10
        connection.request("POST", "/large", b"3000000")
        assert connection.getresponse().read() == b"x" * 3_000_000
        connection.request("POST", "/", b"3")
        assert connection.getresponse().read() == b"3"
        with suppress(OSError):  # it may be refused before all of it is sent
            connection.request("POST", "/", b" " * 1_300_000)
            answer = connection.getresponse()
            assert (answer.status, b"<" in answer.read()) == (413, False)


@BOTH
def test_a_service_that_is_gone_is_told_in_plain_words(write: Write, tmp_path: Path) -> None:
    with (
        serving(cwd=tmp_path, script=small_server()) as server,
        in_front(write, tmp_path, server) as proxy,
        closing(proxy.connect()) as connection,
    ):
        environ(connection)
        server.stop()
        connection.request("POST", "/", b"")
        answer = connection.getresponse()
        assert answer.status in (502, 503)
        assert b"<" not in answer.read()


@BOTH
def test_a_call_goes_through(write: Write, tmp_path: Path) -> None:
    with (
        serving("--demo", "--workers", "1", cwd=tmp_path) as server,
        in_front(write, tmp_path, server) as proxy,
    ):
        done = run(
            *("call", "GetListing", "--endpoint", f"https://localhost:{proxy.port}"),
            *("--logical-address", "14", "--person", CITIZEN),
            cwd=tmp_path,
            variables={
                "FASTKONTAKT_CALL__CLIENT_CERTIFICATE": str(proxy.certs.folder / f"{CALLER}.pem"),
                "FASTKONTAKT_CALL__CLIENT_KEY": str(proxy.certs.folder / f"{CALLER}.key"),
                "FASTKONTAKT_CALL__CA_BUNDLE": str(proxy.certs.folder / "ca.pem"),
            },
        )
    assert done.returncode == 0, done.stderr
    assert "Vårdcentralen Ängsblomman" in done.stdout


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nginx.conf", "keepalive_timeout      310s;"),
        ("nginx.conf", "proxy_read_timeout 60s;"),
        ("haproxy.cfg", "timeout http-keep-alive 310s"),
        ("haproxy.cfg", "timeout server 60s"),
    ],
)
def test_connections_are_kept_longer_than_the_platform_does(file: str, said: str) -> None:
    """Facts about VP: it keeps them 300 s, and waits 29 s for an answer; nobody waits so long in a test."""
    assert said in (DEPLOY / file).read_text("utf-8")
