"""The command line: one verb per command, errors in one line.

Exit codes: 0 done; 1 not done, as what was asked about is wrong or out of reach; 2 asked wrongly, by command
line or settings. `import` and `watch` add 3: loaded, but for faulty rows.

To tell what there is, nothing of it is loaded: commands, and the errors they end with, are named here and
loaded where they are used. So `--help` is quick, and a command costs what it uses itself.
"""

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from unicodedata import normalize

import typer
from typer.core import TyperGroup

from fastkontakt.console import err, out
from fastkontakt.json_output import SHOWING, json_option


class _Command(NamedTuple):
    """A command that is not loaded.

    Attributes:
        place: Module in `fastkontakt.commands`, and its function or, with commands below it, its app.
        help: Its line in the list of commands: the first sentence of its own help.
    """

    place: str
    help: str


COMMANDS = {
    "serve": _Command("serve:serve", "Serve the contracts over HTTP until stopped."),
    "import": _Command(
        "import_:import_files", "Load files into the register: all of them together, or nothing."
    ),
    "watch": _Command(
        "watch:watch",
        "Load files as they come into a folder, and move them away; stops after the load under way.",
    ),
    "call": _Command("call:call", "Call a contract and show the answer."),
    "portal": _Command(
        "portal:portal", "Show what a resident sees of a producer's answers, as web pages for testers."
    ),
    "platform": _Command(
        "platform:platform",
        "Stand in for the national platform, its index and its aggregating service, until stopped.",
    ),
    "sandbox": _Command(
        "sandbox:sandbox",
        "Start two regions, a stand-in platform and the portal, to try it all offline, until stopped.",
    ),
    "validate": _Command(
        "validate:validate",
        "Tell which contract a message belongs to and whether it is valid, with every error's path and line.",
    ),
    "conformance": _Command(
        "conformance:app", "Conformance of a producer, ours or another's: `fastkontakt conformance URL`."
    ),
    "quality": _Command(
        "quality:quality",
        "Count, by finding and unit, the fixed contacts of today that cannot be shown or break a rule.",
    ),
    "contract": _Command("contract:app", "Contracts, and the schemas they are answered by."),
    "config": _Command(
        "config:config", "Print the settings in force, file and environment together, with secrets masked."
    ),
    "check": _Command(
        "check:check",
        "Tell what to know before callers are let in: settings, register, certificates, who may call, files.",
    ),
    "certs": _Command("certs:app", "Certificates for trying TLS out."),
    "imports": _Command("imports:app", "The loads of sources that have been."),
    "profile": _Command("profile:app", "Profiles: how the files of a source are read."),
    "contacts": _Command("contacts:app", "Residents' fixed contacts."),
    "doctors": _Command(
        "doctors:app", "Doctors, care contacts and treating roles of a unit, and their patients."
    ),
    "residents": _Command("residents:app", "Residents of the register."),
    "audit": _Command("audit:app", "The log of who has asked about whom."),
    "db": _Command("db:app", "The register's tables."),
    "backup": _Command(
        "backup:backup",
        "Copy the register and its audit log, of one moment, while they are in use (SQLite).",
    ),
    "restore": _Command(
        "backup:restore", "Put a copy of the register back (SQLite); the service must not run."
    ),
    "listings": _Command("listings:app", "Listings and queues."),
    "outbox": _Command("outbox:app", "Messages to other regions."),
    "index": _Command("index:app", "Posts in the engagement index."),
    "changes": _Command("changes:app", "What has changed, for other systems."),
}

_FORESEEN = {
    "fastkontakt.settings.SettingsError": ("settings: {error}", 2),
    "producer.tls.TlsError": ("settings: {error}", 2),
    "producer.listening.ListenError": ("settings: {error}", 2),
    "contracts.schemas.SchemaError": ("settings: {error}", 2),
    "consumer.portal.settings.PersonasError": ("settings: {error}", 2),
    "consumer.platform.settings.PlatformError": ("platform: {error}", 2),
    "producer.callers.AccessError": ("settings: {error}", 2),
    "mapping.sources.profile.ProfileError": ("profile: {error}", 2),
    "register.engine.RegisterError": ("register: {error}", 1),
    "mapping.loads.pipeline.LoadConflict": ("{error}", 1),
    "builtins.OSError": ("{error}", 1),
    # Its text has no row values: the register keeps them out.
    "sqlalchemy.exc.DBAPIError": (
        "register: the database does not answer, or refuses the change: {reason}",
        1,
    ),
}
"""Error -> what is printed of it, and the exit code. `reason` is the first line of what the driver says."""


def loaded(name: str) -> Any:
    """Load a command and return what Typer makes of it."""
    module, _, attribute = COMMANDS[name].place.partition(":")
    found = getattr(import_module(f"fastkontakt.commands.{module}"), attribute)
    holder = typer.Typer()
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    command = typer.main.get_group(holder).commands[name]
    _let_show(command, name)
    return command


def _let_show(command: Any, name: str) -> None:
    """Give ``--json`` to a command that shows something, and to those below it."""
    if name in SHOWING:
        command.params.append(json_option())
    for below, one in getattr(command, "commands", {}).items():
        _let_show(one, f"{name} {below}")


def composed(word: str) -> str:
    """Return a word of a command line in composed form; what names a file stays as that is named."""
    value = Path(word.partition("=")[2] if word.startswith("--") else word)
    try:
        named = value.exists() or (value.parent != Path() and value.parent.exists())
    except (OSError, ValueError):  # a text that no file can be called
        named = False
    return word if named else normalize("NFC", word)


class _LoadedWhenChosen(TyperGroup):
    """Has stand-ins for the commands, and loads the one that is chosen."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Bring the words of a command line into composed form, as everything that comes in."""
        return super().parse_args(ctx, [composed(one) for one in args])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and what follows them on the command line."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, name and loaded(name), rest


def _stand_in() -> None:
    """Stand for a command until it is loaded."""


app = typer.Typer(
    cls=_LoadedWhenChosen,
    name="fastkontakt",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(f"fastkontakt {version('fastkontakt')}", markup=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Tell the version.")
    ] = False,
) -> None:
    """Serves listings and fixed contacts of Swedish regions over the national service contracts."""


for _name, _command in COMMANDS.items():
    app.command(_name, help=_command.help)(_stand_in)


def main() -> None:
    """Run the command line; foreseen errors become one line per problem on standard error."""
    try:
        app(prog_name="fastkontakt")
    except Exception as error:
        names = [f"{one.__module__}.{one.__qualname__}" for one in type(error).__mro__]
        foreseen = next((_FORESEEN[name] for name in names if name in _FORESEEN), None)
        if foreseen is None:
            raise
        text, code = foreseen
        reason = str(getattr(error, "orig", "")).partition("\n")[0]
        for line in text.format(error=error, reason=reason).splitlines():
            err.print(line, markup=False)
        sys.exit(code)
