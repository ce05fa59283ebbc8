"""What rows of the audit log mean, in Swedish that a resident can read."""

_PURPOSES = {
    "GetListing": "Visade var du är listad",
    "GetListingCounty": "Visade i vilken region du är listad",
    "GetListingTypes": "Visade vilka listningstyper som finns för dig",
    "GetAvailableHealthcarePersonnel": "Visade vilka läkare du kan välja",
    "GetCareManagers": "Visade dina fasta vårdkontakter",
    "CreateListing": "Ändrade din listning, läkare eller köplats",
    "UpdateListing": "En annan region meddelade var du är listad",
    "changes": "Hämtade ändringar av dina uppgifter",
}

_ROLES = {
    "CITIZEN": "Invånare",
    "GUARDIAN": "Vårdnadshavare",
    "REGION": "Regionens personal",
    "PRIVATE_CAREGIVER": "Vårdgivarens personal",
}

_OUTCOMES = {
    "OK": "Utfört",
    "INFO": "Utfört",
    "FAULT": "Misslyckades, inga uppgifter lämnades ut",
    "INTENDED": "Påbörjat",
    "ERROR": "Nekades",
}


def purpose_text(contract: str) -> str:
    """Return what a call of a contract, or a command of staff, did."""
    known = _PURPOSES.get(contract)
    return known or f"Personal tog del av eller ändrade uppgifter ({contract.removeprefix('fastkontakt ')})"


def role_text(actor_type: str | None) -> str:
    """Return what an actor is."""
    return "" if actor_type is None else _ROLES.get(actor_type, actor_type)


def outcome_text(outcome: str) -> str:
    """Return what came of it."""
    return _OUTCOMES.get(outcome, "Nekades")
