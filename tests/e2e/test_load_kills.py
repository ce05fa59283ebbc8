"""Loads under SIGKILL: the register is in the old state or the new one, and so is every answer meanwhile.

SQLite keeps the temporary tables of a load in files without a name, which are gone with the process
(https://www.sqlite.org/tempfiles.html, section 3): in the folder that SQLITE_TMPDIR names, or /var/tmp. What
a killed load leaves beside the register is the write-ahead log, which belongs to it.
"""

import os
import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from contracts.codes import PV
from contracts.identifiers import HsaId
from register import schema
from register.database import Register
from tests.asking import values
from tests.databases import check_figures, keep, opened
from tests.e2e.listing_clients import send
from tests.e2e.processes import run, serving, start
from tests.messages import actor, person, request
from tests.people import people
from tests.records import COUNTY, PROVIDER, doctor, residents, unit, works_at
from tests.sources import dump
from tests.strength import sized

KILLS = sized(quick=2, full=4)
"""How many times the import is killed on each database."""

SEED = 20260301
RESIDENTS = sized(quick=600, full=1500)
ASKED = 3
SECONDS = 60

UNITS = (unit("one"), unit("two"))
DOCTORS = (doctor("dora"), doctor("emil"))

PROFILE = f"""
[profile]
name = "nightly"
title = "Who is listed where, and with whom"
[load]
policy = "full"
[[file]]
name = "people.csv"
record = "listing"
[file.fields]
id = "ID"
person_id = "PNR"
unit = "UNIT"
code = {{ constant = "{PV.code}" }}
code_system = {{ constant = "{PV.system}" }}
valid_from = {{ constant = "2025-01-01" }}
[[file]]
name = "people.csv"
record = "fixed_contact"
[file.fields]
id = "ID"
person_id = "PNR"
type_code = {{ constant = "2" }}
staff = "DOCTOR"
unit = "UNIT"
valid_from = {{ constant = "2025-01-01" }}
"""

SETTINGS = f"""
[server]
workers = 1
threads = 8
[regions.{COUNTY}]
[log]
level = "error"
"""


def test_a_load_is_in_or_not(tmp_path: Path, empty_database: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    everybody = people(RESIDENTS)
    states = [_written(tmp_path, number, everybody) for number in (0, 1)]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    variables = {
        "FASTKONTAKT_DATABASE__URL": empty_database,
        "SQLITE_TMPDIR": str(temporary),
        "TMPDIR": str(temporary),
    }
    with opened(empty_database) as register:
        schema.upgrade(register)
        employed = (works_at(staff, at) for staff in DOCTORS for at in UNITS)
        keep(register, PROVIDER, *UNITS, *DOCTORS, *employed, *residents(*everybody))
        began = time.monotonic()
        first = run("import", "nightly.toml", str(states[0]), cwd=tmp_path, variables=variables)
        assert first.returncode == 0, first.stdout + first.stderr
        usual = time.monotonic() - began
        beside = {one.name for one in tmp_path.iterdir()}
        current, changes = _state(register), 0
        assert current == 0

        with serving(cwd=tmp_path, variables=variables) as server, ThreadPoolExecutor(1) as pool:
            stop = threading.Event()
            asking = pool.submit(_ask, server.base, everybody[:: RESIDENTS // ASKED], stop)
            try:
                for _ in range(KILLS):
                    command = ("import", "nightly.toml", str(states[1 - current]))
                    _killed(command, tmp_path, variables, after=usual * chance.uniform(0.4, 1.1))
                    assert list(temporary.iterdir()) == []
                    assert {one.name for one in tmp_path.iterdir()} - beside <= _of_sqlite(tmp_path)
                    found = _state(register)
                    changes, current = changes + (found != current), found
                    assert not asking.done()
                command = ("import", "nightly.toml", str(states[1 - current]))
                again = run(*command, cwd=tmp_path, variables=variables)
                assert again.returncode == 0, again.stdout + again.stderr
                changes, current = changes + 1, 1 - current
                assert _state(register) == current
                _wait_for_answers(server.base, everybody[0], current)
            finally:
                stop.set()
            seen = asking.result()
    # Once an answer is of the new state, no later one is of the old: whoever is asked about, and where from.
    steps = [now for before, now in zip([None, *seen], seen, strict=False) if now != before]
    assert len(steps) - 1 <= changes
    assert len(seen) > ASKED


def _written(folder: Path, state: int, everybody: list[str]) -> Path:
    """Write the file of a state, in which everybody is listed at one unit and has one doctor there."""
    (folder / "nightly.toml").write_text(PROFILE, "utf-8")
    (folder / "fastkontakt.toml").write_text(SETTINGS, "utf-8")
    file = folder / f"{state}" / "people.csv"
    file.parent.mkdir()
    at, staff = UNITS[state].hsa_id, DOCTORS[state].hsa_id
    rows = [f"{number};{one};{at};{staff}" for number, one in enumerate(everybody)]
    file.write_text("\n".join(["ID;PNR;UNIT;DOCTOR", *rows]) + "\n", "utf-8")
    return file


def _killed(command: tuple[str, ...], folder: Path, variables: dict[str, str], *, after: float) -> None:
    """Run a command and kill it after some seconds, if it is not done by then."""
    with Path(os.devnull).open("wb") as nowhere:
        process = start(*command, cwd=folder, output=nowhere, errors=nowhere, variables=variables)
    with suppress(subprocess.TimeoutExpired):
        process.wait(after)
    process.kill()
    process.wait()


def _state(register: Register) -> int:
    """Return the state that the register is in, after seeing that all of it is, and that it is whole."""
    with register.writing() as connection:  # after whatever the database still does for who was killed
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    check_figures(register)
    rows = dump(register, of_loads=True)
    assert len(rows["listing"]) == len(rows["fixed_contact"]) == RESIDENTS
    found: set[tuple[HsaId, HsaId | None]] = {(one["unit_key"], None) for one in rows["listing"]}
    found |= {(one["unit_key"], one["staff_key"]) for one in rows["fixed_contact"]}
    states: list[set[tuple[HsaId, HsaId | None]]] = [
        {(at.hsa_id, None), (at.hsa_id, staff.hsa_id)} for at, staff in zip(UNITS, DOCTORS, strict=True)
    ]
    state = states.index(found)
    # The load that brought it is written down with it, and no other one is half.
    last = max(one["id"] for one in rows["import_batch"])
    files = {one["id"] for one in rows["import_file"] if one["batch_id"] == last}
    assert {one["loaded_from"] for one in [*rows["listing"], *rows["fixed_contact"]]} == files
    assert {one["batch_id"] for one in rows["import_rows"]} == {last}
    return state


def _of_sqlite(folder: Path) -> set[str]:
    """Return the names of the files that belong to the databases in a folder."""
    databases = [one.name for one in folder.glob("*.sqlite3")]
    return {f"{one}{ending}" for one in databases for ending in ("", "-wal", "-shm", "-journal", "-lock")}


def _answer(base: str, who: str) -> int:
    """Return the state that an answer about a resident is of: one unit, and the doctor there."""
    answer = send(base, request("GetListing", actor("CITIZEN", who), person("personId", who)))
    at = values(answer, "listings/healthcareFacility/id")
    with_whom = values(answer, "listings/healthcarePersonnel/id")
    of_state = [([str(at.hsa_id)], [str(staff.hsa_id)]) for at, staff in zip(UNITS, DOCTORS, strict=True)]
    return of_state.index((at, with_whom))


def _ask(base: str, whom: list[str], stop: threading.Event) -> list[int]:
    """Ask about one resident after the other, and return the states of the answers in their order."""
    seen = []
    while not stop.wait(0.02):  # the load is to get on meanwhile
        seen += [_answer(base, one) for one in whom]
    return seen


def _wait_for_answers(base: str, who: str, state: int) -> None:
    give_up = time.monotonic() + SECONDS
    while _answer(base, who) != state:
        assert time.monotonic() < give_up, "the answers stay as they were"
