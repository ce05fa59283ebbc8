"""The log with the field names of the national platform."""

import json
import sys
from datetime import datetime
from io import StringIO
from logging import getLogger

import pytest
import structlog

from contracts.catalogue import by_name
from fastkontakt.logs import configure
from fastkontakt.settings import LogSettings


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """The log, in that form."""
    text = StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    configure(LogSettings(format="ecs"))
    return text


def test_a_request_is_two_events_of_one_trace(log: StringIO) -> None:
    structlog.get_logger().info(
        "request_answered",
        log_id="1f0e",
        correlation_id="corr-1",
        consumer="SE2321000131-1177",
        method="POST",
        contract="GetListing",
        outcome="FK502",
        status=500,
        milliseconds=1500.0,
    )
    came, went = map(json.loads, log.getvalue().splitlines())

    assert (came["event.action"], came["event.type"]) == ("req-in", ["access", "start"])
    assert (went["event.action"], went["event.type"]) == ("resp-out", ["access", "end"])
    for line in (came, went):
        assert (line["trace.id"], line["transaction.id"]) == ("corr-1", "1f0e")
        assert line["labels.originalServiceconsumerHsaid"] == "SE2321000131-1177"
        assert line["labels.servicecontract_namespace"] == by_name("GetListing").namespace
        assert line["service.name"] == "fastkontakt"
    assert went["event.duration"] == 1_500_000_000
    assert (went["http.response.status_code"], went["labels.faultCode"]) == (500, "FK502")
    assert not {"event.duration", "http.response.status_code", "labels.faultCode"} & set(came)
    times = [datetime.fromisoformat(line["@timestamp"]) for line in (came, went)]
    assert (times[1] - times[0]).total_seconds() == 1.5


def test_a_call_of_ours_is_the_answer_to_it(log: StringIO) -> None:
    structlog.get_logger().warning(
        "message_failed", message=7, address="17", attempt=2, correlation_id="corr-2", result="VP009"
    )
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert line["event.action"] == "resp-in"
    assert (line["trace.id"], line["labels.receiverid"], line["labels.attempt"]) == ("corr-2", "17", 2)


def test_what_nobody_gave_a_correlation_id_is_traced_by_the_log_id(log: StringIO) -> None:
    structlog.get_logger().error("audit_failed", log_id="1f0e", error="OperationalError")
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["trace.id"], line["event.action"]) == ("1f0e", "audit_failed")
    assert line["error.type"] == "OperationalError"


def test_what_a_library_logs_is_no_action(log: StringIO) -> None:
    getLogger("sqlalchemy").warning("The pool has %s connections", 5)
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert line["message"] == "The pool has 5 connections"
    assert "event.action" not in line
