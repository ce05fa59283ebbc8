"""Metrics: which labels there are, and what becomes of what a caller makes up."""

import re
from collections.abc import Iterator

import pytest

from contracts.catalogue import CONTRACTS
from producer.callers import Caller
from producer.faults import fault_kinds
from producer.monitoring import metrics
from producer.monitoring.metrics import COUNTED, READ, Metrics
from producer.service import ServedRequest

KNOWN = "SE2321000131-1177"


@pytest.fixture(scope="module")
def counting() -> Iterator[Metrics]:
    """Metrics of this process."""
    folder = metrics.prepare()
    yield Metrics([KNOWN])
    metrics.clear_away(folder)


def lines(name: str) -> list[str]:
    text = metrics.text_of(lambda: iter(())).decode()
    return [line for line in text.splitlines() if line.startswith(name)]


def served(contract: str | None, consumer: str | None, outcome: str = "OK") -> ServedRequest:
    exchange = ServedRequest(Caller(consumer=consumer))
    exchange.contract, exchange.outcome = contract, outcome
    return exchange


def test_what_a_caller_makes_up_is_no_label(counting: Metrics) -> None:
    for number in range(500):
        counting.answered(served("GetListing", f"SE-{number}-191212121212"), 0.004)
        counting.answered(served(None, "Anna.Andersson", "FK102"), 0.004)
    counting.answered(served("GetListing", KNOWN.lower()), 0.004)
    counting.answered(served("GetListing", None), 40)

    counting.count()
    found = lines("fastkontakt_requests_total")
    assert sorted(found) == [
        f'fastkontakt_requests_total{{consumer="{KNOWN}",contract="GetListing",outcome="OK"}} 1.0',
        'fastkontakt_requests_total{consumer="none",contract="GetListing",outcome="OK"} 1.0',
        'fastkontakt_requests_total{consumer="other",contract="GetListing",outcome="OK"} 500.0',
        'fastkontakt_requests_total{consumer="other",contract="none",outcome="FK102"} 500.0',
    ]
    assert lines("fastkontakt_refusals_total") == ['fastkontakt_refusals_total{code="FK102"} 500.0']
    count = 'fastkontakt_request_seconds_count{contract="GetListing"} 502.0'
    assert count in lines("fastkontakt_request_seconds")


def test_events_of_the_log_are_counted(counting: Metrics) -> None:
    counting.logged("audit_failed", "error")
    counting.logged("audit_failed", "error")
    assert lines("fastkontakt_log_events_total") == [
        'fastkontakt_log_events_total{event="audit_failed",level="error"} 2.0'
    ]


def test_the_least_there_is_of_workers_that_have_died(counting: Metrics) -> None:
    assert lines("fastkontakt_workers") == ["fastkontakt_workers 1.0"]


def test_names_are_prometheus_own_way() -> None:
    for name in (*COUNTED, *READ):
        assert re.fullmatch(r"fastkontakt(_[a-z]+)+", name)
        assert name not in COUNTED or name not in READ


def test_labels_cannot_be_many() -> None:
    """Contracts times consumers times outcomes: what a region of ten consumers can have at most."""
    outcomes = len(fault_kinds()) + 10
    assert (len(CONTRACTS) + 2) * 12 * outcomes < 10_000
