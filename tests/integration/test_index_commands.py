"""``fastkontakt index``: what it shows and does, against an index that answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.clock import utc_now
from contracts.codes import CARE_CONTACT
from fastkontakt.cli import app
from register.database import Register
from tests.databases import copy_register, keep, opened
from tests.index import ADDRESS, Index
from tests.records import ANNA, BO, PROVIDER, contact, doctor, hsa, residents, unit
from tests.soap import fault

CENTRE, NILS = unit("centre"), doctor("nils")


@pytest.fixture
def filled(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """A register with one contact, and the settings that name it."""
    path = tmp_path / "register.sqlite3"
    copy_register(sqlite_template, path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTKONTAKT_DATABASE__URL", f"sqlite:///{path}")
    monkeypatch.setenv("FASTKONTAKT_INDEX__LOGICAL_ADDRESS", ADDRESS)
    monkeypatch.setenv("FASTKONTAKT_INDEX__SETTLE_SECONDS", "0")
    monkeypatch.setenv("FASTKONTAKT_CARE_MANAGERS__SOURCE_SYSTEM_ID", str(hsa("system")))
    with opened(f"sqlite:///{path}") as register:
        keep(register, PROVIDER, CENTRE, NILS, *residents(ANNA, BO))
        keep(register, contact("a", ANNA, NILS, CENTRE, type_code=CARE_CONTACT))
        yield register


def index(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["index", *arguments])
    assert result.exit_code == code, result.output
    assert ANNA not in result.output
    return result.stdout


def test_from_the_first_load_to_a_bad_post(filled: Register) -> None:
    with Index(utc_now).serving() as target:
        assert "residents to be posted: 1, the oldest since" in index("status")
        assert "1 posts accepted." in index("run", "--once")
        assert "posts in the index: 1\nresidents to be posted: 0\n" in index("status")
        assert "0 residents to be posted now." in index("resend")
        assert "1 residents to be posted now." in index("resend", "--person", ANNA)
        assert "1 posts accepted." in index("run", "--once")
        assert "1 residents to be posted now." in index("resend", "--all")
        assert "1 residents to be looked over.\n" in index("rebuild", "--send")
        assert len(target.calls) == 3

        target.refused = {ANNA}
        keep(filled, contact("a", ANNA, NILS, CENTRE, type_code=CARE_CONTACT, external_notes="Ny"))
        assert index("run", "--once", code=1).startswith("0 posts accepted, 1 not.\n")
        shown = index("status", code=1)
        assert "residents refused: 1\n" in shown
        assert "  1: EI004\n" in shown
        target.refused = set()
        assert "1 residents to be posted now." in index("resend")
        assert "1 posts accepted." in index("rebuild", "--send")
        index("status")


@pytest.mark.parametrize("refusal", ["EI003", "VP004", "EI006"])
def test_a_refusal_of_all_is_told_until_resend_lifts_the_pause(filled: Register, refusal: str) -> None:
    """Status, run and resend say alike why nothing moves and until when; the exit code is not 0."""
    target = Index(utc_now)
    target.instead = (500, fault("soap:Server", f"{refusal}: not so"))
    held_up = f"The index {ADDRESS} did not take the last posts; nothing is posted to it before "
    with target.serving():
        for command, said in (("run", "0 posts accepted, 1 not.\n"), ("rebuild", "0 posts accepted")):
            shown = index(command, {"run": "--once", "rebuild": "--send"}[command], code=1)
            assert said in shown
            assert held_up in shown
        assert held_up in index("status")
        target.instead = None
        assert index("resend") == "1 residents to be posted now.\n"
        assert held_up not in index("status", "--no-compare")
        assert index("run", "--once") == "1 posts accepted.\n"


def test_without_an_index_the_commands_say_so(filled: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASTKONTAKT_INDEX__LOGICAL_ADDRESS")
    for command in ("status", "rebuild", "resend"):
        shown = CliRunner().invoke(app, ["index", command]).stdout
        assert "No index is set up (setting index.logical_address): nothing is posted.\n" in shown


def test_what_nobody_marked_shows_as_a_difference(filled: Register) -> None:
    with Index(utc_now).serving():
        index("run", "--once")
        with filled.writing() as connection:
            connection.exec_driver_sql("UPDATE staff SET protected = 1")
        assert "and do not wait: 1\n" in index("status", code=1)
        assert "differ" not in index("status", "--no-compare")


def test_who_is_not_there_and_what_is_not_set(filled: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    index("resend", "--person", "191212121212", code=1)
    index("resend", "--person", "12", code=2)
    index("resend", "--all", "--person", BO, code=2)
    monkeypatch.delenv("FASTKONTAKT_INDEX__LOGICAL_ADDRESS")
    result = CliRunner().invoke(app, ["index", "run", "--once"])
    assert "index.logical_address" in str(result.exception)
