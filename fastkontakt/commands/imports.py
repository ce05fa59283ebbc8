"""``fastkontakt imports``: the loads that have been, and undoing the last one."""

from datetime import datetime
from typing import Annotated

import typer

from contracts.clock import swedish, utc_now
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import LARGEST_NUMBER, Config
from fastkontakt.console import out
from fastkontakt.settings import load
from fastkontakt.showing import fact, table
from mapping.loads.batches import Batch, BatchState, RecordCounts, batch, batches
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
    table(
        ("load", "source", "state", "when", "by", "rows", "faulty", "added", "changed", "ended"),
        [
            (
                one.id,
                one.source,
                one.state,
                f"{swedish(one.finished_at):%Y-%m-%d %H:%M}",
                one.loaded_by,
                sum(file.rows for file in one.files),
                sum(file.faulty for file in one.files),
                sum(count.added for count in one.records.values()),
                sum(count.changed for count in one.records.values()),
                sum(count.ended + count.removed for count in one.records.values()),
            )
            for one in found
        ],
        name="loads",
        empty="Nothing has been loaded.",
    )


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
    fact("load", found.id, f"load {found.id} of {found.source}: {found.title}")
    fact("source", found.source, "")
    fact("state", found.state, f"state     {found.state}")
    fact("policy", found.policy, f"policy    {found.policy}")
    when = f"{_local(found.started_at)} to {_local(found.finished_at)}"
    fact("when", when, f"when      {when}")
    fact("by", found.loaded_by, f"by        {found.loaded_by}")
    if found.undone_at is not None:
        undone = f"{_local(found.undone_at)} by {found.undone_by}"
        fact("undone", undone, f"undone    {undone}")
    out.print()
    files = [(one.name, one.rows, one.approved, one.faulty) for one in found.files]
    table(("file", "rows", "approved", "faulty"), files, name="files", empty=None)
    out.print()
    records = [(name, *counts) for name, counts in found.records.items()]
    table(("record", *RecordCounts._fields), records, name="records", empty=None)


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
    put_back = [(record, counts.changed, counts.removed) for record, counts in records.items()]
    table(("record", "put back", "removed"), put_back)


def _found(found: Batch | None, number: int) -> Batch:
    if found is None:
        raise Undone(f"There is no load {number}; see: fastkontakt imports list")
    return found


def _local(moment: datetime) -> str:
    return f"{swedish(moment):%Y-%m-%d %H:%M:%S}"
