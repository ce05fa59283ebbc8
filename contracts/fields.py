"""The base of every section of settings, types of settings that hold identities, and how strict they are."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contracts.identifiers import HsaId, PersonId, parse_county
from contracts.letters import nfc_all


class Section(BaseModel):
    """A section of the settings: unknown keys are refused, and nothing changes it once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _composed(cls, data: Any) -> Any:
        """Bring the texts into composed form, but for paths: those are as the folders have them.

        Sections within do so themselves.
        """
        if not isinstance(data, dict):
            return data
        as_they_are = {name for name, one in cls.model_fields.items() if "Path" in str(one.annotation)} | {
            "url"
        }
        return {
            name: value if name in as_they_are or isinstance(value, dict) else nfc_all(value)
            for name, value in data.items()
        }


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
