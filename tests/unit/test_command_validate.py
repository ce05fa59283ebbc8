"""``fastkontakt validate``: what a file holds, whether it is valid, and where it is not."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from contracts import oids
from contracts.catalogue import CONTRACTS, Contract, by_name
from contracts.messages import GetListingTypes
from contracts.schemas import MAX_PROBLEMS, SchemaError
from fastkontakt.commands.call import call
from fastkontakt.commands.validate import validate
from tests.messages import envelope, person, request
from tests.peers import response_element
from tests.soap import SOAP, check_envelope, check_request, fault, response

NUMBER = "195709263080"
REQUEST = request("GetCareManagers", person("patientId", NUMBER))
TYPES = response_element(GetListingTypes(), "<resultCode>OK</resultCode>")
XS = 'xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'

app = typer.Typer()
app.command("call")(call)
app.command("validate")(validate)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, where settings are looked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FASTKONTAKT_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    return tmp_path


def run(content: str | bytes, *arguments: str) -> Result:
    """Validate a file ``m.xml`` with this content."""
    Path("m.xml").write_bytes(content.encode() if isinstance(content, str) else content)
    result = CliRunner().invoke(app, ["validate", "m.xml", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(REQUEST, "GetCareManagers 1.0, request", id="request alone"),
        pytest.param(envelope(REQUEST), "GetCareManagers 1.0, request", id="request"),
        pytest.param(TYPES, "GetListingTypes 2.0, response", id="response alone"),
        pytest.param(response(TYPES), "GetListingTypes 2.0, response", id="response"),
        pytest.param(fault("soap:Client", "Fel"), "SOAP Fault", id="Fault"),
        pytest.param(
            b"\xef\xbb\xbf" + response(TYPES), "GetListingTypes 2.0, response", id="byte order mark"
        ),
        pytest.param(
            f'<?xml version="1.0" encoding="UTF-16"?>{TYPES}'.encode("utf-16"),
            "GetListingTypes 2.0, response",
            id="UTF-16",
        ),
        pytest.param(f"<?p i?><!-- c -->{TYPES}<!-- c -->", "GetListingTypes 2.0, response", id="comment"),
        pytest.param(
            response(TYPES.replace("<resultCode>", '<resultCode i:type="c:ResultCodeEnum">')).replace(
                b"<soap:Envelope", f"<soap:Envelope {XS}".encode()
            ),
            "GetListingTypes 2.0, response",
            id="type named with a prefix of the envelope",
        ),
    ],
)
def test_a_valid_message(content: str | bytes, what: str) -> None:
    result = run(content)
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"m.xml: {what}, valid\n", "")


def test_the_samples_are_what_the_tests_check_too() -> None:
    check_request(envelope(REQUEST))
    check_envelope(response(TYPES))
    check_envelope(fault("soap:Client", "Fel"))


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_contract_is_recognised(contract: Contract) -> None:
    result = run(f'<{contract.name} xmlns="{contract.namespace}"/>')
    assert f"m.xml: {contract.name} {contract.version}, request, " in result.stdout


def test_a_request_without_logical_address_is_noted() -> None:
    result = run(response(REQUEST))
    assert result.exit_code == 0
    assert "header LogicalAddress is missing or empty" in result.stderr
    assert "header LogicalAddress" in run(envelope(REQUEST, address=" ")).stderr


ENVELOPED = f"""<?xml version="1.0"?>
<s:Envelope
    xmlns:s="{SOAP}"
    xmlns:r="urn:riv:itintegration:registry:1">
  <s:Header><r:LogicalAddress>14</r:LogicalAddress></s:Header>
  <!-- a comment
       of two lines -->
  <s:Body>
    <GetListing
        xmlns="{by_name("GetListing").namespace}"
        xmlns:c="{by_name("GetListing").domain_namespace}">
      <actor>
        <c:actorId><c:root>{oids.PERSONNUMMER}</c:root><c:extension>{NUMBER}</c:extension></c:actorId>
        <c:actorType>{NUMBER}</c:actorType>
      </actor>
      <personId>
        <c:extension>{NUMBER}</c:extension>
      </personId>
    </GetListing>
  </s:Body>
</s:Envelope>"""


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(ENVELOPED.splitlines(), 1) if text in line)


def test_every_error_has_path_and_line_of_the_file_and_no_value() -> None:
    result = run(ENVELOPED)
    assert result.exit_code == 1
    assert result.stdout == "m.xml: GetListing 2.1, request, not valid\n"
    first, second = result.stderr.splitlines()
    assert first.startswith(
        f"m.xml: /GetListing/actor/c:actorType, line {line_of('<c:actorType>')}: value must be one of"
    )
    assert second.startswith(f"m.xml: /GetListing/personId, line {line_of('<personId>')}: Unexpected child")
    assert NUMBER not in result.output


def test_a_report_ends_after_the_most_that_helps() -> None:
    result = run(response_element(GetListingTypes(), "<listingTypes/>" * 30 + "<resultCode>OK</resultCode>"))
    *errors, last = result.stderr.splitlines()
    assert len(errors) == MAX_PROBLEMS
    assert last == f"m.xml: these are the first {MAX_PROBLEMS} errors, there may be more"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("", "m.xml: the document is empty", id="empty"),
        pytest.param(
            "<a>\n  <b></a>",
            "m.xml, line 2, column 10: the document is not well-formed XML: Opening and ending tag mismatch",
            id="not well-formed",
        ),
        pytest.param("hej", "m.xml, line 1, column 1: the document is not well-formed XML", id="no XML"),
        pytest.param(b"<a>\xe5</a>", "line 1, column 4: the document is not well-formed XML", id="not UTF-8"),
        pytest.param(f"<!DOCTYPE a>{TYPES}", "has a document type declaration (DOCTYPE)", id="DOCTYPE"),
        pytest.param("<!DOCTYPE html><html/>", "is an HTML page", id="HTML"),
        pytest.param(
            response(TYPES).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
            "m.xml, line 2: the document is a SOAP 1.2 envelope",
            id="SOAP 1.2",
        ),
        pytest.param(
            response(TYPES * 2), "has 2 elements in its SOAP Body and must have one", id="two bodies"
        ),
        pytest.param(
            '<GetListing xmlns="urn:x"/>',
            f"in a namespace that is not its own: {by_name('GetListing').namespace}",
            id="wrong namespace",
        ),
        pytest.param(
            '\n<Hej xmlns="urn:x"/>',
            "line 2: the document holds Hej, which belongs to no known contract; known are GetListing, ",
            id="unknown element",
        ),
        pytest.param(
            response("<soap:Fault><faultstring>Fel</faultstring></soap:Fault>"),
            "m.xml: /Fault, line 2: faultcode is missing",
            id="Fault without code",
        ),
        pytest.param(fault("Client", "Fel"), "it must be a qualified name", id="unqualified faultcode"),
        pytest.param(fault("nobody:Client", "Fel"), "it must be a qualified name", id="undeclared prefix"),
        pytest.param(
            fault("soap:Client", "Fel", "<soap:detail/>"),
            "/Fault/detail, line 2: the children of Fault have no namespace",
            id="qualified child of Fault",
        ),
    ],
)
def test_what_is_no_valid_message_ends_with_1(content: str | bytes, says: str) -> None:
    result = run(content)
    assert result.exit_code == 1
    assert says in result.stderr
    assert ", valid" not in result.stdout


def test_standard_input() -> None:
    result = CliRunner().invoke(app, ["validate", "-"], input=response(TYPES))
    assert (result.exit_code, result.stdout) == (
        0,
        "standard input: GetListingTypes 2.0, response, valid\n",
    )


@pytest.mark.parametrize("file", ["missing.xml", "."])
def test_a_file_that_cannot_be_read_is_wrong_usage(file: str) -> None:
    result = CliRunner().invoke(app, ["validate", file])
    assert result.exit_code == 2
    assert f"{file} cannot be read: " in result.stderr


def test_the_schemas_of_the_settings_are_used(folder: Path) -> None:
    contract = by_name("PingForConfiguration")
    (folder / "own.toml").write_text("[schemas]\npath = 'packages'\n")
    package = folder / "packages" / contract.folder
    (package / contract.wsdl_file).parent.mkdir(parents=True)
    (package / contract.wsdl_file).write_text(
        f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="{contract.wsdl_namespace}"/>'
    )
    (package / contract.schema_file).write_text(
        f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{contract.namespace}">'
        f'<element name="{contract.name}"/></schema>'
    )
    bare = f'<{contract.name} xmlns="{contract.namespace}"/>'
    assert run(bare).exit_code == 1
    assert run(bare, "--config", "own.toml").exit_code == 0


def test_schemas_that_cannot_be_used_are_named_by_their_setting(folder: Path) -> None:
    (folder / "own.toml").write_text("[schemas]\npath = 'nowhere'\n")
    (folder / "m.xml").write_text(TYPES)
    result = CliRunner().invoke(app, ["validate", "m.xml", "--config", "own.toml"])
    assert isinstance(result.exception, SchemaError)  # which the command line turns into one line
    assert "schemas.path" in str(result.exception)
