"""When a message is sent again."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from consumer.outgoing.sending import wait
from consumer.settings import OutboxSettings
from register.claims import LONGEST_WAIT

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 5), (2, 10), (3, 20), (8, 640), (9, 1280), (10, 1440), (11, 1440), (100_000, 1440)],
)
def test_the_wait_doubles_up_to_a_day(attempts: int, minutes: int) -> None:
    assert wait(attempts, OutboxSettings(), 0) == minutes * MINUTE


@pytest.mark.parametrize(("first", "longest"), [(7, 100), (5, 5), (1440, 1440), (5, 2880)])
def test_the_wait_is_what_the_settings_say(first: int, longest: int) -> None:
    settings = OutboxSettings(first_retry_minutes=first, longest_retry_minutes=longest)
    waits = [wait(attempts, settings, 0) for attempts in range(1, 15)]
    assert waits[0] == first * MINUTE
    assert waits == sorted(waits)
    assert waits[-1] == longest * MINUTE


@pytest.mark.parametrize("attempts", [1, 4, 30])
def test_chance_lengthens_a_wait_by_a_tenth_at_most(attempts: int) -> None:
    settings = OutboxSettings()
    least = wait(attempts, settings, 0)
    assert wait(attempts, settings, 0.5) == least * 1.05
    assert wait(attempts, settings, 1) == least * 1.1


def test_no_wait_is_longer_than_the_outbox_takes_for_possible() -> None:
    assert wait(50, OutboxSettings(longest_retry_minutes=2880), 1) == LONGEST_WAIT


@pytest.mark.parametrize(
    "settings",
    [
        {"first_retry_minutes": 4},
        {"longest_retry_minutes": 2881},
        {"first_retry_minutes": 30, "longest_retry_minutes": 29},
        {"wait_seconds": 26},
        {"calls_per_second": 0},
        {"poll_seconds": 0},
    ],
    ids=str,
)
def test_settings_that_break_a_rule_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        OutboxSettings.model_validate(settings)
