"""UpdateListing answers OK, INFO, ERROR and ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED, and no other code."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule("UpdateListing", "TKB UpdateListing, result codes; C20", rows="CL-86", writes=True, last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "UpdateListing"):
        if seen.code not in ("OK", "INFO", "ERROR", "ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED"):
            probe.show(seen)
            probe.expect(
                False,
                f"UpdateListing answers resultCode {seen.code or '(none)'}, which is for CreateListing.",
            )
