"""``fastkontakt check``: each thing it finds, and what it says to do."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from fastkontakt.checks import CHECKS
from fastkontakt.cli import app
from register.database import Register
from tests.client_certificates import issued
from tests.databases import audit_rows, file_of
from tests.producers import SOURCE_SYSTEM
from tests.records import COUNTY, OTHER_COUNTY

SQLITE_ALONE = True

PORTAL, REGION, VP = "SE5565594230-1177", "SE2321000016-LISTA", "SE5565594230-VP"
SERVED = f"[regions.{COUNTY}]\n[care_managers]\nsource_system_id = '{SOURCE_SYSTEM}'\n"
GOOD = """
[server]
public_url = "https://listning.example.se"
[call]
endpoint = "https://vp.example.se/vp"
client_certificate = "own.pem"
[index]
logical_address = "5565594230"
[access]
platforms = ["SE5565594230-VP"]
[access.proxy]
addresses = ["10.0.0.7"]
secret_file = "secret"
[[access.rules]]
consumers = ["SE5565594230-1177"]
contracts = ["GetListing", "CreateListing", "UpdateListing"]
[[access.rules]]
consumers = ["SE5565594230-1177"]
contracts = [
  "GetListingTypes", "GetListingCounty", "GetAvailableHealthcareFacilities",
  "GetAvailableHealthcarePersonnel", "GetCareManagers", "PingForConfiguration"
]
logical_addresses = ["14", "SOURCE"]
[[access.rules]]
consumers = ["SE2321000016-LISTA"]
contracts = ["UpdateListing", "GetListing"]
logical_addresses = ["14"]
""".replace("SOURCE", SOURCE_SYSTEM)

Check = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def check(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return what writes a settings file and runs the check on it; files are beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    (tmp_path / "secret").chmod(0o600)
    certificate(tmp_path / "own.pem")

    def run(settings: str = GOOD, *, url: str = "", served: str = SERVED) -> tuple[int, list[str]]:
        url = url or register.engine.url.render_as_string(hide_password=False)
        file = tmp_path / "settings.toml"
        file.write_text(f"[database]\nurl = '{url}'\n{served}{settings}", "utf-8")
        done = CliRunner().invoke(app, ["check", "--config", str(file)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout.splitlines()

    return run


def certificate(file: Path, *serial_numbers: str, days: int = 365, key: bool = True) -> None:
    """Write a certificate and its key, PEM."""
    made, own_key = issued(serial_numbers or [REGION], days=days)
    text = made.public_bytes(serialization.Encoding.PEM)
    if key:
        text += own_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    file.write_bytes(text)
    file.chmod(0o600)


def test_an_installation_in_which_all_is_well(check: Check, register: Register) -> None:
    code, lines = check()
    assert (code, lines[-1]) == (0, "0 to mend, 0 to have a look at."), lines
    for line in (
        f"ok    LogicalAddresses: {COUNTY}, {SOURCE_SYSTEM}",
        "ok    schemas: those of all contracts compile and take our answers (our own)",
        "ok    access.proxy: TLS is ended by a proxy that calls from 10.0.0.7",
        "ok    audit log: a row could be added: that this check was made",
        "ok    database.readable_by: the register's files may be read by owner",
        "ok    secrets: nobody but owner and group may read the files with keys and passwords",
        f"ok    access.platforms: {VP} names the consumers it calls for",
        f"ok    consumer {PORTAL}: GetListing, CreateListing, UpdateListing everywhere; GetListingTypes, "
        "GetListingCounty, GetAvailableHealthcareFacilities, GetAvailableHealthcarePersonnel, "
        f"GetCareManagers, PingForConfiguration at 14, {SOURCE_SYSTEM}",
        f"ok    consumer {REGION}: UpdateListing, GetListing at 14",
        f"ok    UpdateListing: 2 consumers may call it for {COUNTY}",
        "ok    call.endpoint: messages to other regions go to https://vp.example.se/vp",
        "ok    index: posts to 5565594230 go to https://vp.example.se/vp",
    ):
        assert line in lines
    (own,) = [one for one in lines if "call.client_certificate" in one]
    assert f"serialNumber={REGION}" in own
    (row,) = audit_rows(register)
    assert (row["contract"], row["person_id"]) == ("fastkontakt check", "-")


@pytest.mark.parametrize("register", ["postgresql"], indirect=True)
def test_on_postgresql(check: Check, register: Register) -> None:
    code, lines = check()
    assert (code, lines[-1]) == (0, "0 to mend, 0 to have a look at."), lines
    assert [one for one in lines if one.startswith("ok    register: postgresql")]
    assert "ok    audit log: a row could be added: that this check was made" in lines
    assert not [one for one in lines if "readable_by" in one]


def test_a_database_that_does_not_answer(check: Check, tmp_path: Path) -> None:
    nowhere = "postgresql://fastkontakt:hemligt@127.0.0.1:1/register"
    code, lines = check(url=nowhere)
    (line,) = [one for one in lines if one.startswith("MEND  register: ")]
    assert code == 1
    assert "refused" in line
    assert (
        f"MEND  settings: everybody on this machine may read or change {tmp_path / 'settings.toml'}; run: "
        in ("\n".join(lines))
    )
    assert "hemligt" not in "\n".join(lines)


def changed(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after)


PROXY = '[access.proxy]\naddresses = ["10.0.0.7"]\nsecret_file = "secret"\n'
RULES = GOOD[GOOD.index("[[access.rules]]") :]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        pytest.param(
            changed(RULES, ""), "MEND  access.rules: nobody may call: nothing is listed", id="nobody listed"
        ),
        pytest.param(
            changed('["UpdateListing", "GetListing"]', '["GetListing"]'),
            f"look  UpdateListing: {PORTAL} alone may call it for {COUNTY}. Let other regions' systems in, "
            "not only 1177: else messages are parked there, and residents read that hemregionen har inte "
            "svarat",
            id="1177 alone",
        ),
        pytest.param(
            GOOD.replace('"UpdateListing", ', "").replace(', "UpdateListing"', ""),
            f"MEND  UpdateListing: nobody may call it for {COUNTY}",
            id="nobody for UpdateListing",
        ),
        pytest.param(
            changed('logical_addresses = ["14"]', f'logical_addresses = ["{OTHER_COUNTY}"]'),
            f"look  access.rules, number 3: names LogicalAddresses that are not answered for: {OTHER_COUNTY}",
            id="an address not served",
        ),
        pytest.param(
            changed(', "PingForConfiguration"\n', "\n").replace('"GetListingCounty", ', ""),
            "look  access.rules: no rule lets anybody call GetListingCounty, PingForConfiguration",
            id="nobody for some",
        ),
        pytest.param(
            changed('platforms = ["SE5565594230-VP"]', ""),
            "look  access.platforms: none: who calls through a platform (VP) counts as the platform",
            id="no platform",
        ),
        pytest.param(
            changed(PROXY, ""),
            "look  server.host: 127.0.0.1, plain HTTP: headers say who calls",
            id="headers alone",
        ),
        pytest.param(
            changed(PROXY, "").replace("[server]", '[server]\nhost = "0.0.0.0"'),
            "MEND  server.host: 0.0.0.0, plain HTTP: whoever reaches the port is believed",
            id="headers alone, on a network",
        ),
        pytest.param(
            changed("[server]", '[server]\nhost = "0.0.0.0"'),
            "look  server.host: 0.0.0.0: what goes between proxy and service can be read",
            id="a proxy elsewhere",
        ),
        pytest.param(
            changed('addresses = ["10.0.0.7"]', 'addresses = ["10.0.0.7", "::/0"]'),
            "MEND  access.proxy.addresses: hold every address",
            id="a proxy everywhere",
        ),
        pytest.param(
            changed(PROXY + RULES, ""),
            "look  access.rules: nothing is listed: everybody may call every contract",
            id="nothing listed",
        ),
        pytest.param(
            changed('secret_file = "secret"', 'secret_file = "none"'),
            "MEND  callers: access.proxy.secret_file: none: No such file or directory",
            id="no secret",
        ),
        pytest.param(
            changed('public_url = "https://listning.example.se"', ""), "look  server.public_url: is not set"
        ),
        pytest.param(
            changed('endpoint = "https://vp.example.se/vp"', ""),
            "MEND  call.endpoint: is not set: messages to other regions go to http://127.0.0.1:8080",
        ),
        pytest.param(
            changed('client_certificate = "own.pem"', ""), "look  call.client_certificate: is not set"
        ),
        pytest.param(
            changed('logical_address = "5565594230"', ""),
            "look  index.logical_address: is not set: nothing is posted",
        ),
        pytest.param(GOOD + "[demo]\nenabled = true\n", "MEND  demo.enabled: callers can ask for Faults"),
        pytest.param(GOOD + "[identifiers]\ncheck_digits = false\n", "look  identifiers.check_digits: "),
        pytest.param(GOOD + "[outbox]\nrun_in_serve = false\n", "look  outbox.run_in_serve: is off"),
    ],
)
def test_what_the_settings_say(check: Check, settings: str, line: str) -> None:
    code, lines = check(settings)
    assert [one for one in lines if one.startswith(line)], lines
    assert code == (1 if any(one.startswith("MEND") for one in lines) else 0)
    if line.startswith("MEND"):
        assert code == 1


def test_nothing_to_serve(check: Check) -> None:
    code, lines = check(served="")
    assert (code, lines[0].partition(":")[0]) == (1, "MEND  settings")


def test_contracts_that_are_not_served(check: Check) -> None:
    _, lines = check(served=f"[care_managers]\nsource_system_id = '{SOURCE_SYSTEM}'\n")
    assert (
        "look  access.rules, number 1: names contracts that are not served: GetListing, CreateListing, "
        "UpdateListing" in lines
    )


class TestFiles:
    def test_a_register_that_others_read(self, check: Check, register: Register) -> None:
        file_of(register).chmod(0o644)
        code, lines = check()
        (line,) = [one for one in lines if one.startswith("MEND")]
        assert (code, line.partition("run: ")[0]) == (
            1,
            "MEND  database.url: others may read or change the register; ",
        )
        subprocess.run(shlex.split(line.partition("run: ")[2]), check=True)  # noqa: S603 - as an operator would
        assert check()[0] == 0

    @pytest.mark.parametrize(
        ("file", "about"), [("secret", "access.proxy.secret_file"), ("own.pem", "call.client_key")]
    )
    def test_a_secret_that_everybody_reads(self, check: Check, tmp_path: Path, file: str, about: str) -> None:
        (tmp_path / file).chmod(0o644)
        code, lines = check()
        (line,) = [one for one in lines if one.startswith("MEND")]
        assert code == 1
        assert line == (
            f"MEND  {about}: everybody on this machine may read or change {file}; run: chmod o= {file}"
        )

    @pytest.mark.breaks_the_register
    def test_a_register_that_is_not_there_is_not_made(self, check: Check, register: Register) -> None:
        register.dispose()
        file_of(register).unlink()
        code, lines = check()
        assert code == 1
        assert [one for one in lines if one.endswith("is not there; run: fastkontakt db upgrade")]
        assert not file_of(register).exists()


@pytest.mark.breaks_the_register
def test_an_audit_log_that_takes_no_row(check: Check, register: Register) -> None:
    with register.auditing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'no more'); END"
        )
    code, lines = check()
    assert code == 1
    assert "MEND  audit log: no row can be added, so no call is answered: no more" in lines


class TestCertificates:
    @pytest.mark.parametrize(
        ("days", "said"),
        [(-1, "MEND"), (0, "look"), (29, "look"), (30, "ok  "), (700, "ok  ")],
    )
    def test_how_long_it_lasts(self, check: Check, tmp_path: Path, days: int, said: str) -> None:
        certificate(tmp_path / "own.pem", days=days)
        code, lines = check()
        (line,) = [one for one in lines if "call.client_certificate" in one]
        assert line.startswith(said)
        assert code == (1 if said == "MEND" else 0)

    def test_one_without_hsa_id(self, check: Check, tmp_path: Path) -> None:
        made, key = issued([])
        pem = serialization.Encoding.PEM
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
        )
        (tmp_path / "own.pem").write_bytes(made.public_bytes(pem) + private)
        code, lines = check()
        assert code == 1
        assert [one for one in lines if "its subject has no serialNumber" in one]
        assert (
            "MEND  call.client_certificate: own.pem: holds no key that can be read without a password"
            in lines
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (None, "MEND  certificates: [Errno 2] No such file or directory: 'own.pem'"),
            (b"nothing", "MEND  call.client_certificate: own.pem: holds no certificate; name a PEM file"),
        ],
    )
    def test_none(self, check: Check, tmp_path: Path, text: bytes | None, said: str) -> None:
        (tmp_path / "own.pem").unlink()
        if text is not None:
            (tmp_path / "own.pem").write_bytes(text)
            (tmp_path / "own.pem").chmod(0o600)
        code, lines = check()
        assert code == 1
        assert said in lines

    def test_a_key_of_another(self, check: Check, tmp_path: Path) -> None:
        certificate(tmp_path / "key.pem")
        code, lines = check(changed('"own.pem"', '"own.pem"\nclient_key = "key.pem"'))
        assert code == 1
        assert (
            "MEND  call.client_certificate: key.pem: is the key of another certificate than the first in "
            "own.pem" in lines
        )


class TestTls:
    """The service ends TLS itself."""

    @pytest.fixture
    def with_tls(self, tmp_path: Path) -> str:
        """The settings of it, with certificates."""
        certificate(tmp_path / "server.pem")
        certificate(tmp_path / "ca.pem", days=10, key=False)
        return '[server.tls]\ncertificate = "server.pem"\nclient_ca = "ca.pem"\n'

    def test_its_certificates(self, check: Check, with_tls: str, tmp_path: Path) -> None:
        code, lines = check(changed(PROXY, "") + with_tls)
        assert "ok    server.tls: the service ends TLS itself; client certificates: required" in lines
        assert [one for one in lines if one.startswith("ok    server.tls.certificate: ")]
        assert [one for one in lines if one.startswith("look  server.tls.client_ca: ")]
        assert code == 0
        (tmp_path / "server.pem").chmod(0o604)
        _, lines = check(changed(PROXY, "") + with_tls)
        assert [one for one in lines if one.startswith("MEND  server.tls.key: everybody on this machine")]

    def test_one_that_asks_for_none(self, check: Check, with_tls: str) -> None:
        with_tls += 'client_certificate = "none"\n'
        code, lines = check(changed(PROXY, "") + with_tls)
        assert code == 1
        assert [one for one in lines if one.startswith("MEND  server.tls.client_certificate: none is asked")]
        assert check(GOOD + with_tls)[0] == 0  # a proxy says whose certificate it has seen

    def test_nothing_is_listed(self, check: Check, with_tls: str) -> None:
        code, lines = check(changed(PROXY + RULES, "") + with_tls)
        assert code == 1
        assert "MEND  access.rules: nobody may call: nothing is listed (docs/access.md)" in lines


def test_a_schema_that_does_not_compile(check: Check, tmp_path: Path) -> None:
    from tests.unit.test_schemas import GET_LISTING, unpack

    folder = unpack(tmp_path / "schemas")
    (folder / GET_LISTING.schema_file).write_text("<broken")
    code, lines = check(GOOD + "[schemas]\npath = 'schemas'\n")
    assert code == 1
    (line,) = [one for one in lines if one.startswith("MEND")]
    assert line.startswith("MEND  schemas.path: GetListing: ")
    assert f"schemas/{GET_LISTING.schema_file} cannot be read as XML" in line


def test_a_check_that_cannot_be_made_stops_no_other(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise OSError("the disk is gone")

    broken.__name__ = "first_of_all"
    monkeypatch.setattr("fastkontakt.checks.CHECKS", (broken, *CHECKS))
    code, lines = check()
    assert (code, lines[0]) == (1, "MEND  first of all: the disk is gone")
    assert lines[-1] == "1 to mend, 0 to have a look at."
