"""Who may be shown, and which contact routes a patient may see."""

from collections.abc import Iterable
from datetime import date

from register.model import Audience, ContactRoute, Resident


def is_shown(resident: Resident | None, today: date) -> bool:
    """Tell whether anything at all may be shown about a person.

    Protected persons leave no trace: the answer is the one an unknown person gets (design rule 5, requirement
    rows S000-007 and S001-061). A deceased person's listings and contacts have ended (S001-013); a day of
    death that has not come hides nothing.
    """
    return resident is not None and not resident.protected and not resident.is_deceased(today)


def split_routes(
    routes: Iterable[ContactRoute], *, direct_visible: bool
) -> tuple[list[ContactRoute], list[ContactRoute]]:
    """Divide routes into those the patient may see and those only care staff may.

    The contract has no flag for audience and a patient portal may show every ``contact`` element, so only the
    first kind may ever stand in one (design rule 7; requirement rows S003-060, S003-061, S003-070, S003-085).

    Args:
        routes: The routes of one owner.
        direct_visible: Whether this patient may see the contact's direct number.
    """
    open_routes: list[ContactRoute] = []
    staff_routes: list[ContactRoute] = []
    for route in routes:
        shown = route.audience is Audience.PATIENT or (
            route.audience is Audience.BY_CHOICE and direct_visible
        )
        (open_routes if shown else staff_routes).append(route)
    return open_routes, staff_routes
