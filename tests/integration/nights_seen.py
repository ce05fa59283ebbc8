"""Months of nights in which something was lost or refused (test_month_of_nights)."""

from tests.integration.nights import PEOPLE, Call, Chore, Echo, Night

ALL_ROWS = ("full", True, False, False)
NO_ECHO = Echo("none", 0, shift=False)
NOTHING = Night((), (), (), *ALL_ROWS, 0)

ENDED_BY_STAFF = [
    Night((Call("list", PEOPLE[0], "b", True, False, Echo("later day", 0, True)),), (), (), *ALL_ROWS, 0),
    Night((), (Chore("end", PEOPLE[0], "a", "listing", 0),), (), *ALL_ROWS, 1),
    Night((), (Chore("say", PEOPLE[0], "b", "fixed_contact", -3),), (), *ALL_ROWS, 0),
    NOTHING,
]
"""A call's doctor was ended by a load, and came back when staff had removed the one who followed."""

ENDED_BY_THE_SOURCE_TOO = [
    Night((), (), (("away", PEOPLE[0]),), *ALL_ROWS, 0),
    NOTHING,
    Night((), (), (("home", PEOPLE[0]),), *ALL_ROWS, 0),
    NOTHING,
]
"""A listing went on when the resident came back, though its source had ended it meanwhile."""

ENDED_BY_CALL = [
    Night((Call("notice", PEOPLE[0], "a", False, False, NO_ECHO),), (), (), *ALL_ROWS, 0),
    Night((), (Chore("say", PEOPLE[0], "c", "listing", -1),), (), *ALL_ROWS, 0),
    NOTHING,
]
"""The end that a call had made was forgotten at the next look, and a row from that day was refused."""

TO_COME = [
    Night((), (Chore("say", PEOPLE[0], "c", "fixed_contact", 2),), (), *ALL_ROWS, 0),
    NOTHING,
]
"""The source had no doctor any more but one to come, and was refused for the one whom the load was to end."""
