"""Peers that answer our client as a test wants them to; what the client sends them is checked."""

from typing import Any

import requests_mock

from consumer.client import Client
from consumer.results import Answer, Result
from consumer.settings import CallSettings
from contracts.catalogue import Contract, by_name
from contracts.messages import Request
from tests.soap import check_exchange, check_request, response

EXTENSION = "urn:riv:supportprocess:logistics:carelisting:2.1"


def call(
    message: Request,
    *,
    settings: CallSettings | None = None,
    endpoint: str | None = None,
    **answer: Any,
) -> Result:
    """Call a peer that answers with what requests-mock makes of ``answer``: content, headers and so on."""
    with requests_mock.Mocker() as peer, Client(settings or CallSettings()) as client:
        peer.post(requests_mock.ANY, **answer)
        result = client.call(message, "14", endpoint=endpoint)
        assert peer.call_count == 1  # the client never calls again on its own
    check_request(result.exchange.request)
    return result


def answered(message: Request, content: str) -> Answer:
    """Call a peer that answers with a valid response element holding ``content``."""
    result = call(message, content=response(response_element(message, content)))
    assert isinstance(result, Answer)
    check_exchange(result.exchange.request, result.exchange.response)
    return result


def response_element(message: Request, content: str) -> str:
    """Return the response to a message; ``c`` is the prefix of the core types, ``e`` of carelisting 2.1."""
    contract: Contract = by_name(type(message).__name__)
    return (
        f'<{contract.name}Response xmlns="{contract.namespace}" xmlns:c="{contract.domain_namespace}" '
        f'xmlns:e="{EXTENSION}">{content}</{contract.name}Response>'
    )
