"""Profiles: one TOML file per source system that says which column feeds which field of which record.

The language is described in ``docs/profile-language.md``. A profile is checked in full when it is loaded,
down to its constants and value maps, so that a mistake in it never looks like a mistake in somebody's data.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from contracts.field_errors import in_words
from contracts.letters import nfc_all
from mapping.sources.file_format import Format, Strict
from mapping.sources.section import Conditions, ProfileSection


class ProfileError(Exception):
    """A profile that cannot be used.

    Attributes:
        path: The profile.
        key: The key at fault, such as ``file 3 (team*.csv): fields.unit``; empty when there is none.
        reason: What is wrong with it.
    """

    def __init__(self, path: Path, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (str(path), key, reason) if part))
        self.path = path
        self.key = key
        self.reason = reason


class About(Strict):
    """The table ``[profile]``: what the profile is called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name, in reports.")
    title: str = Field(description="What the source is, in words.")


class Load(Strict):
    """The table ``load``: what a load may change."""

    policy: Literal["delta", "full"] = Field(
        "delta", description="full: the files are all that the source has, so what is missing is ended."
    )
    faulty: Literal["refuse", "skip"] = Field(
        "refuse", description="skip: faulty rows are left out; refuse: one of them keeps everything out."
    )
    brake: int = Field(
        10,
        ge=0,
        le=100,
        description="Percent of the source's records of a type that may vanish in one load with policy full.",
    )
    contradicted: Literal["change", "source"] = Field(
        "change",
        description="Who is right when a row speaks against a later change by call or staff: "
        "change for stand_days, then the source; source at once.",
    )
    stand_days: int = Field(
        14, ge=0, description="Days for which a change by call or staff stands against the source."
    )
    adopt_days: int = Field(
        7,
        ge=0,
        description="Days by which the source's beginning or end may differ from that of a call or staff, "
        "and mean the same.",
    )


class Database(Strict):
    """The table ``database``: where the queries of the sections are put."""

    url: str | None = Field(None, description="SQLAlchemy URL of the database.")
    url_from: str | None = Field(
        None, description="Instead of url: the environment variable that holds it, for one with a password."
    )
    silence_seconds: float = Field(
        300,
        gt=0,
        description="How long the database may take to begin its answer, and for each piece of it, before "
        "the load is given up.",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.url is None) == (self.url_from is None):
            raise ValueError("needs either url or url_from")
        return self


class Profile(Strict):
    """A profile."""

    profile: About = Field(description="What the profile is called.")
    load: Load = Field(Load(), description="What a load may change.")
    database: Database | None = Field(None, description="Where the queries are put.")
    format: Format = Field(
        Format(), description="How the files are written, unless a section says otherwise."
    )
    conditions: dict[str, Conditions] = Field(
        {}, description="Name = a condition, or several, that sections ask for by name in when."
    )
    file: tuple[ProfileSection, ...] = Field(
        min_length=1, description="The files, in the order they are loaded."
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_conditions(cls, data: Any) -> Any:
        """Put the conditions in the place of their names, which a section's ``when`` may have."""
        sections, named = data.get("file"), data.get("conditions", {})
        if not (isinstance(sections, list) and isinstance(named, dict)):
            return data
        return data | {
            "file": [
                section | {"when": _filled_in(section["when"], named)}
                if isinstance(section, dict) and "when" in section
                else section
                for section in sections
            ]
        }

    @model_validator(mode="before")
    @classmethod
    def _inherit_format(cls, data: Any) -> Any:
        """Let every section's format start from the profile's."""
        common = data.get("format", {})
        sections = data.get("file")
        if not (isinstance(common, dict) and isinstance(sections, list)):
            return data
        return data | {
            "file": [
                section | {"format": common | section.get("format", {})}
                if isinstance(section, dict) and isinstance(section.get("format", {}), dict)
                else section
                for section in sections
            ]
        }

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.database is None and any(section.query is not None for section in self.file):
            raise ValueError("database: is missing, but a section has a query")
        if self.load.policy == "full" and any(section.current for section in self.file):
            raise ValueError("load.policy: full does not go with current, whose rows name no record to end")
        return self


def _filled_in(when: Any, named: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for one in when if isinstance(when, list) else [when]:
        if not isinstance(one, str):
            found.append(one)
        elif one in named:
            found += named[one] if isinstance(named[one], list) else [named[one]]
        else:
            known = f"there are {', '.join(named)}" if named else "there are none"
            raise ValueError(f"when: there is no condition {one!r}; {known}")
    return found


def load_profile(path: Path) -> Profile:
    """Read a profile and check all of it.

    Raises:
        ProfileError: It cannot be read, is no TOML, or does not follow the language; the text names the key.
    """
    try:
        data = _composed(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ProfileError(path, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(path, "", "is not UTF-8, as TOML files must be") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(path, "", f"is no TOML: {error}") from None
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        reason = "is missing" if first["type"] == "missing" else in_words(first)
        raise ProfileError(path, _key(first["loc"], data), reason) from None


def _composed(data: dict[str, Any]) -> dict[str, Any]:
    """Return a profile with its texts in composed form, but for what is put to a database as it is."""
    found: dict[str, Any] = nfc_all(data)
    if "database" in data:
        found["database"] = data["database"]
    sections = data.get("file")
    for place, section in enumerate(sections if isinstance(sections, list) else ()):
        if isinstance(section, dict) and "query" in section:
            found["file"][place]["query"] = section["query"]
    return found


def _key(location: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """Write a place in the profile so that it can be found: TOML does not number its sections."""
    if location[-1:] == ("str",):  # the kind that was tried, not a key
        location = location[:-1]
    if location[:1] != ("file",) or len(location) < 2:
        return ".".join(map(str, location))
    section = data["file"][location[1]]
    name = f" ({section['name']})" if isinstance(section, dict) and "name" in section else ""
    place = f"file {int(location[1]) + 1}{name}"
    return ": ".join(part for part in (place, ".".join(map(str, location[2:]))) if part)
