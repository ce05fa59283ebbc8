"""What holds for every refused request, whatever it was refused for."""

import re
import sqlite3
from contextlib import closing
from typing import Any

from structlog.testing import capture_logs

from contracts.catalogue import by_name
from producer.faults import fault_kinds
from producer.wsgi import Producer
from register.database import Register
from register.engine import audit_file
from tests.databases import file_of
from tests.messages import actor, envelope, path, person, request
from tests.records import ANNA
from tests.wsgi import Response, post

NOTHING_STORED_IS_TOLD_OF = ("195709263080", "5709263080", "570926-3080", "Dora", "Centre")
"""Identities and names that requests or the register hold."""

LOG_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

FAULT_CODES = {"FK104": "VersionMismatch", "FK106": "MustUnderstand"}
"""Fault codes that are not Client (RIV-TA Basic Profile 2.1 section 3.1)."""

GOOD = envelope(request("GetListing", actor(), person("personId", "195709263080")))
"""A request that is answered OK, for tests to break."""

NO_IDENTITIES = (
    f"Hemlig Hemligsson {ANNA}",
    ANNA,
    f"id={ANNA}",
    f"SE1-{ANNA}",
    f"SE1-{ANNA[2:]}",
    f"SE1-{ANNA[:8]}-{ANNA[8:]}",
    f"SE1-{ANNA[2:8]}-{ANNA[8:]}",
    f"SE{ANNA[2:]}-1",
    f"SE1-0{ANNA}",
    f"SE1-{ANNA}9",
    f"00000000-0000-0000-0000-{ANNA}",
    "SE1-22950606FH38",
    "x" * 129,
    "SE1-1\x7f",
    "SE1-\xe5",
)
"""What a header that says who calls may not hold, and a log neither."""


def stored(register: Register) -> list[str]:
    """Return everything in a register on SQLite, the audit log included."""
    lines: list[str] = []
    file = file_of(register)
    for one in (file, *(audit_file(file, part) for part in register.audit_parts())):
        with closing(sqlite3.connect(one)) as connection:
            lines += connection.iterdump()
    return lines


def check_refused(
    app: Producer,
    register: Register,
    body: bytes,
    expected: str,
    *,
    contract: str = "GetListing",
    address: str | None = None,
    **options: Any,
) -> str:
    """Post what must be refused, check everything that holds for every refusal, and return what is said.

    Args:
        app: The producer.
        register: Its register, in which nothing may change.
        body: The body of the request.
        expected: Code of a Fault, or ERROR for a response of the contract with that resultCode.
        contract: Whose address to post to.
        address: Path to post to instead.
        options: More for `tests.wsgi.post`.
    """
    before = stored(register)
    with capture_logs() as events:
        response = post(app, address or path(contract), body, **options)
    added = [line for line in stored(register) if line not in before]
    if response.status == 403:  # denied access is in the audit log, and nothing else is anywhere
        (row,) = added
        assert "'DENIED'" in row
    else:
        assert stored(register) == before
    text = _said(response, expected, contract)
    log_id = LOG_ID.findall(text)[-1]
    assert text.endswith(log_id)
    (event,) = events
    assert (event["event"], event["log_id"]) == ("request_answered", log_id)
    assert (event["outcome"], event["status"]) == (expected, response.status)
    told = (response.body.decode() + repr(events)).replace(log_id, "")
    for secret in NOTHING_STORED_IS_TOLD_OF:
        assert secret not in told
    assert not re.search(r"(?<!SE)\d{10}", told)  # a Fault may give an example of an HSA-id
    return text


def _said(response: Response, expected: str, contract: str) -> str:
    if expected == "ERROR":
        assert response.status == 200
        assert response.element.tag == by_name(contract).response
        code, text = response.result
        assert code == "ERROR"
        assert text is not None
        return text
    assert response.status == fault_kinds()[expected].status
    code, text = response.fault
    assert code == FAULT_CODES.get(expected, "Client")
    assert text.startswith(f"{expected} ")
    return text
