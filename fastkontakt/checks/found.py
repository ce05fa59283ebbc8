"""What a check finds, and what it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from fastkontakt.settings import Settings


class Verdict(StrEnum):
    """How grave it is."""

    OK = "ok"
    LOOK = "look"
    """May be meant so, and should be known."""
    MEND = "MEND"
    """Callers will not be served, or what must be guarded is not."""


class Found(NamedTuple):
    """One line of the report.

    Attributes:
        about: A setting, or a part of the installation.
        text: What is, and for anything but ok what to do.
    """

    verdict: Verdict
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Installation:
    """What is checked.

    Attributes:
        settings: All settings.
        file: The file they are from; None where they are from the environment alone.
    """

    settings: Settings
    file: Path | None


Check = Callable[[Installation], Iterator[Found]]


def ok(about: str, text: str) -> Found:
    """Return that something is as it should be."""
    return Found(Verdict.OK, about, text)


def look(about: str, text: str) -> Found:
    """Return what somebody should have a look at."""
    return Found(Verdict.LOOK, about, text)


def mend(about: str, text: str) -> Found:
    """Return what must be mended before the service is opened to callers."""
    return Found(Verdict.MEND, about, text)


def reason(error: Exception) -> str:
    """Return what is wrong in one line, and nothing of any statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
