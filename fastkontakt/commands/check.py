"""``fastkontakt check``: what an operator should know before the service is opened to callers."""

from collections import Counter

import typer

from fastkontakt.checks import findings
from fastkontakt.checks.found import Installation, Verdict
from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.settings import file_in_use, load
from fastkontakt.showing import fact


def check(config: Config = None) -> None:
    """Tell what to know before callers are let in: settings, register, certificates, who may call, files.

    Ends with 1 when something must be mended. Nothing is changed but the audit log, which gets a row.
    """
    found: Counter[Verdict] = Counter()
    shown = []
    for one in findings(Installation(load(config), file_in_use(config))):
        found[one.verdict] += 1
        shown.append({"verdict": str(one.verdict), "about": one.about, "text": one.text})
        out.print(f"{one.verdict:<5} {one.about}: {one.text}", markup=False)
    fact("findings", shown, "")
    out.print(f"\n{found[Verdict.MEND]} to mend, {found[Verdict.LOOK]} to have a look at.")
    if found[Verdict.MEND]:
        raise typer.Exit(1)
