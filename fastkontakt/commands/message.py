"""From the options of ``fastkontakt call`` to the request they ask for."""

from collections.abc import Mapping
from typing import Any

import typer

from contracts import oids
from contracts.catalogue import Contract, by_name
from contracts.codes import PV, ActorType
from contracts.identifiers import IdentifierError, PersonId
from contracts.messages import (
    CV,
    II,
    REQUESTS,
    Actor,
    CreateListing,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
    Request,
    UpdateListing,
)

Given = Mapping[str, Any]
"""Option -> its value, None where it was left out."""

_PERSON = ("--person", "--person-root")
_ACTOR = ("--actor-type", "--actor-id")
_TAKES: dict[str, tuple[str, ...]] = {
    "GetListing": (*_PERSON, *_ACTOR),
    "GetListingCounty": (*_PERSON, *_ACTOR),
    "GetListingTypes": (*_PERSON, "--home-county"),
    "GetAvailableHealthcareFacilities": ("--facility", "--listing-type"),
    "GetAvailableHealthcarePersonnel": (*_PERSON, "--facility", "--listing-type"),
    "CreateListing": (
        *_PERSON,
        *_ACTOR,
        "--facility",
        "--listing-type",
        "--doctor",
        "--add-to-queue",
        "--home-county",
        "--new-county",
    ),
    "UpdateListing": (*_PERSON, "--new-county", "--home-county", "--listing-type"),
    "GetCareManagers": (*_PERSON, "--care-giver", "--care-unit", "--care-manager-type", "--care-process"),
    "PingForConfiguration": (),
}
"""Contract -> the options it has a use for."""


def find_contract(name: str) -> Contract:
    """Return the contract with this name, in any letter case.

    Raises:
        BadParameter: There is none that can be called; the text lists those there are.
    """
    for known in REQUESTS:
        if known.lower() == name.lower():
            return by_name(known)
    raise typer.BadParameter(
        f"{name} is none that can be called; there are: {', '.join(REQUESTS)}", param_hint="contract"
    )


def message(contract: Contract, logical_address: str, given: Given) -> Request:
    """Return the request that the options ask for.

    Values are sent as they are typed, also wrong ones, so that the answer to them can be seen. Only a person
    must have the form of a number that says its own root, unless the root is given too.

    Raises:
        BadParameter: An option is missing, is of no use to the contract, or cannot be understood.
    """
    for option, value in given.items():
        if value is not None and option not in _TAKES[contract.name]:
            takes = ", ".join(_TAKES[contract.name]) or "none"
            raise typer.BadParameter(
                f"{contract.name} does not take it; of these options it takes: {takes}", param_hint=option
            )
    listing_types = tuple(_listing_type(text) for text in given["--listing-type"] or ())
    match contract.name:
        case "GetListing":
            return GetListing(_actor(given), _person(given))
        case "GetListingCounty":
            return GetListingCounty(_actor(given), _person(given))
        case "GetListingTypes":
            person = _person(given) if given["--person"] else None
            return GetListingTypes(person, _identity(given["--home-county"], oids.COUNTY))
        case "GetAvailableHealthcareFacilities":
            return GetAvailableHealthcareFacilities(tuple(given["--facility"] or ()), listing_types)
        case "GetAvailableHealthcarePersonnel":
            return GetAvailableHealthcarePersonnel(
                _person(given), _one(contract, given, "--facility"), listing_types
            )
        case "CreateListing":
            return CreateListing(
                _actor(given),
                _person(given),
                _one(contract, given, "--facility"),
                _one_type(contract, given) or CV(PV.code, PV.system),
                given["--doctor"],
                given["--add-to-queue"],
                _identity(given["--home-county"], oids.COUNTY),
                _identity(given["--new-county"], oids.COUNTY),
            )
        case "UpdateListing":
            return UpdateListing(
                _person(given),
                II(oids.COUNTY, _needed(given, "--new-county")),
                II(oids.COUNTY, _needed(given, "--home-county")),
                _one_type(contract, given),
            )
        case "GetCareManagers":
            return GetCareManagers(
                _person(given),
                _identity(given["--care-giver"], oids.HSA_ID),
                _identity(given["--care-unit"], oids.HSA_ID),
                tuple(CV(code, oids.FIXED_CONTACT_TYPE) for code in given["--care-manager-type"] or ()),
                II(*_pair("--care-process", given["--care-process"])) if given["--care-process"] else None,
            )
        case _:
            return PingForConfiguration(contract.namespace, logical_address)


def _needed(given: Given, option: str) -> Any:
    if not given[option]:
        raise typer.BadParameter("this contract needs it", param_hint=option)
    return given[option]


def _one(contract: Contract, given: Given, option: str) -> str:
    values: list[str] = _needed(given, option)
    if len(values) > 1:
        raise typer.BadParameter(f"{contract.name} takes one", param_hint=option)
    return values[0]


def _one_type(contract: Contract, given: Given) -> CV | None:
    if not given["--listing-type"]:
        return None
    return _listing_type(_one(contract, given, "--listing-type"))


def _person(given: Given) -> II:
    number = _needed(given, "--person")
    root = given["--person-root"]
    return II(root, number) if root else _identity_of_person("--person", number)


def _actor(given: Given) -> Actor:
    actor_type: ActorType = given["--actor-type"] or ActorType.CITIZEN
    actor_id = given["--actor-id"]
    if actor_id is None and actor_type is ActorType.CITIZEN:
        return Actor(_person(given), actor_type)
    actor_id = _needed(given, "--actor-id")
    if actor_type.is_person:
        return Actor(_identity_of_person("--actor-id", actor_id), actor_type)
    return Actor(II(oids.HSA_ID, actor_id), actor_type)


def _identity_of_person(option: str, text: str) -> II:
    try:
        person = PersonId.from_text(text, check_digits=False)
    except IdentifierError as error:
        hint = "; with --person-root it is sent as it is" if option == "--person" else ""
        raise typer.BadParameter(f"{error}{hint}", param_hint=option) from None
    return II(person.root, person.extension)


def _identity(extension: str | None, root: str) -> II | None:
    return None if extension is None else II(root, extension)


def _listing_type(text: str) -> CV:
    if text == PV.code:
        return CV(PV.code, PV.system)
    return CV(*_pair("--listing-type", text))


def _pair(option: str, text: str) -> tuple[str, str]:
    """Return the two parts of an option's value, such as code and code system."""
    first, bar, second = text.partition("|")
    if not first or not second:
        raise typer.BadParameter(f"expected two parts with a | between, got {text}", param_hint=option)
    return first, second
