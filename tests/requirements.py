"""Which assertion proves which requirement row: ``python -m tests.requirements`` checks it, writes the page.

The rows are those of ``tests/data/requirements/seed00N_requirements.csv``. What proves a row is marked where
it is proven: ``# S000-055: put away with its last day`` on a line of its own right above an assertion of a
test, or the same words as the id of a case, ``pytest.param(..., id="S003-067: town")``, which stand for the
first assertion of its test. To name a row anywhere else, such as in a docstring, proves nothing. A must row
without proof has a reason in ``reasons.csv``.
"""

import ast
import csv
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeGuard

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "requirements.md"
DATA = ROOT / "tests" / "data" / "requirements"
ROW_ID = re.compile(r"S\d{3}-\d{3}")
MARK = re.compile(rf"{ROW_ID.pattern}(, {ROW_ID.pattern})*:")
LONGEST_CODE = 120

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


class Mark(NamedTuple):
    """A mark of what an assertion proves.

    Attributes:
        path: File, from the root of the project.
        line: Where the mark is in it.
        test: Name of the test.
        ids: The rows.
        says: What is proven, in words.
        code: The assertion; empty where the mark stands at none.
    """

    path: str
    line: int
    test: str
    ids: tuple[str, ...]
    says: str
    code: str


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


def marks(folder: Path = ROOT / "tests") -> list[Mark]:
    """Return the marks in all tests. The files are read, not run."""
    found: list[Mark] = []
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if ROW_ID.search(text):
            found += _marks_of(path.relative_to(folder.parent).as_posix(), text)
    return found


def _marks_of(path: str, text: str) -> Iterator[Mark]:
    tests = list(_tests(ast.parse(text)))
    starts = {
        node.lineno: (name, node) for name, test in tests for node in ast.walk(test) if _is_assertion(node)
    }
    for line, words, below in _comments(text):
        name, node = starts.get(below, ("", None))
        yield _mark(path, line, name, words, "" if node is None else _code(text, node))
    for name, test in tests:
        assertions = [node for node in ast.walk(test) if _is_assertion(node)]
        first = min(assertions, key=lambda one: one.lineno, default=None)
        for case in (node for decorator in test.decorator_list for node in ast.walk(decorator)):
            if isinstance(case, ast.Constant) and isinstance(case.value, str) and MARK.match(case.value):
                code = "" if first is None else _code(text, first)
                yield _mark(path, case.lineno, name, case.value, code)


def _mark(path: str, line: int, test: str, words: str, code: str) -> Mark:
    ids, _, says = words.partition(":")
    return Mark(path, line, test, tuple(ids.split(", ")), says.strip(), code)


def _tests(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the tests of a file with their names, those of classes among them."""
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            prefix, inside = f"{node.name}.", node.body
        else:
            prefix, inside = "", [node]
        for one in inside:
            if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
                yield prefix + one.name, one


def _is_assertion(node: ast.AST) -> TypeGuard[ast.Assert | ast.With]:
    """Tell whether a test fails by it: ``assert`` of something that is not constant, or ``pytest.raises``."""
    if isinstance(node, ast.With):
        return any("pytest.raises(" in ast.unparse(one.context_expr) for one in node.items)
    return isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant)


def _comments(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield the marks in comments: line, words, and the line of code that they stand above."""
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }
    for line, words in comments.items():
        if not MARK.match(words):
            continue
        below = line + 1
        while below in comments and not MARK.match(comments[below]):
            words += " " + comments[below]
            below += 1
        while below in comments:
            below += 1
        yield line, words, below


def _code(text: str, node: ast.Assert | ast.With) -> str:
    """Return an assertion on one line; of a ``with`` its head."""
    if isinstance(node, ast.With):
        return "with " + ", ".join(ast.unparse(one) for one in node.items)
    return " ".join((ast.get_source_segment(text, node) or "").split())


def proofs(marks: Iterable[Mark]) -> dict[str, list[Mark]]:
    """Return what proves a row, by the row's id: marks that say something and stand at an assertion."""
    found: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        for id in mark.ids if mark.says and mark.code else ():
            found[id].append(mark)
    return dict(found)


def problems(rows: Sequence[Row], reasons: Mapping[str, str], marks: Sequence[Mark]) -> list[str]:
    """Return what does not fit between rows, reasons and tests, a sentence each."""
    known = {row.id for row in rows}
    found = [f"{id} has a reason but is no row" for id in reasons if id not in known]
    for mark in marks:
        where = f"{mark.path}, line {mark.line}: {', '.join(mark.ids)}"
        found += [f"{where}: {id} is no row" for id in mark.ids if id not in known]
        if not mark.says:
            found.append(f"{where} does not say what is proven")
        if not mark.code:
            found.append(f"{where} stands at no assertion of a test")
    proven = proofs(marks)
    for row in rows:
        if row.id in proven:
            if row.id in reasons:
                found.append(f"{row.id} has a test: delete its reason")
        elif row.needs_a_test:
            found.append(f"{row.id} is a must that reaches a contract: let a test prove it and name it")
        elif row.force == "must" and row.id not in reasons:
            found.append(f"{row.id} is a must: let a test name it or give a reason in reasons.csv")
    return found


def page(rows: Sequence[Row], reasons: Mapping[str, str], marks: Sequence[Mark]) -> str:
    """Return docs/requirements.md."""
    lines = [
        "# Requirements and tests",
        "",
        "What the source documents ask for, row by row, and the assertions that prove it: for each the test,",
        "what it proves of the row, and its code. `make requirements` writes this page from the rows and",
        "reasons in [tests/data/requirements](../tests/data/requirements) and from the marks that stand at",
        "assertions (`# S000-055: what is proven`); do not edit it. A row that a test only mentions is not",
        "tested. The test suite fails when the page is out of date, when a mark stands at no assertion or",
        "says nothing, when a must row has neither proof nor reason, and when a must row of seed 000 or 003",
        "that reaches a contract has no proof.",
        "",
        "| seed | must rows | tested | with a reason |",
        "|---|---|---|---|",
    ]
    proven = proofs(marks)
    for seed in SEEDS:
        musts = [row.id for row in rows if row.force == "must" and row.id.startswith(f"S{seed}-")]
        tested, excused = (sum(id in ids for id in musts) for ids in (proven, reasons))
        lines.append(f"| {seed} | {len(musts)} | {tested} | {excused} |")
    for seed, about in SEEDS.items():
        lines += ["", f"## Seed {seed}: {about}", ""]
        lines += ["| row | force | what | proven by | status |", "|---|---|---|---|---|"]
        for row in rows:
            if row.id.startswith(f"S{seed}-"):
                shown = "<br>".join(_shown(one) for one in proven.get(row.id, ()))
                status = "tested" if row.id in proven else _untested(row, reasons.get(row.id))
                lines.append(f"| {row.id} | {row.force} | {row.says} | {shown} | {status} |")
    return "\n".join(lines) + "\n"


def _shown(mark: Mark) -> str:
    code = mark.code if len(mark.code) <= LONGEST_CODE else mark.code[:LONGEST_CODE].rstrip() + " ..."
    says, code = (text.replace("|", "\\|") for text in (mark.says, code))
    fence = "``" if "`" in code else "`"
    return f"[{Path(mark.path).name}](../{mark.path}) {mark.test}: {says}: {fence}{code}{fence}"


def _untested(row: Row, reason: str | None) -> str:
    if reason is not None:
        return f"not tested: {reason}"
    return "info" if row.force == "info" else "not tested"


def main() -> int:
    """Write the page and tell what does not fit; return the exit code."""
    found = rows(), reasons(), marks()
    PAGE.write_text(page(*found), encoding="utf-8")
    wrong = problems(*found)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
