"""The first own record, by the commands and the file that docs/mapping-a-source.md gives."""

import re
from pathlib import Path

from tests.e2e.processes import run, serving

PAGE = (Path(__file__).parents[2] / "docs" / "mapping-a-source.md").read_text("utf-8")


def block(beginning: str) -> list[str]:
    """Return the lines of the page's block that begins so."""
    blocks = re.findall(r"^ +```\n(.*?)^ +```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [[line[3:] for line in one.splitlines()] for one in blocks]
    return next(one for one in lines if beginning in one[0])


def test_the_page_leads_to_an_answer(folder: Path) -> None:
    (folder / "listningar.csv").write_text("\n".join(block("Personnummer;")) + "\n", "utf-8")
    variables = {"FASTKONTAKT_CONFIG": "demo", "COLUMNS": "80"}
    with serving("--demo", "--config", "demo", cwd=folder) as server:
        variables |= {"FASTKONTAKT_CALL__ENDPOINT": server.base}
        made, check = block("fastkontakt profile new"), block("$ fastkontakt profile check")
        loads = [line.partition("  #")[0].strip() for line in block("fastkontakt import")]
        printed = []
        for line in (*made, check[0].removeprefix("$ "), *loads):
            done = run(*line.split()[1:], cwd=folder, variables=variables, fresh=True)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            printed.append(done.stdout)
    shown, picture = ([line.rstrip() for line in one] for one in (printed[1].splitlines(), check[1:]))
    assert list(filter(None, shown)) == list(filter(None, picture))
    assert "Vårdcentralen Förgätmigej" in printed[-1]
    assert len(PAGE.splitlines()) < 110, "read in a few minutes"
