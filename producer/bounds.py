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

EQUAL_SIGNS = 2_000
"""More of them and there are too many attributes, or texts that no contract has room for."""

_MARKS = (
    (b"<", MARKUP, "tags"),
    (b"&", REFERENCES, "references to characters"),
    (b"=", EQUAL_SIGNS, "equal signs"),
    (b"\n", LINES, "lines"),
    (b"\r", LINES, "lines"),
)

_FEW_TAGS = 2 * DEPTH
"""With no more beginnings and ends of elements, none of the bounds of elements can be passed."""

_LEARNT = 4_096
"""Names that a process remembers."""

_BLANKS = re.compile(rb">([ \t\r\n]{16,118})(?=<)")
"""Runs of blanks that libxml2 keeps among its names: the indents of messages made for reading. It keeps 59 at
the most, in which two may have become one."""


def check(body: bytes, encoding: str | None) -> frozenset[str | bytes]:
    """Return the names in a message, after finding that it keeps within the bounds.

    Args:
        body: The message, without byte order mark.
        encoding: Its encoding where something goes before its own declaration.

    Raises:
        SoapFault: FK102, it is not well-formed, or its characters cannot be read; FK103, it has a DOCTYPE;
            FK110, it holds more than it may.
    """
    for mark, most, what in _MARKS:
        if body.count(mark) > most:
            _refuse(f"{most} {what}")
    names: set[str | bytes] = set()
    lists: list[list[str]] = []
    try:
        parser = expat.ParserCreate(encoding)
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = _doctype
        if body.count(b"<") > _FEW_TAGS:
            tree = _Tree(names, lists)
            parser.StartElementHandler = tree.start
            parser.EndElementHandler = tree.end
        else:

            def start(name: str, attributes: list[str]) -> None:
                names.add(name)
                if attributes:
                    lists.append(attributes)

            parser.StartElementHandler = start
        parser.Parse(body, True)
    except expat.ExpatError as error:
        # Nothing of the message: a parser's own text may quote it.
        raise SoapFault("FK102", f"line {error.lineno}, column {error.offset + 1}") from None
    except (LookupError, ValueError):  # the encoding of the declaration is none that Python knows
        raise SoapFault("FK102", "line 1, column 1") from None
    _check_attributes(names, lists)
    if len(names) > NAMES:
        _refuse(f"{NAMES} different names")
    if max(map(len, names)) > NAME_LENGTH:
        _refuse(f"{NAME_LENGTH} characters of a name")
    names.update(_BLANKS.findall(body.replace(b"\0", b"")))  # UTF-16 too
    return frozenset(names)


class _Tree:
    """Counts the elements of a message while it is read.

    Args:
        names: Their names are added to it.
        lists: Their attributes are, each element's as name, value, name, value.
    """

    def __init__(self, names: set[str | bytes], lists: list[list[str]]) -> None:
        self._names, self._lists = names, lists
        self._elements = 0
        self._children = [0]

    def start(self, name: str, attributes: list[str]) -> None:
        """Count an element."""
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
        self._names.add(name)
        if attributes:
            self._lists.append(attributes)

    def end(self, name: str) -> None:
        """Leave an element."""
        self._children.pop()


def _check_attributes(names: set[str | bytes], lists: list[list[str]]) -> None:
    """Count attributes and declarations, and add their names, and the namespaces declared, to those given."""
    if sum(map(len, lists)) > 2 * ATTRIBUTES_OF_ALL:
        _refuse(f"{ATTRIBUTES_OF_ALL} attributes")
    for attributes in lists:
        declared = others = 0
        for place in range(0, len(attributes), 2):
            name, value = attributes[place], attributes[place + 1]
            names.add(name)
            if len(value) > VALUE_LENGTH:
                _refuse(f"{VALUE_LENGTH} characters of the value of an attribute")
            if name.startswith("xmlns") and (len(name) == 5 or name[5] == ":"):
                declared += 1
                names.add(value)
            else:
                others += 1
        if others > ATTRIBUTES:
            _refuse(f"{ATTRIBUTES} attributes of one element")
        if declared > DECLARATIONS:
            _refuse(f"{DECLARATIONS} namespaces declared by one element")


def _doctype(*_: object) -> NoReturn:
    raise SoapFault("FK103")


def _refuse(bound: str) -> NoReturn:
    raise SoapFault("FK110", bound)


class Vocabulary:
    """The names that the process has met: so many, and no more, may come into the lists of its threads.

    What libxml2 has read in a thread it keeps until the thread ends. Names that callers make up as they go
    would fill the memory: 380 messages of 800 kB took 450 MB.
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
