"""``fastkontakt imports``: the loads that have been, and undoing the last one."""

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from contracts.clock import swedish, utc_now
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import LARGEST_NUMBER, Config
from fastkontakt.console import out, plain_table
from fastkontakt.loads.printing import records_table
from fastkontakt.settings import load
from mapping.loads.batches import Batch, BatchState, batch, batches
from mapping.loads.undo import UndoRefused
from mapping.loads.undo import undo as undo_batch

_MOST = 100
"""Loads among which the one to undo is looked for."""

app = typer.Typer(help="The loads of sources that have been.", invoke_without_command=True)


@app.callback()
def overview(context: typer.Context) -> None:
    """Show the latest loads, unless a command says otherwise."""
    if context.invoked_subcommand is None:
        list_loads()


@app.command("list")
def list_loads(
    source: Annotated[str | None, typer.Option(help="Only loads of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LARGEST_NUMBER, help="How many to show.")] = 20,
    config: Config = None,
) -> None:
    """Show the latest loads, newest first: when, what, by whom and what came of it (row S001-051)."""
    with opened(load(config)) as register, register.reading() as connection:
        found = batches(connection, source=source, limit=limit)
    table = plain_table(
        "load", "source", "state", "when", "by", "rows", "faulty", "added", "changed", "ended"
    )
    for one in found:
        counts = one.records.values()
        numbers = (
            sum(file.rows for file in one.files),
            sum(file.faulty for file in one.files),
            sum(count.added for count in counts),
            sum(count.changed for count in counts),
            sum(count.ended + count.removed for count in counts),
        )
        table.add_row(
            str(one.id),
            one.source,
            one.state,
            _local(one.finished_at),
            Text(one.loaded_by),
            *map(str, numbers),
        )
    out.print(table)


@app.command()
def show(
    number: Annotated[
        int, typer.Argument(max=LARGEST_NUMBER, help="Number of the load, as `imports list` shows it.")
    ],
    config: Config = None,
) -> None:
    """Show a load: its files, and what became of the records of each type."""
    with opened(load(config)) as register, register.reading() as connection:
        found = _found(batch(connection, number), number)
    out.print(f"load {found.id} of {found.source}: {found.title}", markup=False)
    out.print(f"state     {found.state}")
    out.print(f"policy    {found.policy}")
    out.print(f"when      {_local(found.started_at)} to {_local(found.finished_at)}")
    out.print(f"by        {found.loaded_by}", markup=False)
    if found.undone_at is not None:
        out.print(f"undone    {_local(found.undone_at)} by {found.undone_by}", markup=False)
    table = plain_table("file", "rows", "approved", "faulty")
    for file in found.files:
        table.add_row(Text(file.name), str(file.rows), str(file.approved), str(file.faulty))
    out.print()
    out.print(table)
    if found.records:
        out.print()
        out.print(records_table(found.records))


@app.command()
def undo(
    number: Annotated[
        int | None, typer.Argument(max=LARGEST_NUMBER, help="Number of the load. Default: the last one.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Put the register back to what it was before the last load."""
    with opened(load(config)) as register:
        with register.reading() as connection:
            if number is None:
                loaded = (one for one in batches(connection, limit=_MOST) if one.state is BatchState.LOADED)
                chosen = next(loaded, None)
                if chosen is None:
                    raise Undone("There is no load to undo.")
            else:
                chosen = _found(batch(connection, number), number)
        if not yes:
            when = _local(chosen.finished_at)
            typer.confirm(f"Undo load {chosen.id} of {chosen.source}, {when}?", abort=True)
        try:
            with register.writing() as connection:
                records = undo_batch(connection, chosen.id, operator(by), utc_now())
        except UndoRefused as refusal:
            raise Undone(str(refusal)) from None
    out.print(f"load {chosen.id} is undone")
    table = plain_table("record", "put back", "removed")
    for record, counts in records.items():
        table.add_row(record, str(counts.changed), str(counts.removed))
    out.print(table)


def _found(found: Batch | None, number: int) -> Batch:
    if found is None:
        raise Undone(f"There is no load {number}; see: fastkontakt imports list")
    return found


def _local(moment: datetime) -> str:
    return f"{swedish(moment):%Y-%m-%d %H:%M:%S}"
