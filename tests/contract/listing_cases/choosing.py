"""Rows of CreateListing: listing and re-listing, the doctor, room and queue."""

from dataclasses import replace

from tests.contract.listing_cases.case import FULL_UP, INFO, Case
from tests.contract.listing_cases.world import (
    ALPHA,
    BEDA,
    BETA,
    DISA,
    DORA,
    HELD,
    NURSERY,
    PACKED,
    PLAIN,
    QUEUED,
    QUINN,
    at,
    changes,
    has_doctor,
    queues,
    wish,
)
from tests.records import ANNA, DAN, FINN, REGION_TYPE, lower, works_at

LISTING = (
    Case(
        id="first-listing",
        situation="The resident is listed nowhere.",
        asked=wish(ALPHA),
        effect="listed at Alpha",
    ),
    Case(
        id="re-listing",
        situation="The resident is listed at another facility of the county.",
        asked=wish(BETA),
        holds=(at(ALPHA),),
        effect="listed at Beta, counted; no longer listed at Alpha",
    ),
    Case(
        id="re-listing-ends-doctor",
        situation="The resident also has a doctor there.",
        asked=wish(BETA),
        holds=(at(ALPHA), has_doctor()),
        code=INFO,
        text="doctor_ended",
        effect="listed at Beta, counted; no longer listed at Alpha; no longer doctor Dora",
    ),
    Case(
        id="re-listing-with-doctor",
        situation="The resident has a doctor, and chooses one at the new facility.",
        asked=wish(BETA, doctor=BEDA.hsa_id),
        holds=(at(ALPHA), has_doctor()),
        effect="listed at Beta, counted; doctor Beda; no longer listed at Alpha; no longer doctor Dora",
    ),
    Case(
        id="first-listing-with-doctor",
        situation="The resident is listed nowhere and chooses a doctor (HSA-id in other letter case).",
        asked=wish(ALPHA, doctor=lower(DORA.hsa_id)),
        effect="listed at Alpha; doctor Dora",
    ),
    Case(
        id="listing-of-another-type",
        situation="The resident is listed for primary care, and chooses a facility for a regional type.",
        asked=wish(NURSERY, kind=REGION_TYPE),
        holds=(at(ALPHA), has_doctor()),
        effect="listed at Nursery (BVC)",
    ),
)

OWN_FACILITY = (
    Case(
        id="choose-doctor",
        situation="The resident is listed there and chooses a doctor.",
        asked=wish(ALPHA, doctor=DORA.hsa_id),
        holds=(at(ALPHA),),
        effect="doctor Dora",
    ),
    Case(
        id="change-doctor",
        situation="The resident is listed there and chooses another doctor.",
        asked=wish(ALPHA, doctor=DISA.hsa_id),
        holds=(at(ALPHA), has_doctor()),
        effect="doctor Disa; no longer doctor Dora",
    ),
    Case(
        id="keep-doctor",
        situation="The resident chooses the doctor it has, who takes no new patients.",
        asked=wish(ALPHA, doctor=DORA.hsa_id),
        holds=(at(ALPHA), has_doctor(), works_at(DORA, ALPHA, paused=True)),
    ),
    Case(
        id="listed-there",
        situation="The resident is listed there and chooses no doctor.",
        asked=wish(ALPHA),
        holds=(at(ALPHA), has_doctor()),
    ),
    Case(
        id="choose-doctor-at-full-facility",
        situation="The resident is listed at a facility that is full, and chooses a doctor.",
        asked=wish(ALPHA, doctor=DORA.hsa_id),
        holds=(replace(ALPHA, max_listings=1), at(ALPHA)),
        effect="doctor Dora",
    ),
)

ROOM = tuple(
    Case(
        id=f"room-queue-{name}",
        situation=f"There is room, and addToQueue is {name}.",
        asked=wish(HELD, add_to_queue=value),
        effect="listed at Held",
    )
    for name, value in (("true", True), ("false", False), ("absent", None))
)

FULL = (
    Case(
        id="full-queue-true",
        situation="The facility is full and has a queue; addToQueue is true.",
        asked=wish(QUEUED, add_to_queue=True),
        holds=(at(ALPHA), has_doctor()),
        effect="in the queue of Queued",
    ),
    Case(
        id="full-queue-doctor",
        situation="As before, and the resident chooses a doctor.",
        asked=wish(QUEUED, add_to_queue=True, doctor=QUINN.hsa_id),
        code=INFO,
        text="doctor_after_queue",
        effect="in the queue of Queued",
    ),
    *(
        Case(
            id=f"full-queue-{name}",
            situation=f"The facility is full and has a queue; addToQueue is {name}.",
            asked=wish(QUEUED, add_to_queue=value),
            code=FULL_UP,
            text="maximum_citizen_reached",
        )
        for name, value in (("false", False), ("absent", None))
    ),
    *(
        Case(
            id=f"full-no-queue-{name}",
            situation=f"The facility is full and has no queue; addToQueue is {name}.",
            asked=wish(PACKED, add_to_queue=value),
            code=FULL_UP,
            text="maximum_citizen_reached",
        )
        for name, value in (("true", True), ("false", False), ("absent", None))
    ),
    Case(
        id="full-of-one-who-waits",
        situation="The last place is held for a resident whose home region is being asked.",
        asked=wish(HELD),
        earlier=(wish(HELD, FINN, home="01", new="14"),),
        code=FULL_UP,
        text="maximum_citizen_reached",
    ),
    Case(
        id="queuing-true",
        situation="The resident is in the queue; addToQueue is true.",
        asked=wish(QUEUED, add_to_queue=True),
        holds=(queues(QUEUED, ANNA),),
    ),
    *(
        Case(
            id=f"leave-queue-{name}",
            situation=f"The resident is in the queue; addToQueue is {name}.",
            asked=wish(QUEUED, add_to_queue=value),
            holds=(at(ALPHA), queues(QUEUED, ANNA), queues(QUEUED, DAN)),
            effect="out of the queue of Queued",
        )
        for name, value in (("false", False), ("absent", None))
    ),
    Case(
        id="leave-queue-not-listable",
        situation="The resident is in the queue of a facility that no longer takes listings.",
        asked=wish(QUEUED, add_to_queue=False),
        holds=(replace(QUEUED, listable=False), queues(QUEUED, ANNA)),
        effect="out of the queue of Queued",
    ),
    Case(
        id="leave-queue-with-doctor",
        situation="The resident is in the queue and chooses a doctor; addToQueue is absent.",
        asked=wish(QUEUED, doctor=QUINN.hsa_id),
        holds=(queues(QUEUED, ANNA),),
        effect="out of the queue of Queued",
    ),
    Case(
        id="listing-keeps-other-queue",
        situation="The resident queues at one facility and chooses another.",
        asked=wish(PLAIN),
        holds=(queues(QUEUED, ANNA), *changes(1)),
        effect="listed at Plain",
    ),
)
