"""The command line: one verb per command, errors in one line.

Exit codes: 0 done; 1 not done, as what was asked about is wrong or out of reach; 2 asked wrongly, by command
line or settings. `import` and `watch` add 3: loaded, but for faulty rows.
"""

import sys

import typer
from sqlalchemy.exc import DBAPIError

from contracts.schemas import SchemaError
from fastkontakt.commands import (
    audit,
    changes,
    contacts,
    db,
    doctors,
    imports,
    index,
    listings,
    outbox,
    profile,
    residents,
)
from fastkontakt.commands.call import call
from fastkontakt.commands.config import config
from fastkontakt.commands.import_ import import_files
from fastkontakt.commands.quality import quality
from fastkontakt.commands.serve import serve
from fastkontakt.commands.validate import validate
from fastkontakt.commands.watch import watch
from fastkontakt.console import err
from fastkontakt.settings import SettingsError
from mapping.loads.pipeline import LoadConflict
from mapping.sources.profile import ProfileError
from register.engine import RegisterError

app = typer.Typer(
    name="fastkontakt",
    help="Serves listings and fixed contacts of Swedish regions over the national service contracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command("import")(import_files)
app.command()(watch)
app.command()(call)
app.command()(validate)
app.command()(quality)
app.command()(config)
app.add_typer(imports.app, name="imports")
app.add_typer(profile.app, name="profile")
app.add_typer(contacts.app, name="contacts")
app.add_typer(doctors.app, name="doctors")
app.add_typer(residents.app, name="residents")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")
app.add_typer(listings.app, name="listings")
app.add_typer(outbox.app, name="outbox")
app.add_typer(index.app, name="index")
app.add_typer(changes.app, name="changes")


def main() -> None:
    """Run the command line; foreseen errors become one line per problem on standard error."""
    try:
        app()
    except (SettingsError, SchemaError) as error:
        _stop(f"settings: {error}", 2)
    except ProfileError as error:
        _stop(f"profile: {error}", 2)
    except RegisterError as error:
        _stop(f"register: {error}", 1)
    except LoadConflict as error:
        _stop(str(error), 1)
    except DBAPIError as error:  # its text has no row values: the register keeps them out
        reason = str(error.orig).partition("\n")[0]
        _stop(f"register: the database does not answer, or refuses the change: {reason}", 1)


def _stop(text: str, code: int) -> None:
    for line in text.splitlines():
        err.print(line, markup=False)
    sys.exit(code)
