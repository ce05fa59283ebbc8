"""Changing the contacts of many residents at once, and dealing out doctors to those without."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from random import Random

from contacts import staff
from contacts.appointing import begin, end_on, end_other_doctors, overlapping
from contacts.contact_log import StaffEdit
from contracts.codes import DOCTOR_CONTACT
from contracts.identifiers import HsaId
from register.ids import new_id
from register.model import FixedContact


def move(edit: StaffEdit, contacts: Sequence[FixedContact], to_staff: HsaId) -> None:
    """Give the patients of one contact to another of the same unit, all or none (requirement row S000-032).

    The new contact begins today and ends when the old one would. What is said of the old one, its team and
    notes and whether its direct number shows, is not said of the new one.

    Args:
        edit: The circumstances.
        contacts: Contacts of one type at one unit.
        to_staff: Key of whom the patients are moved to.

    Raises:
        NotAllowed: The receiver cannot get them all.
    """
    already = {
        one.id
        for one in contacts
        for other in overlapping(edit, one)
        if one.type_code != DOCTOR_CONTACT and other.staff == to_staff and other.unit == one.unit
    }
    if contacts:
        first = contacts[0]
        new_patients = len({one.person_id for one in contacts if one.id not in already})
        staff.check_available(edit, to_staff, first.unit, first.type_code, edit.today, more=new_patients)
    for one in contacts:
        end_on(edit, one, edit.today - timedelta(days=1))
        if one.id not in already:
            begin(edit, _replaced_by(edit, one, to_staff))


def _replaced_by(edit: StaffEdit, contact: FixedContact, staff_key: HsaId) -> FixedContact:
    """Return the contact that takes the place of one: for the same resident, unit and reason to have it."""
    return FixedContact(
        id=new_id(),
        person_id=contact.person_id,
        type_code=contact.type_code,
        staff=staff_key,
        unit=contact.unit,
        valid_from=max(contact.valid_from, edit.today),
        valid_to=contact.valid_to,
        documented_at=edit.now,
        care_process_root=contact.care_process_root,
        care_process_id=contact.care_process_id,
        appointed_by=edit.by,
        reason=edit.reason,
        life_threatening=contact.life_threatening,
    )


def appoint_doctors(edit: StaffEdit, pairs: Iterable[tuple[str, HsaId]], unit_key: HsaId) -> None:
    """Give residents without a doctor one from today; whether the doctors have room the caller has seen.

    Args:
        edit: The circumstances.
        pairs: Resident and key of the doctor.
        unit_key: Key of the unit where the residents are listed and the doctors work.
    """
    for person_id, staff_key in pairs:
        new = FixedContact(
            id=new_id(),
            person_id=person_id,
            type_code=DOCTOR_CONTACT,
            staff=staff_key,
            unit=unit_key,
            valid_from=edit.today,
            documented_at=edit.now,
            appointed_by=edit.by,
            reason=edit.reason,
        )
        end_other_doctors(edit, overlapping(edit, new), edit.today)
        begin(edit, new)


def allot(residents: Sequence[str], room: Mapping[HsaId, int | None], seed: int) -> dict[str, HsaId]:
    """Deal residents out to doctors at random, in proportion to the room each has (requirement row S001-059).

    A doctor without a cap gets what those with room get on average, and shares with others without one what
    is more than the caps allow. The same arguments give the same result.

    Args:
        residents: The residents.
        room: How many each doctor can get, by key; None means no cap.
        seed: What the chance is drawn from.

    Returns:
        Doctor by resident; residents for whom there is no room are left out.
    """
    in_order = sorted(room.items(), key=lambda one: one[0].key)
    shares = _shares(
        len(residents),
        {key: free for key, free in in_order if free},
        [key for key, free in in_order if free is None],
    )
    # Nothing is kept secret by it: whoever has the seed is to get the same result.
    drawn = Random(seed).sample(sorted(residents), sum(shares.values()))  # noqa: S311
    doctors = [key for key, _ in in_order for _ in range(shares.get(key, 0))]
    return dict(zip(drawn, doctors, strict=True))


def _shares(residents: int, capped: Mapping[HsaId, int], uncapped: Sequence[HsaId]) -> dict[HsaId, int]:
    """Return how many residents each doctor gets: those with room under a cap, and those without a cap."""
    free = sum(capped.values())
    if not uncapped:
        return _in_proportion(min(free, residents), capped)
    # What all would get together if everybody under a cap were full, times the number of those.
    if residents * len(capped) >= free * (len(capped) + len(uncapped)):
        return {**capped, **_in_proportion(residents - free, dict.fromkeys(uncapped, 1))}
    weights = {key: one * len(capped) for key, one in capped.items()} | dict.fromkeys(uncapped, free)
    return _in_proportion(residents, weights)


def _in_proportion(number: int, weights: Mapping[HsaId, int]) -> dict[HsaId, int]:
    """Divide a number by weights; what does not divide goes to the largest remainders."""
    total = sum(weights.values())
    if not total:
        return {}
    shares = {key: number * weight // total for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: -(number * weights[key] % total))
    for key in by_remainder[: number - sum(shares.values())]:
        shares[key] += 1
    return shares
