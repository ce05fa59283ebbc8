"""Sources that unpack to more than a machine holds: refused in words, in little memory and time.

Each is read in a process of its own, whose memory and time of processor are measured. The quick tests have
files just beyond the budgets, as what is beyond is never read, and a part of some budgets.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tests.strength import sized
from tests.workbooks import many, row, write_workbook

PART = sized(quick=20, full=1)
"""By what the budgets of workbooks are divided."""
MOST_MB = 300
MOST_SECONDS = 60

READ = """
import json, re, resource, sys
from pathlib import Path
from mapping.sources.readers import SourceError, open_file, sheet, xlsx
part = int(sys.argv[2])
sheet.LARGEST_GAP //= part
xlsx.MOST_STRINGS //= part
xlsx.LARGEST_STRINGS //= part
said = ""
rows = 0
try:
    with open_file(Path(sys.argv[1]), wanted=["PNR"]) as table:
        table.positions(["PNR"])
        for row in table.rows:
            rows += row.fault is None
except SourceError as error:
    said = str(error)
used = resource.getrusage(resource.RUSAGE_SELF)
peak = int(re.search("VmHWM: *([0-9]+)", Path("/proc/self/status").read_text().replace("\t", " "))[1])
print(json.dumps([said, rows, peak / 1024, used.ru_utime + used.ru_stime]))
"""


def read(path: Path) -> tuple[str, int]:
    """Return what is said of a file, and how many rows it gives, within the budgets."""
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", READ, str(path), str(PART)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    said, rows, megabytes, seconds = json.loads(done.stdout)
    assert megabytes < MOST_MB
    assert seconds < MOST_SECONDS
    return said, rows


def one_cell(path: Path) -> None:
    text = many("x" * 1000, sized(quick=2_000, full=1_500_000))
    begin, end = '<row r="2"><c t="inlineStr"><is><t>', "</t></is></c></row>"
    write_workbook(path, chain([row(1, "PNR"), begin], text, [end]))


def empty_strings(path: Path) -> None:
    strings = many("<si><t/></si>", sized(quick=155_000, full=15_000_000))
    write_workbook(path, [row(1, "PNR")], strings=strings)


def long_strings(path: Path) -> None:
    strings = many(f"<si><t>{'x' * 900}</t></si>", sized(quick=6_000, full=200_000))
    write_workbook(path, [row(1, "PNR")], strings=strings)


def last_column(path: Path) -> None:
    rows = (
        f'<row r="{n}"><c r="XFD{n}" t="str"><v>x</v></c></row>'
        for n in range(2, sized(quick=1000, full=5002))
    )
    write_workbook(path, chain([row(1, "PNR")], rows))


def empty_rows(path: Path) -> None:
    write_workbook(path, chain([row(1, "PNR")], many("<row/>", sized(quick=450_000, full=240_000_000))))


def one_row_of_many_cells(path: Path) -> None:
    cells = many("<c/>", sized(quick=700_000, full=60_000_000))
    write_workbook(path, chain([row(1, "PNR"), '<row r="2">'], cells, ["</row>"]))


def deep(path: Path) -> None:
    write_workbook(path, chain([row(1, "PNR")], many("<a>", sized(quick=100_000, full=20_000_000))))


def members(path: Path) -> None:
    with path.open("w") as file:
        file.write("dn: cn=1\n")
        file.writelines(many("PNR: cn=somebody,ou=somewhere,c=SE\n", sized(quick=100_000, full=2_000_000)))


def unread_members(path: Path) -> None:
    with path.open("w") as file:
        file.write("dn: cn=1\nPNR: 1\n")
        file.writelines(many("member: cn=somebody,ou=somewhere,c=SE\n", sized(quick=100_000, full=2_000_000)))


def open_quote(path: Path) -> None:
    with path.open("w") as file:
        file.write('PNR;X\n"')
        file.writelines(many('a\n";"', sized(quick=3_000_000, full=60_000_000)))


def no_line_break(path: Path) -> None:
    with path.open("w") as file:
        file.writelines(many("1;", sized(quick=2_000_000, full=200_000_000)))


TOO_LARGE = "the workbook is too large: "
NO_TEXT = f"{TOO_LARGE}{50_000_000 // PART} bytes of a sheet have no text"
STRINGS = f"{TOO_LARGE}it has over {3_000_000 // PART} different texts"
BYTES = f"{TOO_LARGE}its texts have over {100_000_000 // PART} bytes"
BOMBS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "one cell of 1.5 GB": ("b.xlsx", one_cell, f"{TOO_LARGE}a cell has over 1000000 characters"),
    "15 million empty strings": (
        "b.xlsx",
        empty_strings,
        f"{TOO_LARGE}it has over {3_000_000 // PART} different texts",
    ),
    "180 MB of strings": (
        "b.xlsx",
        long_strings,
        f"{TOO_LARGE}its texts have over {100_000_000 // PART} bytes",
    ),
    "240 million empty rows": (
        "b.xlsx",
        empty_rows,
        NO_TEXT,
    ),
    "60 million cells in a row": (
        "b.xlsx",
        one_row_of_many_cells,
        NO_TEXT,
    ),
    "20 million elements deep": ("b.xlsx", deep, "the file is damaged"),
    "2 million values": ("b.ldif", members, ""),
    "2 million values that nobody reads": ("b.ldif", unread_members, ""),
    "a row over 60 million lines": ("b.csv", open_quote, "line 2: the row has over 10000000 characters"),
    "no line break": ("b.csv", no_line_break, "line 1: the line has over 1000000 bytes"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb(tmp_path: Path, bomb: str) -> None:
    name, make, reason = BOMBS[bomb]
    make(tmp_path / name)
    said, _ = read(tmp_path / name)
    assert said.startswith(reason)
    assert bool(said) == bool(reason)


def test_rows_of_the_last_column_alone(tmp_path: Path) -> None:
    """They are rows with too many cells, each by itself."""
    last_column(tmp_path / "b.xlsx")
    said, rows = read(tmp_path / "b.xlsx")
    assert (said, rows) == ("", 0)
