"""The internal records, one dataclass per table.

Conventions that hold for every record:

* A person is named by the 12 characters of the identity (personnummer, samordningsnummer or national reserve
  number); which of the three it is shows in the number itself.
* An HSA-id keeps the spelling of its source and is compared whatever its letter case; records refer to each
  other by it.
* A date is the Swedish calendar day, a datetime Swedish local time without zone, as the contracts write them.
* ``valid_to`` of a date period is the last day that counts; of a datetime period the moment it ends.
* An optional text is None when absent, never empty.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from contracts.codes import CodeKey
from contracts.identifiers import HsaId
from register.folding import folded


class Audience(StrEnum):
    """Who may see a contact route (requirement rows S003-060, S003-061, S003-070, S003-085)."""

    PATIENT = "patient"
    """Everybody, the patient included."""
    BY_CHOICE = "by_choice"
    """Care staff; the patient only where the fixed contact says so for this patient (direct numbers)."""
    STAFF = "staff"
    """Care staff only ("vård till vård")."""


class Allotment(StrEnum):
    """What happens when a place frees up at a unit with a queue."""

    AUTOMATIC = "automatic"
    """The first in the queue gets it at once."""
    STAFF = "staff"
    """It is kept for the queue, and staff give it."""


@dataclass(frozen=True, slots=True)
class CareProvider:
    """A care provider (vårdgivare)."""

    hsa_id: HsaId
    name: str
    organisation_number: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: a care unit (vårdenhet) or a working unit below one.

    Attributes:
        provider: HSA-id of the care provider that answers for the unit.
        county: Two-digit county code; the region with whom a listable unit has its agreement.
        care_unit: HSA-id of the care unit this working unit belongs to; None for a care unit itself.
        listable: Whether residents can be listed here.
        max_listings: Cap on the number of active listings (PV); None means no cap.
        offers_queue: Whether residents can queue when the cap is reached.
        allotment: What happens when a place frees up while residents queue.
        estimated_wait_days: The unit's own estimate of the wait in its queue, in whole days.
        offers_choice_of_personnel: Whether a resident can choose doctor digitally.
        valid_from: First day the unit is open; None means since ever.
        valid_to: Last day the unit is open; None means until further notice.
    """

    hsa_id: HsaId
    name: str
    provider: HsaId
    county: str
    care_unit: HsaId | None = None
    listable: bool = False
    max_listings: int | None = None
    offers_queue: bool = False
    allotment: Allotment = Allotment.AUTOMATIC
    estimated_wait_days: int | None = None
    offers_choice_of_personnel: bool = False
    visiting_address: str | None = None
    visiting_town: str | None = None
    postal_address: str | None = None
    postal_code: str | None = None
    postal_town: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_open(self, today: date) -> bool:
        """Tell whether the unit is open on a day; its first and last day are included."""
        begun = self.valid_from is None or self.valid_from <= today
        return begun and (self.valid_to is None or self.valid_to >= today)


@dataclass(frozen=True, slots=True)
class ListingType:
    """A listing type of a county: a regional or inter-regional one, or the national one (PV).

    PV is offered whether or not it is kept here; to keep it gives it age limits.

    Attributes:
        agreed_counties: Codes of the counties whose residents may use the type by agreement; empty for a
            regional type.
        min_age: Least age, in whole years, of a resident who can be listed; None means none.
        max_age: Greatest age, in whole years; None means none.
    """

    county: str
    code: str
    code_system: str
    display_name: str
    min_age: int | None = None
    max_age: int | None = None
    agreed_counties: tuple[str, ...] = ()

    @property
    def key(self) -> CodeKey:
        """What tells it from other types of the county."""
        return self.code, self.code_system


@dataclass(frozen=True, slots=True)
class UnitListingType:
    """A listing type that a unit offers. A listable unit without any offers primary care (PV) only."""

    unit: HsaId
    code: str
    code_system: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team of staff at a unit.

    Attributes:
        id: Extension of the team's identity, unique in the register.
        id_root: OID or URN of the identity's series.
        external_notes: Note the patient may read.
        internal_notes: Note for care staff only.
    """

    id: str
    id_root: str
    name: str
    unit: HsaId
    external_notes: str | None = None
    internal_notes: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff.

    Attributes:
        befattning: Six-digit code of KV_Befattning (1.2.752.129.2.2.1.4).
        title: Title in free text.
        protected: Whether the person has protected identity.
    """

    hsa_id: HsaId
    given_name: str
    surname: str
    middle_name: str | None = None
    befattning: str | None = None
    title: str | None = None
    protected: bool = False

    @property
    def name(self) -> str:
        """Given, (middle) and surname with single blanks (requirement row S003-056)."""
        return " ".join(part for part in (self.given_name, self.middle_name, self.surname) if part)


@dataclass(frozen=True, slots=True)
class Employment:
    """That a member of staff works at a unit, and what residents can have the person as there.

    Attributes:
        selectable_as_doctor: Can be chosen as fast läkarkontakt at the unit.
        selectable_as_care_contact: Can be appointed fast vårdkontakt at the unit.
        selectable_as_treating_role: Can be given a treating role (behandlande roll) at the unit (requirement
            row S000-012).
        paused: Takes no new patients; links that exist stay (requirement row S001-015).
        max_patients: Cap on patients linked as fast läkarkontakt; None means no cap.
        external: Added by hand, not employed at the unit (requirement row S000-026).
        role: What the person is there, such as specialist or ST-A (requirement row S001-018).
        working_share: Share of full time, in percent (requirement row S001-027).
        min_age: Least age of patients the doctor prefers to have; a guide only (requirement row S001-027).
        max_age: Greatest age, likewise.
    """

    staff: HsaId
    unit: HsaId
    selectable_as_doctor: bool = False
    selectable_as_care_contact: bool = False
    selectable_as_treating_role: bool = False
    paused: bool = False
    max_patients: int | None = None
    external: bool = False
    role: str | None = None
    working_share: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident. No address: no contract carries one. A name is for staff to search by, and in no answer.

    Attributes:
        home_county: Two-digit code of the county where the person is registered; None when unknown.
        protected: Sekretessmarkering or skyddad folkbokföring.
        deceased_on: Day of death; one that has not come says nothing yet.
        given_name: Given names; None where none are kept (setting ``residents.keep_names``).
        surname: Surname, likewise.
        other_ids: Other identities of the same person, for example an earlier samordningsnummer.
    """

    person_id: str
    home_county: str | None = None
    protected: bool = False
    deceased_on: date | None = None
    given_name: str | None = field(default=None, repr=False)
    surname: str | None = field(default=None, repr=False)
    other_ids: tuple[str, ...] = ()

    def is_deceased(self, today: date) -> bool:
        """Tell whether the day of death has come (requirement row S001-013)."""
        return self.deceased_on is not None and self.deceased_on <= today

    @property
    def folded_given_name(self) -> str | None:
        """The given names in the form they are sought in."""
        return folded(self.given_name)

    @property
    def folded_surname(self) -> str | None:
        """The surname in the form it is sought in."""
        return folded(self.surname)


@dataclass(frozen=True, slots=True)
class Guardianship:
    """That somebody is guardian of a resident who is under age.

    Attributes:
        guardian_id: Identity of the guardian, who need not be a resident of the register.
        consents: Whether the guardian has consented to changes of the resident's listing.
    """

    person_id: str
    guardian_id: str
    consents: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A resident's listing at a unit, now or before.

    Attributes:
        id: Key within the register, stable over imports.
        counts_as_change: Whether the listing used up one of the resident's yearly re-listings.
    """

    id: str
    person_id: str
    unit: HsaId
    code: str
    code_system: str
    valid_from: datetime
    valid_to: datetime | None = None
    counts_as_change: bool = False


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A resident's place in the queue of a full unit, now or before.

    The position is not stored: it is the place's rank by ``queued_at`` among those still in the queue.

    Attributes:
        left_at: When the resident left the queue, for whatever reason; None while queuing.
        estimated_wait_days: Estimate of this resident's remaining wait, in whole days.
    """

    id: str
    person_id: str
    unit: HsaId
    code: str
    code_system: str
    queued_at: datetime
    left_at: datetime | None = None
    estimated_wait_days: int | None = None


@dataclass(frozen=True, slots=True)
class OutOfCountyListing:
    """The home region's note that its resident is listed in another county; it does not know the facility."""

    id: str
    person_id: str
    county: str
    code: str
    code_system: str
    valid_from: datetime
    valid_to: datetime | None = None
    counts_as_change: bool = False


@dataclass(frozen=True, slots=True)
class FixedContact:
    """A named contact of a resident, now, before or to come.

    Code 2 (fast läkarkontakt) is the doctor of the PV listing at the same unit and shows only while that
    listing is active: GetListing and GetCareManagers read this same record.

    Attributes:
        type_code: Code of Kv typ av fast kontakt (1.2.752.129.5.1.69), an open list.
        unit: HSA-id of the unit where the contact works in this role.
        team: Id of the team, if any.
        documented_at: When the appointment was documented.
        direct_number_visible: Whether this patient may see the contact's direct number.
        care_process_root: Root of the identity of the care process the contact belongs to.
        care_process_id: Extension of that identity.
        appointed_by: Who appointed the contact; never sent (requirement row S000-040).
        reason: Why: the patient's wish, a need, discharge; never sent (requirement rows S003-017, S003-025).
        life_threatening: Appointed for a life-threatening condition; never sent (requirement row S003-033).
    """

    id: str
    person_id: str
    type_code: str
    staff: HsaId
    unit: HsaId
    valid_from: date
    documented_at: datetime
    valid_to: date | None = None
    team: str | None = None
    external_notes: str | None = None
    internal_notes: str | None = None
    direct_number_visible: bool = False
    care_process_root: str | None = None
    care_process_id: str | None = None
    appointed_by: str | None = None
    reason: str | None = None
    life_threatening: bool = False


@dataclass(frozen=True, slots=True)
class ContactRoute:
    """A way to reach somebody: a phone number, an address on the web and so on.

    Exactly one owner is set: ``staff`` together with ``unit`` (the person in the work at that unit),
    ``team``, ``unit`` alone, or ``provider``.

    Attributes:
        id: Key within the register, stable over imports.
        system: Code of the contact point system: phone, fax, email, pager, url, sms or other.
        hours: When the route is open, in the notation of ``contracts.hours``; None means no stated hours.
    """

    id: str
    system: str
    value: str
    audience: Audience = Audience.PATIENT
    hours: str | None = None
    staff: HsaId | None = None
    unit: HsaId | None = None
    team: str | None = None
    provider: HsaId | None = None


Record = (
    CareProvider
    | Unit
    | ListingType
    | UnitListingType
    | Team
    | Staff
    | Employment
    | Resident
    | Guardianship
    | Listing
    | QueuePlace
    | OutOfCountyListing
    | FixedContact
    | ContactRoute
)
"""Everything an import can bring in."""
