"""A row of the decision table: a request, what it meets, and what comes of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.codes import ResultCode
from register.model import Record
from tests.messages import create_listing, envelope, update_listing
from tests.records import COUNTY

OK, INFO, ERROR = ResultCode.OK, ResultCode.INFO, ResultCode.ERROR
FULL_UP = ResultCode.ERROR_MAXIMUM_CITIZEN_REACHED_ON_CAREUNIT
TOO_MANY = ResultCode.ERROR_MAXIMUM_ANNUAL_UPDATES_EXCEEDED
CONSENT = ResultCode.ERROR_GUARDIAN_CONSENT_NEEDED
AGE = ResultCode.ERROR_AGE_LIMIT

NOTHING = "nothing"

Asked = dict[str, Any]
"""Arguments of `tests.messages.create_listing` or of `tests.messages.update_listing`."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row.

    Attributes:
        id: Short name, unique in its table.
        situation: What is the case, in a sentence of the documentation.
        asked: The request.
        code: The resultCode.
        text: Name of the sentence in ``contracts/texts.toml``; None for no resultText.
        effect: What changes in the register, in the words of `effects`; `NOTHING` if nothing at all does.
        holds: Records beside those of `world.BASE`, or in place of them.
        region: Settings of the region, in place of the defaults.
        earlier: Requests that have come before, whatever their answers; what they changed is no effect.
        after: How long after them the request comes.
    """

    id: str
    situation: str
    asked: Asked
    code: ResultCode = OK
    text: str | None = None
    effect: str = NOTHING
    holds: tuple[Record, ...] = ()
    region: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[Asked, ...] = ()
    after: timedelta = timedelta()


def create_body(asked: Asked) -> bytes:
    """Return a CreateListing as it is sent."""
    return envelope(create_listing(**asked), COUNTY)


def update_body(asked: Asked) -> bytes:
    """Return an UpdateListing as it is sent."""
    return envelope(update_listing(**asked), COUNTY)
