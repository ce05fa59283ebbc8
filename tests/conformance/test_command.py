"""``fastkontakt conformance`` as a tester types it."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from consumer.conformance import new_case
from consumer.conformance.data import read_data
from consumer.results import Exchange, NoAnswer, NoAnswerKind
from fastkontakt.commands import conformance_runs
from fastkontakt.commands.conformance import app
from tests.conformance.broken import BrokenCarrier, Mutation, asks, edited
from tests.conformance.edits import gone
from tests.conformance.in_process import Remembering, WsgiCarrier
from tests.conformance.mock import mock
from tests.conformance.test_suites import PROJECT, REQUESTS

URL = "http://producer.test"
PATIENTS = ("195709263080", "194003189083", "196812732391", "195009072553", "196711222940", "189310229803")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, where settings and the data file are looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def reached(unchanged: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo at every address."""
    use(monkeypatch, unchanged)


def use(monkeypatch: pytest.MonkeyPatch, carrier: Any) -> None:
    class Fixed:
        def __init__(self, settings: Any, addresses: Any) -> None:
            pass

        def check_address(self) -> None:
            pass

        send = staticmethod(carrier.send)
        another = staticmethod(carrier.another)

    monkeypatch.setattr(conformance_runs, "HttpCarrier", Fixed)


def conformance(*args: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(one) for one in args])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.usefixtures("reached")
def test_a_run_writes_its_reports_and_ends_well() -> None:
    said = conformance(URL, "--demo", "--html", "r.html", "--json", "r.json", "--junit", "r.xml")
    assert "not tested: it may change the producer's data; allow that with --write" in said.output
    assert all(Path(name).stat().st_size for name in ("r.html", "r.json", "r.xml"))
    assert conformance("run", URL, "--demo", "--only", "requests").exit_code == 0
    assert "Nothing differs." in conformance("compare", "r.json", "r.json").output


def test_a_run_against_a_broken_producer_says_what_is_broken(
    unchanged: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, unchanged)
    conformance(URL, "--demo", "--json", "before.json")
    wrong = edited(asks("GetListing"), gone("listings/healthcarePersonnel"))
    use(monkeypatch, BrokenCarrier(unchanged, Mutation("no doctors", frozenset(), wrong)))
    said = conformance(URL, "--demo", "--json", "after.json", code=1)
    assert "broken (must) carelisting/get_listing/doctor: The doctor of a listing is told" in said.output
    compared = conformance("compare", "before.json", "after.json", code=1)
    assert "broken now carelisting/get_listing/doctor: held -> broken" in compared.output
    conformance("compare", "after.json", "before.json")


@pytest.mark.usefixtures("reached")
def test_a_data_file_is_made_by_asking_and_the_run_uses_it() -> None:
    persons = [part for one in PATIENTS for part in ("--person", one)]
    said = conformance("new", URL, "--care-managers", "SE2321000131-FASTKONTAKT", *persons)
    assert "values found" in said.output
    data = read_data(Path("conformance.toml"))
    assert data.carelisting.county == "14"
    assert data.persons.listed == "195709263080"
    assert data.persons.two_counties == ("14", "17")
    assert data.care_managers.several == "195709263080"
    assert set(data.producer.contracts) >= {"GetListing", "GetCareManagers", "PingForConfiguration"}
    run = conformance(URL, code=3)
    assert "broken (must)" not in run.output
    assert "the data file has no: " in run.output
    assert "persons.protected (" in run.output
    assert "there already" in conformance("new", URL, code=2).output


@pytest.mark.usefixtures("reached")
def test_suites_and_files_are_run() -> None:
    suite = conformance("suite", URL, PROJECT, "--html", "s.html", code=1)
    assert "must have 5" in suite.output
    assert "not evaluated: 9 Annat/9.4" in suite.output
    assert "Self-declaration" not in Path("s.html").read_text("utf-8")
    conformance("files", URL, REQUESTS)


@pytest.mark.usefixtures("reached")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((URL,), "conformance new URL"),
        ((URL, "--demo", "--data", "x"), "not both"),
        ((URL, "--data", "x"), "cannot be read"),
        ((URL, "--demo", "--only", "nothing"), "the groups are"),
        (("suite", URL, "x"), "cannot be read"),
        (("files", URL, "."), "no request file"),
        (("case", "NoGroup"), "small letters"),
    ],
)
def test_what_is_asked_wrongly_is_said(args: tuple[str, ...], said: str) -> None:
    output = " ".join(conformance(*args, code=2).output.replace("│", " ").split())
    assert said in output


def test_an_address_that_is_none_is_refused() -> None:
    assert "no address to call" in conformance("ftp://x", "--demo", code=2).output


def test_nobody_at_the_address_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        def send(self, *args: Any, **options: Any) -> NoAnswer:
            return NoAnswer(NoAnswerKind.CONNECTION, "no connection", Exchange("x", {}, b"", 0.0))

        def another(self) -> Any:
            return self

    use(monkeypatch, Nobody())
    assert conformance(URL, "--demo", code=1).output.strip() == f"{URL}: no answer: no connection"


def test_rules_are_listed_and_new_ones_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "residentparticipation/get_care_managers/one_doctor" in conformance("cases").output
    monkeypatch.setattr(new_case, "FOLDER", tmp_path)
    said = conformance("case", "carelisting/get_listing/no_title", "--contract", "GetListing").output
    assert "fill it in" in said
    assert (tmp_path / "carelisting" / "get_listing" / "no_title.py").is_file()


def test_a_report_that_is_none_is_said() -> None:
    Path("x.json").write_text("{}", "utf-8")
    assert "is no report" in conformance("compare", "x.json", "x.json", code=1).output


def test_the_data_file_of_half_a_producer_names_what_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, WsgiCarrier(mock))
    conformance("new", URL, "--county", "14", "--person", PATIENTS[0], "--care-managers", "SE2321000131-X")
    data = read_data(Path("conformance.toml"))
    assert set(data.producer.contracts) == {"GetListing", "GetCareManagers", "CreateListing", "UpdateListing"}
    assert data.persons.listed == data.persons.without_doctor == PATIENTS[0]
    said = conformance(URL, code=1).output
    assert "write YYYY-MM-DDThh:mm:ss without zone" in said
    assert "blocked: " not in said
