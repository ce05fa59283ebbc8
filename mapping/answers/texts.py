"""The Swedish text of an answer (carelisting TKB 2.1, resultText)."""

from contracts.texts import sentence
from listings.results import ListingResult


def result_text(result: ListingResult, log_id: str) -> str | None:
    """Return what a resident reads about a result; None when there is nothing to say.

    Args:
        result: The result.
        log_id: Finds the call in the log, unless the result names another that does.
    """
    if result.sentence is None:
        return result.text
    return sentence(result.sentence, **{"log_id": log_id, **result.values})
