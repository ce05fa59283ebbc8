"""``fastkontakt db``: the register's tables."""

import typer

from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.settings import load
from register import schema
from register.database import open_register

app = typer.Typer(help="The register's tables.", no_args_is_help=True)


@app.command()
def upgrade(config: Config = None) -> None:
    """Create the register's tables, or bring them up to this version. Safe to repeat."""
    register = open_register(load(config).database)
    try:
        before = schema.status(register)
        schema.upgrade(register)
    finally:
        register.dispose()
    if before.up_to_date:
        out.print(f"The register was already at {before.head}.")
    elif before.current == before.head:
        out.print("There was no audit log beside the register, and now there is a new one.")
    else:
        out.print(f"The register was at {before.current or 'nothing'} and is now at {before.head}.")


@app.command()
def status(config: Config = None) -> None:
    """Tell which version the register's tables are. Ends with 1 when it is not this program's."""
    register = open_register(load(config).database)
    try:
        found = schema.status(register)
    finally:
        register.dispose()
    out.print(f"register  {found.current or 'no tables yet'}\nprogram   {found.head}")
    if not found.audit_log:
        out.print(f"audit log none: {', '.join(one.name for one in found.audit_missing)}")
    if not found.up_to_date:
        out.print("Run: fastkontakt db upgrade")
        raise typer.Exit(1)
