"""Every answer follows the contract's schema.

An aggregating service throws an answer away that does not, and 1177 may show nothing of it. Each problem
names the element and what the schema wants there.
"""

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule(ANY, "RIV-TA BP 2.1 rules 1 and 18", rows="RT-03 S003-057 S003-072 S003-102 S003-037", last=True)
def check(probe: Probe) -> None:
    for contract, seen in answers(probe):
        if seen.content is None or probe.schemas.valid(contract, seen.content):
            continue
        probe.show(seen)
        for problem in probe.schemas.problems(contract, seen.content)[:3]:
            probe.expect(
                False, f"{contract.name}Response does not follow its schema. {problem.path}: {problem.reason}"
            )
