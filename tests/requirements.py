"""Which test proves which requirement row: ``python -m tests.requirements`` checks it and writes the page.

The rows are those of ``tests/data/requirements/seed00N_requirements.csv``. A test proves a row when a
docstring (its own, its class's or its file's) or an id in its parametrisation names it. A must row that no
test names has a reason in ``reasons.csv``.
"""

import ast
import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "requirements.md"
DATA = ROOT / "tests" / "data" / "requirements"
ROW_ID = re.compile(r"\bS00[0-4]-\d{3}\b")

SEEDS = {
    "000": "manual of a regional population register (Gävleborg)",
    "001": "fixed doctors in a regional listing system (Västra Götaland)",
    "002": "questions and answers on the regional population register (Gävleborg)",
    "003": "national description of information about fixed contacts",
    "004": "journaling after digital visits (Gävleborg)",
}


@dataclass(frozen=True)
class Row:
    """A requirement row.

    Attributes:
        id: Seed and number, such as S003-061.
        force: must, should, may or info.
        reach: What it touches: contract, internal, both or none.
        says: What the source document says.
    """

    id: str
    force: str
    reach: str
    says: str

    @property
    def needs_a_test(self) -> bool:
        """Whether a test must name it, as no reason will do: what patients and staff are shown."""
        is_shown = self.reach in ("contract", "both") and self.id.startswith(("S000-", "S003-"))
        return is_shown and self.force == "must"


class Proof(NamedTuple):
    """A test, or all tests of a class or file: path from the root of the project, and name."""

    path: str
    name: str


def rows() -> list[Row]:
    """Return every row, seed by seed."""
    found = []
    for seed in SEEDS:
        with (DATA / f"seed{seed}_requirements.csv").open(encoding="utf-8", newline="") as file:
            found += [
                Row(one["id"], one["force"], one["reach"], one["seed_says"]) for one in csv.DictReader(file)
            ]
    return found


def reasons() -> dict[str, str]:
    """Return why rows have no test, by the row's id."""
    with (DATA / "reasons.csv").open(encoding="utf-8", newline="") as file:
        return {one["id"]: one["reason"] for one in csv.DictReader(file)}


def proofs(folder: Path = ROOT / "tests") -> dict[str, list[Proof]]:
    """Return the tests that name a row, by the row's id. The files are read, not run."""
    found: defaultdict[str, set[Proof]] = defaultdict(set)
    for path in sorted(folder.rglob("test_*.py")):
        if path.name == "test_requirements.py":  # its examples name rows and prove nothing
            continue
        for name, text in _texts(ast.parse(path.read_text("utf-8"))):
            for id in ROW_ID.findall(text):
                found[id].add(Proof(path.relative_to(folder.parent).as_posix(), name))
    return {id: sorted(naming) for id, naming in found.items()}


def _texts(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the texts that can name rows, each with the name of the test it is about."""
    yield "all tests", ast.get_docstring(module) or ""
    for node in module.body:
        yield from _texts_of_test(node)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield node.name, ast.get_docstring(node) or ""
            for method in node.body:
                yield from _texts_of_test(method, f"{node.name}.")


def _texts_of_test(node: ast.stmt, prefix: str = "") -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
        return
    yield prefix + node.name, ast.get_docstring(node) or ""
    for decorator in node.decorator_list:
        for one in ast.walk(decorator):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield prefix + node.name, one.value


def problems(
    rows: Sequence[Row], reasons: Mapping[str, str], proofs: Mapping[str, Sequence[Proof]]
) -> list[str]:
    """Return what does not fit between rows, reasons and tests, a sentence each."""
    known = {row.id for row in rows}
    found = [f"{id} has a reason but is no row" for id in reasons if id not in known]
    for id in sorted(proofs.keys() - known):
        found.append(f"{id} is no row but is named by {', '.join(map('::'.join, proofs[id]))}")
    for row in rows:
        if row.id in proofs:
            if row.id in reasons:
                found.append(f"{row.id} has a test: delete its reason")
        elif row.needs_a_test:
            found.append(f"{row.id} is a must that reaches a contract: let a test prove it and name it")
        elif row.force == "must" and row.id not in reasons:
            found.append(f"{row.id} is a must: let a test name it or give a reason in reasons.csv")
    return found


def page(rows: Sequence[Row], reasons: Mapping[str, str], proofs: Mapping[str, Sequence[Proof]]) -> str:
    """Return docs/requirements.md."""
    lines = [
        "# Requirements and tests",
        "",
        "What the source documents ask for, row by row, and the tests that prove it. `make requirements`",
        "writes this page from the rows and reasons in [tests/data/requirements](../tests/data/requirements)",
        "and from the row ids that tests name; do not edit it. The test suite fails when it is out of date,",
        "when a must row has neither test nor reason, and when a must row of seed 000 or 003 that reaches a",
        "contract has no test.",
        "",
        "| seed | must rows | with a test | with a reason |",
        "|---|---|---|---|",
    ]
    for seed in SEEDS:
        musts = [row.id for row in rows if row.force == "must" and row.id.startswith(f"S{seed}-")]
        tested, excused = (sum(id in ids for id in musts) for ids in (proofs, reasons))
        lines.append(f"| {seed} | {len(musts)} | {tested} | {excused} |")
    for seed, about in SEEDS.items():
        lines += ["", f"## Seed {seed}: {about}", ""]
        lines += ["| row | force | what | tests | status |", "|---|---|---|---|---|"]
        for row in rows:
            if row.id.startswith(f"S{seed}-"):
                links = "<br>".join(_link(one) for one in proofs.get(row.id, ()))
                status = "tested" if row.id in proofs else _untested(row, reasons.get(row.id))
                lines.append(f"| {row.id} | {row.force} | {row.says} | {links} | {status} |")
    return "\n".join(lines) + "\n"


def _link(proof: Proof) -> str:
    return f"[{Path(proof.path).name}](../{proof.path}) {proof.name}"


def _untested(row: Row, reason: str | None) -> str:
    if reason is not None:
        return f"not tested: {reason}"
    return "info" if row.force == "info" else "not tested"


def main() -> int:
    """Write the page and tell what does not fit; return the exit code."""
    found = rows(), reasons(), proofs()
    PAGE.write_text(page(*found), encoding="utf-8")
    wrong = problems(*found)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
