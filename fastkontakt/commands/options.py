"""Options that several commands share."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

LARGEST_NUMBER = 2**63 - 1
"""The greatest whole number that a database takes."""

LONGEST_SECONDS = 86_400.0
"""The longest wait that can be asked for; the system does not take any length."""


def a_day(text: str | date) -> date:
    """Read a day from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    if isinstance(text, date):
        return text
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise typer.BadParameter(f"there is no day {text}; a day is written as 2026-01-31") from None


def day_option(*names: str, help: str) -> Any:
    """Return an option that takes a day."""
    return typer.Option(*names, parser=a_day, metavar="YYYY-MM-DD", help=help)


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file, or demo. Default: FASTKONTAKT_CONFIG, else fastkontakt.toml if there is one.",
    ),
]

ProfileName = Annotated[
    str, typer.Argument(help="Profile: a TOML file, or the name of one that ships, see `profile list`.")
]
