"""Swedish characters come through undamaged.

A name written in one encoding and read in another shows as Ã¥ or as a question mark in a box.
"""

import re

from consumer.conformance.case import ANY, rule
from consumer.conformance.looking import answers
from consumer.conformance.probe import Probe


@rule(ANY, "TKB carelisting; suite 4.2", rows="CL-88", last=True)
def check(probe: Probe) -> None:
    for _, seen in answers(probe):
        for element in [] if seen.content is None else seen.content.iter():
            text = element.text or ""
            if "\ufffd" in text or re.search("Ã[\x80-\xbf€-™]", text):
                probe.show(seen)
                probe.expect(
                    False,
                    f"A text came damaged, in {text_name(element)}: {text[:60]!r}. Write and read it in "
                    "one encoding.",
                )


def text_name(element: object) -> str:
    """Return the local name of an element."""
    return str(getattr(element, "tag", "")).rpartition("}")[2]
