"""GetCareManagers in every combination of type, level, audience, period and choice, and of what is asked.

At full strength more than two thousand answers are compared with what the records alone say
(`oracle_of_contacts`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from producer.wsgi import Producer
from register.database import Register
from register.model import Audience
from tests.asking import care_managers, values
from tests.databases import keep, opened_copy
from tests.integration import contact_matrix, oracle_of_contacts, reading
from tests.integration.contact_matrix import DIMENSIONS, TYPES, Case
from tests.integration.oracle_of_contacts import Rules
from tests.integration.requesting import elements
from tests.integration.worlds import World, keys
from tests.producers import SOURCE_SYSTEM, make_producer
from tests.records import hsa
from tests.strength import sized

ORIGINAL = "x-rivta-original-serviceconsumer-hsaid"

CASES = list(contact_matrix.cases())
WORLDS = [
    contact_matrix.world(case, person)
    for case, person in zip(CASES, contact_matrix.person_numbers(), strict=False)
]


def consumer(case: Case) -> str:
    """Return the consumer that may not know of what the case hides."""
    return str(hsa(f"consumer{case.number}"))


@pytest.fixture(scope="module")
def filled(sqlite_template: Path) -> Iterator[Register]:
    """A register with the records of all cases."""
    with opened_copy(sqlite_template) as register:
        keep(register, *contact_matrix.records(WORLDS))
        yield register


class Producers:
    """A producer for each combination of settings that the cases have."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._hidden = {consumer(case): [*map(str, case.rules.hidden)] for case in CASES if case.rules.hidden}
        self._made: dict[tuple[Any, ...], Producer] = {}

    def of(self, rules: Rules) -> Producer:
        key = (rules.staff_numbers, rules.max_care_contacts, rules.lone_coordinator)
        if key not in self._made:
            settings = {
                "source_system_id": SOURCE_SYSTEM,
                "staff_only_numbers": "internal_notes" if rules.staff_numbers else "omit",
                "max_care_contacts": rules.max_care_contacts,
                "lone_coordinator": "send" if rules.lone_coordinator else "omit",
            }
            access = {"hidden_units": self._hidden}
            self._made[key] = make_producer(self._register, care_managers=settings, access=access)
        return self._made[key]


@pytest.fixture(scope="module")
def producers(filled: Register) -> Producers:
    return Producers(filled)


def expected(case: Case, world: World) -> list[tuple[Any, ...]]:
    (resident,) = world.residents
    return oracle_of_contacts.care_managers(world, resident.person_id, case.filters, case.rules)


@pytest.mark.parametrize("kind", TYPES)
def test_every_combination(producers: Producers, kind: str) -> None:
    wrong = []
    for case, world in zip(CASES, WORLDS, strict=True):
        if case.kind != kind:
            continue
        (resident,) = world.residents
        app = producers.of(case.rules)
        headers = {ORIGINAL: consumer(case)}
        found = care_managers(app, resident.person_id, *elements(case.filters), headers=headers)
        if [reading.care_manager(one) for one in found] != expected(case, world):
            wrong.append(case)
        # Said once more in so many words: what is not for this patient is in no contact element.
        route = world.routes[0]
        own_choice = case.audience is Audience.BY_CHOICE and case.chosen and case.level == "person"
        if case.audience is not Audience.PATIENT and not own_choice:
            shown = {value for one in found for value in values(one, "contact/telecom/value")}
            shown |= {each.text for one in found for each in one.iterfind(".//{*}telecom/{*}value")}
            # S003-061, S003-070, S003-085: in no combination is a number shown that is not for this patient
            assert route.value not in shown, case
    # S000-034, S000-035, S003-117: every combination of days is shown as a second reckoning says
    # S003-056, S003-060: with names and notes
    assert wrong == []


def test_the_cases_are_many_and_show_every_value() -> None:
    """Nothing is proved of a value that no answer ever has anything to do with."""
    assert len(CASES) >= sized(quick=800, full=2000)
    assert len({world.residents[0].person_id for world in WORLDS}) == len(CASES)
    shown = [case for case, world in zip(CASES, WORLDS, strict=True) if _shows_main(case, world)]
    assert len(shown) >= sized(quick=150, full=400)
    for name, all_values in DIMENSIONS.items():
        assert {getattr(case, name) for case in CASES} == set(all_values), name
        assert {getattr(case, name) for case in shown} == set(all_values) - NEVER_SHOWN.get(name, set()), name


NEVER_SHOWN: dict[str, set[object]] = {
    "kind": {"contact-nurse"},
    "period": {"ended yesterday", "begins tomorrow"},
    "protected": {True},
    "asked": {"other provider", "working unit", "other type"},
    "hidden": {"working unit", "care unit", "provider"},
}
"""Values with which the contact of a case is never in the answer."""


def _shows_main(case: Case, world: World) -> bool:
    main: Sequence[str] = [item[2][0] for item in expected(case, world)]
    return str(world.staff[0].hsa_id) in main and bool(keys(repr(expected(case, world)), "s"))
