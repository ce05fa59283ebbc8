"""What there is to answer to somebody who has asked for a change: a code, and what to say, by name.

The Swedish text is made where the answer is made (`mapping.answers.texts`). What is kept is the name of the
sentence and its values, so that the same request gets the same answer when it comes again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import ResultCode
from register.model import Unit


@dataclass(frozen=True, slots=True)
class ListingResult:
    """The answer a request gets.

    Attributes:
        code: The resultCode.
        sentence: Name of the sentence in ``contracts/texts.toml``; None when there is nothing to say.
        values: What the sentence's braces stand for, but for the log id of the call that is answered.
        text: A text of another region instead, which the resident may read.
    """

    code: ResultCode
    sentence: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


OK = ListingResult(ResultCode.OK)


class Refused(Exception):
    """What was asked for is not done: nothing is changed, and the transaction must be rolled back.

    Attributes:
        result: The answer.
    """

    def __init__(self, sentence: str, code: ResultCode = ResultCode.ERROR) -> None:
        super().__init__(sentence)
        self.result = ListingResult(code, sentence)


def listed_result(
    facility: Unit, *, doctor_ended: bool, doctor_wanted: bool, doctor_kept: bool
) -> ListingResult:
    """Return the answer to somebody who has been listed: INFO where there is more to say (TKB 2.1).

    Args:
        facility: Where.
        doctor_ended: Whether a doctor link ended with the listing before.
        doctor_wanted: Whether a doctor was asked for.
        doctor_kept: Whether that doctor could still be chosen.
    """
    if doctor_wanted and not doctor_kept:
        return ListingResult(ResultCode.INFO, "doctor_not_kept", {"unit": facility.name})
    if doctor_ended and not doctor_wanted:
        return ListingResult(ResultCode.INFO, "doctor_ended", {"unit": facility.name})
    return OK


def as_columns(result: ListingResult | None) -> dict[str, str | None]:
    """Return the columns in which listing_request and listing_change keep a result."""
    if result is None:
        return dict.fromkeys(("result_code", "result_sentence", "result_values", "result_text"))
    return {
        "result_code": result.code,
        "result_sentence": result.sentence,
        "result_values": json.dumps(dict(result.values), ensure_ascii=False) if result.values else None,
        "result_text": result.text,
    }


def from_row(row: Any) -> ListingResult:
    """Return the result that a row with those columns keeps."""
    values = json.loads(row.result_values) if row.result_values else {}
    return ListingResult(ResultCode(row.result_code), row.result_sentence, values, row.result_text)
