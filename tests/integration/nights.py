"""What a month of nights consists of, drawn at random (test_month_of_nights)."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from tests.records import ANNA, BO, CLARA, DAN

PEOPLE = (ANNA, BO, CLARA, DAN)
UNITS = ("a", "b", "c", "full")
FULL = "full"
"""The unit that takes one resident, and has a queue."""
DOCTORS = {"a": "dora", "b": "dina", "c": "dag", FULL: "disa"}
"""The one doctor of each unit."""
SORTS = ("listing", "queue_place", "fixed_contact")
"""What sources and hands speak of."""

DAY = timedelta(days=1)
STAND_DAYS = 14
ADOPT_DAYS = 7

SAYS = ("ends", "ends", "present", "ever")
"""What a listing system's rows say: since when and until when, what is so now, or all that ever began. The
profile of the latter two maps no ends, and that of the last has policy delta: it withdraws nothing."""

ECHOES = ("both", "both", "end", "new", "replace", "none", "same day", "later day")
"""What the listing system does about a change: takes it in, takes in one half, lets the old row go, does
nothing, or says something else from the same day or from a later one."""


@dataclass(frozen=True)
class Echo:
    """What the listing system makes of a change.

    Attributes:
        late: Days until the system has it.
        shift: Whether its row then begins that day, rather than that of the change.
    """

    kind: str
    late: int
    shift: bool


PROMPT = Echo("both", 0, shift=False)


@dataclass(frozen=True)
class Call:
    """A CreateListing or UpdateListing.

    Attributes:
        what: ``list``, ``leave`` a queue, or ``notice`` of another region.
        claims: Whether the home county it gives is the one that the population register does not have.
    """

    what: str
    person: str
    unit: str
    with_doctor: bool
    claims: bool
    echo: Echo


@dataclass(frozen=True)
class Chore:
    """What staff or the listing system do of their own.

    Appoint, end or ``shorten`` the doctor of a resident, or write a ``note`` about it; pause a doctor, set a
    cap; have the home regions ``answer``. ``hear`` is the listing system taking in whom the resident has as a
    doctor, ``say`` is it speaking of its own: of what, and how many days from now.
    """

    what: str
    person: str
    unit: str
    sort: str
    days: int


@dataclass(frozen=True)
class Night:
    """A day and the loads after it; none of listings when ``policy`` is None.

    Attributes:
        hears: What the listing system makes of what follows from the loads.
    """

    calls: tuple[Call, ...]
    chores: tuple[Chore, ...]
    events: tuple[tuple[str, str], ...]
    policy: str | None
    all_rows: bool
    new_version: bool
    undone: bool
    skipped: int
    hears: Echo = PROMPT


ECHO = st.builds(Echo, st.sampled_from(ECHOES), st.sampled_from((0, 0, 1, 3)), st.booleans())
CALLS = st.builds(
    Call,
    st.sampled_from(("list", "list", "list", "list", "leave", "notice")),
    st.sampled_from(PEOPLE),
    st.sampled_from((*UNITS, FULL)),
    st.booleans(),
    st.sampled_from((False, False, False, True)),
    ECHO,
)
CHORES = st.builds(
    Chore,
    st.sampled_from(
        ("appoint", "end", "shorten", "note", "hear", "hear", "say", "say", "pause", "cap", "answer")
    ),
    st.sampled_from(PEOPLE),
    st.sampled_from(UNITS),
    st.sampled_from(SORTS),
    st.sampled_from((0, 0, 2, -3)),
)
EVENTS = st.tuples(
    st.sampled_from(("away", "away", "home", "home", "home", "dies", "lives", "lives")),
    st.sampled_from(PEOPLE),
)
NIGHTS = st.builds(
    Night,
    st.lists(CALLS, max_size=3).map(tuple),
    st.lists(CHORES, max_size=3).map(tuple),
    st.lists(EVENTS, max_size=1).map(tuple),
    st.sampled_from(("full", "full", "delta", None)),
    st.booleans(),
    st.sampled_from((False, False, True)),
    st.booleans(),
    st.sampled_from((0, 0, 0, 1, STAND_DAYS + 1)),
    st.one_of(st.just(PROMPT), st.just(Echo("none", 0, shift=False)), ECHO),
)
