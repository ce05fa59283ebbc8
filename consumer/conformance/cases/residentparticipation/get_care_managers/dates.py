"""Dates and times exist in the calendar, which the schema's patterns do not see to."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers, moment
from consumer.conformance.probe import Probe


@rule(
    "GetCareManagers",
    "TKB GetCareManagers 1.0 RC2, DateType and TimeStampType",
    rows="GC-10 S000-034",
    last=True,
)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetCareManagers"):
        for name in ("start", "end", "blockComparisonTime"):
            for one in [] if seen.content is None else seen.content.iter(f"{{*}}{name}"):
                text = (one.text or "").strip()
                if len(text) >= 8 and moment(text.ljust(14, "0")) is None:
                    probe.show(seen)
                    probe.expect(
                        False, f"GetCareManagers answers {name} {text}, which is no day of the calendar."
                    )
