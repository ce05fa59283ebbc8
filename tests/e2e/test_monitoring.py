"""Health and metrics of a running service, as a load balancer and Prometheus ask for them."""

import http.client
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.e2e.processes import Server, run, serving
from tests.messages import CITIZEN, actor, envelope, path, person, request

REQUEST = envelope(request("GetListing", actor(), person("personId", CITIZEN)))
ON = {"FASTKONTAKT_MONITORING__PORT": "0"}


@contextmanager
def watched(folder: Path, *options: str, **variables: str) -> Iterator[tuple[Server, str]]:
    """Serve the demo, and give the address of its health and metrics too."""
    names = {f"FASTKONTAKT_{name}": value for name, value in variables.items()}
    with serving("--demo", *options, cwd=folder, variables=ON | names) as server:
        until(lambda: "/metrics" in "".join(server.output))
        (found,) = re.findall(r"(http://\S+)/metrics", "".join(server.output))
        yield server, found


def until(come: Callable[[], object]) -> None:
    give_up = time.monotonic() + 60
    while not come():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def ask(base: str, where: str, timeout: float = 30) -> tuple[int, str]:
    try:
        return _asked(base, where, timeout)
    except http.client.RemoteDisconnected:  # a worker that has been killed had taken the connection
        return _asked(base, where, timeout)


def _asked(base: str, where: str, timeout: float) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=timeout)) as connection:
        connection.request("GET", where)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def ready(base: str) -> tuple[int, dict[str, Any]]:
    status, body = ask(base, "/health/ready")
    found: dict[str, Any] = json.loads(body)
    return status, found["parts"]


def call(server: Server, **headers: str) -> int:
    with closing(http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=30)) as connection:
        connection.request("POST", path("GetListing"), REQUEST, {"Content-Type": "text/xml"} | headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def value(base: str, name: str) -> float:
    """Return the sum of a metric over its labels."""
    found = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", ask(base, "/metrics")[1], re.MULTILINE)
    return sum(map(float, found))


def test_calls_of_all_workers_are_counted_also_those_of_one_that_is_killed(
    folder: Path,
) -> None:
    with watched(folder, "--workers", "2") as (server, base):
        until(lambda: value(base, "fastkontakt_workers") == 2)
        for number in range(20):
            call(server, **{"x-rivta-original-serviceconsumer-hsaid": f"SE-{number}"})
        until(lambda: value(base, "fastkontakt_requests_total") == 20)  # they are counted twice a second
        assert value(base, "fastkontakt_request_seconds_count") == 20

        worker = next(iter(_children(server.process.pid)))
        os.kill(worker, signal.SIGKILL)
        until(lambda: worker not in _children(server.process.pid))
        until(lambda: value(base, "fastkontakt_workers") == 2)
        assert value(base, "fastkontakt_requests_total") == 20

        status, metrics = ask(base, "/metrics")
        assert status == 200
        assert 'consumer="other"' in metrics
        assert "SE-1" not in metrics
        assert CITIZEN not in metrics


def _children(pid: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def test_it_answers_while_every_thread_is_busy(folder: Path) -> None:
    reader = "SE2321000131-READER"
    busy = {
        "SERVER__THREADS": "1",
        "ACCESS__FEED_CONSUMERS": f'["{reader}"]',
        **{f"REGIONS__{county}__UPKEEP": "false" for county in (14, 17)},
    }
    with watched(folder, "--workers", "1", **busy) as (server, base), ThreadPoolExecutor(3) as pool:

        def wait() -> int:
            with closing(http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=60)) as connection:
                last = json.loads(_pull(connection, reader, "since=0"))["position"]
                _pull(connection, reader, f"since={last}&wait=20")
                return 1

        waiting = [pool.submit(wait) for _ in range(3)]
        time.sleep(2)
        began = time.monotonic()
        assert ask(base, "/health/live")[0] == 200
        assert ready(base)[0] == 200
        assert ask(base, "/metrics")[0] == 200
        assert time.monotonic() - began < 10
        assert not all(one.done() for one in waiting)
        server.stop()


def _pull(connection: http.client.HTTPConnection, reader: str, query: str) -> bytes:
    connection.request("GET", f"/changes?{query}", headers={"x-rivta-original-serviceconsumer-hsaid": reader})
    return connection.getresponse().read()


def test_a_part_that_fails_is_named_and_comes_back(folder: Path) -> None:
    with watched(folder, "--workers", "1", DATABASE__BUSY_TIMEOUT_SECONDS="0.5") as (_, base):
        status, parts = ready(base)
        assert status == 200, parts
        (audit,) = folder.glob("*demo*-audit.sqlite3")
        with closing(sqlite3.connect(audit, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            until(lambda: ready(base)[0] == 503)
            assert ready(base)[1]["audit"]["state"] == "failed"
        until(lambda: ready(base)[0] == 200)

        audit.rename(folder / "elsewhere")
        until(lambda: ready(base)[0] == 503)
        assert ready(base)[1]["audit"]["state"] == "failed"
        assert value(base, 'fastkontakt_part_ready{part="audit"}') == 0


def certificate(file: Path, days: float) -> None:
    """Write a certificate that is valid for so many days more."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(Encoding.PEM))


def test_a_certificate_that_ends_is_told_before_and_read_again_when_it_is_swapped(folder: Path) -> None:
    file = folder / "client.pem"
    certificate(file, 10)
    with watched(folder, "--workers", "1", CALL__CLIENT_CERTIFICATE=str(file)) as (_, base):
        status, parts = ready(base)
        assert (status, parts["certificates"]["state"]) == (200, "late")
        assert "call.client_certificate" in parts["certificates"]["why"]
        assert 9 < value(base, "fastkontakt_certificate_days") < 10.1

        for days, code, state in ((-1, 503, "failed"), (300, 200, "ok")):
            certificate(file, days)
            until(lambda code=code: ready(base)[0] == code)  # type: ignore[misc]
            assert ready(base)[1]["certificates"]["state"] == state


@pytest.mark.parametrize("kind", ["port", "host"])
def test_an_address_that_is_taken_is_one_line(folder: Path, demo: Server, kind: str) -> None:
    host = "127.0.0.1" if kind == "port" else "no.such.host.invalid"
    taken = {
        "FASTKONTAKT_MONITORING__PORT": str(urlsplit(demo.base).port),
        "FASTKONTAKT_MONITORING__HOST": host,
    }
    done = run("serve", "--demo", "--port", "0", cwd=folder, variables=taken)
    assert done.returncode == 1
    assert done.stderr.startswith("monitoring.host, monitoring.port: ")
    assert len(done.stderr.splitlines()) == 1
