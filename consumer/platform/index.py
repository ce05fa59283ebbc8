"""The engagement index: takes Update, and tells which source systems have something about a resident.

It checks as the national index does, and answers a Fault with the code (facts on RIV-TA, 4.1 to 4.3).
What it takes in it has at once: it does not collect.
"""

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from consumer.platform.faults import envelope
from consumer.platform.passing import Answered
from contracts.catalogue import by_name
from contracts.identifiers import HsaId
from contracts.schemas import Schemas

MOST_POSTS = 1000

_UPDATE = by_name("Update")
_LENGTHS = {
    "registeredResidentIdentification": 32,
    "serviceDomain": 255,
    "categorization": 255,
    "logicalAddress": 64,
    "businessObjectInstanceIdentifier": 128,
    "clinicalProcessInterestId": 128,
    "mostRecentContent": 14,
    "sourceSystem": 64,
    "dataController": 64,
}
_NOT_OF_KEY = frozenset({"mostRecentContent"})


class Post(NamedTuple):
    """What the index keeps: that a source system has something about a resident."""

    resident: str
    service_domain: str
    categorization: str
    logical_address: str
    data_controller: str
    most_recent_content: str


class _Refused(Exception):
    """Nothing of the request is taken; the text begins with the code."""


class StandInIndex:
    """The index, in memory.

    Args:
        address: Its LogicalAddress.
        schemas: What requests are checked with.
    """

    def __init__(self, address: str, schemas: Schemas) -> None:
        self.address = address
        self._schemas = schemas
        self._lock = threading.Lock()
        self._posts: dict[tuple[str, ...], Post] = {}

    def put(self, post: Post) -> None:
        """Let it have something from the start."""
        with self._lock:
            self._posts[post] = post

    def posts(self) -> list[Post]:
        """Return everything it has."""
        with self._lock:
            return sorted(self._posts.values())

    def addresses(self, resident: str, service_domain: str, categorization: str) -> list[str]:
        """Return where there is something about a resident, as FindContent tells the aggregating service."""
        wanted = (resident, service_domain, categorization)
        found = {HsaId(one.logical_address): one.logical_address for one in self.posts() if one[:3] == wanted}
        return sorted(found.values())

    def update(self, content: etree._Element, receiver: str) -> Answered:
        """Take a request in: all of it, or nothing.

        Args:
            content: The Update element.
            receiver: The request's LogicalAddress.
        """
        try:
            posts = list(self._checked(content, receiver))
        except _Refused as refused:
            return Answered(
                500,
                envelope(
                    "<soap:Fault><faultcode>soap:Server</faultcode>"
                    f"<faultstring>{refused}</faultstring></soap:Fault>"
                ),
            )
        with self._lock:
            for key, delete, _ in posts:
                if delete:
                    self._posts.pop(key, None)
            self._posts |= {key: post for key, delete, post in posts if not delete}
        return Answered(
            200,
            envelope(
                f'<UpdateResponse xmlns="{_UPDATE.namespace}"><ResultCode>OK</ResultCode></UpdateResponse>'
            ),
        )

    def _checked(
        self, content: etree._Element, receiver: str
    ) -> Iterator[tuple[tuple[str, ...], bool, Post]]:
        if not self._schemas.valid(_UPDATE, content):
            raise _Refused("EI001: the request does not follow its schema")
        transactions = [
            _texts(one) for one in content if etree.QName(one).localname == "engagementTransaction"
        ]
        if len(transactions) > MOST_POSTS:
            raise _Refused(f"EI000: {len(transactions)} posts in one request, {MOST_POSTS} at most")
        if receiver != self.address:
            raise _Refused("EI003: the LogicalAddress is another's")
        seen = set()
        for one in transactions:
            for name, length in _LENGTHS.items():
                value = one.get(name, "")
                if not value or value != value.strip() or len(value) > length:
                    raise _Refused(f"EI004: {name} is missing, too long, or has blanks around it")
            try:
                datetime.strptime(one["mostRecentContent"], "%Y%m%d%H%M%S")
            except ValueError:
                raise _Refused("EI004: mostRecentContent is no time") from None
            key = tuple(one[name].upper() for name in _LENGTHS if name not in _NOT_OF_KEY)
            if key in seen:
                raise _Refused("EI002: two posts of the request have the same key")
            seen.add(key)
            yield (
                key,
                one["deleteFlag"] in ("true", "1"),
                Post(
                    one["registeredResidentIdentification"],
                    one["serviceDomain"],
                    one["categorization"],
                    one["logicalAddress"],
                    one["dataController"],
                    one["mostRecentContent"],
                ),
            )


def _texts(transaction: etree._Element) -> dict[str, str]:
    return {etree.QName(one).localname: one.text or "" for one in transaction.iter() if not len(one)}
