"""``fastkontakt serve`` as operators, platforms and testers meet it."""

import http.client
import json
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import zeep

from contracts.catalogue import CONTRACTS
from producer.operations import OPERATIONS
from tests.e2e.copies import environment
from tests.e2e.processes import Server, run, serving
from tests.messages import CITIZEN, actor, envelope, path, person, request
from tests.soap import check_envelope

REQUEST = envelope(request("GetListing", actor(), person("personId", CITIZEN)))
HEADERS = {"Content-Type": "text/xml; charset=UTF-8"}
OFFERED = [contract for contract in CONTRACTS if contract.name in OPERATIONS]


def connect(server: Server) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=30)


def test_it_prints_each_address_its_wsdl_and_a_call_that_works(demo: Server) -> None:
    printed = "".join(demo.output)
    for contract in OFFERED:
        assert f"{demo.base}{contract.path}\n" in printed
        assert f"{demo.base}{contract.path}?wsdl\n" in printed

    command = shlex.split(next(line for line in demo.output if " call GetListing " in line))
    program = [sys.executable, "-m", "fastkontakt"]
    done = subprocess.run(  # noqa: S603 - our own program
        [*program, *command[1:]], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    for shown in ("Vårdcentralen Ängsblomman", "Åsa Öberg", "Primärvårdslistning"):
        assert shown in done.stdout


def test_call_shows_fixed_contacts(demo: Server) -> None:
    done = run(
        *("call", "GetCareManagers", "--endpoint", demo.base, "--person", "19400318-9083"),
        *("--logical-address", "SE2321000131-FASTKONTAKT"),
        cwd=Path.cwd(),
    )

    assert done.returncode == 0, done.stderr
    for shown in ("Åsa Öberg", "Hjärtsviktsteamet", "Malin Östlund", "Kerstin Ågren"):
        assert shown in done.stdout


@pytest.mark.parametrize("contract", OFFERED, ids=lambda contract: contract.name)
def test_zeep_loads_the_wsdl_from_its_address_unedited(demo: Server, contract: object) -> None:
    client = zeep.Client(f"{demo.base}{contract.path}?wsdl")  # type: ignore[attr-defined]
    port = next(iter(next(iter(client.wsdl.services.values())).ports.values()))
    assert port.binding_options["address"] == f"{demo.base}{contract.path}"  # type: ignore[attr-defined]
    assert list(port.binding._operations) == [contract.name]  # type: ignore[attr-defined]


def test_a_connection_serves_many_requests_whole_or_in_chunks(demo: Server) -> None:
    connection = connect(demo)
    local = None
    for body in (REQUEST, iter([REQUEST[:100], REQUEST[100:]]), REQUEST):
        connection.request("POST", path("GetListing"), body, HEADERS)
        answer = connection.getresponse()
        element = check_envelope(answer.read())
        assert (answer.status, element.findtext("{*}resultCode")) == (200, "OK")
        local = local or connection.sock.getsockname()
        assert connection.sock.getsockname() == local, "the connection was not kept"
    connection.close()


def test_a_body_that_is_too_large_gets_a_fault(demo: Server) -> None:
    connection = connect(demo)
    connection.request("POST", path("GetListing"), b" " * 1_100_000 + REQUEST, HEADERS)
    answer = connection.getresponse()
    assert answer.status == 500
    assert "FK108" in check_envelope(answer.read()).findtext("faultstring")
    connection.close()


def test_answers_tell_nothing_about_the_server(demo: Server) -> None:
    connection = connect(demo)
    connection.request("POST", path("GetListing"), REQUEST, HEADERS)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert {name.lower() for name, _ in answer.getheaders()} <= {
        *("content-type", "content-length", "connection", "date", "server")
    }
    assert "gunicorn" not in answer.headers.get("Server", "")


def test_it_stops_when_told_and_starts_again_on_the_same_register(folder: Path) -> None:
    for _ in range(2):
        with serving("--demo", "--workers", "1", cwd=folder) as server:
            assert server.stop() == 0
            assert not [line for line in server.errors if "Traceback" in line]


SLOW_FORK = """
import os, sys, time
fork = os.fork
def slow_fork():
    pid = fork()
    if pid == 0:
        time.sleep(2)
    return pid
os.fork = slow_fork
from fastkontakt.cli import main
main()
"""


def test_a_worker_that_is_just_starting_is_told_to_stop_too(folder: Path) -> None:
    with serving("--demo", "--workers", "1", cwd=folder, script=SLOW_FORK) as server:
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 20, "the worker missed the signal and was killed when time was out"


def test_a_long_poll_of_the_feed_does_not_hold_up_a_stop(folder: Path) -> None:
    reader = "SE2321000131-READER"
    variables = {
        "FASTKONTAKT_ACCESS__FEED_CONSUMERS": f'["{reader}"]',
        **{
            f"FASTKONTAKT_REGIONS__{county}__UPKEEP": "false" for county in (14, 17)
        },  # nothing comes by itself
    }
    headers = {"x-rivta-original-serviceconsumer-hsaid": reader}
    with (
        serving("--demo", "--workers", "1", cwd=folder, variables=variables) as server,
        ThreadPoolExecutor(1) as pool,
    ):

        def pull(query: str) -> dict[str, Any]:
            with closing(connect(server)) as connection:
                connection.request("GET", f"/changes?{query}", headers=headers)
                found: dict[str, Any] = json.loads(connection.getresponse().read())
            return found

        last = pull("since=0")["position"]
        waiting = pool.submit(pull, f"since={last}&wait=30")
        time.sleep(1)  # it is waiting by then, or is refused below
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 20
        assert waiting.result() == {"position": last, "changes": []}


def test_the_log_has_one_event_a_request_and_no_person(folder: Path) -> None:
    with serving("--demo", "--workers", "1", cwd=folder) as server:
        connection = connect(server)
        connection.request(
            "POST", path("GetListing"), REQUEST, HEADERS | {"x-skltp-correlation-id": "corr-1"}
        )
        connection.getresponse().read()
        connection.close()
        server.stop()
    logged = "".join(server.errors)
    events = re.findall(r"event=request_answered .*", logged)
    assert len(events) == 1
    for part in ("contract=GetListing", "outcome=OK", "status=200", "correlation_id=corr-1", "log_id="):
        assert part in events[0]
    assert CITIZEN not in logged


def test_the_demo_keeps_out_of_a_register_with_other_residents(folder: Path) -> None:
    (folder / "fastkontakt.toml").write_text('[database]\nurl = "sqlite:///own.sqlite3"\n[regions.14]\n')
    (folder / "profile.toml").write_text(
        '[profile]\nname = "own"\ntitle = "own"\n'
        '[[file]]\nname = "residents.csv"\nrecord = "resident"\n'
        '[file.fields]\nperson_id = "person"\nhome_county = {constant = "14"}\n'
    )
    (folder / "residents.csv").write_text("person\n191212121212\n")
    assert run("db", "upgrade", cwd=folder).returncode == 0
    loaded = run("import", "profile.toml", "residents.csv", cwd=folder)
    assert loaded.returncode == 0, loaded.stderr

    refused = run("serve", "--demo", "--config", "fastkontakt.toml", "--port", "0", cwd=folder)

    assert refused.returncode == 1
    assert "residents that are not of the demo" in refused.stderr


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ("", 2, "nothing to serve"),
        ("[regions.14]\n", 1, "fastkontakt db upgrade"),
        ("[regions.14]\n[schemas]\npath = 'nowhere'\n", 2, "schemas.path"),
        ("[regions.14]\n[database]\nurl = 'oracle://x'\n", 1, "database.url"),
        ("[server]\nport = 'x'\n", 2, "server.port"),
    ],
)
def test_what_cannot_be_served_is_one_line(folder: Path, settings: str, code: int, said: str) -> None:
    (folder / "fastkontakt.toml").write_text(settings)

    done = run("serve", cwd=folder)

    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
