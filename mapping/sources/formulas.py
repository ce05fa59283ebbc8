"""Texts that a spreadsheet would take for formulas, in the files we write."""

STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a formula, or what is taken for one, begins with."""


def as_text(cell: str) -> str:
    """Return a cell so that no spreadsheet takes it for a formula: with an apostrophe in front where needed.

    The readers drop that apostrophe, so a file of ours can be loaded again.
    """
    return f"'{cell}" if cell.startswith(STARTS) else cell
