"""The audit log: one row for each call that touches a person, there before the answer (rule 8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from contracts import oids
from producer.wsgi import Producer
from register.database import Register
from tests import store
from tests.asking import ask, result, values
from tests.databases import audit_rows, keep, opened
from tests.messages import actor, envelope, identity, path, person, request
from tests.producers import CENTRE, DOCTOR, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import ANNA, BO, CLARA, COUNTY, contact, hsa, lower, phone
from tests.wsgi import post

HEADERS = {
    "x-rivta-original-serviceconsumer-hsaid": "SE5565594230-B9P",
    "x-rivta-acting-on-behalf-of-hsaid": "SE2321000131-clinic",
    "x-vp-sender-id": "SE5565594230-VP",
    "x-skltp-correlation-id": "3f9c7a52-0f5f-4d0e-8f4e-0a6d3d4b2c11",
}
CLINIC_PART = f"<healthcareFacilityHSAId>{lower(CENTRE.hsa_id)}</healthcareFacilityHSAId>"
HOME = identity("homeCountyCode", oids.COUNTY, COUNTY)
REGION = actor("REGION", "SE2321000131-Region")
CARE_GIVER = actor("PRIVATE_CAREGIVER", hsa("nobody"))


@pytest.fixture
def filled(sqlite_register: Register) -> Register:
    keep(sqlite_register, *SMALL_REGION)
    return sqlite_register


@pytest.mark.parametrize(
    ("contract", "parts", "actor_type", "actor_id", "hits"),
    [
        ("GetListing", (actor("GUARDIAN", BO), person("personId", ANNA)), "GUARDIAN", BO, 1),
        ("GetListing", (CARE_GIVER, person("personId", ANNA)), "PRIVATE_CAREGIVER", str(hsa("nobody")), 0),
        ("GetListingCounty", (REGION, person("personId", ANNA)), "REGION", "SE2321000131-Region", 1),
        ("GetListingTypes", (person("personId", ANNA), HOME), None, None, 1),
        ("GetAvailableHealthcarePersonnel", (person("personId", ANNA), CLINIC_PART), None, None, 1),
        ("GetCareManagers", (person("patientId", ANNA),), None, None, 1),
    ],
)
def test_every_column(
    filled: Register,
    contract: str,
    parts: tuple[str, ...],
    actor_type: str | None,
    actor_id: str | None,
    hits: int,
) -> None:
    address = SOURCE_SYSTEM if contract == "GetCareManagers" else COUNTY
    before = datetime.now(UTC).replace(tzinfo=None)
    ask(make_producer(filled), contract, *parts, address=address, headers=HEADERS)
    (row,) = audit_rows(filled)
    assert before <= row.pop("logged_at") <= before + timedelta(minutes=1)  # UTC
    assert len(row.pop("log_id")) == 36
    assert row.pop("id") > 0
    # S000-005: each call about a person leaves one row: who, for whom, about whom, what, how many
    assert row == {
        "correlation_id": HEADERS["x-skltp-correlation-id"],
        "consumer": HEADERS["x-rivta-original-serviceconsumer-hsaid"],
        "sender": HEADERS["x-vp-sender-id"],
        "on_behalf_of": HEADERS["x-rivta-acting-on-behalf-of-hsaid"],
        "actor_type": actor_type,
        "actor_id": actor_id,
        "person_id": ANNA,
        "contract": contract,
        "logical_address": address,
        "outcome": "OK",
        "hits": hits,
    }


def test_a_person_nobody_knows_leaves_a_row_too(filled: Register) -> None:
    """And each call one of its own, with what the caller did not say left empty."""
    app = make_producer(filled)
    for number in (CLARA, BO, CLARA):
        ask(app, "GetListing", actor("CITIZEN", number), person("personId", number))
    found = audit_rows(filled)
    assert [row["person_id"] for row in found] == [CLARA, BO, CLARA]
    assert len({row["log_id"] for row in found}) == 3
    assert {row["hits"] for row in found} == {0}
    assert {row[name] for row in found for name in ("consumer", "on_behalf_of", "correlation_id")} == {None}


@pytest.mark.parametrize(
    ("contract", "parts"),
    [
        ("GetAvailableHealthcareFacilities", ()),
        ("GetListingTypes", ()),
        (
            "PingForConfiguration",
            ("<serviceContractNamespace>x</serviceContractNamespace>", "<logicalAddress>14</logicalAddress>"),
        ),
        ("GetListing", (actor(), person("personId", "191212129999"))),
        ("GetListing", (actor("REGION", BO), person("personId", ANNA))),
    ],
    ids=["facilities", "types", "ping", "no person's number", "refused actor"],
)
def test_no_row_where_no_person_is_asked_about(
    filled: Register, contract: str, parts: tuple[str, ...]
) -> None:
    """Nor where the call was refused before anything about the person was read."""
    ask(make_producer(filled), contract, *parts)
    assert audit_rows(filled) == []


def test_the_row_is_there_before_the_answer(filled: Register) -> None:
    producer = make_producer(filled)
    seen: list[int] = []

    class Watched(Producer):
        """Looks into the audit log at the moment the answer begins to leave."""

        def __init__(self) -> None:
            pass

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            def start(status: str, headers: list[tuple[str, str]]) -> Any:
                seen.append(len(audit_rows(filled)))
                return start_response(status, headers)

            return producer(environ, start)

    answer = ask(Watched(), "GetCareManagers", person("patientId", ANNA), address=SOURCE_SYSTEM)
    assert len(answer) == 1
    assert seen == [1]


def test_no_call_waits_for_whoever_writes_the_register(either_register: Register) -> None:
    """A load of a whole region does for many seconds; a call would be given up as the log is locked."""
    keep(either_register, *SMALL_REGION)
    url = either_register.engine.url.render_as_string(hide_password=False)
    with opened(url) as other, other.writing() as connection:
        store.upsert(connection, [replace(CENTRE, name="Ny")])
        answer = ask(make_producer(either_register), "GetListing", actor(), person("personId", ANNA))
        assert result(answer) == ("OK", None)
        assert [row["person_id"] for row in audit_rows(either_register)] == [ANNA]


@pytest.fixture
def no_audit(filled: Register) -> Iterator[Register]:
    """A register whose audit log takes no row."""
    with filled.auditing() as connection:
        connection.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        )
    yield filled
    with filled.auditing() as connection:
        connection.execute(text("DROP TRIGGER refuse"))


@pytest.mark.parametrize(
    ("contract", "parts", "address"),
    [
        ("GetListing", (actor(), person("personId", ANNA)), COUNTY),
        ("GetListingCounty", (actor(), person("personId", ANNA)), COUNTY),
        ("GetCareManagers", (person("patientId", ANNA),), SOURCE_SYSTEM),
        ("GetAvailableHealthcarePersonnel", (person("personId", ANNA), CLINIC_PART), COUNTY),
        ("GetListingTypes", (person("personId", ANNA), HOME), COUNTY),
    ],
)
def test_without_a_row_nothing_is_told(
    no_audit: Register, contract: str, parts: tuple[str, ...], address: str
) -> None:
    response = post(make_producer(no_audit), path(contract), envelope(request(contract, *parts), address))
    assert response.status == 500
    code, told = response.fault
    assert code == "Server"
    assert told.startswith("FK504 ")
    for secret in (ANNA, str(CENTRE.hsa_id), CENTRE.name, DOCTOR.surname, "disk full"):
        assert secret not in response.body.decode()
    assert audit_rows(no_audit) == []


def test_what_is_about_no_person_needs_no_audit(no_audit: Register) -> None:
    answer = ask(make_producer(no_audit), "GetAvailableHealthcareFacilities")
    assert result(answer) == ("OK", None)
    assert values(answer, "healthcareFacilities/id") == [str(CENTRE.hsa_id)]


def test_a_fault_after_the_person_was_read_leaves_a_row(filled: Register) -> None:
    """An answer that its schema refuses is not sent, and the log says what became of the call."""
    too_old = replace(contact("F1", ANNA, DOCTOR, CENTRE), valid_from=date(1850, 1, 1))
    keep(filled, too_old, phone("1", unit=CENTRE.hsa_id))
    answer = ask(make_producer(filled), "GetCareManagers", person("patientId", ANNA), address=SOURCE_SYSTEM)
    told = answer.findtext("faultstring")
    assert told.startswith("FK503 ")
    (row,) = audit_rows(filled)
    assert (row["outcome"], row["hits"], row["person_id"]) == ("FAULT", 0, ANNA)
    assert told.endswith(row["log_id"])


def test_a_fault_that_was_asked_for_leaves_a_row(filled: Register) -> None:
    demo = {"enabled": True, "technical_error_person": ANNA}
    answer = ask(make_producer(filled, demo=demo), "GetListing", actor(), person("personId", ANNA))
    assert answer.findtext("faultstring").startswith("FK599 ")
    assert [row["outcome"] for row in audit_rows(filled)] == ["FAULT"]


@pytest.mark.parametrize("register", ["sqlite"], indirect=True)
@pytest.mark.breaks_the_register
def test_a_register_that_cannot_be_read_tells_nothing(register: Register) -> None:
    keep(register, *SMALL_REGION)
    with register.writing() as connection:
        connection.execute(text("DROP TABLE listing"))
    answer = ask(make_producer(register), "GetListing", actor(), person("personId", ANNA))
    assert answer.findtext("faultstring").startswith("FK502 ")
    assert "listing" not in answer.findtext("faultstring")
