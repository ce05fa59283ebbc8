"""``fastkontakt db``: the register's tables."""

from typing import Annotated

import typer

from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import fact
from register import figures, schema, triggers
from register import grants as register_grants
from register.database import open_register
from register.schema import open_current_register

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
def grants(
    role: Annotated[str, typer.Argument(help="The user of the database that the service connects as.")],
    in_schema: Annotated[str, typer.Option("--schema", help="Schema of the tables.")] = "public",
) -> None:
    """Print what to grant on PostgreSQL to a user that serves and loads, and cannot alter the audit log."""
    for statement in register_grants.grants(role, in_schema):
        out.print(f"{statement};", markup=False, soft_wrap=True)


@app.command()
def status(config: Config = None) -> None:
    """Tell which version the register's tables are. Ends with 1 when it is not this program's."""
    register = open_register(load(config).database)
    try:
        found = schema.status(register)
    finally:
        register.dispose()
    fact("register", found.current, f"register  {found.current or 'no tables yet'}")
    fact("program", found.head, f"program   {found.head}")
    fact("audit log missing", [one.name for one in found.audit_missing], "")
    if not found.audit_log:
        out.print(f"audit log none: {', '.join(one.name for one in found.audit_missing)}")
    if not found.up_to_date:
        out.print("Run: fastkontakt db upgrade")
        raise typer.Exit(1)


@app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="make the figures what the count says")] = False,
    config: Config = None,
) -> None:
    """Compare the kept figures of units with a count of everything. Ends with 1 when they differ.

    Figures are kept in the transaction of each change, so there is nothing to find, unless somebody has gone
    past the register or lost a part of it. Reads all listings and queue places.
    """
    register = open_current_register(load(config).database)
    try:
        with register.reading() as connection:
            missing, found = sorted(triggers.missing(connection)), figures.differences(connection)
            patients = figures.wrong_patients(connection)
        if repair and (missing or found or patients):
            with register.writing() as connection:
                figures.repair(connection)
    finally:
        register.dispose()
    fact("missing triggers", missing, "")
    fact("figures that differ", len(found), "")
    fact("times of patients that differ", patients, "")
    for name in missing:
        out.print(f"The trigger {name} is missing: figures do not follow every change.")
    for one in found:
        since = "all along" if one.moment == figures.FIRST else f"from {one.moment}"
        out.print(f"{one.unit_key}  {one.code}  {one.kind}  {since}  {-one.amount:+d} of the count")
    if patients:
        out.print(
            f"{patients} times of patients are not what contacts and listings say; so doctors' figures."
        )
    if not missing and not found and not patients:
        out.print("The figures are those of a count.")
    elif repair:
        out.print("Put right.")
    else:
        out.print("Run: fastkontakt db check --repair")
        raise typer.Exit(1)
