"""Settings of the portal, and who can be chosen in it."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contracts.field_errors import in_words
from contracts.fields import HsaIdText, PersonNumber, Section

NATIONAL_AGGREGATING_SERVICE = "5565594230"
"""LogicalAddress of the national aggregating service of GetCareManagers (its TKB, addressing)."""


class PortalSettings(Section):
    """Section ``[portal]``: the test pages that show what a resident sees."""

    host: str = Field("127.0.0.1", description="Address that `fastkontakt portal` listens on.")
    port: int = Field(8090, ge=0, le=65535, description="Its port; 0 picks a free one.")
    county: str = Field(
        "14", pattern="^[0-9]{2}$", description="Home county that is proposed for a typed person number."
    )
    contacts_address: str | None = Field(
        None,
        pattern=r"^\S+$",
        description="LogicalAddress of GetCareManagers. Left out: care_managers.source_system_id, and where "
        f"that is not set the national aggregating service's, {NATIONAL_AGGREGATING_SERVICE}.",
    )
    professional: HsaIdText = Field(
        "SE2321000131-DEMOS02", description="HSA-id that the professional view calls with."
    )
    personas: Path | None = Field(
        None,
        description="TOML file with who can be chosen, as `[[persona]]` tables with person, county, text "
        "and, for a child, guardian. Left out: those of the demo data.",
    )


class View(StrEnum):
    """As whom the pages are looked at; the names are the contracts' actors, but for the professional."""

    CITIZEN = "citizen"
    GUARDIAN = "guardian"
    PROFESSIONAL = "professional"


class Persona(BaseModel):
    """Somebody who can be chosen instead of logging in.

    Attributes:
        person: Person number.
        county: Code of the home county.
        text: The situation, in a few words.
        guardian: Person number of a child's guardian, as whom the child can be looked at.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: PersonNumber
    county: Annotated[str, Field(pattern="^[0-9]{2}$")]
    text: str
    guardian: PersonNumber | None = None


class PersonasError(ValueError):
    """A file of personas that cannot be used. The text names file, place and reason."""


_PERSONAS = TypeAdapter(tuple[Persona, ...])


def read_personas(file: Path) -> tuple[Persona, ...]:
    """Read who can be chosen.

    Raises:
        PersonasError: The file is missing, no TOML, or has other than such tables.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise PersonasError(f"portal.personas: {file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PersonasError(f"portal.personas: {file} is not TOML: {error}") from None
    try:
        return _PERSONAS.validate_python(content.get("persona", []))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PersonasError(f"portal.personas: {file}: persona {place}: {in_words(first)}") from None
