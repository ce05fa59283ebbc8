"""The stand-in platform as a WSGI application: VP's way of a request."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.x509.oid import NameOID
from flask import Flask, Response, jsonify, request

from consumer.client import ORIGINAL_CONSUMER
from consumer.platform.aggregating import CATEGORIZATION, aggregate
from consumer.platform.faults import STATUS, PlatformFault, written
from consumer.platform.index import Post, StandInIndex
from consumer.platform.passing import CORRELATION_ID, INSTANCE, SENDER, Answered, headers_onward, pass_on
from consumer.platform.reading import Incoming, as_it_came, read
from consumer.platform.settings import PlatformSettings, Route
from consumer.platform.stand_ins import ANSWERED, SERVICE_DOMAIN, answer_of
from contracts.catalogue import Contract
from contracts.clock import swedish_now
from contracts.identifiers import HsaId
from contracts.schemas import Schemas

_REMEMBERED = 1000
_MOST_BYTES = 15 * 2**20
"""Size limit of the platform, both ways."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A call that went through; who it is about is not kept.

    Attributes:
        code: The platform's own code, if it answered itself; empty otherwise.
    """

    time: str
    address: str
    contract: str
    sender: str
    original_consumer: str
    correlation_id: str
    status: int
    code: str
    milliseconds: int


class StandInPlatform:
    """The platform's parts, and what has passed.

    Args:
        settings: What it is told.
        schemas: What the index and the aggregating service check with.
    """

    def __init__(self, settings: PlatformSettings, schemas: Schemas) -> None:
        self.settings = settings
        self.schemas = schemas
        self.index = StandInIndex(settings.index, schemas) if settings.index else None
        self.passed: deque[Passed] = deque(maxlen=_REMEMBERED)
        self._know_sources()

    def _know_sources(self) -> None:
        """Let the index know from the start what the stand-ins have."""
        if self.index is not None:
            now = f"{swedish_now():%Y%m%d%H%M%S}"
            for peer in self.settings.stand_in:
                for resident in peer.residents:
                    self.index.put(
                        Post(resident, SERVICE_DOMAIN, CATEGORIZATION, peer.address, peer.address, now)
                    )

    def call(
        self, body: bytes, charset: str | None, came: Mapping[str, str], peer: str | None
    ) -> tuple[Answered, str]:
        """Answer a call.

        Args:
            body: The request.
            charset: Of its Content-Type.
            came: Its HTTP headers.
            peer: HSA-id of the caller's certificate; None without TLS.

        Returns:
            The answer, and the id of the call.
        """
        began, correlation_id = time.monotonic(), came.get(CORRELATION_ID) or str(uuid4())
        incoming, sender, original, code = None, "", "", ""
        try:
            sender = self._sender(came, peer)
            incoming = read(body, charset)
            original = self._original(came, sender)
            answer = self._routed(incoming, came, sender, original, correlation_id)
        except PlatformFault as fault:
            code = fault.code
            answer = Answered(STATUS, written(code, self.settings.instance, fault.detail))
        self.passed.append(
            Passed(
                f"{swedish_now():%Y-%m-%d %H:%M:%S}",
                incoming.receiver if incoming else "",
                incoming.contract.name if incoming and incoming.contract else "",
                sender,
                original,
                correlation_id,
                answer.status,
                code,
                round((time.monotonic() - began) * 1000),
            )
        )
        encoding = incoming.encoding if incoming else "UTF-8"
        return Answered(answer.status, as_it_came(answer.body, encoding)), correlation_id

    def _sender(self, came: Mapping[str, str], peer: str | None) -> str:
        """Return who calls: by the certificate, or by header within the platform's own network."""
        if peer is not None:
            return peer
        named = came.get(SENDER)
        if named and came.get(INSTANCE) not in (None, self.settings.instance):
            raise PlatformFault("VP011")
        sender = named or self.settings.sender
        if sender is None:
            raise PlatformFault("VP002")
        return sender

    def _original(self, came: Mapping[str, str], sender: str) -> str:
        named, allowed = came.get(ORIGINAL_CONSUMER), self.settings.may_name_others
        if named and allowed is not None and HsaId(sender) not in map(HsaId, allowed):
            raise PlatformFault("VP013")
        return named or sender

    def _routed(
        self, incoming: Incoming, came: Mapping[str, str], sender: str, original: str, correlation_id: str
    ) -> Answered:
        contract, receiver, settings = incoming.contract, incoming.receiver, self.settings
        if contract is None:
            raise PlatformFault("VP004", "no such contract is known here")
        if self.index is not None and contract.name == "Update":
            return self.index.update(incoming.content, receiver)
        if self.index is not None and contract.name == "GetCareManagers" and receiver == settings.aggregating:

            def ask(address: str, body: bytes) -> Answered:
                return self._passed_on(
                    contract, address, body, came, settings.aggregating or "", original, correlation_id
                )

            return aggregate(
                incoming.content, incoming.body, self.index, ask, self.schemas, settings.aggregate_seconds
            )
        return self._passed_on(contract, receiver, incoming.body, came, sender, original, correlation_id)

    def _passed_on(
        self,
        contract: Contract,
        receiver: str,
        body: bytes,
        came: Mapping[str, str],
        sender: str,
        original: str,
        correlation_id: str,
    ) -> Answered:
        peer = next((one for one in self.settings.stand_in if one.address == receiver), None)
        if peer is not None and contract.name in ANSWERED:
            return answer_of(peer, contract, read(body, None).content, self.settings)
        route = self._route(receiver, contract)
        # The aggregating service asks for whoever called it.
        if not route.lets_in(original if sender == self.settings.aggregating else sender):
            raise PlatformFault("VP007")
        if route.fault:
            raise PlatformFault(route.fault)
        if route.endpoint is None:
            raise PlatformFault("VP010")
        headers = headers_onward(came, sender, original, correlation_id, self.settings)
        return pass_on(route.endpoint, contract, body, headers, self.settings)

    def _route(self, receiver: str, contract: Contract) -> Route:
        found = [one for one in self.settings.route if one.is_for(receiver, contract.name)]
        if not found:
            hint = "the LogicalAddress has blanks around it" if receiver != receiver.strip() else ""
            raise PlatformFault("VP004", hint)
        if len(found) > 1:
            raise PlatformFault("VP006")
        return found[0]


def platform_app(platform: StandInPlatform) -> Flask:
    """Return the platform as a WSGI application: calls under ``/vp``, what has passed under ``/passed``."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES

    def vp(path: str = "") -> Response:
        answer, correlation_id = platform.call(
            request.get_data(),
            request.mimetype_params.get("charset"),
            {name.lower(): value for name, value in request.headers},
            _peer(),
        )
        sent = Response(answer.body, answer.status, content_type="text/xml; charset=UTF-8")
        sent.headers[CORRELATION_ID] = correlation_id
        return sent

    app.add_url_rule("/vp", "vp", vp, methods=["POST"])
    app.add_url_rule("/vp/<path:path>", "vp", vp, methods=["POST"])
    app.add_url_rule("/passed", "passed", lambda: jsonify([asdict(one) for one in platform.passed]))
    app.add_url_rule(
        "/index",
        "index",
        lambda: jsonify([one._asdict() for one in platform.index.posts()] if platform.index else []),
    )
    return app


def _peer() -> str | None:
    """Return the HSA-id in the subject of the caller's certificate; None without TLS (BP 2.1)."""
    pem: Any = request.environ.get("SSL_CLIENT_CERT")
    if not pem:
        return None
    subject = x509.load_pem_x509_certificate(pem.encode()).subject
    numbers = subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(numbers[0].value) if numbers else ""
