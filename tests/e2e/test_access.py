"""The rules of access as an operator changes them, while the service serves."""

import http.client
import time
from pathlib import Path
from urllib.parse import urlsplit

from register import schema
from tests.databases import keep, opened
from tests.e2e.processes import Server, run, serving
from tests.messages import envelope, path, request
from tests.producers import SMALL_REGION
from tests.records import COUNTY

CONSUMER, SECRET = "SE5565594230-1177", "0123456789abcdef" * 4
TYPES = envelope(request("GetAvailableHealthcareFacilities"), COUNTY)
WAIT_SECONDS = 30


def settings(folder: Path, access: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(
        f'[database]\nurl = "sqlite:///{folder / "register.sqlite3"}"\n[regions.{COUNTY}]\n{access}', "utf-8"
    )
    return file


def filled(folder: Path) -> None:
    with opened(f"sqlite:///{folder / 'register.sqlite3'}") as register:
        schema.upgrade(register)
        keep(register, *SMALL_REGION)


def status(server: Server, **headers: str) -> int:
    """Call a contract from a new connection and return the HTTP status."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=30)
    connection.request(
        "POST",
        path("GetAvailableHealthcareFacilities"),
        TYPES,
        {"Content-Type": "text/xml; charset=UTF-8", **names},
    )
    found = connection.getresponse().status
    connection.close()
    return found


def becomes(expected: int, server: Server, **headers: str) -> None:
    """Wait until every worker answers so: each looks at the file when it is called."""
    give_up = time.monotonic() + WAIT_SECONDS
    while {status(server, **headers) for _ in range(6)} != {expected}:
        assert time.monotonic() < give_up, server.errors
        time.sleep(0.2)


def test_rules_are_read_again_and_denied_calls_are_found(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "secret").write_text(SECRET)
    rule = f'[[access.rules]]\nconsumers = ["{CONSUMER}"]\ncontracts = ["{{}}"]\n'
    proxy = f'[access.proxy]\naddresses = ["127.0.0.1"]\nsecret_file = "{tmp_path / "secret"}"\n'
    file = settings(tmp_path, rule.format("GetListing") + proxy)
    from_proxy = {
        "x_fastkontakt_proxy_secret": SECRET,
        "x_fastkontakt_client_serialnumber": CONSUMER,
    }
    with serving("--config", str(file), cwd=tmp_path) as server:
        assert status(server, **from_proxy) == 403
        settings(tmp_path, rule.format("GetAvailableHealthcareFacilities") + proxy)
        becomes(200, server, **from_proxy)
        assert status(server, x_rivta_original_serviceconsumer_hsaid=CONSUMER) == 403
        settings(tmp_path, "[access]\nconsumer = 1\n")
        assert status(server, **from_proxy) == 200  # what cannot be used changes nothing
        settings(tmp_path, rule.format("GetAvailableHealthcareFacilities") + proxy)
        (tmp_path / "secret").write_text(SECRET[::-1])
        becomes(403, server, **from_proxy)
        becomes(200, server, **from_proxy | {"x_fastkontakt_proxy_secret": SECRET[::-1]})
    logged = "".join(server.errors)
    assert "access_reread" in logged
    assert SECRET not in logged
    found = run("audit", "search", "--consumer", CONSUMER, "--csv", "-", "--config", str(file), cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "DENIED" in found.stdout
    by_address = run(
        "audit", "search", "--consumer", "127.0.0.1", "--csv", "-", "--config", str(file), cwd=tmp_path
    )
    assert "DENIED" in by_address.stdout


def test_it_does_not_start_on_what_others_can_read_or_without_the_secret(tmp_path: Path) -> None:
    filled(tmp_path)
    file = settings(tmp_path, "")
    (tmp_path / "register.sqlite3").chmod(0o644)
    refused = run("serve", "--config", str(file), cwd=tmp_path)
    assert refused.returncode == 1
    assert f"run: chmod 600 {tmp_path / 'register.sqlite3'} (or" in refused.stderr
    assert refused.stderr.count("\n") == 1

    proxy = f'[access.proxy]\naddresses = ["127.0.0.1"]\nsecret_file = "{tmp_path / "secret"}"\n'
    refused = run("serve", "--config", str(settings(tmp_path, proxy)), cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith("settings: access.proxy.secret_file: ")
