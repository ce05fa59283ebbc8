"""How requests get to the producer and answers back: over HTTP, or whatever a test puts in its place."""

import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Protocol

import requests

from consumer.client import ORIGINAL_CONSUMER, contract_address
from consumer.results import Exchange, NoAnswer, NoAnswerKind
from consumer.settings import CallSettings
from consumer.transport import CallError, RecordingTransport
from contracts.catalogue import Contract, by_name


class Carrier(Protocol):
    """Takes a request to the producer."""

    def send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Exchange | NoAnswer:
        """Send a request to a contract's address, byte by byte as it is, and return what came."""

    def another(self) -> "Carrier":
        """Return one to the same producer, for another thread."""


class HttpCarrier:
    """Sends over HTTP. One to a thread.

    Args:
        settings: Address, timeouts, TLS files, and who to say that calls.
        addresses: Contract -> its address, where it is another than that of the settings.

    Raises:
        CallError: A TLS file is missing.
    """

    def __init__(self, settings: CallSettings, addresses: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._addresses = addresses or {}
        self._transport = RecordingTransport(settings, f"fastkontakt-conformance/{version('fastkontakt')}")

    def send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Exchange | NoAnswer:
        """Send a request to a contract's address.

        Raises:
            CallError: The address is none.
        """
        address = self._address(contract)
        if self._settings.original_consumer is not None:
            headers = {ORIGINAL_CONSUMER: self._settings.original_consumer, **headers}
        if method != "POST":
            return self._other(method, address, headers)
        message: Any = iter((body,)) if chunked else body
        came = self._transport.post(address, message, headers)
        return _with_request(came, body) if chunked else came

    def check_address(self) -> None:
        """Refuse addresses that are none before anything is sent.

        Raises:
            CallError: One of them is none, or is of no contract that is known.
        """
        for name in ("GetListing", *self._addresses):
            try:
                self._address(by_name(name))
            except LookupError as error:
                raise CallError(str(error)) from None

    def _address(self, contract: Contract) -> str:
        return contract_address(self._addresses.get(contract.name, self._settings.endpoint), contract)

    def another(self) -> "HttpCarrier":
        """Return one with connections of its own."""
        return HttpCarrier(self._settings, self._addresses)

    def _other(self, method: str, address: str, headers: Mapping[str, str]) -> Exchange | NoAnswer:
        """Send a request without a body by another method."""
        began = time.monotonic()
        try:
            response = self._transport.session.request(
                method,
                address,
                headers=dict(headers),
                timeout=(self._settings.connect_timeout_seconds, self._settings.read_timeout_seconds),
                allow_redirects=False,
                verify=str(self._settings.ca_bundle) if self._settings.ca_bundle else True,
            )
        except requests.RequestException as error:
            seconds = time.monotonic() - began
            reason = f"no answer to {method}: {type(error).__name__}"
            return NoAnswer(NoAnswerKind.CONNECTION, reason, Exchange(address, dict(headers), b"", seconds))
        seconds = time.monotonic() - began
        return Exchange(
            address,
            dict(headers),
            b"",
            seconds,
            response.status_code,
            dict(response.headers),
            response.content,
        )


def _with_request(came: Exchange | NoAnswer, body: bytes) -> Exchange | NoAnswer:
    """Return what came, with the body that went as chunks."""
    exchange = came.exchange if isinstance(came, NoAnswer) else came
    whole = Exchange(
        exchange.address,
        exchange.request_headers,
        body,
        exchange.seconds,
        exchange.status,
        exchange.response_headers,
        exchange.response,
    )
    return NoAnswer(came.kind, came.reason, whole) if isinstance(came, NoAnswer) else whole
