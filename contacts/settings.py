"""Settings of fixed contacts: what GetCareManagers answers with."""

from typing import Literal

from pydantic import Field

from contracts.fields import HsaIdText, Section


class CareManagerSettings(Section):
    """Section ``[care_managers]``: GetCareManagers. Without the section the contract is not offered."""

    source_system_id: HsaIdText = Field(description="HSA-id of this system, sent as sourceSystemId.")
    logical_addresses: tuple[str, ...] = Field(
        (), description="LogicalAddresses to answer for; source_system_id always is one."
    )
    staff_only_numbers: Literal["internal_notes", "omit"] = Field(
        "internal_notes",
        description="Where numbers go that the patient must not see: into internalNotes, or nowhere.",
    )
    max_care_contacts: int | None = Field(
        None,
        ge=1,
        description="How many contacts with code 1 a resident may be shown with: those appointed last. "
        "Gävleborg allows 1; empty sets no limit, as the contract.",
    )
    lone_coordinator: Literal["send", "omit"] = Field(
        "send",
        description="What becomes of a contact with code 4 whose resident has not two with code 1: send (and "
        "`fastkontakt quality` tells of it) or omit.",
    )
