"""``fastkontakt index``: posts in the engagement index, shown and steered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Connection

from consumer.outgoing.posts import Posted, PostSender
from contacts import index_marks, index_posts
from contracts.clock import swedish, utc_now
from contracts.identifiers import IdentifierError, PersonId
from fastkontakt import logs
from fastkontakt.commands.options import Config
from fastkontakt.console import err, out
from fastkontakt.settings import Settings, SettingsError, load
from fastkontakt.showing import fact
from fastkontakt.stopping import run_until_stopped
from fastkontakt.wiring import contacts_shown, make_index_sender
from mapping.answers import engagementindex
from register import claims
from register.database import Register
from register.outgoing import TaskState
from register.residents import find_resident
from register.schema import open_current_register

_SEVERAL = 500
"""Residents compared in one read, so that none lasts long."""

_NOT_SET_UP = "No index is set up (setting index.logical_address): nothing is posted."

app = typer.Typer(help="Posts in the engagement index.", no_args_is_help=True)


@app.command()
def status(
    compare: Annotated[
        bool, typer.Option("--compare/--no-compare", help="Compare all posts with the register.")
    ] = True,
    config: Config = None,
) -> None:
    """Show what is posted, what waits and what was refused, and whether the posts are what they should be.

    Ends with 1 when something was refused or parked, or differs without waiting to be posted.
    """
    settings = load(config)
    register = open_current_register(settings.database)
    try:
        with register.reading() as connection:
            found = index_marks.status(connection)
            held_up = _held_up(connection, settings, found)
            everybody = index_posts.everybody(connection) if compare else []
        differing = 0
        with _progress(len(everybody)) as advance:
            for start in range(0, len(everybody), _SEVERAL):
                some = everybody[start : start + _SEVERAL]
                with register.reading() as connection:
                    differing += sum(_differs(connection, one, settings) for one in some)
                advance(len(some))
    finally:
        register.dispose()
    counts = {state: found.residents.get(state, 0) for state in TaskState}
    fact("posts in the index", found.posted)
    waiting = counts[TaskState.WAITING] + counts[TaskState.SENDING]
    since = f", the oldest since {swedish(found.oldest):%Y-%m-%d %H:%M:%S}" if found.oldest else ""
    fact("residents to be posted", waiting, f"residents to be posted: {waiting}{since}")
    for state in (TaskState.REFUSED, TaskState.PARKED):
        fact(f"residents {state}", counts[state])
    fact("results", found.results, "")
    for result, count in sorted(found.results.items()):
        out.print(f"  {count}: {result}", markup=False)
    if compare:
        fact("residents whose posts differ from the register and do not wait", differing)
    fact("held up", held_up, held_up or "")
    if differing or counts[TaskState.REFUSED] or counts[TaskState.PARKED]:
        raise typer.Exit(1)


@app.command()
def resend(
    person: Annotated[str | None, typer.Option(help="Post all there is about this resident.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Post all there is about everybody.")] = False,
    config: Config = None,
) -> None:
    """Post again what was refused or parked or waits after a failure, or all that should be in the index.

    An index that is left alone for a while after a failure is posted to at once. It takes what it has already
    without a change.
    """
    if person is not None and all_:
        raise typer.BadParameter("give --person or --all, not both")
    settings = load(config)
    register = open_current_register(settings.database)
    try:
        with register.writing() as connection:
            now = utc_now()
            if all_:
                chosen = index_posts.everybody(connection)
            elif person is not None:
                chosen = [_own_id(connection, person)]
            else:
                chosen = index_marks.given_up(connection)
            index_posts.resend(connection, chosen, now)
            named = all_ or person is not None
            index_marks.hasten(connection, now, chosen if person is not None else None)
            count = (
                len(chosen) if named else index_marks.status(connection).residents.get(TaskState.WAITING, 0)
            )
            if settings.index.logical_address is not None:
                claims.resume(connection, settings.index.logical_address)
    finally:
        register.dispose()
    out.print(f"{count} residents to be posted now.")
    if settings.index.logical_address is None:
        out.print(_NOT_SET_UP)


@app.command()
def rebuild(
    send: Annotated[bool, typer.Option("--send", help="Also post, until all is posted.")] = False,
    config: Config = None,
) -> None:
    """Look over the posts of everybody who has or has had a fixed contact, and post what differs.

    With --send it ends with 1 when nothing was accepted of what there was to post.
    """
    settings = load(config)
    sender = _sender(settings) if send else None
    register = open_current_register(settings.database)
    try:
        with register.writing() as connection:
            count = index_marks.mark_all(connection, utc_now())
        out.print(f"{count} residents to be looked over.")
        if sender is not None:
            with _progress(count) as advance:
                posted = sender.run_once(progress=advance)
            _tell(posted, register, settings)
        elif settings.index.logical_address is None:
            out.print(_NOT_SET_UP)
    finally:
        register.dispose()
        if sender is not None:
            sender.register.dispose()


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Post what is due now, and end.")] = False,
    config: Config = None,
) -> None:
    """Post until stopped. Any number of senders may run, also beside `fastkontakt serve`.

    With --once it ends with 1 when nothing was accepted of what there was to post.
    """
    settings = load(config)
    sender = _sender(settings)
    open_current_register(settings.database).dispose()
    try:
        if once:
            index_marks.sweep(sender.register, utc_now())
            _tell(sender.run_once(), sender.register, settings)
        else:
            run_until_stopped(sender.run)
    finally:
        sender.register.dispose()


def _tell(posted: Posted, register: Register, settings: Settings) -> None:
    """Tell what came of posting, why the rest does not move and until when; end with 1 if nothing did.

    Raises:
        typer.Exit: There was something to post, and nothing was accepted.
    """
    with register.reading() as connection:
        found = index_marks.status(connection)
        held_up = _held_up(connection, settings, found)
        stuck = found.next is not None and settings.index.logical_address in claims.paused(
            connection, utc_now()
        )
    failed = f", {posted.failed} not" if posted.failed else ""
    out.print(f"{posted.accepted} posts accepted{failed}.")
    for result, count in sorted(found.results.items()):
        out.print(f"refused or parked, residents: {count}: {result}", markup=False)
    if held_up:
        out.print(held_up, markup=False)
    if not posted.accepted and (posted.failed or stuck):
        raise typer.Exit(1)


def _held_up(connection: Connection, settings: Settings, found: index_marks.Status) -> str | None:
    """Return why what waits does not move, and until when; None where nothing holds it up."""
    address, now = settings.index.logical_address, utc_now()
    if address is None:
        return _NOT_SET_UP
    paused = claims.paused(connection, now).get(address)
    if paused is not None:
        return (
            f"The index {address} did not take the last posts; nothing is posted to it before "
            f"{_local(paused)}. To post at once: fastkontakt index resend"
        )
    if found.next is not None and found.next > now:
        return f"The first of those that wait is posted at {_local(found.next)}."
    return None


def _local(moment: datetime) -> str:
    return f"{swedish(moment):%Y-%m-%d %H:%M:%S}"


def _sender(settings: Settings) -> PostSender:
    sender = make_index_sender(settings)
    if sender is None:
        raise SettingsError("index.logical_address: must be set for anything to be posted")
    logs.configure(settings.log)
    return sender


def _differs(connection: Connection, resident_id: str, settings: Settings) -> bool:
    """Tell whether a resident's posts are not what they should be and nothing is being done about it."""
    if settings.care_managers is None or index_marks.is_marked(connection, resident_id):
        return False
    now, contacts = utc_now(), contacts_shown(settings.care_managers)
    return bool(engagementindex.changes(connection, resident_id, now, now, contacts))


def _own_id(connection: Connection, person: str) -> str:
    try:
        number = PersonId.from_text(person, check_digits=False).extension
    except IdentifierError as error:
        raise typer.BadParameter(str(error), param_hint="--person") from None
    resident = find_resident(connection, number)
    if resident is None:
        err.print("index: there is no such resident")
        raise typer.Exit(1)
    return resident.person_id


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show how far something has come, on a terminal; gives what tells that so many more are done."""
    columns = (TextColumn("residents"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not (total and err.is_terminal)) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)
