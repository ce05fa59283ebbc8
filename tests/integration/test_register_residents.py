"""Whom a person number belongs to (register.residents)."""

from register.database import Register
from register.model import Resident
from register.residents import find_resident
from tests.databases import keep
from tests.records import ANNA, BO, CLARA, COUNTY, OTHER_ID, TODAY


def found(register: Register, person_id: str) -> Resident | None:
    with register.reading() as connection:
        return find_resident(connection, person_id)


def test_by_own_and_by_other_identity(register: Register) -> None:
    anna = Resident(ANNA, COUNTY, other_ids=(CLARA, OTHER_ID))
    keep(register, anna, Resident(BO))
    assert [found(register, number) for number in (ANNA, OTHER_ID, CLARA)] == [anna] * 3
    assert found(register, BO) == Resident(BO)


def test_nobody(register: Register) -> None:
    assert found(register, ANNA) is None
    assert found(register, "") is None


def test_flags_are_told_not_acted_on(register: Register) -> None:
    hidden = Resident(ANNA, protected=True, deceased_on=TODAY)
    keep(register, hidden)
    assert found(register, ANNA) == hidden


def test_the_own_identity_goes_before_what_others_claim(register: Register) -> None:
    keep(register, Resident(ANNA, other_ids=(BO,)), Resident(BO))
    assert found(register, BO) == Resident(BO)


def test_a_number_that_two_residents_claim_names_nobody(register: Register) -> None:
    keep(register, Resident(ANNA, other_ids=(OTHER_ID,)), Resident(BO, other_ids=(OTHER_ID,)))
    assert found(register, OTHER_ID) is None
    keep(register, Resident(BO))
    assert found(register, OTHER_ID) == Resident(ANNA, other_ids=(OTHER_ID,))
