"""The base of every section of settings, types of settings that hold identities, and how strict they are."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


class IdentifierSettings(Section):
    """Section ``[identifiers]``: how strictly identities in requests and files are checked."""

    check_digits: bool = Field(
        True,
        description="Whether a person id must have the right check digit. Some test systems use wrong ones.",
    )
