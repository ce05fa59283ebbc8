"""``fastkontakt conformance`` against the real service, over HTTP."""

from pathlib import Path

from tests.conformance.test_suites import PROJECT, REQUESTS
from tests.e2e.processes import Server, run


def test_the_demo_holds_every_rule_over_http(demo: Server, folder: Path) -> None:
    done = run("conformance", demo.base, "--demo", "--html", "r.html", "--junit", "r.xml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "broken" not in done.stdout + done.stderr
    assert "Every mandatory rule that applies holds." in (folder / "r.html").read_text("utf-8")


def test_a_stranger_makes_a_data_file_and_runs_a_suite(demo: Server, folder: Path) -> None:
    made = run("conformance", "new", demo.base, "--person", "195709263080", cwd=folder)
    assert made.returncode == 0, made.stderr
    tried = run("conformance", demo.base, "--only", "requests", cwd=folder)
    assert tried.returncode == 0, tried.stderr
    suite = run("conformance", "suite", demo.base, str(PROJECT), cwd=folder)
    assert suite.returncode == 1
    assert "5.9 Fel antal" in suite.stderr
    assert run("conformance", "files", demo.base, str(REQUESTS), cwd=folder).returncode == 0
