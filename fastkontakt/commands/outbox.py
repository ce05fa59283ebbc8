"""``fastkontakt outbox``: messages to other regions, shown and steered."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from contracts.clock import swedish, utc_now
from contracts.codes import ResultCode
from fastkontakt import logs
from fastkontakt.commands.options import LARGEST_NUMBER, Config
from fastkontakt.console import err, out
from fastkontakt.settings import Settings, SettingsError, load
from fastkontakt.showing import fact, table
from fastkontakt.stopping import run_until_stopped
from fastkontakt.wiring import make_sender
from listings.changes import ListingChanges
from listings.listing_log import Cause
from listings.settings import led_elsewhere, yearly_limits
from register import claims, outgoing
from register.database import Register
from register.outgoing import OPEN, UNSENT, Task, TaskKind, TaskState
from register.schema import open_current_register

_MOST_SHOWN = 1000

app = typer.Typer(help="Messages to other regions.", no_args_is_help=True)

Ids = Annotated[
    list[int] | None, typer.Argument(max=LARGEST_NUMBER, help="Ids of messages, as `outbox list` shows them.")
]


@app.command("list")
def list_messages(
    all_: Annotated[bool, typer.Option("--all", help="Show also what has come to its end.")] = False,
    states: Annotated[
        list[TaskState] | None, typer.Option("--state", help="Show only this state. Repeatable.")
    ] = None,
    config: Config = None,
) -> None:
    """Show the messages that are still to be sent; whom they are about is not shown."""
    register = open_current_register(load(config).database)
    try:
        with register.reading() as connection:
            wanted = states or (list(TaskState) if all_ else OPEN)
            messages = outgoing.listed(connection, TaskKind.MESSAGE, wanted, _MOST_SHOWN)
            pauses = claims.paused(connection, utc_now())
    finally:
        register.dispose()
    rows = [
        (
            one.id,
            one.address,
            one.state,
            one.attempts,
            _local(one.created_at),
            _local(one.next_attempt_at) if one.state is TaskState.WAITING else None,
            one.result,
        )
        for one in messages
    ]
    columns = ("id", "address", "state", "attempts", "created", "next attempt", "result")
    none = "No messages." if all_ or states else "No messages wait, are being sent or are parked."
    table(columns, rows, name="messages", empty=none)
    fact("paused", [f"{address} until {_local(until)}" for address, until in pauses.items()], "")
    if len(messages) == _MOST_SHOWN:
        out.print(f"These are the latest {_MOST_SHOWN}.")
    _print_pauses(pauses)


@app.command()
def retry(
    ids: Ids = None,
    address: Annotated[
        str | None, typer.Option(help="Send all that waits or is parked for this county code.")
    ] = None,
    parked: Annotated[bool, typer.Option("--parked", help="Send all that is parked.")] = False,
    config: Config = None,
) -> None:
    """Have messages that wait or are parked sent at once."""
    if bool(ids) == bool(address or parked):
        raise typer.BadParameter("give ids, or --address or --parked")
    register = open_current_register(load(config).database)
    try:
        with register.writing() as connection:
            if ids:
                chosen, wrong = _find(connection, ids)
            else:
                states = (TaskState.PARKED,) if parked else (TaskState.WAITING, TaskState.PARKED)
                found = outgoing.listed(connection, TaskKind.MESSAGE, states)
                chosen, wrong = [one for one in found if address in (None, one.address)], []
            done = sum(claims.retry(connection, message, utc_now()) for message in chosen)
    finally:
        register.dispose()
    out.print(f"{done} to be sent now.")
    _complain(wrong)


@app.command()
def drop(
    ids: Annotated[
        list[int], typer.Argument(max=LARGEST_NUMBER, help="Ids of messages, as `outbox list` shows them.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """Give messages up. A listing that waits for the answer to one is then not done."""
    settings = load(config)
    if not yes:
        typer.confirm(f"Give up {len(ids)} messages? The regions concerned will not be told.", abort=True)
    register = open_current_register(settings.database)
    try:
        with register.writing() as connection:
            chosen, wrong = _find(connection, ids)
            for message in chosen:
                _drop(connection, message, settings)
    finally:
        register.dispose()
    out.print(f"{len(chosen)} given up.")
    _complain(wrong)


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, and end.")] = False,
    config: Config = None,
) -> None:
    """Send messages until stopped. Any number of senders may run, also beside `fastkontakt serve`.

    With --once it ends with 1 when nothing was delivered of what there was to send.
    """
    settings = load(config)
    if not settings.regions:
        raise SettingsError("nothing to send: set up [regions.NN] for the regions that are served")
    logs.configure(settings.log)
    open_current_register(settings.database).dispose()
    sender = make_sender(settings)
    try:
        if once:
            sender.upkeep()
            became: list[TaskState] = []
            sender.run_once(became)
            _tell(became, sender.register)
            return
        run_until_stopped(sender.run)
    finally:
        sender.register.dispose()


def _tell(became: list[TaskState], register: Register) -> None:
    """Tell what came of sending, and which addresses are left alone until when; end with 1 if nothing moved.

    Raises:
        typer.Exit: There was something to send, and nothing was delivered.
    """
    with register.reading() as connection:
        waiting = [one.address for one in outgoing.listed(connection, TaskKind.MESSAGE, UNSENT, _MOST_SHOWN)]
        pauses = {
            address: until
            for address, until in claims.paused(connection, utc_now()).items()
            if address in waiting
        }
    counts = Counter(became)
    out.print(f"{len(became)} sent{''.join(f', {count} {state}' for state, count in counts.items())}.")
    _print_pauses(pauses)
    if TaskState.DONE not in counts and (became or pauses):
        raise typer.Exit(1)


def _print_pauses(pauses: Mapping[str, datetime]) -> None:
    for address, until in pauses.items():
        out.print(
            f"{address} gives no answer; nothing is sent to it before {_local(until)}. "
            f"To send at once: fastkontakt outbox retry --address {address}",
            markup=False,
        )


def _find(connection: Connection, ids: list[int]) -> tuple[list[Task], list[str]]:
    """Return the messages that can be steered, and what is wrong with the others."""
    chosen, wrong = [], []
    for message_id in dict.fromkeys(ids):
        message = outgoing.find(connection, TaskKind.MESSAGE, message_id)
        if message is None:
            wrong.append(f"there is no message {message_id}; see: fastkontakt outbox list")
        elif message.state is TaskState.SENDING:
            wrong.append(f"message {message_id} is just being sent; try again in a moment")
        elif message.state not in OPEN:
            wrong.append(f"message {message_id} is {message.state} and not to be sent any more")
        else:
            chosen.append(message)
    return chosen, wrong


def _drop(connection: Connection, message: Task, settings: Settings) -> None:
    outgoing.drop(connection, message.id, "given up by an operator")
    if message.request_id is not None:
        cause = Cause(source="outbox drop", correlation_id=message.correlation_id)
        limits, elsewhere = yearly_limits(settings.regions), led_elsewhere(settings.regions)
        changes = ListingChanges(connection, swedish(utc_now()), limits, cause, elsewhere)
        changes.settle_request(message.request_id, ResultCode.ERROR, None)
        if message.attempts > 0:  # it may have arrived without an answer
            changes.tell_it_is_not_here(message.request_id)
        changes.finish()


def _complain(wrong: list[str]) -> None:
    """Tell what is wrong on standard error, and end with 1 if anything is."""
    for line in wrong:
        err.print(f"outbox: {line}", markup=False)
    if wrong:
        raise typer.Exit(1)


def _local(moment: datetime) -> str:
    return f"{swedish(moment):%Y-%m-%d %H:%M:%S}"
