"""What GetCareManagers must answer, told from the records alone, as `tests.integration.oracle` does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.identifiers import HsaId
from register.model import Audience, ContactRoute, FixedContact, Unit
from tests.integration.oracle import care_unit, doctor, full_name, person, staff, unit, valid
from tests.integration.worlds import World, keys

NEVER_SENT = ("contact-nurse", "treating-role")
"""Types that are kept in a register for its own use."""

_OWNERS = ("staff", "unit", "team", "provider")


def routes(
    world: World, *, direct: bool = False, **owner: HsaId | str
) -> tuple[list[ContactRoute], list[ContactRoute]]:
    """Return an owner's routes: those the patient may see, and those that only staff may."""
    owned = [
        one
        for one in sorted(world.routes, key=lambda one: one.id)
        if all(getattr(one, name) == owner.get(name) for name in _OWNERS)
    ]
    seen = {Audience.PATIENT, Audience.BY_CHOICE} if direct else {Audience.PATIENT}
    return [one for one in owned if one.audience in seen], [one for one in owned if one.audience not in seen]


@dataclass(frozen=True)
class Filters:
    """What a request asks for.

    Attributes:
        giver: HSA-id of the care provider.
        at: HSA-id of the care unit.
        types: Type codes; empty for all.
        process: Whether only contacts of the one care process are asked for.
    """

    giver: HsaId | None = None
    at: HsaId | None = None
    types: tuple[str, ...] = ()
    process: bool = False


@dataclass(frozen=True)
class Rules:
    """What the settings say.

    Attributes:
        staff_numbers: Whether numbers for staff go into notes, or nowhere.
        max_care_contacts: How many with code 1 are shown; None for all.
        lone_coordinator: Whether code 4 is shown without two of code 1.
        hidden: HSA-ids of the organisations whose units the caller may not know of.
    """

    staff_numbers: bool = True
    max_care_contacts: int | None = None
    lone_coordinator: bool = True
    hidden: tuple[HsaId, ...] = ()


def without(world: World, hidden: Sequence[HsaId]) -> World:
    """Return the world as it were if the units of some organisations did not exist."""
    gone = {
        one.hsa_id
        for one in world.units
        for above in (one, care_unit(world, one))
        for id in (above.hsa_id, above.provider)
        if id in hidden
    }

    def left(records: Sequence[Any], field: str = "unit") -> list[Any]:
        return [one for one in records if getattr(one, field) not in gone]

    teams = left(world.teams)
    known = {team.id for team in teams}
    return replace(
        world,
        units=left(world.units, "hsa_id"),
        unit_types=left(world.unit_types),
        teams=teams,
        employments=left(world.employments),
        listings=left(world.listings),
        places=left(world.places),
        contacts=[one if one.team in known else replace(one, team=None) for one in left(world.contacts)],
        routes=left(world.routes),
    )


def care_managers(world: World, number: str, asked: Filters, rules: Rules) -> list[tuple[Any, ...]]:
    """Return what is told of each contact."""
    world = without(world, rules.hidden) if rules.hidden else world
    resident = person(world, number)
    if resident is None:
        return []
    linked = doctor(world, resident.person_id)
    today = []
    for one in sorted(world.contacts, key=lambda one: (one.type_code, one.valid_from, one.id)):
        works_at = unit(world, one.unit)
        manages = care_unit(world, works_at)
        if (
            one.person_id == resident.person_id
            and valid(one)
            and valid(works_at)
            and valid(manages)
            and (one.type_code != "2" or one == linked)
            and one.type_code not in NEVER_SENT
        ):
            today.append((one, works_at, manages))
    care = sorted((one.valid_from, one.documented_at, one.id) for one, *_ in today if one.type_code == "1")
    past_limit = [id for *_, id in care[: -rules.max_care_contacts]] if rules.max_care_contacts else []
    found = []
    for one, works_at, manages in today:
        if (
            one.id not in past_limit
            and (one.type_code != "4" or len(care) >= 2 or rules.lone_coordinator)
            and not staff(world, one.staff).protected
            and (asked.giver is None or manages.provider == asked.giver)
            and (asked.at is None or manages.hsa_id == asked.at)
            and (not asked.types or one.type_code in asked.types)
            and (not asked.process or one.care_process_id is not None)
        ):
            found.append(_told(world, one, works_at, manages, resident.person_id, rules.staff_numbers))
    return found


def _told(
    world: World, one: FixedContact, works_at: Unit, manages: Unit, patient: str, staff_numbers: bool
) -> tuple[Any, ...]:
    who = staff(world, one.staff)
    provider = next(giver for giver in world.providers if giver.hsa_id == manages.provider)
    own, secret = routes(world, direct=one.direct_number_visible, staff=one.staff, unit=one.unit)
    above, secret_above = routes(world, provider=provider.hsa_id)
    secret += secret_above
    units = []
    for place in (manages, works_at):
        shown, hidden = routes(world, unit=place.hsa_id)
        units.append((str(place.hsa_id), place.name, _values(shown), _addresses(place)))
        secret += hidden
    return (
        one.type_code,
        patient,
        (str(who.hsa_id), full_name(who), who.title),
        next((_team(world, one, staff_numbers) for team in world.teams if team.id == one.team), None),
        one.valid_from.strftime("%Y%m%d"),
        one.valid_to.strftime("%Y%m%d") if one.valid_to and one.valid_to.year < 2100 else None,
        _notes(one.internal_notes, secret, staff_numbers),
        one.external_notes,
        (str(provider.hsa_id), provider.name, _values(above)),
        units[0],
        units[1] if manages != works_at else None,
        _values(own),
        one.care_process_id,
        one.documented_at.strftime("%Y%m%d%H%M%S"),
    )


def _team(world: World, one: FixedContact, staff_numbers: bool) -> tuple[Any, ...]:
    team = next(team for team in world.teams if team.id == one.team)
    shown, hidden = routes(world, team=team.id)
    notes = _notes(team.internal_notes, hidden, staff_numbers)
    return team.id, team.name, notes, team.external_notes, _values(shown)


def _values(of: list[ContactRoute]) -> list[tuple[str, str]]:
    return [(route.system, route.value) for route in of]


def _notes(own: str | None, hidden: list[ContactRoute], staff_numbers: bool) -> set[str]:
    """Return the keys in an internal note: its own, and those of numbers that stand in it."""
    return keys(own or "") | {key for route in hidden if staff_numbers for key in keys(route.value)}


def _addresses(at: Unit) -> list[list[str]]:
    visiting = (at.visiting_address, at.visiting_town)
    postal = (at.postal_address, at.postal_town)
    found = [visiting] if any(visiting) else []
    full = [*found, (*postal, at.postal_code)] if any(postal) else found
    return [[part for part in address if part] for address in full]
