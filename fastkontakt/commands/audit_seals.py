"""``fastkontakt audit keys, checkpoint, verify, prune``: a log that nobody alters unseen (docs/audit.md)."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from contracts.clock import utc_now
from fastkontakt.commands.common import By, Undone, opened, operator
from fastkontakt.commands.options import Config
from fastkontakt.commands.reports import audited
from fastkontakt.console import out
from fastkontakt.settings import Settings, SettingsError, load
from fastkontakt.showing import fact
from register import audit_notes, audit_pruning, audit_seals
from register.audit_seals import LATEST, Finding
from register.engine import RegisterError

_SHOWN = 20
"""How many findings are shown one by one."""


def keys(config: Config = None) -> None:
    """Make the key that signs checkpoints, and print the one that checks them, for the log reviewer."""
    settings = load(config)
    public = audit_notes.make_keys(_set(settings.audit.key, "audit.key"), settings.audit.name)
    out.print(public, markup=False, soft_wrap=True)


def checkpoint(config: Config = None) -> None:
    """Seal the days that have ended, and sign a checkpoint of them; to be run every night."""
    settings = load(config)
    folder, key = _set(settings.audit.folder, "audit.folder"), _set(settings.audit.key, "audit.key")
    audit_notes.sign(audit_notes.Checkpoint(settings.audit.name, 0, b""), key)  # before anything is sealed
    with opened(settings) as register:
        with register.reading_audit() as connection:
            for day in audit_seals.seal(connection, folder, utc_now()):
                out.print(f"{day.day}  {day.rows} rows sealed")
        days = audit_seals.sealed_days(folder)
        made = audit_seals.checkpoint_of(days, settings.audit.name)
        latest = folder / LATEST
        if latest.exists() and not audit_seals.agrees(
            days, audit_notes.opened(latest.read_text("utf-8"), _public(key))
        ):
            raise Undone(
                f"{folder}: the sealed days do not go on from {latest}; run: fastkontakt audit verify"
            )
    note = audit_notes.sign(made, key)
    named = folder / f"{LATEST}-{days[-1].day if days else 'empty'}"
    for file in (named, latest):
        file.write_text(note, "utf-8")
    out.print(f"{named}: {made.size} days. Copy it, and the folder, to where nobody who runs this can write.")


def verify(
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint that was handed elsewhere, or kept from before.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="File with the key that checks. Default: that of the settings.")
    ] = None,
    config: Config = None,
) -> None:
    """Compare the audit log with what was sealed, and say which rows are not as they were."""
    settings = load(config)
    folder = _set(settings.audit.folder, "audit.folder")
    public = key.read_text("utf-8") if key else _public(_set(settings.audit.key, "audit.key"))
    days = audit_seals.sealed_days(folder)
    wrong = 0
    for file in (folder / LATEST, checkpoint):
        if file is None:
            continue
        try:
            note = audit_notes.opened(file.read_text("utf-8"), public)
        except (RegisterError, OSError) as error:
            wrong += 1
            out.print(f"{file}: {error}", markup=False, soft_wrap=True)
            continue
        if not audit_seals.agrees(days, note):
            wrong += 1
            out.print(
                f"{file}: the {note.size} days it was made of are not those that are sealed now: the log, or "
                "what was sealed of it, has been rewritten.",
                markup=False,
                soft_wrap=True,
            )
    rows = 0
    with opened(settings) as register, register.reading_audit() as connection:
        for found in audit_seals.check(connection, folder, days, kept_since(settings)):
            if not isinstance(found, Finding):
                rows += found.rows
                continue
            wrong += 1
            if wrong <= _SHOWN:
                row = "" if found.id is None else f"row {found.id} "
                out.print(f"{found.day}: {row}{found.what}", markup=False, soft_wrap=True)
        unsealed = audit_seals.unsealed(connection, days)
    said = f"{len(days)} days with {rows} rows are sealed; {unsealed} rows are not sealed yet."
    fact("days sealed", len(days), said)
    for label, number in (("rows sealed", rows), ("rows not sealed yet", unsealed), ("findings", wrong)):
        fact(label, number, "")
    if wrong:
        out.print(f"{wrong} findings. What to do: docs/audit.md")
        raise typer.Exit(1)
    out.print("Nothing has been altered.")


def prune(
    apply: Annotated[bool, typer.Option("--apply", help="Delete them.")] = False,
    by: By = None,
    config: Config = None,
) -> None:
    """Delete rows older than audit.keep_years; without --apply it only says from when on rows are kept."""
    settings = load(config)
    since = kept_since(settings)
    if not apply:
        out.print(f"Rows of before {since} (UTC) are older than audit.keep_years; --apply deletes them.")
        return
    with opened(settings) as register:
        audited(register, f"audit prune {since}", operator(by), [])
        gone = audit_pruning.prune(register, datetime.combine(since, time.min))
    out.print(f"{gone} rows of before {since} (UTC) are deleted.")


def kept_since(settings: Settings) -> date:
    """Return the first day whose rows are kept."""
    today = datetime.now(UTC).date()
    try:
        return today.replace(year=today.year - settings.audit.keep_years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - settings.audit.keep_years, day=28)


def _public(key: Path) -> str:
    file = audit_notes.public_file(key)
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise RegisterError(f"{file}: cannot be read: {error.strerror}; name it with --key") from None


def _set(path: Path | None, name: str) -> Path:
    if path is None:
        raise SettingsError(f"{name}: must be set for this command")
    return path
