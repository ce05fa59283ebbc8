"""Settings of the register: sections ``[database]`` and ``[residents]``."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from contracts.fields import Section


class RegisterSettings(Section):
    """Where the register is kept and how its connections behave."""

    url: str = Field(
        default="sqlite:///fastkontakt.sqlite3",
        repr=False,  # it may hold a password
        description=(
            "Database of the register: sqlite:///<file> (four slashes for an absolute path) or "
            "postgresql://<user>:<password>@<host>:<port>/<database>. "
            "On SQLite the audit log lies in files beside it: of register.sqlite3 register-audit.sqlite3, "
            "and register-audit-1.sqlite3 to -9."
        ),
    )
    readable_by: Literal["owner", "group", "everybody"] = Field(
        default="owner",
        description="Who may read the files of a register on SQLite. They are made for their owner alone; "
        "the service does not start on files that others may read, unless this says so. group is for backups "
        "by a user of the owner's group.",
    )
    busy_timeout_seconds: float = Field(
        default=20.0,
        gt=0,
        description="How long a load, a command or what sends waits for its turn to write, for a lock and "
        "for a connection, before giving up. What their statements take has no limit.",
    )
    call_timeout_seconds: float = Field(
        default=4.0,
        ge=1,
        le=25,
        description="How long the database may take to answer a call, with all waits for locks and "
        "connections, before the caller gets a Fault (FK502); a lock is waited for three quarters of it. "
        "Well below the 29 s after which the platform (VP) stops waiting for an answer.",
    )
    pool_size: int = Field(
        default=16,
        ge=1,
        description=(
            "Database connections a process keeps open; as many again are opened under load. At least the "
            "number of request threads of the process."
        ),
    )


class ResidentSettings(Section):
    """Section ``[residents]``: what is kept of residents beyond what the contracts need."""

    keep_names: bool = Field(
        default=False,
        description="Whether residents' names are kept where a source brings them, for staff to search by in "
        "`fastkontakt residents find`. They are in no answer, message or log. When it is off names are "
        "dropped at the load, and the next load of the source takes away those it brought before.",
    )


class AuditSettings(Section):
    """Section ``[audit]``: how long the audit log is kept, and how it is made sure that nobody alters it."""

    keep_years: int = Field(
        default=10,
        ge=10,
        le=100,
        description="How many years rows are kept before `fastkontakt audit prune` deletes them: at least "
        "the ten that the documentation of access to patient data is kept.",
    )
    folder: Path | None = Field(
        default=None,
        description="Folder for what `fastkontakt audit checkpoint` writes: sealed days and signed "
        "checkpoints. Not beside the register, and copied elsewhere every night.",
    )
    key: Path | None = Field(
        default=None,
        description="File with the key that signs checkpoints, which `fastkontakt audit keys` makes; the one "
        "that checks them lies beside it with the ending .pub. The service needs neither.",
    )
    name: str = Field(
        default="fastkontakt-audit",
        pattern=r"^[!-*,-~]+$",
        description="Name of this audit log in checkpoints and keys; of several logs each has its own.",
    )
