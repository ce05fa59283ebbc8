"""What a release package says otherwise than the project's own schemas, element by element."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import xmlschema

from contracts.catalogue import Contract
from contracts.schemas import Schemas, built_in

_DEEPEST = 25
"""Elements within elements that are followed; a type that holds itself has no end."""


class Effect(StrEnum):
    """What this product does about a difference."""

    NEVER_SENT = "never sent from here, which the package allows"
    MISSED = "not sent from here, and the package demands it: every answer with its parent is refused"
    REFUSED = "sent from here where there is something to send, and the package refuses it then"
    PASSED_OVER = "accepted in requests and passed over"
    NEVER_COMES = "never comes in a request that the package allows"
    CHECKED = "requests and answers are checked as the package has it"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        path: Names of elements from the message's down.
        ours: What our own schema says of it; empty when it does not have it.
        theirs: What the package says.
    """

    path: str
    ours: str
    theirs: str
    effect: Effect


def differences(contract: Contract, schemas: Schemas) -> list[Difference]:
    """Return what the schemas in use say otherwise than our own, in the order of the messages.

    Raises:
        xmlschema.XMLSchemaException: A schema cannot be read.
    """
    ours = _told(contract, built_in().schema(contract))
    theirs = _told(contract, schemas.schema(contract))
    answer = f"{contract.name}Response"
    found = []
    for path in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(path, ""), theirs.get(path, "")
        parent = path.rpartition("/")[0]
        within = parent and not (ours.get(parent) and theirs.get(parent))
        if one != other and not within:  # what is below an element that one of them lacks goes with it
            found.append(Difference(path, one, other, _effect(path.startswith(answer), one, other)))
    return found


def _effect(in_answer: bool, ours: str, theirs: str) -> Effect:
    if ours and theirs:
        return Effect.CHECKED
    if in_answer:
        if ours:
            return Effect.REFUSED
        return Effect.NEVER_SENT if theirs.startswith("0..") else Effect.MISSED
    return Effect.NEVER_COMES if ours else Effect.PASSED_OVER


def _told(contract: Contract, file: Path) -> dict[str, str]:
    """Return path -> what a schema says of the element there: how often, which place, which values."""
    schema = xmlschema.XMLSchema10(str(file))
    told: dict[str, str] = {}
    for message in (contract.request, contract.response):
        element = schema.elements.get(message.rpartition("}")[2])
        if element is not None:
            told |= dict(_below(element, element.local_name, "1..1", 0))
    return told


def _below(element: Any, path: str, occurs: str, depth: int) -> Iterator[tuple[str, str]]:
    kind = element.type
    if not kind.has_complex_content():
        yield path, f"{occurs} {_values(kind)}"
        return
    children = list(kind.content.iter_elements()) if depth < _DEEPEST else []
    names = [_name(child) for child in children]
    yield path, f"{occurs} of {', '.join(names) or 'nothing'}"
    for name, child in zip(names, children, strict=True):
        if child.local_name is not None:
            yield from _below(child, f"{path}/{name}", _occurs(child), depth + 1)


def _name(particle: Any) -> str:
    return particle.local_name or "any other"


def _occurs(particle: Any) -> str:
    most = particle.max_occurs
    return f"{particle.min_occurs}..{'any' if most is None else most}"


def _values(kind: Any) -> str:
    """Return what a simple type lets through."""
    simple = kind.content if kind.is_complex() else kind
    parts = [getattr(getattr(simple, "root_type", None), "local_name", None) or "text"]
    if getattr(simple, "enumeration", None):
        parts.append(f"one of {', '.join(map(str, simple.enumeration))}")
    if getattr(simple, "patterns", None) is not None:
        parts.append(f"pattern {' or '.join(simple.patterns.regexps)}")
    for name in ("length", "min_length", "max_length"):
        if getattr(simple, name, None) is not None:
            parts.append(f"{name.replace('_', ' ')} {getattr(simple, name)}")
    return ", ".join(parts)
