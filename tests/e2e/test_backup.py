"""A backup of a service that answers, put back elsewhere and served there."""

import http.client
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from tests.e2e.processes import Server, run, serving
from tests.messages import CITIZEN, actor, envelope, path, person, request
from tests.soap import check_envelope

REQUEST = envelope(request("GetListing", actor(), person("personId", CITIZEN)))


def call(server: Server) -> str:
    """Ask about a resident, and return the resultCode or what a Fault says."""
    with closing(http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=30)) as connection:
        connection.request("POST", path("GetListing"), REQUEST, {"Content-Type": "text/xml"})
        element = check_envelope(connection.getresponse().read())
    return str(element.findtext("{*}resultCode") or element.findtext("faultstring"))


def test_it_is_made_while_calls_are_answered_and_serves_elsewhere(folder: Path) -> None:
    here, there, copies = folder / "here", folder / "there", folder / "copies"
    for place in (here, there):
        place.mkdir()
        (place / "fastkontakt.toml").write_text(
            '[database]\nurl = "sqlite:///register.sqlite3"\n[regions.14]\n[regions.17]\n'
            '[care_managers]\nsource_system_id = "SE2321000131-FASTKONTAKT"\n'
        )
    stop = Event()
    answers: list[str] = []
    with (
        serving("--demo", "--config", "fastkontakt.toml", cwd=here) as server,
        ThreadPoolExecutor(4) as pool,
    ):

        def ask() -> None:
            while not stop.is_set():
                answers.append(call(server))

        asking = [pool.submit(ask) for _ in range(4)]
        while len(answers) < 20:
            stop.wait(0.01)
        known = len(answers)
        made = run("backup", str(copies), cwd=here)
        assert made.returncode == 0, made.stderr
        in_use = run("restore", str(next(copies.iterdir())), "--overwrite", cwd=here)
        stop.set()
        for one in asking:
            one.result()
    assert set(answers) == {"OK"}
    assert in_use.returncode == 1
    assert "stop the service" in in_use.stderr

    (place,) = copies.iterdir()
    audits = list(place.glob("register-audit*.sqlite3"))
    rows = 0
    for audit in audits:
        with closing(sqlite3.connect(audit)) as connection:
            rows += connection.execute("SELECT count(*) FROM audit").fetchone()[0]
    assert rows >= known, "who was answered before the backup is in its audit log"

    done = run("restore", str(place), cwd=there)
    assert (done.returncode, done.stdout) == (0, "The register is put back.\n"), done.stderr
    checked = run("db", "check", cwd=there)
    assert checked.returncode == 0, checked.stdout
    with serving("--config", "fastkontakt.toml", cwd=there) as server:
        assert call(server) == "OK"
    assert not re.search("Traceback", "".join(server.errors))
