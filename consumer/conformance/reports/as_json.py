"""A report as JSON: what is kept, and what two runs are compared by."""

import json
from pathlib import Path
from typing import Any

from consumer.conformance.coverage import sheet
from consumer.conformance.declaration import declaration
from consumer.conformance.results import CaseResult, RunReport
from consumer.conformance.seen import Seen

FORMAT = "fastkontakt-conformance-1"


class ReportError(ValueError):
    """A file that is no report of the tester."""


def to_json(report: RunReport) -> str:
    """Return a report as JSON."""
    return json.dumps(
        {
            "format": FORMAT,
            "address": report.address,
            "name": report.name,
            "began": report.began.isoformat(timespec="seconds"),
            "seconds": round(report.seconds, 3),
            "version": report.version,
            "write": report.write,
            "exit_code": report.exit_code,
            "cases": [_case(one) for one in report.results],
            "coverage": [
                {"id": one.row.id, "cases": [two.case.id for two in one.results], "state": one.state}
                for one in sheet(report)
            ],
            "declaration": [
                {
                    "contract": one.contract,
                    "number": one.number,
                    "question": one.question,
                    "answer": one.answer,
                    "remark": one.remark,
                }
                for one in declaration(report)
            ],
            "calls": [_call(one) for one in report.seen],
        },
        ensure_ascii=False,
        indent=1,
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a report.

    Raises:
        ReportError: It is none.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(f"{path} cannot be read as a report: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ReportError(f"{path} is no report of fastkontakt conformance; give the file that --json wrote")
    return found


def _case(one: CaseResult) -> dict[str, Any]:
    return {
        "id": one.case.id,
        "title": one.case.title,
        "why": one.case.why,
        "contract": one.case.contract,
        "force": one.case.force,
        "source": one.case.source,
        "rows": one.case.rows,
        "in_force": one.case.in_force.isoformat(),
        "verdict": one.verdict,
        "findings": one.findings,
        "reason": one.reason,
        "calls": one.steps,
    }


def _call(seen: Seen) -> dict[str, Any]:
    exchange = seen.exchange
    return {
        "contract": None if seen.contract is None else seen.contract.name,
        "address": exchange.address,
        "request_headers": dict(exchange.request_headers),
        "request": exchange.request.decode("utf-8", "backslashreplace"),
        "status": exchange.status,
        "seconds": round(exchange.seconds, 3),
        "response_headers": dict(exchange.response_headers),
        "response": exchange.response.decode("utf-8", "backslashreplace"),
    }
