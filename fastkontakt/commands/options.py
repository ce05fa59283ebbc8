"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

LARGEST_NUMBER = 2**63 - 1
"""The greatest whole number that a database takes."""

LONGEST_SECONDS = 86_400.0
"""The longest wait that can be asked for; the system does not take any length."""

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file. Default: the one in FASTKONTAKT_CONFIG, else fastkontakt.toml if there is one.",
    ),
]

ProfileName = Annotated[
    str, typer.Argument(help="Profile: a TOML file, or the name of one that ships, see `profile list`.")
]
