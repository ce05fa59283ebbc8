"""Which identity of a resident messages carry."""

from contracts.identifiers import PersonId, PersonIdKind
from register.model import Resident


def sent_identity(resident: Resident) -> PersonId | None:
    """Return the identity to send: the resident's own, or another one where that is a reserve number.

    A reserve number may be asked with but is not among those accessControlHeader may carry (GetCareManagers,
    TKB 1.0 RC2), nor those the engagement index takes; for somebody with nothing else nothing can be sent.
    """
    identities = (
        PersonId.from_number(one, check_digits=False) for one in (resident.person_id, *resident.other_ids)
    )
    return next((one for one in identities if one.kind is not PersonIdKind.NATIONAL_RESERVE_NUMBER), None)
