"""docs/requirements.md: no must row without proof or reason, no proof by a mere mention, and the script."""

from pathlib import Path

import pytest

from tests import requirements
from tests.requirements import Mark, Row

TESTS = '''
"""S000-001: a file's docstring proves nothing."""

import pytest

# S000-002: above no assertion
LIST = [1]

class TestOne:
    """S000-003: nor does a class's."""

    def test_a(self):
        """S000-004: nor a test's."""
        # S000-005, S001-005: it is
        # two lines
        # S000-006: and that
        assert [
            1
        ] == LIST  # S000-007: behind it is a mention

    @pytest.mark.parametrize("x", [pytest.param(1, id="S000-008: a case"), pytest.param(2, id="S000-009 b")])
    def test_b(self, x):
        with pytest.raises(ValueError):
            int("x")
        # S000-010:
        assert x

    @pytest.mark.parametrize("x", [pytest.param(1, id="S000-011: a case of a test that asserts nothing")])
    def test_c(self, x):
        # S000-012: constant
        assert True

def test_d():
    def inside():
        # S000-013: in a function of the test
        with (open("x") as file, pytest.raises(OSError)):
            file.read()
    # S000-014: above a call
    inside()

def helper():
    # S000-015: no test
    assert LIST

def test_e(): ...
'''


def test_what_is_a_mark_and_where_it_stands_at_an_assertion(tmp_path: Path) -> None:
    (tmp_path / "tests" / "sub").mkdir(parents=True)
    (tmp_path / "tests" / "sub" / "test_x.py").write_text(TESTS, "utf-8")
    (tmp_path / "tests" / "sub" / "helper.py").write_text(TESTS, "utf-8")
    found = requirements.marks(tmp_path / "tests")
    assert {(one.ids, one.test, one.says, one.code) for one in found} == {
        (("S000-002",), "", "above no assertion", ""),
        (("S000-005", "S001-005"), "TestOne.test_a", "it is two lines", "assert [ 1 ] == LIST"),
        (("S000-006",), "TestOne.test_a", "and that", "assert [ 1 ] == LIST"),
        (("S000-008",), "TestOne.test_b", "a case", "with pytest.raises(ValueError)"),
        (("S000-010",), "TestOne.test_b", "", "assert x"),
        (("S000-011",), "TestOne.test_c", "a case of a test that asserts nothing", ""),
        (("S000-012",), "", "constant", ""),
        (
            ("S000-013",),
            "test_d",
            "in a function of the test",
            "with open('x') as file, pytest.raises(OSError)",
        ),
        (("S000-014",), "", "above a call", ""),
        (("S000-015",), "", "no test", ""),
    }
    assert {one.path for one in found} == {"tests/sub/test_x.py"}
    proven = {"S000-005", "S001-005", "S000-006", "S000-008", "S000-013"}
    assert set(requirements.proofs(found)) == proven
    every = {f"S000-{number:03d}" for number in range(20)} | {"S001-005"}
    told = requirements.problems([row(id, "info") for id in sorted(every)], {}, found)
    assert sorted(sentence.partition(": ")[2] for sentence in told) == [
        "S000-002 stands at no assertion of a test",
        "S000-010 does not say what is proven",
        "S000-011 stands at no assertion of a test",
        "S000-012 stands at no assertion of a test",
        "S000-014 stands at no assertion of a test",
        "S000-015 stands at no assertion of a test",
    ]


def test_the_page_quotes_what_is_proven_and_the_assertion() -> None:
    mark = Mark("tests/a/test_x.py", 7, "test_a", ("S001-001",), "a or b", 'assert found == {"a"} | {"b"}')
    assert (
        "| S001-001 | must | says | [test_x.py](../tests/a/test_x.py) test_a: a or b: "
        '`assert found == {"a"} \\| {"b"}` | tested |'
    ) in requirements.page([row()], {}, [mark]).splitlines()
    longer = mark._replace(code=f"assert {'x' * 200}")
    assert f"`assert {'x' * 113} ...` | tested |" in requirements.page([row()], {}, [longer])


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
    marks = [Mark("tests/test_x.py", 7, "test_a", (one.id,), "it is", "assert x")] if tested else []
    found = requirements.problems([one], reasons, marks)
    assert len(found) == (0 if fits else 1)
    assert all(one.id in sentence for sentence in found)


def test_rows_that_do_not_exist_are_told() -> None:
    mark = Mark("tests/test_x.py", 7, "test_a", ("S000-999",), "it is", "assert x")
    found = requirements.problems([], {"S000-998": "x"}, [mark])
    assert found == [
        "S000-998 has a reason but is no row",
        "tests/test_x.py, line 7: S000-999: S000-999 is no row",
    ]


def test_rows_have_ids_of_their_own() -> None:
    ids = [one.id for one in requirements.rows()]
    assert len(ids) == len(set(ids)) == 294
    assert all(requirements.ROW_ID.fullmatch(id) for id in ids)


def test_every_must_row_has_a_test_or_a_reason() -> None:
    found = requirements.problems(requirements.rows(), requirements.reasons(), requirements.marks())
    assert not found, "\n".join(found)


def test_the_page_is_up_to_date() -> None:
    made = requirements.page(requirements.rows(), requirements.reasons(), requirements.marks())
    assert requirements.PAGE.read_text("utf-8") == made, "docs/requirements.md is old: run make requirements"


def test_the_command_fails_by_what_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page is written all the same, so that it can be looked at."""
    monkeypatch.setattr(requirements, "PAGE", tmp_path / "requirements.md")
    monkeypatch.setattr(requirements, "rows", lambda: [row()])
    monkeypatch.setattr(requirements, "marks", list)
    monkeypatch.setattr(requirements, "reasons", dict)
    assert requirements.main() == 1
    assert "S001-001" in capsys.readouterr().err
    assert "| S001-001 | must | says |  | not tested |" in (tmp_path / "requirements.md").read_text("utf-8")
    monkeypatch.setattr(requirements, "reasons", lambda: {"S001-001": "outside"})
    assert requirements.main() == 0
    assert capsys.readouterr().err == ""
    assert "| not tested: outside |" in (tmp_path / "requirements.md").read_text("utf-8")
