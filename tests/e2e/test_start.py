"""What it costs to start: a command loads what it uses, and a service that starts soon answers."""

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fastkontakt.cli import COMMANDS
from tests.e2e.processes import run, serving
from tests.messages import actor, envelope, path, person, request
from tests.strength import sized
from tests.wsgi import TEXT_XML

LOADED = """
import json, sys
from fastkontakt.cli import app, loaded
try:
    loaded(sys.argv[1]) if sys.argv[1:] else app(["--help"])
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
"""Loads a command, or shows what there are, and tells what has been loaded then."""

USED = """
import json, os, resource, sys
status = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, *sys.argv[1:]])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""Runs Python and tells its status, seconds of processor and most KiB. It is small itself: a process counts
as large as the one that it was started by."""

HEAVY = {
    *("alembic", "gunicorn", "lxml", "openpyxl", "phonenumbers", "psycopg", "pydantic", "requests", "spyne"),
    *("sqlalchemy", "structlog", "xmlschema", "zeep"),
}
"""Libraries that take their time."""

STAFF = {"pydantic", "sqlalchemy"}
LOADS = STAFF | {"phonenumbers"}
CALLS = {"pydantic", "lxml", "requests", "zeep"}
USES = {
    "serve": CALLS | LOADS | {"gunicorn", "spyne", "structlog"},
    "import": LOADS | {"structlog"},
    "watch": LOADS | {"structlog"},
    "call": CALLS,
    "validate": {"pydantic", "lxml"},
    "profile": LOADS,
    "outbox": CALLS | STAFF | {"structlog"},
    "index": CALLS | STAFF | {"structlog"},
}
"""Command -> the heavy libraries that it is loaded with; `STAFF` of those left out."""


def modules(folder: Path, *command: str) -> set[str]:
    done = run(*command, script=LOADED, fresh=True, cwd=folder)
    return set(json.loads(done.stderr.splitlines()[-1]))


def used(folder: Path, *arguments: str) -> tuple[float, float]:
    """Return the seconds of processor and the MB that Python uses, the least of three runs."""
    runs = [
        json.loads(run(*arguments, script=USED, fresh=True, cwd=folder).stdout.split("\n")[-2])
        for _ in range(3)
    ]
    assert [status for status, _, _ in runs] == [0, 0, 0]
    return min(seconds for _, seconds, _ in runs), min(kib for _, _, kib in runs) * 1024 / 1e6


def test_to_tell_what_there_is_no_command_is_loaded(folder: Path) -> None:
    loaded = modules(folder)

    assert {
        one for one in loaded if one.split(".")[0] in {"contracts", "register", "mapping", "producer"}
    } == set()
    assert {one for one in loaded if one.startswith("fastkontakt.")} == {
        "fastkontakt.cli",
        "fastkontakt.console",
        "fastkontakt.json_output",
    }
    assert HEAVY & loaded == set()


def test_help_is_quick_and_small(folder: Path) -> None:
    bare, _ = used(folder, "-c", "pass")
    seconds, megabytes = used(folder, "-m", "fastkontakt", "--help")

    assert megabytes < 60
    assert seconds < max(0.4, 15 * bare), "on a busy machine, which shows in Python alone, it may take longer"


@pytest.mark.parametrize("name", sized(quick=("import", "call", "contacts"), full=tuple(COMMANDS)))
def test_a_command_loads_what_it_uses(folder: Path, name: str) -> None:
    assert HEAVY & modules(folder, name) <= USES.get(name, STAFF)


SERVED = """
import atexit, os, sys
first = os.getpid()
def tell():
    if os.getpid() == first:
        print("used", sum(os.times()[:4]), file=sys.stderr)
atexit.register(tell)
from fastkontakt.cli import main
main()
"""
"""Runs the program and tells at its end how many seconds of processor it and its workers have used."""


def test_a_service_answers_soon_after_it_is_started(folder: Path) -> None:
    (folder / "fastkontakt.toml").write_text("[regions.14]\n", "utf-8")
    assert run("db", "upgrade", cwd=folder).returncode == 0
    # As where it is installed: what is loaded has been compiled once.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    assert run("serve", "--help", cwd=folder, fresh=True, variables=compiled).returncode == 0

    with serving("--workers", "2", cwd=folder, script=SERVED, fresh=True, variables=compiled) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=60)
        body = envelope(
            request("GetListing", actor("CITIZEN", "191212121212"), person("personId", "191212121212")), "14"
        )
        connection.request("POST", path("GetListing"), body, {"Content-Type": TEXT_XML})
        assert connection.getresponse().status == 200
        connection.close()

    (told,) = (line for line in server.errors if line.startswith("used "))
    assert float(told.split()[1]) < 2
