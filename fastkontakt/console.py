"""The terminal: results on standard output, errors on standard error, tables in one style."""

import os
import sys

from rich.console import Console
from rich.table import Table

_FILE_WIDTH = 80
"""Columns of what goes to a file or another program instead of a terminal, unless COLUMNS says."""

out = Console(
    highlight=False,
    emoji=False,
    soft_wrap=True,
    width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _FILE_WIDTH,
)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def plain_table(*columns: str) -> Table:
    """Return an empty table in the one style all commands use."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
