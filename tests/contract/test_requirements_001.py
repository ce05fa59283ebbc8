"""What fixed doctors in a regional listing system ask of the answers, and no other test proves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.clock import swedish_now
from listings.settings import RegionSettings, kept_up
from listings.upkeep import settle
from register.database import Register
from register.model import Resident
from register.tables import fixed_contact, outgoing
from tests.databases import keep
from tests.integration.contact_commands import done, fill, shown
from tests.messages import create_listing, envelope, path, update_listing
from tests.producers import CENTRE, DOCTOR, make_producer
from tests.records import ANNA, BO, COUNTY, OTHER_COUNTY, contact, unit
from tests.wsgi import post

DAY = timedelta(days=1)
NORTH = unit("north")


@pytest.fixture
def region(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Anna and Bo are listed at the centre and have a doctor there."""
    fill(register, tmp_path, monkeypatch)
    keep(register, NORTH, contact("F2", BO, DOCTOR, CENTRE))
    return register


def called(register: Register, contract: str, message: str) -> None:
    """Have a contract called, which answers that it is done."""
    app = make_producer(register, now=swedish_now())
    assert post(app, path(contract), envelope(message)).result[0] in ("OK", "INFO")


def chooses_another_unit(register: Register) -> None:
    called(register, "CreateListing", create_listing(ANNA, NORTH.hsa_id))


def is_listed_in_another_county(register: Register) -> None:
    called(register, "UpdateListing", update_listing(ANNA, OTHER_COUNTY, COUNTY))


def is_ended_by_staff(register: Register) -> None:
    done("listings", "end", ANNA)


def kept(register: Register) -> None:
    settle(register, swedish_now(), kept_up({COUNTY: RegionSettings()}))


def dies(register: Register) -> None:
    keep(register, Resident(ANNA, COUNTY, deceased_on=swedish_now().date() - DAY))
    kept(register)


def unit_closes(register: Register) -> None:
    keep(register, replace(CENTRE, valid_to=swedish_now().date() - DAY))
    kept(register)


@pytest.mark.parametrize(
    "change",
    [chooses_another_unit, is_listed_in_another_county, is_ended_by_staff, dies, unit_closes],
    ids=lambda one: one.__name__,
)
def test_the_doctor_is_gone_when_the_listing_ends(
    region: Register, change: Callable[[Register], None]
) -> None:
    """The link ends by itself the day the listing does, in both contracts and for the index.

    Whatever ends the listing: another choice, another region's UpdateListing, staff, death, a closing unit.
    """
    assert shown(region, ANNA) == ([str(DOCTOR.hsa_id)], [str(DOCTOR.hsa_id)])
    change(region)
    # S001-013: gone from both answers, whatever ended the listing
    assert shown(region, ANNA) == ([], [])
    with region.reading() as connection:
        links = connection.execute(select(fixed_contact).where(fixed_contact.c.person_id == ANNA)).all()
        marked = connection.scalars(select(outgoing.c.person_id).where(outgoing.c.kind == "post")).all()
    # S001-013: and ended in the register
    assert [(one.id, one.valid_to) for one in links] == [("F1", swedish_now().date() - DAY)]
    assert ANNA in marked


def test_the_doctor_of_others_stays(region: Register) -> None:
    """Only the link of whom the listing was."""
    is_ended_by_staff(region)
    # S001-013: of nobody else
    assert shown(region, BO) == ([str(DOCTOR.hsa_id)], [str(DOCTOR.hsa_id)])
