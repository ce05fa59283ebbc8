"""``fastkontakt call``: options to request, result to terminal and exit code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from contracts import oids
from contracts.catalogue import LOGICAL_ADDRESS, by_element
from contracts.codes import ActorType
from contracts.messages import (
    CV,
    II,
    REQUESTS,
    Actor,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
    Request,
    read,
)
from fastkontakt.cli import app as whole
from fastkontakt.commands.call import call
from fastkontakt.commands.validate import validate
from tests.peers import response_element
from tests.soap import check_request, fault, response

NUMBER = "195709263080"
PERSON = II(oids.PERSONNUMMER, NUMBER)
WRONG = II(oids.PERSONNUMMER, "191212129999")
PING = PingForConfiguration("urn:riv:itintegration:monitoring:PingForConfigurationResponder:1", "14")
TYPES = GetListingTypes()
TYPES_AT_14 = ("GetListingTypes", "--logical-address", "14")
TYPE = "<listingTypes><c:code>[b]X[/b]</c:code><c:codeSystem>urn:key:1</c:codeSystem></listingTypes>"
OK = "<resultCode>OK</resultCode>"
LOG_ID = "7b9f5e6a-6c1c-4c1e-9a53-0d2f8f3f1c11"

app = typer.Typer()
app.command("call")(call)
app.command("validate")(validate)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, where settings are looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def peer() -> Iterator[requests_mock.Mocker]:
    """A peer that answers every call with nothing, until told otherwise."""
    with requests_mock.Mocker() as mocker:
        mocker.post(requests_mock.ANY, content=b"")
        yield mocker


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["call", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def answer(peer: requests_mock.Mocker, message: Request, content: str, **options: Any) -> None:
    peer.post(requests_mock.ANY, content=response(response_element(message, content)), **options)


def sent(peer: requests_mock.Mocker) -> tuple[str, Request]:
    """Return the LogicalAddress and the message of the only request."""
    (request,) = peer.request_history
    element = check_request(request.body)
    contract = by_element(element.tag)
    assert contract is not None
    address = element.getroottree().getroot().findtext(f"{{*}}Header/{LOGICAL_ADDRESS}")
    return address, read(contract, element)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (f"GetListing --person {NUMBER}", GetListing(Actor(PERSON, ActorType.CITIZEN), PERSON)),
        ("getlisting --person 19570926-3080", GetListing(Actor(PERSON, ActorType.CITIZEN), PERSON)),
        (
            "GetListing --person 191212129999",  # the check digit is wrong: the producer is to say so
            GetListing(Actor(WRONG, ActorType.CITIZEN), WRONG),
        ),
        (
            "GetListing --person 1957-09-26 --person-root 1.2.3",
            GetListing(Actor(II("1.2.3", "1957-09-26"), ActorType.CITIZEN), II("1.2.3", "1957-09-26")),
        ),
        (
            "GetListing --person 201702022383 --actor-type guardian --actor-id 199406062381",
            GetListing(
                Actor(II(oids.PERSONNUMMER, "199406062381"), ActorType.GUARDIAN),
                II(oids.PERSONNUMMER, "201702022383"),
            ),
        ),
        (
            "GetListingCounty --person 196812732391 --actor-type PRIVATE_CAREGIVER --actor-id SE1-x",
            GetListingCounty(
                Actor(II(oids.HSA_ID, "SE1-x"), ActorType.PRIVATE_CAREGIVER),
                II(oids.SAMORDNINGSNUMMER, "196812732391"),
            ),
        ),
        ("GetListingTypes", TYPES),
        (
            f"GetListingTypes --person {NUMBER} --home-county 14",
            GetListingTypes(PERSON, II(oids.COUNTY, "14")),
        ),
        ("GetAvailableHealthcareFacilities", GetAvailableHealthcareFacilities()),
        (
            "GetAvailableHealthcareFacilities --facility SE1-A --facility se1-b --listing-type PV "
            "--listing-type FYS|urn:x",
            GetAvailableHealthcareFacilities(
                ("SE1-A", "se1-b"), (CV("PV", oids.LISTING_TYPE), CV("FYS", "urn:x"))
            ),
        ),
        (
            f"GetAvailableHealthcarePersonnel --person {NUMBER} --facility SE1-A --listing-type PV|1.2",
            GetAvailableHealthcarePersonnel(PERSON, "SE1-A", (CV("PV", "1.2"),)),
        ),
        (
            "GetCareManagers --person 00749852BZK0",
            GetCareManagers(II(oids.NATIONAL_RESERVE_NUMBER, "00749852BZK0")),
        ),
        (
            f"GetCareManagers --person {NUMBER} --care-giver SE1-P --care-unit SE1-U --care-manager-type 1 "
            "--care-manager-type 2 --care-process 1.2|p|7",
            GetCareManagers(
                PERSON,
                II(oids.HSA_ID, "SE1-P"),
                II(oids.HSA_ID, "SE1-U"),
                (CV("1", oids.FIXED_CONTACT_TYPE), CV("2", oids.FIXED_CONTACT_TYPE)),
                II("1.2", "p|7"),
            ),
        ),
        ("PingForConfiguration", PING),
    ],
)
def test_options_become_the_request(peer: requests_mock.Mocker, arguments: str, message: Request) -> None:
    run(*arguments.split(), "--logical-address", "14")
    assert sent(peer) == ("14", message)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "Missing argument"),
        ("GetEverything", "GetListing, GetListingCounty"),
        ("CreateListings", "none that can be called"),
        ("GetListing", "--person"),
        ("GetListing --person 570926-3080", "the century is missing"),
        ("GetListing --person 20210325K069", "with --person-root it is sent as it is"),
        (f"GetListing --person {NUMBER} --actor-type GUARDIAN", "--actor-id"),
        (f"GetListing --person {NUMBER} --actor-type GUARDIAN --actor-id x", "--actor-id"),
        (f"GetListing --person {NUMBER} --actor-type SOMEBODY", "'SOMEBODY' is not one of"),
        (f"GetListing --person {NUMBER} --facility SE1-A", "GetListing does not take it"),
        ("PingForConfiguration --person x", "of these options it takes: none"),
        (f"GetAvailableHealthcarePersonnel --person {NUMBER}", "--facility"),
        (f"GetAvailableHealthcarePersonnel --person {NUMBER} --facility a --facility b", "takes one"),
        ("GetAvailableHealthcareFacilities --listing-type FYS", "with a | between"),
        (f"GetCareManagers --person {NUMBER} --care-process |x", "with a | between"),
        ("GetListingTypes --header x-mock-response", "NAME:VALUE"),
        ("GetListingTypes --header x-mock-response:", "must be a name and a value"),
        ("GetListingTypes --consumer Å", "must be a name and a value"),
        ("GetListingTypes --endpoint localhost", "no address to call"),
        ("GetListingTypes --timeout 0", "--timeout"),
    ],
)
def test_wrong_usage_sends_nothing_and_ends_with_2(
    peer: requests_mock.Mocker, arguments: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    result = run(*arguments.split(), "--logical-address", "14")
    assert result.exit_code == 2
    assert says in result.stderr
    assert not peer.called


@pytest.mark.parametrize(
    ("contract", "address"),
    [
        ("GetListingTypes", "17"),
        ("PingForConfiguration", "17"),
        (f"GetCareManagers --person {NUMBER}", "SE2321000131-S1"),
    ],
)
def test_the_logical_address_is_one_that_is_served(
    peer: requests_mock.Mocker, folder: Path, contract: str, address: str
) -> None:
    (folder / "own.toml").write_text(
        '[regions.17]\n[regions.14]\n[care_managers]\nsource_system_id = "SE2321000131-S1"\n'
    )
    run(*contract.split(), "--config", "own.toml")
    assert sent(peer)[0] == address


@pytest.mark.parametrize("contract", sorted(REQUESTS))
def test_without_settings_the_logical_address_must_be_given(
    peer: requests_mock.Mocker, contract: str
) -> None:
    result = run(contract)
    assert result.exit_code == 2
    assert "--logical-address" in result.stderr
    assert not peer.called


def test_settings_and_options_of_the_connection(peer: requests_mock.Mocker, folder: Path) -> None:
    (folder / "fastkontakt.toml").write_text(
        "[call]\nendpoint = 'https://settings.example/vp'\nread_timeout_seconds = 9\n"
    )
    run(*TYPES_AT_14)
    options = "--endpoint http://call.example --timeout 0.5 --consumer SE1-K"
    run(*TYPES_AT_14, *options.split(), "--header", "x-mock-response: SoapFault")
    first, second = peer.request_history
    assert first.url == "https://settings.example/vp"
    assert str(first.timeout) == "(2.0, 9.0)"
    assert second.hostname == "call.example"
    assert str(second.timeout) == "(2.0, 0.5)"
    assert second.headers["x-rivta-original-serviceconsumer-hsaid"] == "SE1-K"
    assert second.headers["x-mock-response"] == "SoapFault"


def test_an_answer_is_shown_as_a_table(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, TYPE + OK)
    result = run(*TYPES_AT_14)
    assert result.exit_code == 0
    first, *table = result.stdout.splitlines()
    assert first.startswith("GetListingTypes: resultCode OK, 1 found.")
    assert [line.split() for line in table if line.strip()] == [
        ["Code", "Code", "system"],
        ["code", "codeSystem"],
        ["[b]X[/b]", "urn:key:1"],
    ]
    assert result.stderr == ""


def test_items_with_many_values_get_a_table_each(peer: requests_mock.Mocker) -> None:
    answer(peer, PING, "<version>1.0</version><pingDateTime>20261121093000</pingDateTime>")
    result = run("PingForConfiguration", "--logical-address", "14")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()[2:]] == [
        ["Service"],
        ["Value", "Element"],
        ["Version", "1.0", "version"],
        ["Answered", "20261121093000", "pingDateTime"],
    ]


def test_the_text_of_an_info_is_shown(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, "<resultCode>INFO</resultCode><resultText>Stängt [i]i dag[/i] urn:key:1</resultText>")
    result = run(*TYPES_AT_14)
    assert result.exit_code == 0
    assert "resultText: Stängt [i]i dag[/i] urn:key:1" in result.stdout


def test_an_error_ends_with_1(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, "<resultCode>ERROR</resultCode><resultText>Länet kunde inte tolkas.</resultText>")
    result = run(*TYPES_AT_14)
    assert result.exit_code == 1
    assert "resultCode ERROR: Länet kunde inte tolkas." in result.stderr


def test_an_answer_that_breaks_its_schema_ends_with_1(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, f"{TYPE}<resultCode>FINE</resultCode>")
    result = run(*TYPES_AT_14)
    assert result.exit_code == 1
    assert "[b]X[/b]" in result.stdout
    assert "does not follow its schema: /GetListingTypesResponse/resultCode, line 2: " in result.stderr


def test_a_fault_is_explained_and_ends_with_1(peer: requests_mock.Mocker) -> None:
    text = f"VP007 [NTjP] Tjänstekonsumenten saknar behörighet. {LOG_ID}"
    detail = "<detail><detailString>[red]mer[/red] urn:key:1</detailString></detail>"
    peer.post(requests_mock.ANY, status_code=500, content=fault("soap:Server", text, detail))
    result = run(*TYPES_AT_14)
    assert result.exit_code == 1
    assert result.stdout == ""
    shown = dict(line.split(maxsplit=1) for line in result.stderr.splitlines()[1:])
    assert shown["faultcode"] == "Server (http://schemas.xmlsoap.org/soap/envelope/)"
    assert shown["faultstring"] == text
    assert shown["detail"] == "[red]mer[/red] urn:key:1"
    assert shown["log"] == f"id       {LOG_ID}"
    assert "no permission to call" in shown["means"]
    assert "Order permission" in shown["do"]
    assert shown["retry"] == "does not help"


def test_an_unqualified_faultcode_is_noted(peer: requests_mock.Mocker) -> None:
    peer.post(requests_mock.ANY, status_code=500, content=fault("Server", "Fel"))
    assert "Server (not qualified)" in run(*TYPES_AT_14).stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"exc": requests.ConnectTimeout}, "No answer (timeout): no connection within 2 s"),
        ({"status_code": 404}, "No answer (http): HTTP 404"),
        ({"text": "Välkommen!"}, "No answer (not_soap): "),
    ],
)
def test_no_answer_ends_with_1(peer: requests_mock.Mocker, options: dict[str, Any], says: str) -> None:
    peer.post(requests_mock.ANY, **options)
    result = run(*TYPES_AT_14)
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Calling again" in result.stderr


def test_xml_shows_both_messages_set_out(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, TYPE + OK, headers={"Content-Type": "text/xml; charset=UTF-8"})
    result = run(*TYPES_AT_14, "--xml")
    assert result.exit_code == 0
    request, _, _ = result.stderr.partition("\nHTTP 200 after ")
    assert request.startswith("POST http://127.0.0.1:8080/supportprocess/")
    check_request(request.partition("\n")[2].encode())
    assert "\n        <c:code>[b]X[/b]</c:code>\n" in result.stdout
    assert "1 found" not in result.stdout


def test_json_is_the_answer_for_programs(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, TYPE + OK)
    done = CliRunner().invoke(whole, ["call", *TYPES_AT_14, "--json"])
    told = json.loads(done.stdout)
    assert (done.exit_code, told["resultCode"]) == (0, "OK")
    assert told["answer"]["listingTypes"][0]["code"] == "[b]X[/b]"


def test_xml_can_be_piped_to_validate(peer: requests_mock.Mocker) -> None:
    answer(peer, TYPES, TYPE + OK)
    shown = run(*TYPES_AT_14, "--xml").stdout
    checked = CliRunner().invoke(app, ["validate", "-"], input=shown)
    assert (checked.exit_code, checked.stdout) == (
        0,
        "standard input: GetListingTypes 2.0, response, valid\n",
    ), checked.output


def test_what_steers_a_terminal_is_never_printed(peer: requests_mock.Mocker) -> None:
    steering = "A\x9b2JB"  # a control sequence that XML may hold
    answer(peer, TYPES, TYPE.replace("[b]X[/b]", steering) + OK + f"<resultText>{steering}</resultText>")
    shown = [run(*TYPES_AT_14).output, run(*TYPES_AT_14, "--xml").output]
    answer(peer, TYPES, f"<resultCode>ERROR</resultCode><resultText>{steering}</resultText>")
    shown.append(run(*TYPES_AT_14).output)
    peer.post(requests_mock.ANY, content=fault("soap:Client", steering, f"<detail>{steering}</detail>"))
    shown.append(run(*TYPES_AT_14).output)
    for text in shown:
        assert "A\N{REPLACEMENT CHARACTER}2JB" in text
        assert "\x9b" not in text


def test_xml_is_coloured_on_a_terminal_and_says_the_same(
    peer: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(peer, TYPES, OK)
    terminal = Console(force_terminal=True, color_system="standard", width=300)
    monkeypatch.setattr("fastkontakt.commands.call.out", terminal)
    shown = run(*TYPES_AT_14, "--xml").stdout
    assert "\x1b[" in shown
    assert "<resultCode>OK</resultCode>" in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_xml_shows_what_is_no_xml_without_what_steers_a_terminal(peer: requests_mock.Mocker) -> None:
    peer.post(requests_mock.ANY, status_code=502, content="Fel\x1b[2J\x07 å\n".encode() + b"\xff")
    result = run(*TYPES_AT_14, "--xml")
    assert result.exit_code == 1
    assert "HTTP 502 after " in result.stderr
    unknown = "\N{REPLACEMENT CHARACTER}"
    assert f"Fel{unknown}[2J{unknown} å\n{unknown}" in result.stdout


def test_xml_shows_the_request_where_nothing_came_back(peer: requests_mock.Mocker) -> None:
    peer.post(requests_mock.ANY, exc=requests.ReadTimeout)
    result = run(*TYPES_AT_14, "--xml")
    assert result.exit_code == 1
    assert "GetListingTypes" in result.stderr
    assert result.stdout == ""
