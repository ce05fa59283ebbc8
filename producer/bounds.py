"""What a request may hold at most, and the count of it before any other part of the service sees the message.

Much of what reads XML takes time by the square or cube of something that a caller chooses: attributes of an
element, declarations of namespaces, elements beside each other. Others keep what they have seen: libxml2 has
one list of all names for each thread and never forgets one. So a message is first read by expat, which does
neither, and which is stopped at the first element that is too much. It costs an everyday request 1 % of its
time. No RIV-TA rule says how large a message may be; each bound is several times what the contracts need.
"""

import re
from threading import Lock
from typing import NoReturn
from xml.parsers import expat

from producer.faults import SoapFault

ELEMENTS = 1_200
"""Elements of a message. The largest is a GetAvailableHealthcareFacilities about every facility of a region,
some 250 of them."""

CHILDREN = 600
"""Elements directly within one element."""

DEPTH = 50
"""Elements within each other; the contracts have 7 with the envelope."""

ATTRIBUTES = 32
"""Attributes of an element, declarations not counted. The contracts have none but those of xsi."""

DECLARATIONS = 64
"""Namespaces that an element declares. SOAP libraries declare all they know at the top, some twenty."""

ATTRIBUTES_OF_ALL = 500
"""Attributes and declarations of a message: some libraries repeat both on every element."""

VALUE_LENGTH = 4_096
"""Characters of the value of an attribute."""

NAMES = 256
"""Different names of elements and attributes, and of namespaces, in a message."""

NAME_LENGTH = 256
"""Characters of a name with its prefix, or of a namespace."""

MARKUP = 3_000
"""What begins with ``<``: tags, comments, processing instructions, pieces of CDATA."""

REFERENCES = 3_000
"""What begins with ``&``: references to characters."""

LINES = 10_000
"""Lines of a message; libxml2 counts them more slowly than it reads."""

_EQUAL_SIGNS = 2_000
"""More of them and there are too many attributes, or texts that no contract has room for."""

_LEARNT = 4_096
"""Names that a process remembers."""

_BLANKS = re.compile(rb">([ \t\r\n]{16,59})(?=<)")
"""Runs of blanks that libxml2 keeps among its names: the indents of messages made for reading."""


def check(body: bytes, encoding: str | None) -> frozenset[str | bytes]:
    """Return the names in a message, after finding that it keeps within the bounds.

    Args:
        body: The message, without byte order mark.
        encoding: Its encoding where something goes before its own declaration.

    Raises:
        SoapFault: FK102, it is not well-formed, or its characters cannot be read; FK103, it has a DOCTYPE;
            FK110, it holds more than it may.
    """
    for mark, most, what in (
        (b"<", MARKUP, "tags"),
        (b"&", REFERENCES, "references to characters"),
        (b"=", _EQUAL_SIGNS, "equal signs"),
        (b"\n", LINES, "lines"),
        (b"\r", LINES, "lines"),
    ):
        if body.count(mark) > most:
            _refuse(f"{most} {what}")
    count = _Count()
    try:
        parser = expat.ParserCreate(encoding)
        parser.ordered_attributes = True
        parser.StartElementHandler = count.start
        parser.EndElementHandler = count.end
        parser.StartDoctypeDeclHandler = _doctype
        parser.Parse(body, True)
    except expat.ExpatError as error:
        # Nothing of the message: a parser's own text may quote it.
        raise SoapFault("FK102", f"line {error.lineno}, column {error.offset + 1}") from None
    except (LookupError, ValueError):  # the encoding of the declaration is none that Python knows
        raise SoapFault("FK102", "line 1, column 1") from None
    return frozenset(count.names.union(_BLANKS.findall(body)))


class _Count:
    """Counts what a message holds while it is read."""

    def __init__(self) -> None:
        self.names: set[str | bytes] = set()
        self._elements = self._attributes = 0
        self._children = [0]

    def start(self, name: str, attributes: list[str]) -> None:
        """Count an element; attributes come as name, value, name, value."""
        children = self._children
        children[-1] += 1
        self._elements += 1
        if self._elements > ELEMENTS:
            _refuse(f"{ELEMENTS} elements")
        if children[-1] > CHILDREN:
            _refuse(f"{CHILDREN} elements within one")
        if len(children) > DEPTH:
            _refuse(f"{DEPTH} elements within each other")
        children.append(0)
        self._name(name)
        if attributes:
            self._count_attributes(attributes)

    def end(self, name: str) -> None:
        """Leave an element."""
        self._children.pop()

    def _count_attributes(self, attributes: list[str]) -> None:
        names, values = attributes[::2], attributes[1::2]
        declared = [value for name, value in zip(names, values, strict=True) if _declares(name)]
        self._attributes += len(names)
        if len(names) - len(declared) > ATTRIBUTES:
            _refuse(f"{ATTRIBUTES} attributes of one element")
        if len(declared) > DECLARATIONS:
            _refuse(f"{DECLARATIONS} namespaces declared by one element")
        if self._attributes > ATTRIBUTES_OF_ALL:
            _refuse(f"{ATTRIBUTES_OF_ALL} attributes")
        if max(map(len, values)) > VALUE_LENGTH:
            _refuse(f"{VALUE_LENGTH} characters of the value of an attribute")
        for name in (*names, *declared):
            self._name(name)

    def _name(self, name: str) -> None:
        if name in self.names:
            return
        if len(name) > NAME_LENGTH:
            _refuse(f"{NAME_LENGTH} characters of a name")
        if len(self.names) >= NAMES:
            _refuse(f"{NAMES} different names")
        self.names.add(name)


def _declares(name: str) -> bool:
    return name.startswith("xmlns") and (len(name) == 5 or name[5] == ":")


def _doctype(*_: object) -> NoReturn:
    raise SoapFault("FK103")


def _refuse(bound: str) -> NoReturn:
    raise SoapFault("FK110", bound)


class Vocabulary:
    """The names that the process has met: so many, and no more, may come into the lists of its threads.

    What libxml2 has read in a thread it keeps until the thread ends. Names that callers make up as they go
    would fill the memory: 500 messages of a megabyte 400 MB.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: frozenset[str | bytes] = frozenset()

    def has(self, names: frozenset[str | bytes]) -> bool:
        """Tell whether names are known, or can be from now on."""
        if names <= self._known:
            return True
        with self._lock:
            grown = self._known | names
            if len(grown) > _LEARNT:
                return False
            self._known = grown
        return True
