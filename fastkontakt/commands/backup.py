"""``fastkontakt backup`` and ``restore``: copies of a register on SQLite with its audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from contracts.clock import utc_now
from fastkontakt.commands.options import Config
from fastkontakt.console import err, out
from fastkontakt.settings import Settings, load
from register import backup as copies
from register import schema
from register.database import Register, open_register


@contextmanager
def _register(settings: Settings) -> Iterator[Register]:
    register = open_register(settings.database)
    try:
        yield register
    except copies.BackupError as reason:
        err.print(str(reason), markup=False)
        raise typer.Exit(1) from None
    finally:
        register.dispose()


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder in which a new one is made for the copy.")],
    wait: Annotated[
        float, typer.Option(min=0.1, max=86_400, help="Seconds to wait for a load that is being stored.")
    ] = 300.0,
    config: Config = None,
) -> None:
    """Copy the register and its audit log, of one moment, while they are in use (SQLite)."""
    with _register(load(config)) as register:
        made = copies.make(register, folder, utc_now(), wait)
    size = sum(one.stat().st_size for one in made.iterdir())
    out.print(f"{made}: {len(list(made.iterdir())) - 1} files, {size / 2**20:.1f} MiB", markup=False)


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `fastkontakt backup` has made.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Put it in the place of a register that is there.")
    ] = False,
    with_audit: Annotated[
        bool,
        typer.Option(
            "--with-audit",
            help="Put back the audit log in the place of the one that is there, which is newer.",
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Put a copy of the register back (SQLite); the service must not run.

    What was there is moved aside, and an audit log that is there stays.
    """
    settings = load(config)
    with _register(settings) as register:
        aside = copies.put_back(folder, register, utc_now(), overwrite=overwrite, with_audit=with_audit)
    for one in aside:
        out.print(f"moved aside: {one}", markup=False)
    with _register(settings) as register:
        current = schema.status(register).up_to_date
    if current:
        out.print("The register is put back.")
    else:
        out.print("The register is put back. Its tables are older; run: fastkontakt db upgrade")
