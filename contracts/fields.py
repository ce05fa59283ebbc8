"""Types of settings that hold identities, and the base of every section of settings."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from contracts.identifiers import HsaId, PersonId, parse_county


class Section(BaseModel):
    """A section of the settings: unknown keys are refused, and nothing changes it once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


County = Annotated[str, AfterValidator(parse_county)]
"""Two-digit code of one of the 21 counties."""

HsaIdText = Annotated[str, AfterValidator(lambda text: str(HsaId.parse(text)))]
"""An HSA-id in the spelling it is to be sent with."""

PersonNumber = Annotated[str, AfterValidator(lambda text: PersonId.from_number(text).extension)]
"""The 12 characters of a person's identity."""
