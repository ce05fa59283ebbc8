"""What a SOAP Fault means to a caller, by the table ``faults.csv``.

The codes VPnnn are the national platform's (SKLTP VP). They stand first in faultstring and say more than
faultcode does: VP007, no permission to call, has the faultcode Server. Whether calling again may help is
RIV-TA Basic Profile 2.1 rule 22, that a Client fault must not be sent again unchanged its section 3.1.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_VP_CODE = re.compile(r"\s*(VP\d{3})\b")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_PRODUCER_STATUS = re.compile(r"VP_PRODUCER_EXCEPTION_HTTP_STATUS=(\d{3})")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of ``faults.csv``.

    Attributes:
        code: VPnnn, or the local name of a SOAP 1.1 fault code.
        meaning: What it means.
        retry: Whether calling again may help.
        final_statuses: HTTP statuses of the producer, told by the platform, with which it does not help.
        advice: What to do.
    """

    code: str
    meaning: str
    retry: bool
    final_statuses: frozenset[int]
    advice: str


@cache
def fault_kinds() -> dict[str, FaultKind]:
    """Return every row by its code."""
    text = files("consumer").joinpath("faults.csv").read_text("utf-8")
    return {
        row["code"]: FaultKind(
            row["code"],
            row["meaning"],
            row["retry"] == "yes",
            frozenset(map(int, row["final_statuses"].split())),
            row["advice"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def fault_kind(faultcode: str, faultstring: str) -> FaultKind:
    """Return the row of a Fault: by the platform's code, else by faultcode.

    A faultcode may be refined with dots (SOAP 1.1 section 4.4.1). One that is not known, as a producer's own,
    counts as Server: a technical fault that may pass.
    """
    kinds = fault_kinds()
    return kinds.get(vp_code(faultstring) or "") or kinds.get(faultcode.partition(".")[0]) or kinds["Server"]


def vp_code(faultstring: str) -> str | None:
    """Return the platform's code, VPnnn, when the faultstring begins with one."""
    found = _VP_CODE.match(faultstring)
    return found[1] if found else None


def log_id(faultstring: str) -> str | None:
    """Return the first UUID in the faultstring; by it support finds the call in the log."""
    found = _UUID.search(faultstring)
    return found[0] if found else None


def producer_statuses(detail: str) -> frozenset[int]:
    """Return the HTTP statuses that the platform says the producer answered it with."""
    return frozenset(map(int, _PRODUCER_STATUS.findall(detail)))
