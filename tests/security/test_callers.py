"""Who calls: certificates, the platform's headers, the proxy's, and everything that is forged of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from contracts.identifiers import HsaId
from producer.access import Access
from producer.callers import PEER_CERTIFICATE, AccessError, Caller, Proxy, identified
from producer.faults import SoapFault
from producer.service import Service
from producer.settings import AccessSettings, ProducerSettings, ProxySettings
from producer.wsgi import Producer
from register.database import Register
from tests.client_certificates import certificate_of, presenting
from tests.databases import audit_rows
from tests.messages import path
from tests.producers import make_producer
from tests.security.refusals import GOOD
from tests.wsgi import Response, get, post

VP, PORTAL, OTHER, CARE = "SE5565594230-VP", "SE5565594230-1177", "SE2321000016-LISTA", "SE2321000016-CARE"
CONSUMER = "x-rivta-original-serviceconsumer-hsaid"
ON_BEHALF_OF = "x-rivta-acting-on-behalf-of-hsaid"
SENDER = "x-vp-sender-id"
FORWARDED = {"x-forwarded-for": "10.0.0.7", "forwarded": "for=10.0.0.7", "x-real-ip": "10.0.0.7"}
SECRET_HEADER, CERTIFICATE_HEADER = "x-fastkontakt-proxy-secret", "x-fastkontakt-client-serialnumber"
SECRET = "0123456789abcdef" * 4
PROXY_ADDRESS = "10.0.0.7"
RULES = [{"consumers": [PORTAL, OTHER], "contracts": ["GetListing"]}]
PERSON_NUMBER = "195709263080"


@pytest.fixture
def filled(small_register: Register) -> Register:
    return small_register


def told(app: Producer, register: Register, **options: Any) -> tuple[Response, dict[str, Any]]:
    """Post a request, and return the answer and its one audit row, after seeing that the log has the same."""
    before = len(audit_rows(register))
    with capture_logs() as events:
        response = post(app, path("GetListing"), GOOD, **options)
    (row,) = audit_rows(register)[before:]
    (event,) = events
    assert (event["log_id"], event["consumer"]) == (row["log_id"], row["consumer"])
    if response.status == 403:
        if event["caller_unknown"]:  # whoever is on call is told why, too
            assert f": {event['caller_unknown']}. Log id" in response.fault[1]
        assert (row["outcome"], row["person_id"], row["logical_address"]) == ("DENIED", "-", "-")
    else:
        assert (response.result, row["outcome"]) == (("OK", None), "OK")
    everything = response.body.decode() + repr(events) + repr(row if response.status == 403 else {})
    assert SECRET not in everything
    assert PERSON_NUMBER not in everything
    return response, row


def who(row: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    return row["consumer"], row["on_behalf_of"], row["sender"]


class TestCertificates:
    @pytest.fixture
    def app(self, filled: Register) -> Producer:
        return make_producer(filled, access={"platforms": [VP], "rules": RULES})

    @pytest.mark.parametrize(
        ("certificate", "headers", "expected"),
        [
            ([PORTAL], {}, (PORTAL, None, PORTAL)),
            ([PORTAL.lower()], {}, (PORTAL.lower(), None, PORTAL.lower())),
            ([VP], {CONSUMER: PORTAL}, (PORTAL, None, VP)),
            ([VP], {CONSUMER: f" {PORTAL} "}, (PORTAL, None, VP)),
            ([VP.lower()], {CONSUMER: PORTAL.lower()}, (PORTAL.lower(), None, VP.lower())),
            ([VP], {CONSUMER: PORTAL, ON_BEHALF_OF: CARE}, (PORTAL, CARE, VP)),
            # What others write in headers is not heard, nor what they say of themselves.
            ([PORTAL], {CONSUMER: OTHER, ON_BEHALF_OF: CARE, SENDER: VP}, (PORTAL, None, PORTAL)),
            ([VP], {CONSUMER: PORTAL, SENDER: OTHER}, (PORTAL, None, VP)),
        ],
    )
    def test_let_in(
        self,
        app: Producer,
        filled: Register,
        certificate: list[str],
        headers: dict[str, str],
        expected: tuple[str | None, ...],
    ) -> None:
        response, row = told(app, filled, headers=headers, connection=presenting(*certificate))
        assert (response.status, who(row)) == (200, expected)

    @pytest.mark.parametrize(
        ("certificate", "headers", "code", "expected"),
        [
            ([CARE], {}, "FK401", (CARE, None, CARE)),
            ([CARE], {CONSUMER: PORTAL}, "FK401", (CARE, None, CARE)),
            ([CARE], {CONSUMER: PORTAL, SENDER: VP}, "FK401", (CARE, None, CARE)),
            ([VP], {}, "FK401", (VP, None, VP)),  # the platform itself is in no rule
            ([VP], {CONSUMER: CARE}, "FK401", (CARE, None, VP)),
            ([VP], {CONSUMER: f"{PORTAL},{OTHER}"}, "FK402", (None, None, VP)),
            ([VP], {CONSUMER: f"{PORTAL}, {OTHER}"}, "FK402", (None, None, VP)),
            ([VP], {CONSUMER: "who"}, "FK402", (None, None, VP)),
            ([VP], {CONSUMER: PERSON_NUMBER}, "FK402", (None, None, VP)),
            ([VP], {CONSUMER: PORTAL, ON_BEHALF_OF: f"{CARE},{OTHER}"}, "FK402", (None, None, VP)),
            ([], {CONSUMER: PORTAL}, "FK402", (None, None, "127.0.0.1")),
            ([PORTAL, VP], {CONSUMER: PORTAL}, "FK402", (None, None, "127.0.0.1")),
            ([f"{PORTAL},{VP}"], {}, "FK402", (None, None, "127.0.0.1")),
            ([PERSON_NUMBER], {}, "FK402", (None, None, "127.0.0.1")),
        ],
    )
    def test_denied(
        self,
        app: Producer,
        filled: Register,
        certificate: list[str],
        headers: dict[str, str],
        code: str,
        expected: tuple[str | None, ...],
    ) -> None:
        connection = presenting(*certificate) | {"REMOTE_ADDR": "127.0.0.1"}
        response, row = told(app, filled, headers=headers, connection=connection)
        assert (response.status, response.fault[1].partition(" ")[0]) == (403, code)
        assert who(row) == expected

    def test_what_is_no_certificate(self, app: Producer, filled: Register) -> None:
        broken = {PEER_CERTIFICATE: certificate_of(PORTAL)[:-40]}
        response, _ = told(app, filled, connection=broken)
        assert (response.status, response.fault[1].partition(".")[0]) == (
            403,
            "FK402 Access denied: it cannot be told who calls: the client certificate cannot be read",
        )

    def test_a_certificate_lets_nobody_in_who_is_not_listed(self, filled: Register) -> None:
        app = make_producer(filled)
        assert told(app, filled, headers={CONSUMER: PORTAL})[0].status == 200  # headers alone, as in the demo
        assert told(app, filled, connection=presenting(PORTAL))[0].status == 403

    def test_a_service_with_tls_lets_nobody_in_by_headers(self, filled: Register) -> None:
        settings = ProducerSettings(access=AccessSettings(consumers=(PORTAL,))).model_copy(
            update={"server": SimpleNamespace(tls="set up")}
        )
        caller = Service(settings, filled).access.caller({}, Caller(consumer=PORTAL))
        assert caller.unknown == "there is no client certificate"

    @pytest.mark.parametrize("connection", [{}, {PEER_CERTIFICATE: None}])
    def test_with_tls_headers_alone_are_nobody(self, connection: dict[str, Any]) -> None:
        """Of a server that asks for no certificate, or takes clients without one."""
        access = Access(AccessSettings(consumers=(PORTAL,)), tls=True)
        caller = access.caller({"REMOTE_ADDR": "10.1.1.1", **connection}, Caller(consumer=PORTAL))
        assert (caller.consumer, caller.unknown) == (None, "there is no client certificate")
        with pytest.raises(SoapFault, match="Access denied: it cannot be told who calls"):
            access.admit(caller)
        assert not access.may_pull(caller)

    def test_documents_are_for_everybody(self, app: Producer) -> None:
        for connection in ({}, presenting(CARE), presenting()):
            assert get(app, f"{path('GetListing')}?wsdl", connection=connection).status == 200


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return file


class TestProxy:
    @pytest.fixture
    def app(self, filled: Register, secret_file: Path) -> Producer:
        proxy = {"addresses": ["10.0.0.0/28", "::1"], "secret_file": str(secret_file)}
        return make_producer(filled, access={"platforms": [VP], "rules": RULES, "proxy": proxy})

    @pytest.mark.parametrize("address", [PROXY_ADDRESS, "::1", f"::ffff:{PROXY_ADDRESS}"])
    @pytest.mark.parametrize(
        ("subject", "headers", "expected"),
        [
            (PORTAL, {}, (PORTAL, None, PORTAL)),
            (PORTAL, {CONSUMER: OTHER}, (PORTAL, None, PORTAL)),
            (VP, {CONSUMER: PORTAL, ON_BEHALF_OF: CARE}, (PORTAL, CARE, VP)),
        ],
    )
    def test_let_in(
        self,
        app: Producer,
        filled: Register,
        address: str,
        subject: str,
        headers: dict[str, str],
        expected: tuple[str | None, ...],
    ) -> None:
        headers = headers | {SECRET_HEADER: SECRET, CERTIFICATE_HEADER: subject}
        response, row = told(app, filled, headers=headers, connection={"REMOTE_ADDR": address})
        assert (response.status, who(row)) == (200, expected)

    @pytest.mark.parametrize(
        ("address", "headers"),
        [
            pytest.param("10.0.0.16", {}, id="another address"),
            pytest.param("10.0.0.16", FORWARDED, id="the address in headers alone"),
            pytest.param("", {}, id="no address"),
            pytest.param("proxy", {}, id="no network address"),
            pytest.param(PROXY_ADDRESS, {SECRET_HEADER: ""}, id="no secret"),
            pytest.param(PROXY_ADDRESS, {SECRET_HEADER: SECRET[:-1]}, id="a part of the secret"),
            pytest.param(PROXY_ADDRESS, {SECRET_HEADER: SECRET.upper()}, id="the secret in capitals"),
            pytest.param(PROXY_ADDRESS, {SECRET_HEADER: f"guess,{SECRET}"}, id="the secret beside a guess"),
            pytest.param(PROXY_ADDRESS, {SECRET_HEADER: "\xe5\xff" * 32}, id="what is no ASCII"),
            pytest.param(PROXY_ADDRESS, {CERTIFICATE_HEADER: ""}, id="no certificate"),
            pytest.param(PROXY_ADDRESS, {CERTIFICATE_HEADER: f"{PORTAL},{VP}"}, id="two certificates"),
            pytest.param(
                PROXY_ADDRESS, {CERTIFICATE_HEADER: f"CN=a,serialNumber={VP}"}, id="a whole subject"
            ),
            pytest.param(PROXY_ADDRESS, {CERTIFICATE_HEADER: PERSON_NUMBER}, id="a person's certificate"),
        ],
    )
    def test_denied(self, app: Producer, filled: Register, address: str, headers: dict[str, str]) -> None:
        headers = {SECRET_HEADER: SECRET, CERTIFICATE_HEADER: PORTAL, CONSUMER: PORTAL} | headers
        response, row = told(app, filled, headers=headers, connection={"REMOTE_ADDR": address})
        assert (response.status, response.fault[1].partition(" ")[0]) == (403, "FK402")
        assert who(row) == (None, None, address)

    def test_with_a_proxy_no_other_certificate_counts(self, app: Producer, filled: Register) -> None:
        response, _ = told(app, filled, headers={CONSUMER: PORTAL}, connection=presenting(PORTAL))
        assert response.status == 403

    @pytest.mark.parametrize(
        "text",
        ["", "short", f"{SECRET}\n{SECRET}", f"{SECRET} {SECRET}", "å" * 40],
        ids=["nothing", "short", "two lines", "a blank", "no ASCII"],
    )
    def test_a_secret_that_is_none(self, filled: Register, secret_file: Path, text: str) -> None:
        secret_file.write_text(text)
        proxy = {"addresses": [PROXY_ADDRESS], "secret_file": str(secret_file)}
        with pytest.raises(AccessError, match=r"^access\.proxy\.secret_file: .* openssl rand -hex 32$"):
            make_producer(filled, access={"proxy": proxy})

    def test_a_secret_that_is_not_there(self, filled: Register, tmp_path: Path) -> None:
        proxy = {"addresses": [PROXY_ADDRESS], "secret_file": str(tmp_path / "none")}
        with pytest.raises(AccessError, match="none: No such file"):
            make_producer(filled, access={"proxy": proxy})


HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID",
            "HTTP_X_RIVTA_ACTING_ON_BEHALF_OF_HSAID",
            "HTTP_X_VP_SENDER_ID",
            "HTTP_X_FASTKONTAKT_PROXY_SECRET",
            "HTTP_X_FASTKONTAKT_CLIENT_SERIALNUMBER",
            "HTTP_X_FORWARDED_FOR",
            "HTTP_X_VP_AUTH_CERT",
        ]
    ),
    st.one_of(
        st.sampled_from([VP, PORTAL, OTHER, f"{VP},{PORTAL}", SECRET[1:], PROXY_ADDRESS]),
        st.text(st.characters(max_codepoint=255)),
    ),
)
"""What somebody may write who has a key of its own, and neither the platform's nor the proxy's secret."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Proxy:
    file = tmp_path_factory.mktemp("proxy") / "secret"
    file.write_text(SECRET)
    return Proxy(ProxySettings(addresses=(PROXY_ADDRESS,), secret_file=file))


@given(HEADERS, st.booleans())
def test_no_header_makes_somebody_another(proxy: Proxy, headers: dict[str, str], tls: bool) -> None:
    platforms = {HsaId(VP)}
    claimed = Caller(consumer=headers.get("HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID"), on_behalf_of=OTHER)
    shown = {**headers, PEER_CERTIFICATE: certificate_of(CARE)}
    found = identified(shown, claimed, None, platforms, tls=tls)
    assert (found.consumer, found.on_behalf_of, found.sender, found.proven) == (CARE, None, CARE, True)
    none = identified({**headers, "REMOTE_ADDR": PROXY_ADDRESS}, claimed, proxy, platforms, tls=tls)
    assert (none.consumer, none.on_behalf_of, none.proven) == (None, None, False)
    assert none.unknown == "the request does not come from the proxy"


@given(HEADERS)
def test_whom_a_platform_names_is_one_hsa_id_or_nobody(headers: dict[str, str]) -> None:
    named = headers.get("HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID", "")
    shown = {**headers, PEER_CERTIFICATE: certificate_of(VP)}
    found = identified(shown, Caller(consumer=named or None), None, {HsaId(VP)}, tls=True)
    if found.unknown is None and found.consumer is not None:
        assert HsaId.parse(found.consumer)
        assert "," not in found.consumer
        assert found.consumer == (named.strip() or VP)
    assert found.sender == VP
