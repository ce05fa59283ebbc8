"""Every scenario at hand, and then all logs, metrics and Faults searched for every number and name there is.

The demo's residents ask and are asked about by every contract, rightly and wrongly; its files are loaded
whole and spoilt; commands of staff run on it. What it tells in answers and on the terminal is for those who
asked: in what is logged, counted, or said in a Fault or resultText nobody is to read a number or a name.
"""

import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
import structlog
from sqlalchemy import String, inspect, select, text

from contracts import oids
from contracts.codes import PV
from fastkontakt import demo_data, logs
from fastkontakt.demo_data import FOLDER, PROFILE
from fastkontakt.loads.running import run_load
from fastkontakt.settings import LogSettings, Settings, load
from mapping.sources.profile import load_profile
from producer.monitoring import metrics
from producer.monitoring.metrics import Metrics
from producer.service import Service
from producer.wsgi import Producer
from register.database import Register, open_register
from register.tables import metadata, staff
from tests.integration.contact_commands import run
from tests.messages import (
    actor,
    code,
    create_listing,
    envelope,
    hsa,
    identity,
    path,
    person,
    request,
    update_listing,
)
from tests.strength import sized
from tests.wsgi import post

SYSTEM = "SE2321000131-FASTKONTAKT"
UNIT = "SE2321000131-DEMOVC01"
TYPE = code("listingTypes", PV.code, PV.system)
UNKNOWN = "191212121212"
_OF_PEOPLE = re.compile("person|number|actor_id|guardian")
FORMS = ("keyvalue", "json", "ecs")


@dataclass
class World:
    """The demo, and all that has been told of it to whom it is not for."""

    settings: Settings
    register: Register
    counting: Metrics
    app: Producer
    log: StringIO
    told: list[str] = field(default_factory=list)

    def ask(self, contract: str, message: str | bytes, address: str = "14", **headers: str) -> None:
        body = message if isinstance(message, bytes) else envelope(message, address)
        answer = post(self.app, path(contract), body, headers=headers)
        texts = answer.element.xpath(
            "//*[local-name() = 'faultstring' or local-name() = 'resultText']/text()"
        )
        self.told += map(str, texts)

    def everything(self) -> str:
        self.counting.count()
        counted = metrics.text_of(lambda: iter(())).decode()
        return "\n".join([self.log.getvalue(), counted, *self.told])


@pytest.fixture(scope="module")
def folder_of_metrics() -> Iterator[Path]:
    """Where this process keeps its metrics."""
    folder = metrics.prepare()
    yield folder
    metrics.clear_away(folder)


@pytest.fixture(params=FORMS)
def world(
    request: pytest.FixtureRequest,
    folder_of_metrics: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """The demo, loaded and logged as the service does it."""
    file = tmp_path / "settings.toml"
    text_of_settings = demo_data.settings_file(None).read_text("utf-8")
    file.write_text(text_of_settings.replace("sqlite:///", f"sqlite:///{tmp_path}/"), "utf-8")
    monkeypatch.setenv("FASTKONTAKT_CONFIG", str(file))
    monkeypatch.setenv("FASTKONTAKT_CALL__ENDPOINT", "http://127.0.0.1:9")
    settings = load()
    demo_data.prepare(settings)
    root, log = logging.getLogger(), StringIO()
    before = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", log)
    logs.configure(LogSettings(level="debug", format=request.param))
    counting = Metrics([])
    logs.count_events(counting.logged)
    register = open_register(settings.database)
    app = Producer(Service(settings, register), counting.answered)
    yield World(settings, register, counting, app, log)
    register.dispose()
    monkeypatch.setattr(logs, "_count", None)
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()


def people(register: Register) -> list[str]:
    """Return every number of a person that any table holds."""
    found: set[str] = {UNKNOWN}
    with register.reading() as connection:
        there = set(inspect(connection).get_table_names())
        for table in (one for one in metadata.sorted_tables if one.name in there):
            for column in table.c:
                if isinstance(column.type, String) and re.search(
                    r"person|number|actor_id|guardian", column.name
                ):
                    found |= {str(value) for value in connection.scalars(select(column))}
    return sorted(one for one in found if re.fullmatch(r"\d{12}", one))


def names(register: Register) -> list[str]:
    """Return the surnames of all staff, and their whole names."""
    with register.reading() as connection:
        rows = connection.execute(select(staff.c.given_name, staff.c.surname)).all()
    return sorted({row.surname for row in rows} | {f"{row.given_name} {row.surname}" for row in rows})


def check(world: World, known: list[str], more: str = "") -> None:
    """See that nobody is in what has been told."""
    told = world.everything() + more
    assert world.log.getvalue() or more, "nothing was logged: the search is broken"
    assert len(known) > 20
    for number in known:
        for form in (number, number[2:], f"{number[:8]}-{number[8:]}", f"{number[2:8]}-{number[8:]}"):
            # Ids and times are numbers too: only a number by itself is somebody's.
            assert not re.search(rf"(?<![\d.-]){form}(?![\d.])", told), (
                f"a number is told, in form {len(form)}"
            )
    for name in names(world.register):
        assert not re.search(rf"\b{re.escape(name)}\b", told, re.IGNORECASE), "a name is told"


def questions(resident: str) -> Iterator[tuple[str, str, str]]:
    """Yield contract, message and address of each question about a resident."""
    who = actor("CITIZEN", resident)
    for address in ("14", "17"):
        yield "GetListing", request("GetListing", who, person("personId", resident)), address
        yield "GetListingCounty", request("GetListingCounty", who, person("personId", resident)), address
        types = (person("personId", resident), identity("homeCountyCode", oids.COUNTY, address))
        yield "GetListingTypes", request("GetListingTypes", *types), address
    choosing = (
        person("personId", resident),
        f"<healthcareFacilityHSAId>{UNIT}</healthcareFacilityHSAId>",
        TYPE,
    )
    yield "GetAvailableHealthcarePersonnel", request("GetAvailableHealthcarePersonnel", *choosing), "14"
    yield "GetCareManagers", request("GetCareManagers", person("patientId", resident)), SYSTEM
    yield "CreateListing", create_listing(resident, UNIT, add_to_queue=True), "14"
    yield "UpdateListing", update_listing(resident, "17", "14"), "14"


def spoilt(message: str, secret: str) -> Iterator[str | bytes]:
    """Yield a message that is wrong in many ways, with somebody's number or name in what is wrong."""
    yield message.replace("</", f"{secret}</", 1)
    yield re.sub(r">(\d{12})<", rf">\1 {secret}<", message)
    yield message.replace(oids.COUNTY, secret)
    yield message + f"<{'x' * 3}>{secret}</{'x' * 3}>"
    yield envelope(message, secret)
    yield envelope(f"<p{secret.replace(' ', '')}/>")
    yield f"<!DOCTYPE a [<!ENTITY x '{secret}'>]><a>&x;</a>".encode()
    yield f"<a>{secret}".encode()
    yield secret.encode()


def test_calls(world: World) -> None:
    known = people(world.register)
    secrets = [*known[:2], *names(world.register)[:2]]
    for resident in known[:: sized(full=1, quick=4)]:
        for contract, message, address in questions(resident):
            world.ask(contract, message, address)
    for contract, message, address in questions(known[0]):
        for secret in secrets:
            for wrong in spoilt(message, secret):
                world.ask(contract, wrong, address)
    world.ask("GetAvailableHealthcareFacilities", request("GetAvailableHealthcareFacilities", TYPE), "14")
    facility = hsa("healthcareFacilities", known[0])
    world.ask("GetAvailableHealthcareFacilities", request("GetAvailableHealthcareFacilities", facility, TYPE))
    for header in ("x-rivta-original-serviceconsumer-hsaid", "x-skltp-correlation-id", "x-vp-sender-id"):
        for secret in secrets:
            contract, message, address = next(questions(known[0]))
            world.ask(
                contract, message, address, **{header: secret.encode("latin-1", "replace").decode("latin-1")}
            )
    check(world, known)


@pytest.mark.parametrize("world", ["json"], indirect=True)
def test_calls_of_a_register_that_fails(world: World) -> None:
    known = people(world.register)
    with world.register.writing() as connection:
        connection.execute(text("ALTER TABLE listing RENAME TO hidden"))
    for contract, message, address in questions(known[0]):
        world.ask(contract, message, address)
    assert "register_failed" in world.log.getvalue()
    with world.register.writing() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO listing"))
    check(world, known)


def test_loads_also_of_faulty_rows(world: World, tmp_path: Path) -> None:
    known = people(world.register)
    profile = load_profile(PROFILE)
    for way in range(4):
        files = []
        for source in sorted(FOLDER.glob("*.csv")):
            header, *rows = source.read_bytes().splitlines()
            mark = b";" if b";" in header else b","
            broken = [_broken(row.split(mark), way) for row in rows]
            files.append(tmp_path / source.name)
            files[-1].write_bytes(b"\n".join([header, *map(mark.join, broken)]) + b"\n")
        run_load(world.settings, world.register, profile, files, by="tester")
    assert "load_refused" in world.log.getvalue()
    check(world, known)


def _broken(cells: list[bytes], way: int) -> list[bytes]:
    """Return a row with numbers and names where they do not belong."""
    if way == 0:
        return cells[1:] + cells[:1]
    if way == 1:
        return cells[::-1]
    if way == 2:
        return [*cells, cells[0]]
    return [cell + b"x" for cell in cells]


@pytest.mark.parametrize("world", ["keyvalue"], indirect=True)
def test_commands(world: World, tmp_path: Path) -> None:
    known = people(world.register)
    resident = "195709263080"
    message = tmp_path / "message.xml"
    message.write_bytes(envelope(request("GetListing", person("personId", resident))))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for source in FOLDER.glob("*.csv"):
        (inbox / source.name).write_bytes(source.read_bytes().replace(b"\n", b"\nx", 3))
    told = ""
    for words in (
        ("listings", "show", resident),
        ("listings", "log", resident),
        ("listings", "settle"),
        ("contacts", "show", resident),
        ("residents", "find", resident),
        ("doctors", "list", UNIT),
        ("quality",),
        ("audit", "search", resident),
        ("outbox", "list"),
        ("outbox", "run", "--once"),
        ("index", "status"),
        ("imports", "list"),
        ("db", "check"),
        ("watch", str(PROFILE), str(inbox), "--once", "--every", "0.01"),
        ("validate", str(message)),
        ("changes", "drop", str(tmp_path)),
    ):
        result = run(*words)
        assert result.exit_code != 2, f"{words[0]}: {result.stderr}"
        told += result.stderr
    assert "event=" in told
    check(world, known, told)


@pytest.mark.parametrize("world", ["ecs"], indirect=True)
def test_the_search_finds_what_is_there(world: World) -> None:
    known = people(world.register)
    for leak in (
        known[0],
        f"person={known[0][2:]}",
        f'"{known[0][:8]}-{known[0][8:]}"',
        names(world.register)[0],
    ):
        world.told = [f"something {leak} told"]
        with pytest.raises(AssertionError, match="is told"):
            check(world, known, "more")
