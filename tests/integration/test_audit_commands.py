"""What staff do by command is in the audit log, and a resident's own extract of it (docs/audit.md)."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contracts.codes import PV
from fastkontakt.cli import app
from register import audit
from register.audit import AuditEntry
from register.database import Register
from register.model import Resident, UnitListingType
from tests.databases import audit_rows, keep
from tests.producers import CENTRE, SMALL_REGION
from tests.records import ANNA, BO, COUNTY, residents, unit

OTHER = unit("other")


@pytest.fixture
def settings(register: Register, tmp_path: Path) -> Path:
    """Settings of a register with a resident who is listed."""
    keep(register, *SMALL_REGION, OTHER, UnitListingType(OTHER.hsa_id, PV.code, PV.system), *residents(BO))
    file = tmp_path / "fastkontakt.toml"
    url = register.engine.url.render_as_string(hide_password=False)
    file.write_text(f"[database]\nurl = '{url}'\n[regions.{COUNTY}]\n", "utf-8")
    return file


def run(settings: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(settings), "--by", "karin"])


def outcomes(register: Register, what: str) -> list[str]:
    rows = [row for row in audit_rows(register) if row["contract"] == f"fastkontakt {what}"]
    assert {row["person_id"] for row in rows} <= {ANNA}
    assert {row["actor_id"] for row in rows} <= {"karin"}
    return [row["outcome"] for row in rows]


def changed(register: Register) -> list[str]:
    return ["OK"] if register.audit_files is None else ["INTENDED", "OK"]


def test_a_change_of_contacts_is_in_the_log(register: Register, settings: Path) -> None:
    assert run(settings, "contacts", "change", "F1", "--external-notes", "Ring").exit_code == 0
    assert outcomes(register, "contacts change") == changed(register)
    assert run(settings, "contacts", "end", ANNA, "--type", "2").exit_code == 0
    assert outcomes(register, "contacts end") == changed(register)


def test_a_listing_by_command_is_in_the_log(register: Register, settings: Path) -> None:
    assert run(settings, "listings", "create", ANNA, str(OTHER.hsa_id)).exit_code == 0
    assert outcomes(register, "listings create") == changed(register)


def test_a_listing_that_is_refused_is_in_the_log(register: Register, settings: Path) -> None:
    assert run(settings, "listings", "create", ANNA, "SE1-NOWHERE").exit_code == 1
    assert outcomes(register, "listings create") == ["OK"]


def test_nothing_is_changed_without_a_log(
    register: Register, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(audit, "add", refuse)
    monkeypatch.setattr(audit, "intend", refuse)
    assert run(settings, "contacts", "end", ANNA, "--type", "2").exit_code != 0
    monkeypatch.undo()
    assert "F1" in run(settings, "contacts", "show", ANNA).output


def test_an_extract_is_for_the_resident_to_read(register: Register, settings: Path) -> None:
    entries = [
        AuditEntry("1", ANNA, "GetListing", "14", "OK", 1, actor_type="CITIZEN", actor_id=ANNA),
        AuditEntry(
            "2", ANNA, "GetCareManagers", "14", "OK", consumer="SE1-X", on_behalf_of=str(CENTRE.hsa_id)
        ),
        AuditEntry("3", ANNA, "GetListing", "14", "FAULT", actor_type="GUARDIAN", actor_id=BO),
        AuditEntry("4", BO, "GetListing", "14", "OK"),
    ]
    for entry in entries:
        audit.write(register, entry)
    found = run(settings, "audit", "extract", ANNA, "--json")
    assert found.exit_code == 0, found.output
    rows = json.loads(found.output)
    assert [row["Vem"] for row in rows] == [f"Vårdnadshavare, {BO}", "", "Du själv"]
    assert [row["Vad som gjordes"] for row in rows][1:] == [
        "Visade dina fasta vårdkontakter",
        "Visade var du är listad",
    ]
    assert rows[1]["Vårdenhet eller organisation"] == f"{CENTRE.name} ({CENTRE.hsa_id})"
    assert rows[0]["Resultat"] == "Misslyckades, inga uppgifter lämnades ut"
    shown = run(settings, "audit", "extract", ANNA).output  # the first extract is in the second
    assert "Utdrag ur loggen" in shown
    assert run(settings, "audit", "extract", ANNA, "--csv", "-").output.startswith("Tid,Vad som gjordes,Vem,")
    assert outcomes(register, "audit extract") == ["OK"] * 3


def test_protected_identities_stay_so(register: Register, settings: Path) -> None:
    keep(register, Resident(BO, protected=True))
    audit.write(register, AuditEntry("1", ANNA, "GetListing", "14", "OK", actor_type="GUARDIAN", actor_id=BO))
    audit.write(register, AuditEntry("2", BO, "GetListing", "14", "OK", actor_type="CITIZEN", actor_id=BO))
    assert BO not in run(settings, "audit", "extract", ANNA, "--json").output
    refused = run(settings, "audit", "extract", BO)
    assert (refused.exit_code, "Visade" in refused.output) == (1, False)
    assert "Visade var du är listad" in run(settings, "audit", "extract", BO, "--protected", "--json").output
    assert sum(row["contract"] == "fastkontakt audit extract" for row in audit_rows(register)) == 3
