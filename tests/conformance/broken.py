"""Producers that are broken on purpose: ours, with one thing altered on the way in or out, or instead."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from consumer.conformance.carrier import Carrier
from consumer.results import Exchange, NoAnswer
from contracts.catalogue import Contract
from tests.conformance.in_process import Asked

Came = Exchange | NoAnswer
When = Callable[[Asked], bool]
Ask = Callable[[Asked], Came]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True)
class Mutation:
    """One way of being broken.

    Attributes:
        name: Its switch.
        caught: Ids of the cases that must find it, and no others may.
        make: Makes what answers requests, of what asks the producer.
        data: Changes of the data file, by section.
    """

    name: str
    caught: frozenset[str]
    make: Callable[[Ask], Ask] = lambda ask: ask
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class BrokenCarrier:
    """Takes requests to a producer that is broken by a mutation."""

    def __init__(self, inner: Carrier, mutation: Mutation, *, alone: bool = True) -> None:
        self._inner = inner
        self._mutation = mutation
        self.alone = alone
        self._answer = mutation.make(self._ask)
        self._chunked = False

    def send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Came:
        """Answer as the broken producer does; the report shows the request as it was sent."""
        self._chunked = chunked
        extra = {"Chunked": "yes"} if chunked else {}
        if not self.alone:
            extra["At-Once"] = "yes"
        return _as_sent(self._answer(Asked(contract, body, {**headers, **extra}, method)), body)

    def another(self) -> Carrier:
        """Return one for calls at the same time."""
        return BrokenCarrier(self._inner.another(), self._mutation, alone=False)

    def _ask(self, asked: Asked) -> Came:
        headers = {name: value for name, value in asked.headers.items() if name not in ("Chunked", "At-Once")}
        return self._inner.send(
            asked.contract, asked.body, headers, method=asked.method, chunked="Chunked" in asked.headers
        )


def _as_sent(came: Came, body: bytes) -> Came:
    if isinstance(came, NoAnswer):
        return replace(came, exchange=replace(came.exchange, request=body))
    return replace(came, request=body)


# ---- when


def asks(contract: str, *texts: str, without: str = "") -> When:
    """Tell requests of a contract that hold all these texts, and not that one."""

    def when(asked: Asked) -> bool:
        wide = asked.body.startswith((b"\xff\xfe", b"\xfe\xff"))
        body = re.sub("<!--.*?-->", "", asked.body.decode("utf-16" if wide else "utf-8", "replace"))
        element = re.search(rf"Body[^>]*>\s*<\w+:{contract}[ >]", body)
        return element is not None and all(one in body for one in texts) and not (without and without in body)

    return when


def anything(asked: Asked) -> bool:
    """Tell every request."""
    return True


# ---- what


def out(when: When, alter: Callable[[Exchange], Exchange]) -> Callable[[Ask], Ask]:
    """Alter what comes out."""

    def make(ask: Ask) -> Ask:
        def answer(asked: Asked) -> Came:
            came = ask(asked)
            return alter(came) if isinstance(came, Exchange) and when(asked) else came

        return answer

    return make


def into(when: When, alter: Callable[[str], str]) -> Callable[[Ask], Ask]:
    """Alter what goes in."""

    def make(ask: Ask) -> Ask:
        def answer(asked: Asked) -> Came:
            if when(asked):
                asked = asked._replace(body=alter(asked.body.decode("utf-8")).encode("utf-8"))
            return ask(asked)

        return answer

    return make


def edited(when: When, edit: Callable[[etree._Element], None]) -> Callable[[Ask], Ask]:
    """Edit the element in the Body of what comes out, when it is no Fault."""

    def alter(came: Exchange) -> Exchange:
        root = etree.fromstring(came.response)
        content = root.find(f"{{{SOAP}}}Body")[0]
        if content.tag == f"{{{SOAP}}}Fault":
            return came
        edit(content)
        return replace(came, response=etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

    return out(when, alter)


def faulty(alter: Callable[[str], str], *, holding: str = "") -> Callable[[Ask], Ask]:
    """Alter the text of Faults, or of those that hold a text."""

    def changed(came: Exchange) -> Exchange:
        text = came.response.decode("utf-8", "replace")
        if "Fault>" not in text or holding not in text:
            return came
        return replace(came, response=alter(text).encode("utf-8"))

    return out(anything, changed)


def instead(when: When, response: Callable[[Asked], bytes], status: int = 200) -> Callable[[Ask], Ask]:
    """Answer something else, and do not ask the producer at all."""

    def make(ask: Ask) -> Ask:
        def answer(asked: Asked) -> Came:
            if not when(asked):
                return ask(asked)
            headers = {"Content-Type": "text/xml; charset=utf-8"}
            return Exchange(
                "http://broken.test", dict(asked.headers), asked.body, 0.01, status, headers, response(asked)
            )

        return answer

    return make


def a_fault(when: When, code: str = "Client") -> Callable[[Ask], Ask]:
    """Answer a well-made Fault."""
    ids = iter(range(10_000_000, 99_999_999))

    def response(asked: Asked) -> bytes:
        return enveloped(
            f"<s:Fault><faultcode>s:{code}</faultcode>"
            f"<faultstring>Not understood. Log id: {next(ids)}</faultstring></s:Fault>"
        )

    return instead(when, response, 500)


def a_result(when: When, code: str, text: str = "") -> Callable[[Ask], Ask]:
    """Answer a resultCode and nothing else, without asking the producer."""

    def response(asked: Asked) -> bytes:
        told = f"<resultText>{text}</resultText>" if text else ""
        name = asked.contract.name
        return enveloped(
            f'<{name}Response xmlns="{asked.contract.namespace}"><resultCode>{code}</resultCode>{told}'
            f"</{name}Response>"
        )

    return instead(when, response)


def as_if(when: When, other: Callable[[Asked], Asked]) -> Callable[[Ask], Ask]:
    """Answer as if another request had come."""

    def make(ask: Ask) -> Ask:
        return lambda asked: ask(other(asked)) if when(asked) else ask(asked)

    return make


def from_time(times: int, when: When, then: Callable[[Ask], Ask]) -> Callable[[Ask], Ask]:
    """Be broken from the so-manieth such request on."""
    seen = {"times": 0}

    def make(ask: Ask) -> Ask:
        seen["times"] = 0
        broken = then(ask)

        def answer(asked: Asked) -> Came:
            if when(asked):
                seen["times"] += 1
                if seen["times"] >= times:
                    return broken(asked)
            return ask(asked)

        return answer

    return make


def enveloped(content: str) -> bytes:
    """Return a message with this in its Body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body>'
        "</s:Envelope>"
    ).encode()
