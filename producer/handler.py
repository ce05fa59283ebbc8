"""The way of a request once its envelope is open: contract, schema, operation, schema, audit.

Whatever goes wrong becomes a Fault or, where the contract has a resultCode and the error is the caller's, an
ERROR with a text that a resident may read. No exception and no text of one ever leaves as it is.
"""

import structlog
from lxml import etree
from sqlalchemy.exc import SQLAlchemyError

from contracts import messages
from contracts.catalogue import CARELISTING, Contract, by_element
from contracts.codes import ResultCode
from contracts.rules import RuleError
from contracts.schemas import Problem
from contracts.texts import sentence
from mapping.answers import carelisting
from producer import auditing
from producer.auditing import NOT_AUDITED, log_unexpected
from producer.denials import audit_denied
from producer.faults import SoapFault
from producer.gate import Envelope
from producer.operations import OPERATIONS
from producer.service import Call, Reply, ServedRequest, Service
from producer.settings import InvalidRequest

log = structlog.get_logger(__name__)

_UPDATING = ("CreateListing", "UpdateListing")
"""Contracts whose suite demands ERROR with the validation report (suite 3.2.2; contradiction C16)."""

_MOST_ELEMENTS = 150
_MOST_EXTENSIONS = 30
_MOST_ATTRIBUTES = 50
_MOST_CHARACTERS = 10_000
"""Elements, those of them in other namespaces, attributes with declarations of namespaces, and characters of
a text, in a refused request that is searched for what is wrong with it.

The search takes more time than anything else here: by the square of the attributes of an element, and forty
times as much for an element of another namespace. So much of each it does within the time of a usual call.
"""


class Handler:
    """Answers opened requests. Safe to call from any thread."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def answer(self, exchange: ServedRequest, envelope: Envelope) -> etree._Element:
        """Return the response element for a request; what may leave has been audited when this returns.

        Raises:
            SoapFault: The request is answered with a Fault.
        """
        contract = offered_contract(envelope.content)
        exchange.contract = contract.name
        try:
            self.service.access.permit(exchange.caller, contract, envelope.address)
        except SoapFault:
            audit_denied(self.service, exchange, envelope.address)
            raise
        if self.service.settings.demo.enabled and exchange.fault_asked_for:
            raise SoapFault("FK599")
        call = Call(exchange, contract, envelope.address, self.service.now())
        try:
            if not self.service.schemas.valid(contract, envelope.content):
                return self._invalid(exchange, contract, envelope.content)
            answer = self._operate(call, envelope.content)
        except RuleError as error:
            return _broken(exchange, contract, error)
        except SoapFault as fault:
            if fault.kind.code != NOT_AUDITED:
                self._audit_fault(call)
            raise
        except SQLAlchemyError as error:
            log_unexpected(exchange, "register_failed", error)
            if call.intended:  # the log is to say what came of it; if it cannot, that it was intended
                self._audit_fault(call)
            raise SoapFault("FK502") from None
        except Exception as error:  # the boundary: nothing of it may reach the caller
            log_unexpected(exchange, "request_failed", error)
            self._audit_fault(call)
            raise SoapFault("FK501") from None
        exchange.outcome = answer.outcome
        auditing.write(self.service.register, call, answer.outcome, answer.hits)
        return answer.element

    def _operate(self, call: Call, content: etree._Element) -> Reply:
        answer = OPERATIONS[call.contract.name](self.service, call, messages.read(call.contract, content))
        demo = self.service.settings.demo
        if demo.enabled and call.subject and call.subject.person_id == demo.technical_error_person:
            raise SoapFault("FK599")
        if not self.service.schemas.valid(call.contract, answer.element):
            problems = self.service.schemas.problems(call.contract, answer.element)
            log.error("answer_invalid", log_id=call.exchange.log_id, problems=_report(problems))
            raise SoapFault("FK503", call.contract.name)
        return answer

    def _invalid(
        self, exchange: ServedRequest, contract: Contract, content: etree._Element
    ) -> etree._Element:
        """Refuse a request that its schema refuses (contradiction C16: as ERROR or as Fault)."""
        if _searchable(contract, content):
            report = _report(self.service.schemas.problems(contract, content))
        else:
            report = "not valid, and too large to be searched for the reason"
        as_error = self.service.settings.carelisting.invalid_request is InvalidRequest.ERROR
        if contract.domain == CARELISTING and (as_error or contract.name in _UPDATING):
            text = "schema_of_change" if contract.name in _UPDATING else "schema"
            return _error(exchange, contract, text, report)
        raise SoapFault("FK301", f"{contract.name}: {report}")

    def _audit_fault(self, call: Call) -> None:
        auditing.write(self.service.register, call, auditing.FAULT)


def offered_contract(content: etree._Element) -> Contract:
    """Return the contract that an element is the request of.

    Raises:
        SoapFault: FK203, it is no request of a known contract; FK204, the contract is not offered.
    """
    contract = by_element(content.tag)
    if contract is None or content.tag != contract.request:
        raise SoapFault("FK203")
    if contract.name not in OPERATIONS:
        raise SoapFault("FK204", contract.name)
    return contract


def _broken(exchange: ServedRequest, contract: Contract, error: RuleError) -> etree._Element:
    """Refuse a request that breaks a rule of its contract, in the way the contract has for it."""
    if contract.domain != CARELISTING:
        raise SoapFault("FK302", str(error)) from None
    return _error(exchange, contract, error.subject, str(error))


def _error(exchange: ServedRequest, contract: Contract, name: str, detail: str) -> etree._Element:
    exchange.outcome = ResultCode.ERROR
    text = sentence(name, detail=detail, log_id=exchange.log_id)
    return carelisting.result(contract, ResultCode.ERROR, text)


def _searchable(contract: Contract, content: etree._Element) -> bool:
    """Tell whether a report on what is wrong with a request can be had within the time of a usual call."""
    own = f"{{urn:riv:{contract.domain}:"
    elements = extensions = attributes = 0
    for event, found in etree.iterwalk(content, events=("start", "start-ns")):
        attributes += 1 if event == "start-ns" else len(found.attrib)
        if event == "start":
            elements += 1
            extensions += not found.tag.startswith(own)
            if len(found.text or "") > _MOST_CHARACTERS:
                return False
        if elements > _MOST_ELEMENTS or extensions > _MOST_EXTENSIONS or attributes > _MOST_ATTRIBUTES:
            return False
    return True


def _report(problems: list[Problem]) -> str:
    """Return a validation report in one line. Line numbers would not be those of the caller's message."""
    return "; ".join(f"{problem.path}: {problem.reason}" for problem in problems) or "not valid"
