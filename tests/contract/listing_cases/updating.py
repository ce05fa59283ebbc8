"""Rows of UpdateListing (TKB 2.0; the table of facts on who is told what)."""

from dataclasses import replace

from register.model import Allotment, Resident
from tests.contract.listing_cases.case import ERROR, TOO_MANY, Case
from tests.contract.listing_cases.world import (
    AGREED_TYPE,
    ALPHA,
    HELD,
    NURSERY,
    OTHER_SYSTEM,
    QUEUED,
    THIRD_COUNTY,
    UNKNOWN,
    at,
    changes,
    has_doctor,
    queues,
    told,
    wish,
)
from tests.records import ANNA, COUNTY, DAN, FINN, OTHER_COUNTY, OTHER_ID, REGION_TYPE, TODAY, note

AWAY = told(OTHER_COUNTY, COUNTY)
_AGREED = {"code": AGREED_TYPE[0], "code_system": AGREED_TYPE[1]}
_AGREED_THERE = at(NURSERY, **_AGREED)

AT_HOME = (
    Case(
        id="listed-here",
        situation="The resident is listed here, and has a doctor.",
        asked=AWAY,
        holds=(at(ALPHA), has_doctor()),
        effect="noted in 01, counted; no longer listed at Alpha; no longer doctor Dora",
    ),
    Case(
        id="listed-nowhere",
        situation="The resident is listed nowhere.",
        asked=AWAY,
        effect="noted in 01",
    ),
    Case(
        id="listed-in-third-county",
        situation="The resident is listed in a third county.",
        asked=AWAY,
        holds=(note("away", ANNA, THIRD_COUNTY),),
        effect="noted in 01, counted; no longer noted in 03; tells 03 that it is 01",
    ),
    Case(
        id="told-before",
        situation="The resident is noted in that county already.",
        asked=AWAY,
        holds=(note("away", ANNA), *changes(3)),
    ),
    Case(
        id="used-up",
        situation="The resident has used up the re-listings of twelve months.",
        asked=AWAY,
        holds=(at(ALPHA), has_doctor(), *changes(3)),
        code=TOO_MANY,
        text="maximum_annual_updates_exceeded",
    ),
    Case(
        id="used-up-in-third-county",
        situation="As before, and the resident is listed in a third county.",
        asked=AWAY,
        holds=(note("away", ANNA, THIRD_COUNTY), *changes(3)),
        code=TOO_MANY,
        text="maximum_annual_updates_exceeded",
    ),
    Case(
        id="used-up-listed-nowhere",
        situation="The re-listings are used up, but the resident is listed nowhere.",
        asked=AWAY,
        holds=changes(3),
        effect="noted in 01",
    ),
    Case(
        id="back-home",
        situation="newListingCounty is our own: the listing there has ended. Who told us is not told.",
        asked=told(COUNTY, COUNTY),
        holds=(note("away", ANNA),),
        effect="no longer noted in 01",
    ),
    Case(
        id="back-home-without-note",
        situation="newListingCounty is our own, and the resident is listed here.",
        asked=told(COUNTY, COUNTY),
        holds=(at(ALPHA), has_doctor()),
    ),
    Case(
        id="another-type-stays",
        situation="The message is about an agreed type; the resident is also listed for primary care.",
        asked=told(OTHER_COUNTY, COUNTY, kind=AGREED_TYPE),
        holds=(at(ALPHA), has_doctor(), _AGREED_THERE),
        effect="noted in 01 (KOMB), counted; no longer listed at Nursery (KOMB)",
    ),
    Case(
        id="pv-leaves-another-type",
        situation="The message names no type; the resident is also listed for a regional type.",
        asked=AWAY,
        holds=(
            at(ALPHA),
            at(NURSERY, code=REGION_TYPE[0], code_system=REGION_TYPE[1]),
            note("other type", ANNA, THIRD_COUNTY, **_AGREED),
        ),
        effect="noted in 01, counted; no longer listed at Alpha",
    ),
    Case(
        id="freed-place",
        situation="The resident leaves a full facility; somebody queues there.",
        asked=AWAY,
        holds=(replace(HELD, allotment=Allotment.AUTOMATIC), at(HELD), queues(HELD, DAN)),
        effect="noted in 01, counted; no longer listed at Held; Dan: listed at Held; "
        "Dan: out of the queue of Held",
    ),
    Case(
        id="queue-place-stays",
        situation="The resident queues here.",
        asked=AWAY,
        holds=(queues(QUEUED, ANNA),),
        effect="noted in 01",
    ),
    Case(
        id="unknown-at-home",
        situation="The register does not know the resident.",
        asked=told(OTHER_COUNTY, COUNTY, UNKNOWN),
        effect="of county 14; noted in 01",
    ),
    Case(
        id="moved-home",
        situation="The register knows the resident as another county's.",
        asked=told(THIRD_COUNTY, COUNTY, FINN),
        effect="Finn: of county 14; Finn: noted in 03",
    ),
    *(
        Case(
            id=f"{name}-at-home",
            situation=f"The resident {situation}; it is treated as others are.",
            asked=AWAY,
            holds=(resident, at(ALPHA), has_doctor()),
            effect="noted in 01, counted; no longer listed at Alpha; no longer doctor Dora",
        )
        for name, situation, resident in (
            ("protected", "has protected identity", Resident(ANNA, COUNTY, protected=True)),
            ("deceased", "died today", Resident(ANNA, COUNTY, deceased_on=TODAY)),
        )
    ),
    Case(
        id="samordningsnummer",
        situation="The message names the resident by a samordningsnummer, another identity of the person.",
        asked=told(OTHER_COUNTY, COUNTY, OTHER_ID),
        holds=(Resident(ANNA, COUNTY, other_ids=(OTHER_ID,)), at(ALPHA)),
        effect="noted in 01, counted; no longer listed at Alpha",
    ),
)

NOT_HOME = (
    Case(
        id="guest-to-third-county",
        situation="The resident is listed here, and now in a third county. Nobody is told.",
        asked=told(THIRD_COUNTY, OTHER_COUNTY, FINN),
        holds=(at(ALPHA, FINN), *changes(3, FINN)),
        effect="Finn: no longer listed at Alpha",
    ),
    Case(
        id="guest-goes-home",
        situation="The resident is listed here, and now in the home county.",
        asked=told(OTHER_COUNTY, OTHER_COUNTY, FINN),
        holds=(at(ALPHA, FINN),),
        effect="Finn: no longer listed at Alpha",
    ),
    Case(
        id="guest-is-here",
        situation="newListingCounty is our own, and the resident is listed here.",
        asked=told(COUNTY, OTHER_COUNTY, FINN),
        holds=(at(ALPHA, FINN),),
    ),
    Case(
        id="guest-not-listed",
        situation="The resident is not listed here.",
        asked=told(THIRD_COUNTY, OTHER_COUNTY, FINN),
    ),
    Case(
        id="guest-waits",
        situation="The home region is being asked about a listing here, and tells of one in a third county.",
        asked=told(THIRD_COUNTY, OTHER_COUNTY, FINN),
        earlier=(wish(ALPHA, FINN, home=OTHER_COUNTY, new=COUNTY),),
        effect="Finn: no place held at Alpha; Finn: does not tell 01 that it is 14",
    ),
    Case(
        id="guest-unknown",
        situation="The register does not know the resident.",
        asked=told(THIRD_COUNTY, OTHER_COUNTY, UNKNOWN),
    ),
    Case(
        id="moved-away",
        situation="The register knows the resident as its own, who is listed here.",
        asked=told(THIRD_COUNTY, OTHER_COUNTY),
        holds=(at(ALPHA),),
        effect="no longer listed at Alpha; of county 01",
    ),
)

REFUSED = tuple(
    Case(
        id=id,
        situation=situation,
        asked=told(OTHER_COUNTY, COUNTY, kind=kind),
        holds=(at(ALPHA),),
        code=ERROR,
        text="type_unknown",
    )
    for id, situation, kind in (
        ("type-unknown", "The region does not have the type.", ("TLV", REGION_TYPE[1])),
        ("type-other-system", "The code is PV, of an unknown code system.", OTHER_SYSTEM),
    )
)
