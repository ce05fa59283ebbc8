"""Any sequence of changes: the producer does what the rules say, and nothing that may never be ever is.

The machine sends requests, lets time pass and things happen, and compares after each step the register and
the answers of the read contracts with `tests.integration.listing_model`, which knows the rules only.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.codes import ResultCode
from register.database import Register
from tests.databases import empty, opened_copy
from tests.integration.listing_holdings import NATIONAL
from tests.integration.listing_machine import THIRD_COUNTY, Listings
from tests.integration.listing_model import YEARLY
from tests.integration.listing_world import OURS, THEIRS
from tests.records import OTHER_COUNTY
from tests.strength import sized

AFAR, NEAR = THEIRS[0], OURS[2]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def one_register(request: pytest.FixtureRequest) -> Iterator[Register]:
    """A register that each example fills anew."""
    if request.param == "sqlite":
        with opened_copy(request.getfixturevalue("sqlite_template")) as register:
            yield register
    else:
        register = request.getfixturevalue("postgresql_register")
        yield register
        empty(register)


def _two_queues(region: Listings) -> None:
    """Places in two queues come up while the home region is being asked about the first."""
    for at in ("auto", "brisk"):
        region.choose_from_afar(AFAR, at, None)
        region.change_cap(at, 2)
        region.settle()


def _place_taken(region: Listings) -> None:
    """The home region agrees to a listing that was withdrawn meanwhile, and the place has been taken."""
    region.change_cap("tight", 2)
    region.choose_from_afar(AFAR, "tight", None)
    region.send(OTHER_COUNTY)
    region.tell(AFAR, THIRD_COUNTY, "right", NATIONAL)
    region.choose_or_queue(NEAR, "tight", None)
    region.get_answer(ResultCode.OK)


def _place_held(region: Listings) -> None:
    """A wish is changed that holds the last place, where others queue for what is free."""
    region.change_cap("staff", 2)
    region.choose_from_afar(AFAR, "staff", None)
    region.choose_or_queue(NEAR, "staff", None)
    region.choose(AFAR, "staff", NATIONAL, None, None, "right", None)


def _one_of_two(region: Listings) -> None:
    """A resident who waits to be listed somewhere leaves the queue of somewhere else."""
    region.change_cap("tight", None)
    region.choose_from_afar(AFAR, "auto", None)
    region.choose_from_afar(AFAR, "tight", None)
    region.choose(AFAR, "auto", NATIONAL, None, None, "right", None)


def _given_up(region: Listings) -> None:
    """A place is given up while the home region is being asked; it may or may not have heard."""
    region.choose_from_afar(AFAR, "auto", None)
    region.change_cap("auto", 2)
    region.settle()
    region.send(OTHER_COUNTY)
    region.choose(AFAR, "auto", NATIONAL, None, None, "right", None)
    region.get_answer(None)


def _given_up_between(region: Listings) -> None:
    """A place is given up after the home region has been asked without an answer."""
    region.choose_from_afar(AFAR, "auto", None)
    region.change_cap("auto", 2)
    region.settle()
    region.send(OTHER_COUNTY)
    region.get_answer(None)
    region.choose(AFAR, "auto", NATIONAL, None, None, "right", None)


def _refused(region: Listings) -> None:
    """The home region refuses a listing from a queue: it is not asked again, and the next has the place."""
    region.choose_from_afar(AFAR, "auto", None)
    region.choose_or_queue(NEAR, "auto", None)
    region.change_cap("auto", 2)
    region.settle()
    region.send(OTHER_COUNTY)
    region.get_answer(ResultCode(YEARLY))
    region.change_cap("auto", 3)
    region.settle()


def _told_back_and_forth(region: Listings) -> None:
    """A resident is listed in another county, in a third, and in the first again before that has heard."""
    for county in (THIRD_COUNTY, OTHER_COUNTY, THIRD_COUNTY):
        region.tell(NEAR, county, "right", NATIONAL)


@pytest.mark.parametrize(
    "steps",
    [
        _two_queues,
        _place_taken,
        _place_held,
        _one_of_two,
        _given_up,
        _given_up_between,
        _refused,
        _told_back_and_forth,
    ],
)
@pytest.mark.parametrize("one_register", ["sqlite"], indirect=True)
def test_a_sequence_that_is_easily_wrong(one_register: Register, steps: Callable[[Listings], None]) -> None:
    region = Listings()
    region.register = one_register
    region.begin(waits=False, busy=False, limit=3)
    for who, at in zip(OURS, ("auto", "brisk", "staff", "tight"), strict=False):
        region.choose_or_queue(who, at, None)
    steps(region)
    region.teardown()


def test_any_sequence_of_changes(one_register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("producer.operations.create_listing")  # the package has the function by this name
    monkeypatch.setattr(module, "_LONGEST_WAIT_SECONDS", 0.0)  # nobody else answers meanwhile
    on_sqlite = one_register.engine.dialect.name == "sqlite"
    machine = type("Listings", (Listings,), {"register": one_register})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sized(quick=5, full=15) if on_sqlite else sized(quick=1, full=3),
            stateful_step_count=40,
        ),
    )
