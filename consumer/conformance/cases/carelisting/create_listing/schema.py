"""What the schema refuses is ERROR with the validation report in resultText, and nothing is done."""

from consumer.conformance.case import rule
from consumer.conformance.looking import wish
from consumer.conformance.probe import Probe
from contracts.catalogue import by_name


@rule(
    "CreateListing",
    "TKB result codes; C16",
    rows="CL-39 RT-34",
    needs="writes.resident writes.facility",
    writes=True,
)
def check(probe: Probe) -> None:
    contract = by_name("CreateListing")
    body = probe.written(wish(probe.data.writes.resident, probe.data.writes.facility))
    seen = probe.raw(contract, body.replace(b"healthcareFacilityHSAId", b"healthcareFacility"))
    probe.expect(
        seen.refused,
        f"CreateListing that its schema refuses got {seen.what}; it must be ERROR with the validation "
        "report.",
    )
