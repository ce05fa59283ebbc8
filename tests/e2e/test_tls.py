"""TLS of the service itself, with certificates of its clients."""

import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from producer.settings import ClientCertificate, TlsSettings
from producer.tls import expires
from tests.certificates import ANOTHER, CALLER, Certs, make_certs
from tests.e2e.processes import Server, run, serving
from tests.e2e.slow_clients import call, place_of, rest
from tests.e2e.small_server import small_server
from tests.messages import CITIZEN


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certs:
    return make_certs(tmp_path_factory.mktemp("certs"))


def connected(server: Server, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(*place_of(server), timeout=30, context=context)


def asked(server: Server, context: ssl.SSLContext) -> bytes:
    with closing(connected(server, context)) as connection:
        connection.request("POST", "/peer", b"")
        return connection.getresponse().read()


def tls(certs: Certs, **settings: object) -> TlsSettings:
    given = {
        "certificate": certs.folder / "server.pem",
        "key": certs.folder / "server.key",
        "client_ca": certs.folder / "ca.pem",
    }
    return TlsSettings.model_validate(given | settings)


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_a_client_with_a_certificate_is_served_in_both_versions(certs: Certs, tmp_path: Path) -> None:
    with serving("--demo", "--workers", "1", cwd=tmp_path, variables=certs.variables()) as server:
        assert server.base.startswith("https://127.0.0.1:")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = certs.client()
            context.minimum_version = context.maximum_version = version
            with closing(connected(server, context)) as connection:
                for _ in range(3):
                    call(connection)
                connection.request("GET", "/")
                assert server.base.encode() in connection.getresponse().read()
        done = run(
            *("call", "GetListing", "--endpoint", server.base, "--logical-address", "14"),
            *("--person", CITIZEN),
            cwd=tmp_path,
            variables={
                "FASTKONTAKT_CALL__CLIENT_CERTIFICATE": str(certs.folder / f"{CALLER}.pem"),
                "FASTKONTAKT_CALL__CLIENT_KEY": str(certs.folder / f"{CALLER}.key"),
                "FASTKONTAKT_CALL__CA_BUNDLE": str(certs.folder / "ca.pem"),
            },
        )
        assert done.returncode == 0, done.stderr


def test_who_shows_no_good_certificate_does_not_come_in(certs: Certs, tmp_path: Path) -> None:
    stranger = make_certs(tmp_path / "other").client()
    stranger.load_verify_locations(certs.folder / "ca.pem")
    old = certs.client()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving("--demo", "--workers", "1", cwd=tmp_path, variables=certs.variables()) as server:
        for context in (certs.client(None), stranger, old):
            with pytest.raises(OSError, match=r"(?i)ssl|alert|reset|closed|broken|protocol"):
                asked(server, context)
        with socket.create_connection(place_of(server), timeout=30) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert rest(plain).startswith((b"", b"\x15"))
        with closing(connected(server, certs.client())) as connection:
            call(connection)
        until(lambda: sum("event=tls_failed" in line for line in server.errors) == 4)
        assert not [line for line in server.errors if "Traceback" in line]


def test_the_application_is_handed_the_certificate(certs: Certs, tmp_path: Path) -> None:
    """DER of the client's own certificate, on every request of the connection; None where there is none."""
    chosen = tls(certs, client_certificate="optional").model_dump(mode="json")
    with serving(cwd=tmp_path, script=small_server(tls=chosen)) as server:
        for hsa_id in (CALLER, ANOTHER):
            certificate = x509.load_der_x509_certificate(
                bytes.fromhex(asked(server, certs.client(hsa_id)).decode())
            )
            (number,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
            assert number.value == hsa_id
        assert asked(server, certs.client(None)) == b"None"


def test_a_resumed_connection_has_its_certificate(certs: Certs, tmp_path: Path) -> None:
    chosen = tls(certs).model_dump(mode="json")
    with serving(cwd=tmp_path, script=small_server(tls=chosen)) as server:
        context = certs.client()
        first = asked(server, context)
        session = None
        for _ in range(2):
            plain = socket.create_connection(place_of(server), timeout=30)
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as wrapped:
                wrapped.sendall(b"POST /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert rest(wrapped).endswith(first)
                assert wrapped.session_reused == (session is not None)
                session = wrapped.session


def test_large_messages_go_both_ways(certs: Certs, tmp_path: Path) -> None:
    chosen = tls(certs).model_dump(mode="json")
    with (
        serving(cwd=tmp_path, script=small_server(tls=chosen)) as server,
        closing(connected(server, certs.client())) as connection,
    ):
        for size in (1_000_000, 5_000_000, 10):
            connection.request("POST", "/large", str(size) + " " * 1_000_000)
            assert connection.getresponse().read() == b"x" * size


def test_a_slow_hello_is_cut_and_holds_up_nobody(certs: Certs, tmp_path: Path) -> None:
    variables = certs.variables() | {"FASTKONTAKT_SERVER__TLS__HELLO_SECONDS": "2"}
    with serving("--demo", "--workers", "1", cwd=tmp_path, variables=variables) as server:
        opened = [socket.create_connection(place_of(server), timeout=30) for _ in range(40)]
        for one in opened[20:]:
            one.sendall(b"\x16\x03\x01\x02\x00\x01")
        with closing(connected(server, certs.client())) as connection:
            assert max(call(connection) for _ in range(5)) < 2
        for one in opened:
            with closing(one):
                assert rest(one) == b""
        until(lambda: any("reason=hello" in line for line in server.errors))


def test_certificates_are_read_again_without_a_restart(tmp_path: Path) -> None:
    """New connections get the new ones; files that cannot be used change nothing."""
    certs = make_certs(tmp_path / "certs")
    renewed = make_certs(tmp_path / "renewed", days=60)
    with serving("--demo", "--workers", "1", cwd=tmp_path, variables=certs.variables()) as server:
        with closing(connected(server, certs.client())) as kept:
            call(kept)
            (certs.folder / "server.pem").write_text("rubbish")
            until(lambda: any("event=certificate_not_read" in line for line in server.errors))
            with closing(connected(server, certs.client())) as another:
                call(another)
            for name in ("ca.pem", "server.key", "server.pem"):
                os.replace(renewed.folder / name, certs.folder / name)
            context = ssl.create_default_context(cafile=certs.folder / "ca.pem")
            context.load_cert_chain(renewed.folder / f"{CALLER}.pem", renewed.folder / f"{CALLER}.key")
            until(lambda: any("event=certificate_read" in line for line in server.errors))
            with closing(connected(server, context)) as another:
                call(another)
            call(kept)
        refused = ssl.create_default_context(cafile=certs.folder / "ca.pem")
        refused.load_cert_chain(renewed.folder / f"{CALLER}.pem", renewed.folder / f"{CALLER}.key")
    assert not [line for line in server.errors if "Traceback" in line]


def test_when_the_certificate_expires_is_told(tmp_path: Path) -> None:
    left = expires(tls(make_certs(tmp_path, days=45))) - datetime.now(UTC)
    assert timedelta(days=44) < left <= timedelta(days=45)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CERTIFICATE", "nowhere.pem", "server.tls.certificate and server.tls.key: nowhere.pem"),
        ("CERTIFICATE", "{}/server.key", "server.tls.certificate"),
        ("KEY", "{}/SE2321000131-1177.key", "not a pair"),
        ("CLIENT_CA", "nowhere.pem", "server.tls.client_ca: nowhere.pem"),
        ("CLIENT_CA", "{}/server.key", "server.tls.client_ca"),
        ("CLIENT_CERTIFICATE", "perhaps", "server.tls.client_certificate"),
    ],
)
def test_files_that_cannot_be_used_are_one_line(
    certs: Certs, tmp_path: Path, variable: str, value: str, said: str
) -> None:
    variables = certs.variables() | {f"FASTKONTAKT_SERVER__TLS__{variable}": value.format(certs.folder)}
    done = run("serve", "--demo", "--port", "0", cwd=tmp_path, variables=variables)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not list(tmp_path.glob("*.sqlite3")), "the demo was loaded for nothing"


def test_clients_are_asked_unless_the_settings_say_otherwise(certs: Certs) -> None:
    with pytest.raises(ValueError, match="client_ca must be set"):
        TlsSettings.model_validate({"certificate": "a.pem"})
    given = {"certificate": "a.pem", "client_certificate": "none"}
    assert TlsSettings.model_validate(given).client_certificate is ClientCertificate.NONE


def test_the_demo_certificates_are_for_nothing_else_and_say_so(tmp_path: Path) -> None:
    done = run("certs", "demo", "certs", "--client", "SE2321000131-A", "--days", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "never for production" in done.stderr
    folder = tmp_path / "certs"
    assert {one.name for one in folder.iterdir()} == {
        *("ca.pem", "server.pem", "server.key", "SE2321000131-A.pem", "SE2321000131-A.key")
    }
    assert {one.stat().st_mode & 0o777 for one in folder.glob("*.key")} == {0o600}
    certificate = x509.load_pem_x509_certificate((folder / "SE2321000131-A.pem").read_bytes())
    assert "never for production" in certificate.subject.rfc4514_string()
    (tmp_path / "fastkontakt.toml").write_text(
        done.stdout.partition("\n[")[2].join(("[", "\n[regions.14]\n"))
    )
    shown = run("config", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert f'server.tls.client_ca = "{folder / "ca.pem"}"' in shown.stdout
    again = run("certs", "demo", "certs", "--client", "SE2321000131-A", cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    wrong = run("certs", "demo", "more", "--client", "../x", cwd=tmp_path)
    assert (wrong.returncode, "--client" in wrong.stderr) == (2, True)
