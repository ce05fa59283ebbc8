"""docs/requirements.md: no must row without test or reason, and the script that sees to it."""

from pathlib import Path

import pytest

from tests import requirements
from tests.requirements import Proof, Row

TESTS = '''
"""All of it proves S000-001."""

import pytest

class TestOne:
    """S000-002."""

    def test_a(self):
        """S000-003; twice S000-003."""

    @pytest.mark.parametrize("x", [pytest.param(1, id="S000-004")])
    def test_b(self, x): ...

@pytest.mark.parametrize("x", [1, 2], ids=["S000-005 and S003-001", "other"])
def test_c(x):
    "S000-003 again."
    assert "S000-006"  # S000-007

def helper():
    """S000-008"""
'''


def test_where_a_row_can_be_named(tmp_path: Path) -> None:
    """Not in a body, a comment or a helper."""
    (tmp_path / "tests" / "sub").mkdir(parents=True)
    (tmp_path / "tests" / "sub" / "test_x.py").write_text(TESTS, "utf-8")
    (tmp_path / "tests" / "sub" / "helper.py").write_text('def test_a():\n    "S000-009"', "utf-8")
    path = "tests/sub/test_x.py"
    assert requirements.proofs(tmp_path / "tests") == {
        "S000-001": [Proof(path, "all tests")],
        "S000-002": [Proof(path, "TestOne")],
        "S000-003": [Proof(path, "TestOne.test_a"), Proof(path, "test_c")],
        "S000-004": [Proof(path, "TestOne.test_b")],
        "S000-005": [Proof(path, "test_c")],
        "S003-001": [Proof(path, "test_c")],
    }


def row(id: str = "S001-001", force: str = "must", reach: str = "internal") -> Row:
    return Row(id, force, reach, "says")


@pytest.mark.parametrize(
    ("one", "reason", "tested", "fits"),
    [
        (row(), False, False, False),
        (row(), True, False, True),
        (row(), False, True, True),
        (row(), True, True, False),
        (row(force="should"), False, False, True),
        (row(force="info"), True, True, False),
        (row(reach="contract"), True, False, True),
        (row("S000-001", reach="contract"), True, False, False),
        (row("S000-001", reach="contract"), False, True, True),
        (row("S003-001", reach="both"), True, False, False),
        (row("S003-001", reach="both", force="should"), True, False, True),
        (row("S003-001", reach="internal"), True, False, True),
    ],
)
def test_what_does_not_fit_is_told_by_row(one: Row, reason: bool, tested: bool, fits: bool) -> None:
    reasons = {one.id: "outside"} if reason else {}
    proofs = {one.id: [Proof("tests/test_x.py", "test_a")]} if tested else {}
    found = requirements.problems([one], reasons, proofs)
    assert len(found) == (0 if fits else 1)
    assert all(one.id in sentence for sentence in found)


def test_rows_that_do_not_exist_are_told() -> None:
    found = requirements.problems([], {"S000-998": "x"}, {"S000-999": [Proof("tests/test_x.py", "test_a")]})
    assert found == [
        "S000-998 has a reason but is no row",
        "S000-999 is no row but is named by tests/test_x.py::test_a",
    ]


def test_rows_have_ids_of_their_own() -> None:
    ids = [one.id for one in requirements.rows()]
    assert len(ids) == len(set(ids)) == 294
    assert all(requirements.ROW_ID.fullmatch(id) for id in ids)


def test_every_must_row_has_a_test_or_a_reason() -> None:
    found = requirements.problems(requirements.rows(), requirements.reasons(), requirements.proofs())
    assert not found, "\n".join(found)


def test_the_page_is_up_to_date() -> None:
    made = requirements.page(requirements.rows(), requirements.reasons(), requirements.proofs())
    assert requirements.PAGE.read_text("utf-8") == made, "docs/requirements.md is old: run make requirements"


def test_the_command_fails_by_what_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page is written all the same, so that it can be looked at."""
    monkeypatch.setattr(requirements, "PAGE", tmp_path / "requirements.md")
    monkeypatch.setattr(requirements, "rows", lambda: [row()])
    monkeypatch.setattr(requirements, "proofs", dict)
    monkeypatch.setattr(requirements, "reasons", dict)
    assert requirements.main() == 1
    assert "S001-001" in capsys.readouterr().err
    assert "| S001-001 | must | says |  | not tested |" in (tmp_path / "requirements.md").read_text("utf-8")
    monkeypatch.setattr(requirements, "reasons", lambda: {"S001-001": "outside"})
    assert requirements.main() == 0
    assert capsys.readouterr().err == ""
    assert "| not tested: outside |" in (tmp_path / "requirements.md").read_text("utf-8")
