"""docs/answers.md: some golden files in full, and all of them with what they show."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.golden.situations import Situation

PAGE = Path(__file__).parents[2] / "docs" / "answers.md"

_TELLING = {
    "getlisting-listed-with-doctor": """
A resident with a doctor and all re-listings left. The doctor is the fixed contact with code 2.
""",
    "getlisting-in-queue-and-listed": """
Listed at one facility and second in the queue of another: two entries, and only the facility that is full
tells of its queue.
""",
    "getcaremanagers-doctor-with-the-direct-number-visible": """
Two contacts. The doctor's direct number stands in `contact`, since this patient may see it; the unit's number
for care staff stands in `internalNotes` alone. The other contact works at a unit below the care unit, so both
units are told.
""",
    "getlisting-listed-with-doctor-with-the-doctor-extension": """
The listing of the first answer, with `carelisting.doctor_extension` turned on. A consumer that does not know
our namespace passes over its element.
""",
    "getcaremanagers-sekretessmarkering": """
A person with protected identity who has contacts in the register. The answer is the one an unknown person
gets.
""",
}

_HEAD = """# Answers in full

What the demo answers on one fixed day, 15 June 2026, to the questions of [demo-data.md](demo-data.md). Each
answer is a file that a test compares with what the service gives; `python -m tests.golden` writes the files
and this page anew.
"""

_TABLE = """## All answers

| contract | situation | the answer shows |
|---|---|---|
"""


def page(situations: Iterable[Situation], texts: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        situations: All situations.
        texts: The content of their files by name.
    """
    parts = [_HEAD]
    for name, sentence in _TELLING.items():
        contract, title = next((one.contract, one.title) for one in situations if one.name == name)
        parts.append(f"## {contract}: {title}\n{sentence}\n```xml\n{texts[name]}```\n")
    parts.append(
        "## All answers\n\n| contract | situation | the answer shows |\n|---|---|---|\n" + _rows(situations)
    )
    return "\n".join(parts)


def _rows(situations: Iterable[Situation]) -> str:
    return "".join(
        f"| {one.contract} | [{_titled(one)}](../tests/golden/{one.name}.xml) | {one.shows} |\n"
        for one in situations
    )


def _titled(one: Situation) -> str:
    at = f", at {one.address}" if one.contract == "GetListing" and one.address != "14" else ""
    by = f", asked by {one.actor_type}" if one.actor_type != "CITIZEN" else ""
    return f"{one.title}{at}{by}"
