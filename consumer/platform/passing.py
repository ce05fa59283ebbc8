"""Passing a request on to a producer, and what becomes of its answer (facts on RIV-TA, 2.2 to 2.5)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from consumer.client import ORIGINAL_CONSUMER, contract_address
from consumer.platform.faults import PlatformFault
from consumer.platform.settings import PlatformSettings
from contracts.catalogue import Contract
from contracts.soap import NAMESPACE

CORRELATION_ID, SENDER, INSTANCE = "x-skltp-correlation-id", "x-vp-sender-id", "x-vp-instance-id"
CONTENT_TYPE = "text/xml;charset=UTF-8"
_CONNECT_SECONDS = 2.0

_DROPPED = frozenset(
    {
        *("peer_certificates", "connection", "accept-encoding", "content-length", "content-type", "host"),
        *("date", "cache-control", "pragma", "via", "transfer-encoding", "user-agent"),
    }
)
_DROPPED_BEGINNINGS = ("x-vp-", "x-forwarded", "mule_", "x-mule_")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a consumer gets."""

    status: int
    body: bytes


def headers_onward(
    came: Mapping[str, str], sender: str, original: str, correlation_id: str, settings: PlatformSettings
) -> dict[str, str]:
    """Return the HTTP headers a producer gets.

    Args:
        came: Those of the request.
        sender: HSA-id of who calls the platform.
        original: HSA-id of the first consumer.
        correlation_id: Id of the call.
        settings: Of the platform.
    """
    kept = {
        name.lower(): value
        for name, value in came.items()
        if name.lower() not in _DROPPED and not name.lower().startswith(_DROPPED_BEGINNINGS)
    }
    return kept | {
        "content-type": CONTENT_TYPE,
        "user-agent": f"SKLTP VP/stand-in {settings.instance}",
        ORIGINAL_CONSUMER: original,
        SENDER: sender,
        INSTANCE: settings.instance,
        CORRELATION_ID: correlation_id,
    }


def pass_on(
    endpoint: str, contract: Contract, body: bytes, headers: Mapping[str, str], settings: PlatformSettings
) -> Answered:
    """Send a request to a producer: once, and once more after a connection that was refused or broke.

    So a producer may get what it has done already once more, which updating contracts must bear.

    Raises:
        PlatformFault: VP009, as everything that is no answer becomes.
    """
    try:
        answer = _sent(endpoint, contract, body, headers, settings)
    except requests.ConnectionError as error:
        if isinstance(error, requests.Timeout | requests.exceptions.SSLError):
            raise PlatformFault("VP009", _named(error)) from None
        time.sleep(settings.resend_seconds)
        try:
            answer = _sent(endpoint, contract, body, headers, settings)
        except requests.RequestException as again:
            raise PlatformFault("VP009", _named(again)) from None
    except requests.RequestException as error:
        raise PlatformFault("VP009", _named(error)) from None
    return _as_it_goes_back(answer)


def _sent(
    endpoint: str, contract: Contract, body: bytes, headers: Mapping[str, str], settings: PlatformSettings
) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            contract_address(endpoint, contract),
            body,
            headers=dict(headers),
            timeout=(_CONNECT_SECONDS, settings.producer_seconds),
            allow_redirects=False,
        )


def _as_it_goes_back(answer: requests.Response) -> Answered:
    status, body = answer.status_code, answer.content
    if 200 <= status < 300 and body:
        return Answered(status, body)
    if status == 500 and NAMESPACE.encode() in body:
        return Answered(status, body)
    if 200 <= status < 300:
        raise PlatformFault("VP009", f"Empty message from the producer, status code {status}")
    raise PlatformFault("VP009", f"VP_PRODUCER_EXCEPTION_HTTP_STATUS={status}")


def _named(error: requests.RequestException) -> str:
    """Return what went wrong by its kind; the text of an error may quote what was sent."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return type(reason if isinstance(reason, HTTPError | OSError) else error).__name__
