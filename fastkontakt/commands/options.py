"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
