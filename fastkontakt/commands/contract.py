"""``fastkontakt contract``: which schema each contract is answered by, and what a package says otherwise."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.catalogue import CONTRACTS
from contracts.schema_diff import differences
from contracts.schemas import SchemaError, Schemas
from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.schema_checks import check_schemas
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import load
from fastkontakt.showing import fact, table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def contract() -> None:
    """Contracts, and the schemas they are answered by."""


@app.command("list")
def list_contracts(config: Config = None) -> None:
    """List the contracts with the schema that messages of each are checked against."""
    schemas = open_schemas(load(config))
    rows = [
        (one.name, one.version, "our own" if schemas.is_built_in(one) else str(schemas.schema(one)))
        for one in CONTRACTS
    ]
    table(("contract", "version", "schema"), rows, name="contracts")
    for file in schemas.passed_over:
        out.print(f"passed over, as there is a newer version: {file}", markup=False)


@app.command()
def diff(
    package: Annotated[Path, typer.Argument(help="Folder with one or more unpacked release packages.")],
) -> None:
    """List what a package says otherwise than the built-in schemas, and what comes of it.

    Ends with 1 when an answer from here cannot be sent by it.
    """
    schemas = Schemas(package)
    for one in CONTRACTS:
        if schemas.is_built_in(one):
            continue
        schemas.compile(one)
        found = differences(one, schemas)
        told = [
            {"path": each.path, "built-in": each.ours, "package": each.theirs, "effect": each.effect}
            for each in found
        ]
        fact(one.name, told, f"{one.name}: {schemas.schema(one)}")
        if not found:
            out.print("  as the built-in one")
        for difference in found:
            out.print(f"  {difference.path}", markup=False)
            out.print(f"    built-in: {difference.ours or 'not there'}", markup=False)
            out.print(f"    package:  {difference.theirs or 'not there'}", markup=False)
            out.print(f"    {difference.effect}", markup=False)
    try:
        check_schemas(schemas)
    except SchemaError as error:
        out.print(str(error), markup=False)
        raise typer.Exit(1) from None
    out.print("A full answer of each contract is valid by it.")
