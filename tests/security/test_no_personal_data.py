"""Whatever goes wrong inside: a Fault with a log id, and no personal data in it or in any log.

The logs are those of the application as it sets them up, at level debug, libraries' own included.
"""

import logging
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from lxml import etree
from sqlalchemy.exc import OperationalError

from contracts.schemas import Schemas
from fastkontakt.logs import configure
from fastkontakt.settings import LogSettings
from producer.wsgi import Producer
from register.database import Register, open_register
from register.engine import audit_file
from register.settings import RegisterSettings
from tests.databases import audit_rows, copy_register, keep
from tests.messages import actor, code, envelope, identity, path, person, request
from tests.producers import CENTRE, DOCTOR, SOURCE_SYSTEM, make_producer
from tests.records import ANNA, contact
from tests.security.refusals import GOOD, LOG_ID, NO_IDENTITIES
from tests.wsgi import get, post

NAME = "Hemlig Hemligsson"
SECRETS = (ANNA, ANNA[2:], "Hemlig", DOCTOR.surname, CENTRE.name)
WAIT = 0.2
"""Seconds the register waits for its turn to write."""

GET_CARE_MANAGERS = envelope(request("GetCareManagers", person("patientId", ANNA)), SOURCE_SYSTEM)
PING = envelope(
    request(
        "PingForConfiguration",
        "<serviceContractNamespace>urn:x</serviceContractNamespace><logicalAddress>14</logicalAddress>",
    )
)


@dataclass
class Setup:
    """A producer, its register, the register's file, and the log."""

    app: Producer
    register: Register
    file: Path
    log: StringIO

    def logged(self) -> str:
        """Return what has been logged since last asked."""
        text = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        return text

    def audited(self) -> list[tuple[str, str]]:
        """Return outcome and log id of every row of the audit log."""
        return [(row["outcome"], row["log_id"]) for row in audit_rows(self.register)]


@pytest.fixture
def setup(small_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    """A producer with a register of its own, which may be broken, and logging as the application has it."""
    root = logging.getLogger()
    level = root.level
    log = StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    configure(LogSettings(level="debug", format="json"))
    (handler,) = root.handlers
    file = tmp_path / "register.sqlite3"
    copy_register(small_database, file)
    register = open_register(RegisterSettings(url=f"sqlite:///{file}", busy_timeout_seconds=WAIT))
    yield Setup(make_producer(register), register, file, log)
    register.dispose()
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def check_fault(
    setup: Setup, expected: str, event: str, body: bytes = GOOD, contract: str = "GetListing"
) -> str:
    """Post a request that ends in a Fault of ours, check what is told and logged of it, return the log id."""
    response = post(setup.app, path(contract), body)
    faultcode, text = response.fault
    assert (response.status, faultcode) == (500, "Server")
    assert text.startswith(f"{expected} ")
    log_id = LOG_ID.findall(text)[-1]
    logged = setup.logged()
    for secret in SECRETS:
        assert secret not in response.body.decode()
        assert secret not in logged
    events = re.findall(r'"event": "(\w+)"', logged)
    assert events == [event, "request_answered"]
    assert logged.count(log_id) == 2
    assert f'"outcome": "{expected}"' in logged
    return str(log_id)


def boom(*args: Any, **options: Any) -> NoReturn:
    raise RuntimeError(f"{NAME} {ANNA}", args)


@pytest.mark.parametrize(
    ("place", "audited"),
    [
        ("producer.spyne_engine.open_envelope", False),
        ("producer.spyne_engine.offered_contract", False),
        ("producer.handler.messages.read", False),
        ("contracts.schemas.Schemas.valid", False),
        ("register.residents.record", True),
        ("mapping.answers.carelisting.listings", True),
    ],
)
def test_an_unforeseen_error(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, place: str, audited: bool
) -> None:
    """It is audited once the call is known to be about a person."""
    monkeypatch.setattr(place, boom)
    log_id = check_fault(setup, "FK501", "request_failed")
    assert setup.audited() == ([("FAULT", log_id)] if audited else [])


def test_an_unforeseen_error_on_the_way_out(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producer.spyne_engine.to_bytes", boom)
    check_fault(setup, "FK501", "request_failed")


def test_where_it_happened_is_logged(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mapping.answers.carelisting.listings", boom)
    post(setup.app, path("GetListing"), GOOD)
    logged = setup.logged()
    assert '"error": "RuntimeError"' in logged
    assert re.search(r'"where": "test_no_personal_data\.py:\d+ < get_listing\.py:\d+ < ', logged)


def test_a_report_that_cannot_be_made(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Schemas, "problems", boom)
    body = envelope(request("GetListing", actor(), person("personId", ANNA), "<x/>"))
    check_fault(setup, "FK501", "request_failed", body)
    assert setup.audited() == []


def test_text_that_xml_cannot_carry(setup: Setup) -> None:
    """The importer refuses it; somebody may still get it into the register."""
    keep(setup.register, replace(DOCTOR, surname=f"{DOCTOR.surname}\x0b"))
    log_id = check_fault(setup, "FK501", "request_failed")
    assert setup.audited() == [("FAULT", log_id)]


def test_an_answer_that_its_schema_refuses(setup: Setup) -> None:
    """Before 1900 there are no days in GetCareManagers."""
    keep(setup.register, replace(contact("F1", ANNA, DOCTOR, CENTRE), valid_from=date(1850, 1, 1)))
    log_id = check_fault(setup, "FK503", "answer_invalid", GET_CARE_MANAGERS, "GetCareManagers")
    assert setup.audited() == [("FAULT", log_id)]


@pytest.mark.parametrize(
    ("content", "body", "contract"),
    [
        (f"{NAME} {ANNA}".encode(), GOOD, "GetListing"),
        (f"{NAME} {ANNA}".encode(), GET_CARE_MANAGERS, "GetCareManagers"),
        (f"{NAME} {ANNA}".encode(), PING, "PingForConfiguration"),
        (b"", GOOD, "GetListing"),
        (b"", GET_CARE_MANAGERS, "GetCareManagers"),
    ],
)
def test_a_register_that_is_none(setup: Setup, content: bytes, body: bytes, contract: str) -> None:
    setup.register.dispose()
    setup.file.write_bytes(content)
    check_fault(setup, "FK502", "register_failed", body, contract)


def test_a_register_that_is_gone(setup: Setup) -> None:
    setup.register.dispose()
    shutil.rmtree(setup.file.parent)
    check_fault(setup, "FK502", "register_failed", PING, "PingForConfiguration")
    check_fault(setup, "FK502", "register_failed")


def test_a_statement_that_fails_keeps_its_parameters(setup: Setup) -> None:
    with closing(sqlite3.connect(setup.file)) as connection:
        connection.execute("DROP TABLE listing")
    check_fault(setup, "FK502", "register_failed")
    with pytest.raises(OperationalError) as raised, setup.register.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM listing WHERE person_id = ?", (ANNA,))
    assert ANNA not in str(raised.value)


def test_an_audit_log_that_is_locked(setup: Setup) -> None:
    """The caller is told after one wait, not two, and told nothing else."""
    post(setup.app, path("GetListing"), GOOD)
    setup.logged()
    with closing(sqlite3.connect(audit_file(setup.file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        check_fault(setup, "FK504", "audit_failed")
        assert time.monotonic() - began < 2 * WAIT
    assert len(setup.audited()) == 1


def test_an_audit_log_that_fails_in_another_way(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.audit.write", boom)
    check_fault(setup, "FK504", "audit_failed")


# What a request holds --------------------------------------------------------------------------------

PRIMARY_CARE = code("listingTypes", "PV", "1.2.752.129.5.1.27")
MESSAGES = {
    "GetListing": (actor(), person("personId", ANNA)),
    "GetListingCounty": (actor(), person("personId", ANNA)),
    "GetListingTypes": (person("personId", ANNA), identity("homeCountyCode", "1.2.752.129.2.2.1.18", "14")),
    "GetAvailableHealthcareFacilities": ("<healthcareFacilities>SE1-1</healthcareFacilities>", PRIMARY_CARE),
    "GetAvailableHealthcarePersonnel": (
        person("personId", ANNA),
        "<healthcareFacilityHSAId>SE1-1</healthcareFacilityHSAId>",
        PRIMARY_CARE,
    ),
    "GetCareManagers": (person("patientId", ANNA), code("careManagerType", "2", "1.2.752.129.5.1.69")),
    "PingForConfiguration": (
        "<serviceContractNamespace>urn:x</serviceContractNamespace><logicalAddress>14</logicalAddress>",
    ),
}


def spoilt(message: str) -> Iterator[str]:
    """Yield the message with the name and number in every place that text can be in, one at a time."""
    secret = f"{NAME} {ANNA}"
    for place in range(len(list(etree.fromstring(message).iter()))):
        for way in ("text", "tail", "child", "attribute", "type", "nil", "comment"):
            root = etree.fromstring(message)
            element = list(root.iter())[place]
            match way:
                case "text":
                    element.text = secret
                case "tail" if element is not root:
                    element.tail = secret
                case "child":
                    etree.SubElement(element, "child", about=secret).text = secret
                case "attribute":
                    element.set("about", secret)
                case "type":
                    element.set("{http://www.w3.org/2001/XMLSchema-instance}type", ANNA)
                case "nil":
                    element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", secret)
                case "comment":
                    element.insert(0, etree.Comment(secret))
            yield etree.tostring(root).decode()


@pytest.mark.parametrize("contract", MESSAGES)
def test_nothing_of_a_request_is_repeated(setup: Setup, contract: str) -> None:
    address = SOURCE_SYSTEM if contract == "GetCareManagers" else "14"
    strict = make_producer(setup.register, carelisting={"invalid_request": "fault"})
    for app in (setup.app, strict):
        for message in spoilt(request(contract, *MESSAGES[contract])):
            answer = post(app, path(contract), envelope(message, address)).body.decode()
            told = answer + setup.logged()
            assert "Hemlig" not in told
            if contract != "GetCareManagers" or "Fault" in answer:  # it answers with the patient's number
                assert ANNA not in told


@pytest.mark.parametrize("value", NO_IDENTITIES)
def test_what_is_no_identity_is_neither_believed_nor_logged_nor_stored(setup: Setup, value: str) -> None:
    for header in ("x-rivta-original-serviceconsumer-hsaid", "x-rivta-acting-on-behalf-of-hsaid"):
        for name in (header, header.upper()):
            response = post(setup.app, path("GetListing"), GOOD, headers={name: value})
            assert response.fault[1].startswith(f"FK112 The HTTP headers cannot be believed: {header} is not")
            assert value not in response.body.decode()
    assert setup.audited() == []
    headers = dict.fromkeys(("x-skltp-correlation-id", "x-vp-sender-id"), value)
    assert post(setup.app, path("GetListing"), GOOD, headers=headers).result == ("OK", None)
    logged = setup.logged()
    (row,) = audit_rows(setup.register)
    assert row["correlation_id"] is None
    for secret in (value, ANNA, ANNA[2:], "Hemlig"):
        assert secret not in logged
        assert secret not in str({**row, "person_id": None, "actor_id": None})


def test_addresses_are_not_logged(setup: Setup) -> None:
    get(setup.app, f"/{ANNA}?{ANNA}")
    assert ANNA not in setup.logged()
