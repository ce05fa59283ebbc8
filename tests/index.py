"""A stand-in for the engagement index: it checks as SKLTP EI does, and merges as it does.

What it accepts is collected, and stored when nothing has come for its collecting time. While collecting, a
removal beats everything about its key, also what comes after it; of two additions the one with the newer
mostRecentContent stays (facts on RIV-TA, sections 4.2 and 4.3).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests_mock
from lxml import etree

from contracts.catalogue import LOGICAL_ADDRESS, by_name
from contracts.schemas import built_in
from tests.soap import SOAP, check_exchange, check_request, fault, response

ADDRESS = "5565594230"
COLLECTING = timedelta(seconds=30)
MOST = 1000

_CONTRACT = by_name("Update")
_LENGTHS = {
    "registeredResidentIdentification": 32,
    "serviceDomain": 255,
    "categorization": 255,
    "logicalAddress": 64,
    "businessObjectInstanceIdentifier": 128,
    "clinicalProcessInterestId": 128,
    "sourceSystem": 64,
    "dataController": 64,
    "mostRecentContent": 14,
}
_KEY = tuple(name for name in _LENGTHS if name != "mostRecentContent")

Key = tuple[str, ...]


class Refusal(Exception):
    """The index takes nothing of a request; the text begins with the code."""


class Index:
    """The index; takes posts within `serving`.

    Attributes:
        calls: Of each call: (whether it removes, resident, data controller, mostRecentContent) of each post.
        headers: Of each call: its x-skltp-correlation-id.
        refused: Data controllers and residents that it takes for wrong.
        instead: Answers in place of the index, if set: status and body.
        lost: Called when a call has been accepted, before the answer.
    """

    def __init__(self, clock: Callable[[], datetime], by_result_code: bool = False) -> None:
        self.calls: list[list[tuple[bool, str, str, str]]] = []
        self.headers: list[str] = []
        self.refused: set[str] = set()
        self.instead: tuple[int, bytes] | None = None
        self.lost: Callable[[], None] = lambda: None
        self._clock = clock
        self._by_result_code = by_result_code
        self._stored: dict[Key, str] = {}
        self._collected: dict[Key, str | None] = {}
        self._latest: datetime | None = None

    @contextmanager
    def serving(self) -> Iterator["Index"]:
        """Take what is posted, and nothing else."""
        with requests_mock.Mocker() as mocker:
            mocker.post(requests_mock.ANY, content=self._answer)
            yield self

    @property
    def stored(self) -> dict[tuple[str, str], str]:
        """What it has when all is stored: mostRecentContent by resident and data controller."""
        self._store()
        return {(key[0], key[-1]): content for key, content in self._stored.items()}

    def _answer(self, request: Any, context: Any) -> bytes:
        body: bytes = request.body
        content = check_request(body)
        assert request.headers["SOAPAction"] == f'"{_CONTRACT.soap_action}"'
        self.headers.append(request.headers["x-skltp-correlation-id"])
        transactions = [_values(one) for one in content]
        self.calls.append(
            [
                (one["deleteFlag"] == "true", one[_KEY[0]], one["dataController"], one["mostRecentContent"])
                for one in transactions
            ]
        )
        if self.instead is not None:
            context.status_code, answer = self.instead
            return answer
        try:
            self._check(content, transactions)
        except Refusal as refusal:
            if self._by_result_code:
                return self._checked(body, "ERROR", str(refusal))
            context.status_code = 500
            return fault("soap:Server", str(refusal))
        self._collect(transactions)
        self.lost()
        return self._checked(body, "OK")

    def _checked(self, request: bytes, code: str, comment: str = "") -> bytes:
        text = f"<comment>{comment}</comment>" if comment else ""
        answer = response(
            f'<UpdateResponse xmlns="{_CONTRACT.namespace}"><ResultCode>{code}</ResultCode>{text}'
            "</UpdateResponse>"
        )
        check_exchange(request, answer)
        return answer

    def _check(self, content: etree._Element, transactions: list[dict[str, str]]) -> None:
        if not 1 <= len(transactions) <= MOST:
            raise Refusal("EI000: too few or too many transactions")
        if not built_in().valid(_CONTRACT, content):
            raise Refusal("EI001: not valid")
        keys = [tuple(one[name] for name in _KEY) for one in transactions]
        if len(set(keys)) < len(keys):
            raise Refusal("EI002: a key comes twice")
        if content.getroottree().findtext(f"{{{SOAP}}}Header/{LOGICAL_ADDRESS}") != ADDRESS:
            raise Refusal("EI003: not the address of this index")
        for one in transactions:
            assert (one["serviceDomain"], one["categorization"], one[_KEY[4]], one[_KEY[5]]) == (
                "riv:coreprocess:residentparticipation:residentparticipation",
                "crr-gcm",
                "NA",
                "NA",
            )
            assert one.keys() == {"deleteFlag", *_LENGTHS}  # nothing that the index sets itself
            for name, length in _LENGTHS.items():
                value = one[name]
                if not value or value != value.strip() or len(value) > length or value in self.refused:
                    raise Refusal(f"EI004: {name} is wrong")
            try:
                datetime.strptime(one["mostRecentContent"], "%Y%m%d%H%M%S")
            except ValueError:
                raise Refusal("EI004: mostRecentContent is no time") from None

    def _collect(self, transactions: list[dict[str, str]]) -> None:
        now = self._clock()
        if self._latest is not None and now - self._latest > COLLECTING:
            self._store()
        self._latest = now
        for one in transactions:
            key, content = tuple(one[name] for name in _KEY), one["mostRecentContent"]
            if one["deleteFlag"] == "true":
                self._collected[key] = None
            elif key not in self._collected:
                self._collected[key] = content
            else:
                earlier = self._collected[key]
                if earlier is not None:
                    self._collected[key] = max(earlier, content)

    def _store(self) -> None:
        for key, content in self._collected.items():
            if content is None:
                self._stored.pop(key, None)
        self._stored |= {key: content for key, content in self._collected.items() if content is not None}
        self._collected = {}


def _values(transaction: etree._Element) -> dict[str, str]:
    leaves = (one for one in transaction.iter() if not len(one))
    return {re.sub("{.*}", "", one.tag): one.text or "" for one in leaves}
