"""Release packages under ``schemas.path``: found by what they hold, checked before they are answered by."""

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from contracts.catalogue import CARELISTING, CONTRACTS, RESIDENTPARTICIPATION, by_name
from contracts.schema_diff import Effect, differences
from contracts.schemas import SchemaError, Schemas, built_in
from fastkontakt.commands.contract import app as contract_app
from fastkontakt.schema_checks import check_schemas
from mapping.answers.specimens import ANSWERED, specimen

XSD = Path(str(built_in().folder(by_name("GetListing")))).parent
LISTINGS, CONTACTS = XSD / CARELISTING.replace(":", "_"), XSD / RESIDENTPARTICIPATION.replace(":", "_")
GET_LISTING, GET_CARE_MANAGERS = by_name("GetListing"), by_name("GetCareManagers")

app = typer.Typer()
app.add_typer(contract_app, name="contract")
app.command("other")(lambda: None)  # with one alone its name would be left out


def _package(folder: Path, domain: Path = LISTINGS) -> Path:
    return Path(shutil.copytree(domain, folder))


def _change(folder: Path, pattern: str, before: str, after: str) -> None:
    """Change a text in the schemas of a package."""
    changed = 0
    for file in folder.rglob(pattern):
        text = file.read_text("utf-8")
        file.write_text(text.replace(before, after), "utf-8")
        changed += text.count(before)
    assert changed


@pytest.mark.parametrize(
    "layout",
    [
        "riv.supportprocess.logistics.carelisting-2.1/schemas",
        "supportprocess-logistics-carelisting_2.1_RC3",
        "rivta-domains-riv.supportprocess.logistics.carelisting-8f3c2e1d90ab/schemas",
        "archives/2026/ServiceContracts_supportprocess_logistics_carelisting_2.1/schemas",
        "x/y",
    ],
)
def test_a_package_is_found_whatever_its_folder_is_called(tmp_path: Path, layout: str) -> None:
    folder = _package(tmp_path / layout)
    schemas = Schemas(tmp_path)
    used = {one.name: schemas.schema(one) for one in CONTRACTS if not schemas.is_built_in(one)}
    assert set(used) == {one.name for one in CONTRACTS if one.domain == CARELISTING}
    assert all(folder in file.parents for file in used.values())
    assert schemas.folder(GET_LISTING) == folder
    check_schemas(schemas)


def test_several_packages_side_by_side_are_all_used(tmp_path: Path) -> None:
    _package(tmp_path / "carelisting")
    _package(tmp_path / "contacts-hash", CONTACTS)
    schemas = Schemas(tmp_path)
    assert not schemas.is_built_in(GET_LISTING)
    assert not schemas.is_built_in(GET_CARE_MANAGERS)


def test_of_several_versions_the_newest_is_used_and_the_others_are_told(tmp_path: Path) -> None:
    for version in ("2.1", "2.10", "2.2"):
        folder = _package(tmp_path / f"carelisting {version}")
        for file in [*folder.rglob("GetListing*.xsd"), *folder.rglob("GetListing*.wsdl")]:
            if file.parent.name == "GetListingInteraction":
                text = file.read_text("utf-8").replace(
                    "GetListingResponder_2.1", f"GetListingResponder_{version}"
                )
                file.unlink()
                file.with_name(file.name.replace("2.1", version)).write_text(text, "utf-8")
    schemas = Schemas(tmp_path)
    assert schemas.schema(GET_LISTING).name == "GetListingResponder_2.10.xsd"
    assert schemas.wsdl(GET_LISTING).name == "GetListingInteraction_2.10_RIVTABP21.wsdl"
    passed_over = {file.name for file in schemas.passed_over}
    assert {"GetListingResponder_2.1.xsd", "GetListingResponder_2.2.xsd"} <= passed_over


def test_a_package_without_a_file_it_imports_is_refused_by_name(tmp_path: Path) -> None:
    folder = _package(tmp_path / "package")
    (missing,) = folder.rglob("supportprocess_logistics_carelisting_2.0.xsd")
    missing.unlink()
    with pytest.raises(SchemaError, match=r"^schemas\.path: GetListing.*does not compile: ") as told:
        check_schemas(Schemas(tmp_path))
    assert str(folder) in str(told.value)


def test_a_wsdl_without_the_schema_of_its_messages_is_no_package(tmp_path: Path) -> None:
    folder = _package(tmp_path / "package")
    (missing,) = folder.rglob("GetListingResponder_2.1.xsd")
    missing.unlink()
    with pytest.raises(SchemaError, match=r"^GetListing: .*GetListingInteraction.*unpack the whole package"):
        Schemas(tmp_path)


def test_a_package_that_takes_no_answer_of_ours_is_refused_with_file_and_element(tmp_path: Path) -> None:
    folder = _package(tmp_path / "package", CONTACTS)
    _change(folder, "*.xsd", 'name="hsaId"', 'name="id"')
    with pytest.raises(SchemaError, match="takes no answer of GetCareManagers") as told:
        check_schemas(Schemas(tmp_path))
    assert str(Schemas(tmp_path).schema(GET_CARE_MANAGERS)) in str(told.value)
    assert "practitioner" in str(told.value)


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_a_full_answer_is_valid_and_holds_every_element_that_is_ever_sent(name: str) -> None:
    contract = by_name(name)
    assert built_in().valid(contract, specimen(contract))


def test_differences_are_told_with_what_comes_of_them(tmp_path: Path) -> None:
    folder = _package(tmp_path / "package", CONTACTS)
    _change(folder, "*.xsd", 'name="externalNotes"', 'name="publicNotes"')
    _change(folder, "GetCareManagersResponder*.xsd", 'name="careUnitId"', 'name="unitId"')
    found = {one.path: one for one in differences(GET_CARE_MANAGERS, Schemas(tmp_path))}
    contact = "GetCareManagersResponse/careManager"
    assert found[f"{contact}/externalNotes"].effect is Effect.REFUSED
    assert found[f"{contact}/publicNotes"].effect is Effect.NEVER_SENT
    assert found["GetCareManagers/careUnitId"].effect is Effect.NEVER_COMES
    assert found["GetCareManagers/unitId"].effect is Effect.PASSED_OVER
    assert found[contact].effect is Effect.CHECKED


def test_a_package_like_our_own_has_no_differences(tmp_path: Path) -> None:
    _package(tmp_path / "package", CONTACTS)
    assert differences(GET_CARE_MANAGERS, Schemas(tmp_path)) == []


def test_the_command_tells_differences_and_ends_with_1_when_answers_do_not_fit(tmp_path: Path) -> None:
    folder = _package(tmp_path / "package", CONTACTS)
    fitting = CliRunner().invoke(app, ["contract", "diff", str(tmp_path)])
    assert fitting.exit_code == 0, fitting.output
    assert "as the built-in one" in fitting.output
    _change(folder, "*.xsd", 'name="hsaId"', 'name="id"')
    broken = CliRunner().invoke(app, ["contract", "diff", str(tmp_path)])
    assert broken.exit_code == 1
    assert "careManager/practitioner/hsaId" in broken.output
    assert "takes no answer of GetCareManagers" in broken.output


def test_the_command_lists_the_schema_of_each_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path / "package", CONTACTS)
    monkeypatch.setenv("FASTKONTAKT_SCHEMAS__PATH", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    told = CliRunner().invoke(app, ["contract", "list"])
    assert told.exit_code == 0, told.output
    assert str(tmp_path) in next(line for line in told.output.splitlines() if "GetCareManagers" in line)
    assert "our own" in next(line for line in told.output.splitlines() if "GetListing " in line)
