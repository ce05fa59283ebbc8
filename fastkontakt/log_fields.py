"""Log events with the field names of the national platform: Elastic Common Schema, as VP writes its own log.

So a region that gathers the logs of VP and of this service finds both sides of a call by one ``trace.id``.
Source: skltp/vp, logging/logentry/EcsFields and EcsLogEntry (names of fields and labels; read 2026-11-27).
"""

import re
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any

from contracts.catalogue import CONTRACTS

_NAMES = {
    "timestamp": "@timestamp",
    "level": "log.level",
    "correlation_id": "trace.id",
    "log_id": "transaction.id",
    "method": "http.request.method",
    "status": "http.response.status_code",
    "error": "error.type",
    "where": "log.origin.file.name",
    "consumer": "labels.originalServiceconsumerHsaid",
    "address": "labels.receiverid",
}
"""Our key -> theirs. A key that is not here becomes a label."""

_ACTIONS = {
    "request_answered": "resp-out",
    "message_delivered": "resp-in",
    "message_failed": "resp-in",
    "message_refused": "resp-in",
    "index_posted": "resp-in",
    "index_failed": "resp-in",
    "index_refused": "resp-in",
    "forward_failed": "resp-in",
}
"""Event -> what of a call it is, in the platform's words; another event is an action of its own."""

_ACTION = re.compile("[a-z_-]+")
"""What an event of ours is called; a library's is a sentence."""

_KNOWN_AT_THE_END = {"outcome", "status", "milliseconds"}

_NAMESPACES: dict[Any, str] = {contract.name: contract.namespace for contract in CONTRACTS}


def in_common_schema(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an event with the platform's names; its values are the same.

    Returns:
        One line or, for a request that has been answered, two, as the platform has: that it came, with the
        time it came, and what came of it. They are written together, so that a call costs one write.
    """
    name = event["event"]
    lines = [_line(event, _ACTIONS.get(name, name))]
    milliseconds = event.get("milliseconds")
    if name == "request_answered" and milliseconds is not None:
        came = datetime.fromisoformat(event["timestamp"]) - timedelta(milliseconds=milliseconds)
        kept = {key: value for key, value in event.items() if key not in _KNOWN_AT_THE_END}
        stamp = came.isoformat().replace("+00:00", "Z")
        lines.insert(0, _line({**kept, "event": "request_received", "timestamp": stamp}, "req-in"))
    return lines


def _line(event: dict[str, Any], action: str) -> dict[str, Any]:
    left = dict(event)
    name = left.pop("event")
    found: dict[str, Any] = {
        "@timestamp": left.pop("timestamp", None),
        "log.level": left.pop("level", None),
        "message": name,
        "event.kind": "event",
        "event.module": "fastkontakt",
        "event.action": action if _ACTION.fullmatch(action) else None,
        "service.name": "fastkontakt",
        "service.version": _version(),
    }
    if action in ("req-in", "resp-out", "resp-in"):
        found["event.category"] = ["web"]
        found["event.type"] = ["access", "start" if action == "req-in" else "end"]
    milliseconds = left.pop("milliseconds", None)
    if milliseconds is not None:
        found["event.duration"] = round(milliseconds * 1_000_000)  # nanoseconds
    found["labels.servicecontract_namespace"] = _NAMESPACES.get(left.get("contract"))
    if str(left.get("outcome", "")).startswith("FK"):
        found["labels.faultCode"] = left["outcome"]
    for key, value in left.items():
        found[_NAMES.get(key, f"labels.{key}")] = value
    # Where nobody gave the call a correlation id, ours follows it from here on.
    found.setdefault("trace.id", found.get("transaction.id"))
    return {key: value for key, value in found.items() if value is not None}


@cache
def _version() -> str:
    return version("fastkontakt")
