"""The rows in docs/listing-rules.md."""

from pathlib import Path

from tests.contract.listing_cases import CREATE_LISTING, UPDATE_LISTING
from tests.contract.listing_cases.case import Case

PAGE = Path(__file__).parents[3] / "docs" / "listing-rules.md"

_TABLES = {"CreateListing": CREATE_LISTING, "UpdateListing": UPDATE_LISTING}
_HEAD = ("| Id | Situation | resultCode | resultText | Effect |", "|---|---|---|---|---|")


def rendered(text: str) -> str:
    """Return the page with the rows between its markers made anew; all else stays."""
    for contract, groups in _TABLES.items():
        begin, end = f"<!-- rows of {contract} -->", f"<!-- end of rows of {contract} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"the page must have {begin} and then {end}")
        text = "\n".join([before + begin, *_lines(groups), end]) + after
    return text


def _lines(groups: dict[str, tuple[Case, ...]]) -> list[str]:
    lines = []
    for heading, cases in groups.items():
        lines += ["", f"### {heading}", "", *_HEAD, *map(_row, cases)]
    return [*lines, ""]


def _row(case: Case) -> str:
    text = "" if case.text is None else f"`{case.text}`"
    return f"| {case.id} | {case.situation} | {case.code} | {text} | {case.effect} |"
