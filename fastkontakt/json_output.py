"""The option ``--json`` of commands that show something: all they show, as one object."""

import json
import sys
from contextvars import ContextVar
from datetime import date
from typing import Annotated, Any, Final

import typer

from fastkontakt.console import out

SHOWING: Final = frozenset(
    {
        "audit search",
        "audit verify",
        "call",
        "check",
        "config",
        "contacts report list",
        "contacts report per-unit",
        "contacts report workload",
        "contacts show",
        "contacts without-doctor",
        "contract diff",
        "contract list",
        "db check",
        "db status",
        "doctors distribute",
        "doctors list",
        "doctors patients",
        "imports list",
        "imports show",
        "index status",
        "listings log",
        "listings queue",
        "listings show",
        "listings unconfirmed",
        "outbox list",
        "profile list",
        "quality",
        "residents find",
        "validate",
    }
)
"""Commands that show something; others have a form for programs of their own, or only do something."""

collected_json: Final = ContextVar[dict[str, Any] | None]("collected_json", default=None)
"""What a command has shown, where it is to be one JSON object; `fastkontakt.showing` puts it there."""


def json_option() -> Any:
    """Return the option ``--json`` as Typer makes it, for a command of `SHOWING`."""
    holder = typer.Typer(add_completion=False)

    @holder.command()
    def shown(
        json: Annotated[
            bool,
            typer.Option(
                "--json",
                expose_value=False,
                callback=_begin,
                help="Print one JSON object instead, for programs.",
            ),
        ] = False,
    ) -> None:
        """Stand for a command, for its option."""

    return typer.main.get_command(holder).params[0]


def in_json() -> bool:
    """Tell whether what is shown goes into a JSON object, for what would be told twice there."""
    return collected_json.get() is not None


def _begin(context: typer.Context, wanted: bool) -> None:
    if wanted:
        collected_json.set({})
        out.file = sys.stderr
        context.call_on_close(_end)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _end() -> None:
    collected = collected_json.get()
    collected_json.set(None)
    out.file = None  # type: ignore[assignment]  # rich takes it for standard output as it then is
    if collected:
        json.dump(collected, sys.stdout, ensure_ascii=False, indent=1, default=_text)
        sys.stdout.write("\n")
