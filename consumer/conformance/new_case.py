"""Writes the file of a new case, to be filled in by hand."""

import re
from pathlib import Path

from contracts.messages import REQUESTS

FOLDER = Path(__file__).parent / "cases"

_NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+")

_TEXT = '''"""What the rule demands, in one sentence.

Why it matters, and how to mend what breaks it. Leave this out where the first sentence says it all.
"""

from consumer.conformance.case import {imports}rule
from consumer.conformance.probe import Probe


@rule({contract}, "document, section", rows="")
def check(probe: Probe) -> None:
    seen = probe.ask(probe.plain().message)
    probe.expect(seen.answered, f"What came and what it must be: {{seen.what}}.")
'''


class CaseNameError(ValueError):
    """A case that cannot be made; the text says why."""


def new_case(name: str, contract: str, folder: Path | None = None) -> Path:
    """Write a new case, and the folder it lies in, and return its file.

    Args:
        name: Its id, as ``carelisting/get_listing/no_title``: folders, and a name of small letters.
        contract: Contract it is about; ``any`` for one that asks whichever contract there is.
        folder: Where the cases lie; left out: in the tester.

    Raises:
        CaseNameError: The name or contract cannot be, or there is such a case.
    """
    if not _NAME.fullmatch(name):
        raise CaseNameError(
            f"{name}: name the group and the case in small letters, as carelisting/get_listing/no_title"
        )
    if contract != "any" and contract not in REQUESTS:
        raise CaseNameError(f"no contract is called {contract}; there are: any, {', '.join(REQUESTS)}")
    folder = folder or FOLDER
    file = folder / f"{name}.py"
    if file.exists():
        raise CaseNameError(f"{file} is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    for one in (file.parent, *file.parent.parents):
        if one == folder:
            break
        if not (one / "__init__.py").exists():
            (one / "__init__.py").write_text(f'"""Rules of {one.name.replace("_", " ")}."""\n', "utf-8")
    imports, argument = ("ANY, ", "ANY") if contract == "any" else ("", f'"{contract}"')
    file.write_text(_TEXT.format(imports=imports, contract=argument), "utf-8")
    return file
