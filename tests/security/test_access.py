"""Who may call what: every contract, let in and denied, and what a denied call leaves (RIV-TA rule 28)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts import oids
from contracts.catalogue import by_name
from contracts.codes import ActorType
from contracts.identifiers import LogicalAddress
from listings.settings import Visibility
from producer.access import Access
from producer.callers import AccessError, Caller
from producer.operations import OPERATIONS
from producer.service import Service
from producer.settings import AccessSettings, ProducerSettings
from producer.wsgi import Producer
from register.database import Register
from tests.asking import ask, outline, result
from tests.client_certificates import presenting
from tests.databases import audit_rows, file_of, keep, opened_copy
from tests.messages import (
    actor,
    create_listing,
    envelope,
    identity,
    path,
    person,
    request,
    update_listing,
)
from tests.producers import CENTRE, SMALL_REGION, SOURCE_SYSTEM, make_producer
from tests.records import ANNA, COUNTY, NOW, OTHER_COUNTY
from tests.wsgi import Response, get, post

PORTAL, REGION, STRANGER = "SE5565594230-1177", "SE2321000016-LISTA", "SE2321000016-NEW"
VP = "SE5565594230-VP"
CONSUMER = "x-rivta-original-serviceconsumer-hsaid"

_RESIDENT = person("personId", ANNA)
_NAMESPACE = "<serviceContractNamespace>urn:x</serviceContractNamespace>"
ASKED = {
    "GetListing": request("GetListing", actor(), _RESIDENT),
    "GetListingTypes": request("GetListingTypes", _RESIDENT, identity("homeCountyCode", oids.COUNTY, COUNTY)),
    "GetListingCounty": request("GetListingCounty", actor(), _RESIDENT),
    "GetAvailableHealthcareFacilities": request("GetAvailableHealthcareFacilities"),
    "GetAvailableHealthcarePersonnel": request(
        "GetAvailableHealthcarePersonnel",
        _RESIDENT,
        f"<healthcareFacilityHSAId>{CENTRE.hsa_id}</healthcareFacilityHSAId>",
    ),
    "CreateListing": create_listing(ANNA, CENTRE.hsa_id),
    "UpdateListing": update_listing(ANNA, OTHER_COUNTY, COUNTY),
    "GetCareManagers": request("GetCareManagers", person("patientId", ANNA)),
    "PingForConfiguration": request(
        "PingForConfiguration", _NAMESPACE, f"<logicalAddress>{COUNTY}</logicalAddress>"
    ),
}


def address(contract: str) -> str:
    return SOURCE_SYSTEM if contract == "GetCareManagers" else COUNTY


def call(app: Producer, contract: str, consumer: str, *, to: str | None = None) -> Response:
    """Call a contract with a certificate of the consumer's own."""
    body = envelope(ASKED[contract], to or address(contract))
    return post(app, path(contract), body, connection=presenting(consumer))


def rule(*contracts: str, to: tuple[str, ...] = (), consumers: tuple[str, ...] = (PORTAL,)) -> dict[str, Any]:
    return {"consumers": consumers, "contracts": contracts, "logical_addresses": to}


@pytest.fixture
def filled(sqlite_template: Path) -> Iterator[Register]:
    with opened_copy(sqlite_template) as register:
        keep(register, *SMALL_REGION)
        yield register


def contents(register: Register) -> list[str]:
    """Return all that is in the register, its audit log left out."""
    with register.reading() as connection:
        driver: Any = connection.connection.driver_connection
        return list(driver.iterdump())


def denied(app: Producer, register: Register, code: str, contract: str, response: Response) -> dict[str, Any]:
    """See that a call has been denied, and return the row that tells of it."""
    assert (response.status, response.fault[0]) == (403, "Client")
    assert response.fault[1].startswith(f"{code} Access denied: ")
    assert ANNA not in response.body.decode()
    (row,) = [one for one in audit_rows(register) if one["log_id"] == response.fault[1].split()[-1]]
    assert (row["outcome"], row["person_id"], row["contract"], row["hits"]) == ("DENIED", "-", contract, 0)
    return row


def test_there_is_a_request_of_every_contract_that_is_served() -> None:
    assert set(ASKED) == set(OPERATIONS)


@pytest.mark.parametrize("contract", OPERATIONS)
def test_every_contract(filled: Register, contract: str) -> None:
    """To whom it is allowed it is answered; to whom all others are, or all other addresses, it is denied."""
    others = [one for one in OPERATIONS if one != contract]
    elsewhere = ("SE2321000016-SYSTEM", OTHER_COUNTY)
    rules = [
        rule(*others, "changes"),
        rule(contract, to=elsewhere),
        rule(contract, to=(address(contract).lower(),), consumers=(REGION.lower(),)),
    ]
    app = make_producer(filled, access={"rules": rules})
    before = contents(filled)
    with capture_logs() as events:
        row = denied(app, filled, "FK403", contract, call(app, contract, PORTAL))
    assert (row["logical_address"], row["consumer"], row["sender"]) == (address(contract), PORTAL, PORTAL)
    assert [(one["contract"], one["outcome"], one["status"]) for one in events] == [(contract, "FK403", 403)]

    with capture_logs() as events:
        row = denied(app, filled, "FK401", contract, call(app, contract, STRANGER))
    assert (row["logical_address"], row["consumer"], row["sender"]) == ("-", STRANGER, STRANGER)
    assert [(one["contract"], one["outcome"], one["status"]) for one in events] == [(contract, "FK401", 403)]
    assert contents(filled) == before

    response = call(app, contract, REGION)
    assert (response.status, response.element.tag) == (200, by_name(contract).response)
    assert response.result[0] in ("OK", None)  # None: of a contract without resultCode
    assert "DENIED" not in {one["outcome"] for one in audit_rows(filled) if one["consumer"] == REGION}


def test_on_both_databases(register: Register) -> None:
    app = make_producer(register, access={"rules": [rule("GetListing", to=(OTHER_COUNTY,))]})
    denied(app, register, "FK401", "GetListing", call(app, "GetListing", STRANGER))
    denied(app, register, "FK403", "GetListing", call(app, "GetListing", PORTAL))
    assert get(app, "/changes?since=0", connection=presenting(PORTAL)).status == 403
    assert [one["outcome"] for one in audit_rows(register)] == ["DENIED"] * 3


def test_an_address_that_is_not_served_is_not_kept(filled: Register) -> None:
    app = make_producer(filled, access={"rules": [rule("GetListing", to=(COUNTY,))]})
    for one in (ANNA, "23", "SE1-X"):
        response = post(
            app, path("GetListing"), envelope(ASKED["GetListing"], one), connection=presenting(PORTAL)
        )
        row = denied(app, filled, "FK403", "GetListing", response)
        assert row["logical_address"] == "-"


def test_the_contract_called_counts_and_not_the_address_posted_to(filled: Register) -> None:
    app = make_producer(filled, access={"rules": [rule("GetListing")]})
    body = envelope(ASKED["CreateListing"], COUNTY)
    before = contents(filled)
    response = post(app, path("GetListing"), body, connection=presenting(PORTAL))
    denied(app, filled, "FK403", "CreateListing", response)
    assert contents(filled) == before


class TestHeadersAlone:
    """Plain HTTP without a proxy: as it was before there were certificates (docs/access.md)."""

    @pytest.mark.parametrize(
        ("access", "consumer", "code"),
        [
            ({}, None, None),
            ({}, STRANGER, None),
            ({"feed_consumers": [PORTAL]}, STRANGER, None),
            ({"consumers": [PORTAL]}, PORTAL.lower(), None),
            ({"consumers": [PORTAL]}, STRANGER, "FK401"),
            ({"consumers": [PORTAL]}, None, "FK401"),
            ({"rules": [rule("GetListing")]}, PORTAL, None),
            ({"rules": [rule("GetListing")]}, STRANGER, "FK401"),
            ({"rules": [rule("GetListingTypes")]}, PORTAL, "FK403"),
            ({"rules": [rule("GetListingTypes")], "consumers": [PORTAL]}, PORTAL, None),
            ({"rules": [rule("GetListingTypes")], "consumers": [STRANGER]}, STRANGER, None),
        ],
    )
    def test_who_is_let_in(
        self, filled: Register, access: dict[str, Any], consumer: str | None, code: str | None
    ) -> None:
        app = make_producer(filled, access=access)
        headers = {} if consumer is None else {CONSUMER: consumer}
        response = post(app, path("GetListing"), envelope(ASKED["GetListing"], COUNTY), headers=headers)
        if code is None:
            assert response.result == ("OK", None)
        else:
            denied(app, filled, code, "GetListing", response)


class TestFeed:
    @pytest.mark.parametrize(
        ("access", "allowed"),
        [
            ({}, False),
            ({"consumers": [PORTAL]}, False),
            ({"rules": [rule("GetListing")]}, False),
            ({"rules": [rule("changes")]}, True),
            ({"feed_consumers": [PORTAL]}, True),
            ({"feed_consumers": [PORTAL], "consumers": [PORTAL]}, True),
            ({"feed_consumers": [PORTAL], "consumers": [REGION]}, False),
            ({"feed_consumers": [REGION]}, False),
        ],
    )
    def test_who_may_pull(self, filled: Register, access: dict[str, Any], allowed: bool) -> None:
        app = make_producer(filled, access=access)
        for options in ({"connection": presenting(PORTAL)}, {"headers": {CONSUMER: PORTAL}}):
            response = get(app, "/changes?since=0", **options)
            assert response.status == (200 if allowed else 403)
        rows = [(one["outcome"], one["contract"], one["consumer"]) for one in audit_rows(filled)]
        assert rows == ([] if allowed else [("DENIED", "changes", PORTAL)] * 2)

    def test_who_cannot_be_told_may_not(self, filled: Register) -> None:
        app = make_producer(filled, access={"rules": [rule("changes")], "platforms": [VP]})
        forged = get(app, "/changes?since=0", headers={CONSUMER: f"{PORTAL},{VP}"}, connection=presenting(VP))
        assert (forged.status, b"not one HSA-id" in forged.body) == (403, True)

    def test_a_rule_for_it_has_no_addresses(self) -> None:
        with pytest.raises(ValueError, match="no logical_addresses; give it a rule of its own"):
            AccessSettings.model_validate({"rules": [rule("changes", to=(COUNTY,))]})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"contracts": ["GetListings"]}, "'GetListings' is not served here; there are: GetListing, "),
        ({"contracts": []}, "at least 1 item"),
        ({"consumers": ["everybody"]}, "not an HSA-id"),
        ({"logical_addresses": [" "]}, "should match pattern"),
    ],
)
def test_a_rule_that_cannot_be(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        AccessSettings.model_validate({"rules": [rule("GetListing") | wrong]})


class TestWhatIsTold:
    def test_units_are_hidden_from_whom_a_certificate_names(self, filled: Register) -> None:
        app = make_producer(
            filled,
            access={
                "platforms": [VP],
                "consumers": [PORTAL, REGION],
                "hidden_units": {PORTAL: [str(CENTRE.hsa_id)]},
            },
        )
        parts = (actor(), _RESIDENT)
        shown = {
            (sender, named): str(CENTRE.hsa_id) in "\n".join(outline(answer))
            for sender, named in (
                (PORTAL, None),
                (PORTAL, REGION),
                (VP, PORTAL),
                (VP, REGION),
                (REGION, PORTAL),
            )
            for answer in [
                ask(
                    app,
                    "GetListing",
                    *parts,
                    connection=presenting(sender),
                    headers={} if named is None else {CONSUMER: named},
                )
            ]
        }
        assert [one for one, is_shown in shown.items() if is_shown] == [(VP, REGION), (REGION, PORTAL)]

    @pytest.mark.parametrize(
        ("region", "limit", "expected"),
        [
            ("all", None, 1),
            ("all", "all", 1),
            ("all", "own", 0),
            ("all", "none", 0),
            ("none", "all", 0),
            ("own", "all", 0),
        ],
    )
    def test_a_consumer_sees_what_both_let_it_see(
        self, filled: Register, region: str, limit: str | None, expected: int
    ) -> None:
        limits = {} if limit is None else {PORTAL: {"HEALTHCARE_ADVISER": limit}, REGION: {}}
        app = make_producer(
            filled,
            regions={COUNTY: {"visibility": {"HEALTHCARE_ADVISER": region}}},
            access={"consumers": [PORTAL, REGION], "visibility": limits},
        )
        by = actor("HEALTHCARE_ADVISER", "SE2321000016-ADVISER")
        for contract, element in (("GetListing", "listings"), ("GetListingCounty", "listingCounties")):
            answer = ask(app, contract, by, _RESIDENT, connection=presenting(PORTAL.lower()))
            assert result(answer) == ("OK", None)
            assert len(answer.findall(f"{{*}}{element}")) == expected
            of_others = ask(app, contract, by, _RESIDENT, connection=presenting(REGION))
            assert len(of_others.findall(f"{{*}}{element}")) == (1 if region == "all" else 0)

    def test_the_narrowest_of_consumer_and_whom_it_acts_for(self) -> None:
        access = Access(
            AccessSettings.model_validate(
                {"visibility": {PORTAL: {"REGION": "own"}, REGION: {"REGION": "none"}}}
            )
        )
        for caller, expected in (
            (Caller(), Visibility.ALL),
            (Caller(PORTAL), Visibility.OWN),
            (Caller(PORTAL, REGION), Visibility.NONE),
            (Caller(STRANGER, PORTAL), Visibility.OWN),
        ):
            assert access.policy.sees(caller, ActorType.REGION, Visibility.ALL) is expected


class TestReadAgain:
    def test_what_has_changed_holds(self, filled: Register) -> None:
        news: list[AccessSettings | AccessError | None] = [None]

        def reread() -> AccessSettings | None:
            new = news[0]
            news[0] = None
            if isinstance(new, AccessError):
                raise new
            return new

        settings = ProducerSettings.model_validate(
            {"regions": {COUNTY: {}}, "access": {"rules": [rule("GetListing")]}}
        )
        service = Service(settings, filled, now=lambda: NOW, reread=reread)
        app = Producer(service)

        def status(new: AccessSettings | AccessError | None) -> tuple[int, list[str]]:
            news[0] = new
            service.access._look_at = 0.0  # as if a second had passed
            with capture_logs() as events:
                found = call(app, "GetListing", PORTAL).status
            return found, [one["event"] for one in events]

        none = AccessSettings.model_validate({"rules": [rule("GetListingTypes")]})
        assert status(None) == (200, ["request_answered"])
        assert status(none) == (403, ["access_reread", "request_answered"])
        assert status(AccessError("access.rules: wrong")) == (403, ["access_not_reread", "request_answered"])
        gone = {"addresses": ["10.0.0.1"], "secret_file": str(file_of(filled).with_name("none"))}
        broken = AccessSettings.model_validate({"consumers": [PORTAL], "proxy": gone})
        assert status(broken) == (403, ["access_not_reread", "request_answered"])
        assert status(settings.access) == (200, ["access_reread", "request_answered"])

    @pytest.mark.parametrize(
        ("before", "after", "problem"),
        [
            ({"rules": [rule("GetListing")]}, {}, "nobody is listed any more"),
            ({"consumers": [PORTAL]}, {"feed_consumers": [PORTAL]}, "nobody is listed any more"),
            ({"rules": [rule("GetListing")], "proxy": True}, {"rules": [rule("GetListing")]}, "is gone"),
            ({"consumers": [PORTAL]}, {"rules": [rule("GetListing")]}, None),
            ({}, {"rules": [rule("GetListing")]}, None),
        ],
    )
    def test_a_file_that_was_emptied_opens_nothing(
        self, tmp_path: Path, before: dict[str, Any], after: dict[str, Any], problem: str | None
    ) -> None:
        (tmp_path / "secret").write_text("0123456789abcdef" * 4)
        if before.get("proxy"):
            before = before | {"proxy": {"addresses": ["::1"], "secret_file": str(tmp_path / "secret")}}
        changed = AccessSettings.model_validate(after)
        access = Access(AccessSettings.model_validate(before), lambda: changed)
        with capture_logs() as events:
            policy = access.policy
        told = [one.get("problem", "") for one in events]
        if problem is None:
            assert [one["event"] for one in events] == ["access_reread"]
        else:
            assert len(told) == 1
            assert problem in told[0]
            assert (policy.lists, policy.proxy is not None) == (True, bool(before.get("proxy")))

    def test_it_looks_once_a_second_at_most(self) -> None:
        looks = []

        def reread() -> None:
            looks.append(1)

        access = Access(AccessSettings(), reread)
        for _ in range(1000):
            access.permit(Caller(), by_name("GetListing"), LogicalAddress(COUNTY))
        assert len(looks) < 100


def test_what_cannot_be_kept_in_the_audit_log_is_not_answered_as_denied(filled: Register) -> None:
    app = make_producer(filled, access={"rules": [rule("GetListing")]})
    with filled.auditing() as connection:
        connection.exec_driver_sql("DROP TABLE audit")
    for contract, consumer in (("GetListing", STRANGER), ("CreateListing", PORTAL)):
        with capture_logs() as events:
            response = call(app, contract, consumer)
        assert (response.status, response.fault[1].partition(" ")[0]) == (500, "FK504")
        assert [one["event"] for one in events] == ["audit_failed", "request_answered"]
    assert get(app, "/changes?since=0", connection=presenting(STRANGER)).status == 503
