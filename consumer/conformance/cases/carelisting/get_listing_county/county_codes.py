"""A county is two digits under the root of county codes, each once."""

from consumer.conformance.case import rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe
from contracts import oids
from contracts.codes import counties


@rule("GetListingCounty", "TKB carelisting 2.1, section 5.1", rows="CL-04", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe, "GetListingCounty"):
        codes = seen.texts("listingCounties/extension")
        wrong_root = any(one != oids.COUNTY for one in seen.texts("listingCounties/root"))
        unknown = [one for one in codes if one not in counties()]
        if wrong_root or unknown or len(codes) != len(set(codes)):
            probe.show(seen)
        probe.expect(not wrong_root, f"GetListingCounty answers a county whose root is not {oids.COUNTY}.")
        probe.expect(
            not unknown, f"GetListingCounty answers {', '.join(unknown)}, which is no county code in use."
        )
        probe.expect(len(codes) == len(set(codes)), "GetListingCounty answers a county twice.")
