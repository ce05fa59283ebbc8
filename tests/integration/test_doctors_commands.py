"""``fastkontakt doctors``: who can be chosen at a unit, and their patients."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.codes import CARE_CONTACT
from register.database import Register
from tests.databases import keep
from tests.integration.contact_commands import EMIL, audited, done, fill, refused, run, shown
from tests.producers import CENTRE, DOCTOR
from tests.records import ANNA, BO, CLARA, DAN, EVA, contact, doctor, hsa, lower, works_at

pytestmark = pytest.mark.parametrize("register", ["sqlite"], indirect=True)

UNIT, DORA, OTHER = str(lower(CENTRE.hsa_id)), str(DOCTOR.hsa_id), str(EMIL.hsa_id)


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    fill(register, tmp_path, monkeypatch)
    return register


def named(*options: str) -> list[str]:
    """HSA-ids of the staff listed with these options."""
    lines = done("doctors", "list", UNIT, "--csv", "-", *options).splitlines()[1:]
    return [line.split(",")[0] for line in lines]


def test_the_staff_of_a_unit(region: Register) -> None:
    """Filters and search."""
    guest = doctor("guest", given_name="Gun")
    keep(region, guest, works_at(guest, CENTRE, selectable_as_doctor=False, external=True))
    # S000-022: all who work at the unit
    assert named() == [DORA, OTHER, str(guest.hsa_id)]
    # S000-027: only who can be doctor
    assert named("--doctors") == [DORA, OTHER]
    # S000-027, S000-044: only who can be care contact, to choose from
    assert named("--care-contacts") == [DORA]
    # S000-027: only who is from outside
    assert named("--external") == [str(guest.hsa_id)]
    # S001-032: search by name
    assert named("--search", "GUN") == [str(guest.hsa_id)]
    assert named("--search", "emi", "--care-contacts") == []
    keep(region, replace(guest, protected=True))
    assert named("--search", "gun") == []
    assert done("doctors", "list", UNIT, "--csv", "-").splitlines()[-1].strip(",") == "Skyddad identitet"


def test_a_profile_is_kept(region: Register) -> None:
    """Share, role, cap, ages, last change."""
    options = ("--role", "ST-A", "--working-share", "80", "--min-age", "7", "--max-age", "70", "--cap", "3")
    done("doctors", "set", UNIT, DORA.lower(), *options, "--by", "Karin")
    line = done("doctors", "list", UNIT, "--search", DORA, "--csv", "-").splitlines()[1]
    # S001-017, S001-018, S001-019, S001-027: share, role, ages and cap as they were set
    # S000-044, S001-033: in the list of the staff, with name, HSA-id and figures
    assert f"{DORA},Dora Dora,,yes,yes,,,,ST-A,80,7-70,,,3,2,1,0,0,20" in line
    done("doctors", "set", UNIT, DORA, "--cap", "none", "--role", "")
    assert ",80,7-70,,,,2,,0,0,20" in done("doctors", "list", UNIT, "--csv", "-")


def test_a_paused_doctor_gets_no_new_patients_and_keeps_the_old(region: Register) -> None:
    done("doctors", "set", UNIT, DORA, "--pause")
    add = ("contacts", "add", BO, "--type", "2", "--unit", UNIT, "--staff", DORA)
    # S001-015: who is paused gets no new patients
    assert "paused" in refused(*add)
    # S001-015: and keeps those there are
    assert shown(region, ANNA)[0] == [DORA]
    done("doctors", "set", UNIT, DORA, "--resume")
    done(*add)
    assert shown(region, BO)[0] == [DORA]


def test_nobody_with_patients_is_deactivated(region: Register) -> None:
    """The words of the source system."""
    message = "Tilldelad har patienter på denna enhet. Dessa patienter måste då tas bort först.\n"
    # S000-028: refused in the words of the source document
    assert refused("doctors", "set", UNIT, DORA, "--deactivate") == message
    assert named("--doctors") == [DORA, OTHER]
    done("doctors", "end-marked", UNIT, DORA, "--all")
    done("doctors", "set", UNIT, DORA, "--deactivate")
    # S000-025, S001-014, S001-024, S001-028: made not selectable
    assert named("--doctors") == [OTHER]
    done("doctors", "set", UNIT, DORA, "--activate", "--no-care-contact")
    # S000-025, S001-014, S001-024, S001-028: and selectable again
    assert named("--doctors") == [DORA, OTHER]
    assert named("--care-contacts") == []


def test_somebody_from_outside(region: Register) -> None:
    """Added by HSA-id, and marked as external."""
    guest = doctor("guest")
    keep(region, guest)
    assert "--external" in refused("doctors", "set", UNIT, str(guest.hsa_id), "--activate")
    assert "nobody with the HSA-id" in refused("doctors", "set", UNIT, str(hsa("none")), "--external")
    done("doctors", "set", UNIT, str(guest.hsa_id), "--external", "--activate")
    # S000-026: added by HSA-id, selectable, and marked as external
    assert named("--external", "--doctors") == [str(guest.hsa_id)]
    done("doctors", "set", UNIT, str(guest.hsa_id), "--external", "--care-contact")
    assert "employed at the unit" in refused("doctors", "set", UNIT, DORA, "--external")


def test_the_patients_of_one(region: Register) -> None:
    """Nothing of those with protected identity."""
    said = done("doctors", "patients", UNIT, DORA, "--csv", "-", "--by", "Karin").splitlines()
    # S000-029: the patients of one kind
    # S000-007: of the protected nothing but that
    assert [line.split(",")[0] for line in said] == ["person", ANNA, "Skyddad identitet"]
    assert EVA not in done("doctors", "patients", UNIT, DORA)
    assert done("doctors", "patients", UNIT, DORA, "--kind", "care-contact", "--csv", "-").count("\n") == 1
    assert ("fastkontakt doctors patients", ANNA, "Karin") in audited(region)


def test_ending_with_those_marked(region: Register) -> None:
    """The listing stays."""
    keep(region, contact("F2", BO, DOCTOR, CENTRE))
    # S000-029: those marked
    assert done("doctors", "end-marked", UNIT, DORA, ANNA) == "Ended: 1\n"
    assert shown(region, ANNA) == ([], [])
    # S000-030: the others keep the doctor
    assert shown(region, BO)[0] == [DORA]
    assert done("doctors", "end-marked", UNIT, DORA, "--all") == "Ended: 2\n"


def test_ending_care_contacts(region: Register) -> None:
    keep(region, contact("C1", ANNA, DOCTOR, CENTRE, type_code=CARE_CONTACT))
    assert shown(region, ANNA)[1] == [DORA, DORA]
    done("doctors", "end-marked", UNIT, DORA, ANNA, "--kind", "care-contact")
    # S000-031: the care contact has ended, the doctor of the same name has not
    assert shown(region, ANNA) == ([DORA], [DORA])


def test_moving_those_marked(region: Register) -> None:
    """Within the cap of the receiver, all or nobody."""
    done("doctors", "set", UNIT, OTHER, "--cap", "1")
    # S001-016: within the cap of the receiver
    assert "room for 1 more" in refused("doctors", "move-marked", UNIT, DORA, OTHER, "--all")
    assert shown(region, ANNA)[0] == [DORA]
    assert done("doctors", "move-marked", UNIT, DORA, OTHER, ANNA) == "Moved: 1\n"
    # S000-032: moved in both contracts
    assert shown(region, ANNA) == ([OTHER], [OTHER])
    assert done("doctors", "patients", UNIT, DORA, "--csv", "-").count("Skyddad") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("list", str(hsa("nowhere"))), "no unit", id="unit"),
        pytest.param(("end-marked", UNIT, DORA, ANNA, BO), "Not all of them", id="not a patient"),
        pytest.param(
            ("end-marked", UNIT, DORA, EVA),
            "Skyddad identitet\n",
            id="S000-007: nothing else when one ends marked patients",
        ),
        pytest.param(("move-marked", UNIT, DORA, str(hsa("none")), ANNA), "does not work", id="receiver"),
        pytest.param(("set", UNIT, DORA, "--min-age", "9", "--max-age", "8"), "least age", id="ages"),
    ],
)
def test_what_is_not_done_is_one_line(region: Register, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused("doctors", *arguments)
    assert shown(region, ANNA)[0] == [DORA]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("set", UNIT, DORA), id="nothing to change"),
        pytest.param(("set", UNIT, DORA, "--cap", "-1"), id="cap"),
        pytest.param(("set", UNIT, DORA, "--working-share", "101"), id="share"),
        pytest.param(("end-marked", UNIT, DORA), id="nobody marked"),
        pytest.param(("end-marked", UNIT, DORA, ANNA, "--all"), id="marked and all"),
        pytest.param(("move-marked", UNIT, DORA, DORA.lower(), "--all"), id="to the same"),
    ],
)
def test_what_is_asked_wrongly(region: Register, arguments: tuple[str, ...]) -> None:
    assert run("doctors", *arguments).exit_code == 2


def test_dealing_out_residents(region: Register) -> None:
    """Shown first, done when told, the same by the same seed."""
    done("doctors", "set", UNIT, DORA, "--cap", "3")
    done("doctors", "set", UNIT, OTHER, "--cap", "1")
    shown_first = done("doctors", "distribute", UNIT, "--seed", "5")
    assert "Nothing is changed" in shown_first
    assert shown(region, BO) == shown(region, CLARA) == ([], [])
    carried_out = done("doctors", "distribute", UNIT, "--seed", "5", "--apply")
    # S001-059: what was shown is what is done
    assert carried_out.splitlines()[:-1] == shown_first.splitlines()[:-1]
    # S001-059: each gets what there is room for
    assert sorted([*shown(region, BO)[0], *shown(region, CLARA)[0]]) == [DORA, OTHER]
    assert "Without a doctor still: 0" in carried_out
    assert shown(region, DAN) == ([], [])


def test_dealing_out_when_nobody_has_room(region: Register) -> None:
    """Within caps and pauses."""
    done("doctors", "set", UNIT, DORA, "--cap", "1")
    done("doctors", "set", UNIT, OTHER, "--pause")
    said = done("doctors", "distribute", UNIT, "--apply")
    # S001-019: nor above a cap
    assert "Without a doctor still: 2" in said
    # S001-015: nobody is dealt out to who is paused
    assert OTHER not in said
    assert shown(region, BO) == ([], [])
