"""The commands for operators: db, import, config."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.processes import run

DEMO = Path(__file__).parents[2] / "fastkontakt" / "demo"


@pytest.fixture
def register(folder: Path) -> Path:
    """A working folder with an empty register."""
    assert run("db", "upgrade", cwd=folder).returncode == 0
    return folder


def records(printed: str) -> dict[str, list[int]]:
    """Return what an import prints of each record type: added, changed, unchanged, ended, removed."""
    table = printed.partition("\nrecord ")[2].split("\n\n")[0].splitlines()[1:]
    return {line.split()[0]: [int(cell) for cell in line.split()[1:]] for line in table}


def test_db_creates_the_tables_once_and_tells_their_version(folder: Path) -> None:
    before = run("db", "status", cwd=folder)
    assert (before.returncode, "no tables yet" in before.stdout) == (1, True)

    first, second = run("db", "upgrade", cwd=folder), run("db", "upgrade", cwd=folder)

    assert "is now at" in first.stdout
    assert "was already at" in second.stdout
    assert run("db", "status", cwd=folder).returncode == 0


def test_a_missing_audit_log_is_told_before_any_call(register: Path) -> None:
    log = register / "fastkontakt-audit.sqlite3"
    log.unlink()

    status, refused = run("db", "status", cwd=register), run("listings", "log", "195709263080", cwd=register)
    repaired, again = run("db", "upgrade", cwd=register), run("db", "upgrade", cwd=register)

    assert (status.returncode, status.stdout.splitlines()[2:]) == (
        1,
        [f"audit log none: {log.name}", "Run: fastkontakt db upgrade"],
    )
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"register: {log.name}: holds no audit log; put back the file that belongs to the register, "
        "or start a new log with: fastkontakt db upgrade"
    ]
    assert "there is a new one" in repaired.stdout
    assert "was already at" in again.stdout


def test_import_loads_the_demo_as_its_page_says_and_again_changes_nothing(register: Path) -> None:
    files = [str(file) for file in sorted(DEMO.glob("*.csv"))]

    first = run("import", str(DEMO / "demo.toml"), *files, cwd=register)
    again = run("import", str(DEMO / "demo.toml"), *files, cwd=register)

    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    before, after = records(first.stdout), records(again.stdout)
    assert sum(counts[0] for counts in before.values()) > 100
    for name, (added, changed, _, ended, removed, *_) in after.items():
        assert (added, changed, ended, removed) == (0, 0, 0, 0), name


def test_dry_run_reports_and_stores_nothing(register: Path) -> None:
    files = [str(file) for file in sorted(DEMO.glob("*.csv"))]

    dry = run("import", str(DEMO / "demo.toml"), *files, "--dry-run", cwd=register)
    after = run("import", str(DEMO / "demo.toml"), str(DEMO / "vardgivare.csv"), "--dry-run", cwd=register)

    assert dry.returncode == 0
    assert "checked" in dry.stdout
    assert records(after.stdout)["care_provider"] == [4, *[0] * 7], "something was stored"


def test_a_faulty_row_is_named_with_line_and_column_and_nothing_is_stored(register: Path) -> None:
    good = (DEMO / "invanare.csv").read_text("utf-8-sig").splitlines()
    bad = register / "invanare.csv"
    bad.write_text("\n".join([*good[:3], good[3].replace(good[3][:12], "191212129999"), *good[4:]]), "utf-8")

    done = run("import", str(DEMO / "demo.toml"), str(bad), cwd=register)

    assert done.returncode == 1
    assert "line 4" in done.stderr
    assert "Personnummer" in done.stderr
    assert "191212129999" not in done.stderr + done.stdout
    again = run("import", str(DEMO / "demo.toml"), str(DEMO / "invanare.csv"), cwd=register)
    assert records(again.stdout)["resident"][0] == len(good) - 1, "part of the file was stored"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("import", "nowhere.toml", "a.csv"), 2, "nowhere.toml"),
        (("import", str(DEMO / "demo.toml"), "nowhere.csv"), 1, "nowhere.csv"),
        (("db", "upgrade", "--config", "nowhere.toml"), 2, "nowhere.toml"),
        (("frobnicate",), 2, "frobnicate"),
    ],
    ids=["profile", "file", "config", "command"],
)
def test_wrong_usage_is_told_without_a_traceback(
    register: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(*arguments, cwd=register)

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_import_into_a_register_without_tables_says_what_to_do(folder: Path) -> None:
    done = run("import", str(DEMO / "demo.toml"), str(DEMO / "vardgivare.csv"), cwd=folder)
    assert (done.returncode, "fastkontakt db upgrade" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "arguments", [("db", "status"), ("import", str(DEMO / "demo.toml"), str(DEMO / "vardgivare.csv"))]
)
def test_a_database_that_cannot_be_used_is_one_line(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "fastkontakt.sqlite3").write_text("this is no database, whatever its name says" * 100)

    done = run(*arguments, cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "register: the database does not answer, or refuses the change: file is not a database"
    ]


def test_a_locked_register_is_given_up_in_one_line(register: Path) -> None:
    with closing(sqlite3.connect(register / "fastkontakt.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = run(
            *("import", str(DEMO / "demo.toml"), str(DEMO / "vardgivare.csv")),
            cwd=register,
            variables={"FASTKONTAKT_DATABASE__BUSY_TIMEOUT_SECONDS": "0.2"},
        )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "database is locked" in done.stderr


def test_config_prints_what_is_in_force_with_secrets_masked(folder: Path) -> None:
    (folder / "fastkontakt.toml").write_text("[database]\nurl = 'postgresql://fk:hemligt@db/fk'\n")

    done = run("config", cwd=folder, variables={"FASTKONTAKT_SERVER__PORT": "9999"})

    assert done.returncode == 0
    assert "server.port = 9999" in done.stdout.splitlines()
    assert 'database.url = "postgresql://fk:***@db/fk"' in done.stdout.splitlines()
    assert "hemligt" not in done.stdout
