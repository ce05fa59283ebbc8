"""What a record type is to a profile: kinds of fields, key, and how the values of a row become a record."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cached_property, lru_cache, partial
from hashlib import sha1
from typing import Any

from contracts.identifiers import HsaId
from mapping.sources.values import ONCE, TEXT, FieldKind, ValueFault
from register.model import Record

_NAMESPACE = uuid.UUID("b65cf56f-6a7d-4053-b9cc-18c26d640b37")
"""Namespace of the ids made here. Never change it: a re-import would not find its records again."""

_HASHED_NAMESPACE = sha1(_NAMESPACE.bytes, usedforsecurity=False)

Values = dict[str, Any]
"""Field name -> value of one row; None for what the source leaves empty."""


def _nothing(_values: Values) -> None:
    pass


@dataclass(frozen=True)
class RecordType:
    """A record type as the profiles see it.

    Attributes:
        record: The record's class.
        kinds: Kind of every field, helper fields included.
        natural_key: Fields that ``id`` is made of where the source has none; empty when there is no ``id``.
        filled_in: Required fields that need not come from the source.
        any_of: Fields of which a profile must give at least one.
        fill_in: Completes the values of a row, before ``id`` is made.
        follows: Field -> the field that it follows from where the source does not give it.
    """

    record: type[Record]
    kinds: Mapping[str, FieldKind]
    natural_key: tuple[str, ...] = ()
    filled_in: frozenset[str] = frozenset()
    any_of: tuple[str, ...] = ()
    fill_in: Callable[[Values], None] = field(default=_nothing)
    follows: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def required(self) -> frozenset[str]:
        """Fields that no record can be without."""
        return frozenset(one.name for one in fields(self.record) if one.default is MISSING)

    @cached_property
    def required_of_source(self) -> frozenset[str]:
        """Fields that every row must have a value for."""
        made = {"id"} if self.natural_key else set()
        return self.required - self.filled_in - made

    @cached_property
    def helpers(self) -> frozenset[str]:
        """Fields that are read from the source and not kept."""
        return frozenset(self.kinds) - {one.name for one in fields(self.record)}

    def said(self, given: Iterable[str]) -> frozenset[str]:
        """Return the fields a source says something about, by those its profile gives."""
        names = frozenset(given)
        return names | {name for name, other in self.follows.items() if other in names and name not in names}

    def build(self, values: Values) -> Record:
        """Make the record.

        Args:
            values: The values of a row; changed in place.

        Raises:
            ValueFault: A field that is filled in has nothing to be filled in from.
        """
        self.fill_in(values)
        if self.natural_key and values.get("id") is None:
            values["id"] = self.made_id(values)
        given = [default if (value := values.get(name)) is None else value for name, default in self._fields]
        if MISSING in given:
            missing = sorted(name for name in self.required if values.get(name) is None)
            raise ValueFault(f"there is no value for {' and '.join(missing)}")
        make: Callable[..., Record] = self.record
        return make(*given)

    @cached_property
    def _fields(self) -> list[tuple[str, Any]]:
        """The fields of the record in their order, each with what it is when it has no value."""
        return [(one.name, one.default) for one in fields(self.record)]

    def made_id(self, values: Values) -> str:
        """Return the id that the natural key gives: the same on every import, whatever the letter case."""
        texts = [as_text(values.get(name)) for name, as_text in self._key_texts]
        return _uuid5("\x1f".join([self.record.__name__, *texts]))

    @cached_property
    def _key_texts(self) -> list[tuple[str, Callable[[object], str]]]:
        """The fields of the natural key, each with what makes its text."""
        found: list[tuple[str, Callable[[object], str]]] = []
        for name in self.natural_key:
            as_text = partial(_key_text, self.kinds[name])
            found.append((name, as_text if self.kinds[name] in ONCE else lru_cache(65536)(as_text)))
        return found


def _uuid5(name: str) -> str:
    """Return what `uuid.uuid5` makes of a name (RFC 4122 section 4.3), in a quarter of its time."""
    hashed = _HASHED_NAMESPACE.copy()
    hashed.update(name.encode())
    digits = hashed.hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _key_text(kind: FieldKind, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, HsaId):
        return value.key
    return str(value).casefold() if kind is TEXT else str(value)
