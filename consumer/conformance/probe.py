"""What a case has in hand: it asks, looks, and says what is broken."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lxml import etree

from consumer.conformance.case import Blocked, NotApplicable, Untold
from consumer.conformance.seen import Seen, read_seen
from consumer.conformance.session import Plain, Session, WriteRefused, may_change
from consumer.conformance.writing import citizen, headers_of, hsa, kind, person
from contracts.catalogue import Contract, by_name
from contracts.messages import (
    CV,
    II,
    Actor,
    GetAvailableHealthcareFacilities,
    GetAvailableHealthcarePersonnel,
    GetCareManagers,
    GetListing,
    GetListingCounty,
    GetListingTypes,
    PingForConfiguration,
    Request,
)

_NUMBER = 12
"""Characters of a person's number."""


class Probe:
    """A case's view of a run.

    Args:
        session: The run.
        writes: Whether the case may send what may change data.
    """

    def __init__(self, session: Session, *, writes: bool) -> None:
        self._session = session
        self._writes = writes and session.write
        self.data = session.data
        self.schemas = session.schemas
        self.findings: list[str] = []
        self.steps: list[int] = []

    # ---- asking

    def ask(
        self,
        message: Request,
        address: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        anew: bool = False,
    ) -> Seen:
        """Send a request, or return what it has led to before: the same question is asked once in a run.

        Args:
            message: The request.
            address: Its LogicalAddress; left out: the one in the data file.
            headers: HTTP headers beside those of a plain request.
            anew: Whether to ask though it has been asked.
        """
        contract = by_name(type(message).__name__)
        body = self._session.writer.envelope(message, address or self._address(contract))
        sent = headers_of(contract) | dict(headers or {})
        key = (contract.name, body, tuple(sorted(sent.items())))
        if anew or may_change(contract) or key not in self._session.asked:
            self._session.asked[key] = self._send(contract, body, sent)
        place = self._session.asked[key]
        if place not in self.steps:
            self.steps.append(place)
        return self._session.seen[place]

    def answer(
        self,
        message: Request,
        address: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        anew: bool = False,
    ) -> Seen:
        """As `ask`, for a case that looks into the answer.

        Raises:
            Blocked: It is no answer of the contract, or it says ERROR.
        """
        seen = self.ask(message, address, headers=headers, anew=anew)
        if not seen.done:
            raise Blocked(f"{type(message).__name__} gave {seen.what}")
        return seen

    def raw(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str | None] | None = None,
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> Seen:
        """Send bytes as they are to a contract's address; a header with the value None is left out."""
        changed = {name.lower() for name in headers or {}}
        sent = {name: value for name, value in headers_of(contract).items() if name.lower() not in changed}
        sent |= {name: value for name, value in (headers or {}).items() if value is not None}
        place = self._send(contract, body, sent, method=method, chunked=chunked)
        self.steps.append(place)
        return self._session.seen[place]

    def at_once(self, contract: Contract, bodies: Sequence[bytes]) -> list[Seen]:
        """Send requests at the same time, each on a connection of its own."""
        self._guard(contract, *bodies)

        def send(body: bytes) -> Seen:
            carrier = self._session.carrier.another()
            return read_seen(contract, carrier.send(contract, body, headers_of(contract)))

        with ThreadPoolExecutor(len(bodies)) as pool:
            came = list(pool.map(send, bodies))
        for one in came:
            self.steps.append(len(self._session.seen))
            self._session.seen.append(one)
        return came

    def written(self, message: Request, address: str = "") -> bytes:
        """Return a request as bytes, to be altered."""
        return self._session.writer.envelope(
            message, address or self._address(by_name(type(message).__name__))
        )

    def plain(self) -> Plain:
        """Return the plainest request that the producer answers.

        Raises:
            Untold: The data file has nothing that one can be made of.
        """
        for message in self._plain_messages():
            contract = by_name(type(message).__name__)
            if self.data.offers(contract.name) and self._address(contract):
                return Plain(contract, message, self.written(message), self._address(contract))
        raise Untold("carelisting.county with persons.listed, or care_managers.address with patients")

    # ---- the contracts

    def listing(
        self, number: str, actor: Actor | None = None, address: str = "", *, anew: bool = False
    ) -> Seen:
        """Ask GetListing about a person, of the person itself if no other actor is given."""
        return self.answer(GetListing(actor or citizen(number), person(number)), address, anew=anew)

    def counties(
        self, number: str, actor: Actor | None = None, address: str = "", *, anew: bool = False
    ) -> Seen:
        """Ask GetListingCounty about a person."""
        return self.answer(GetListingCounty(actor or citizen(number), person(number)), address, anew=anew)

    def types(self, number: str = "", home: II | None = None) -> Seen:
        """Ask GetListingTypes."""
        return self.answer(GetListingTypes(person(number) if number else None, home))

    def facilities(self, *ids: str, types: tuple[str, ...] = ()) -> Seen:
        """Ask GetAvailableHealthcareFacilities with these filters; types are ``CODE|SYSTEM``."""
        return self.answer(GetAvailableHealthcareFacilities(ids, tuple(map(kind, types))))

    def personnel(self, number: str, facility: str, types: tuple[str, ...] = ()) -> Seen:
        """Ask GetAvailableHealthcarePersonnel."""
        return self.answer(GetAvailableHealthcarePersonnel(person(number), facility, tuple(map(kind, types))))

    def care_managers(
        self,
        number: str,
        *types: CV,
        giver: str = "",
        unit: str = "",
        process: II | None = None,
        root: str = "",
    ) -> Seen:
        """Ask GetCareManagers about a patient, with these filters."""
        patient = II(root, number) if root else person(number)
        return self.answer(
            GetCareManagers(
                patient, hsa(giver) if giver else None, hsa(unit) if unit else None, types, process
            )
        )

    def contacts(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield number and element of every fixed contact of the patients in the data file.

        Raises:
            Untold: It names none.
            NotApplicable: None of them has any.
        """
        some = False
        if not self.data.care_managers.patients:
            raise Untold("care_managers.patients")
        for number in self.data.care_managers.patients:
            for one in self.care_managers(number).all("careManager"):
                some = True
                yield number, one
        if not some:
            raise NotApplicable("no patient in care_managers.patients has a fixed contact")

    def ping(self) -> Seen:
        """Ask PingForConfiguration."""
        namespace = by_name("GetListing").namespace
        address = self.data.carelisting.county or self.data.care_managers.address or "14"
        return self.ask(PingForConfiguration(namespace, address), address)

    # ---- judging

    def expect(self, holds: object, says: str) -> None:
        """Say what is broken unless it holds: what came, where, and what it should have been."""
        if not holds and says not in self.findings:
            self.findings.append(says)

    def everything(self, contract: str = "") -> list[Seen]:
        """Return all that has been asked in this run, of one contract or of all.

        Where nothing has, it looks around first.
        """
        if not self._session.seen:
            self.look_around()
        chosen = []
        for seen in self._session.seen:
            if not contract or (seen.contract is not None and seen.contract.name == contract):
                chosen.append(seen)
        return chosen

    def look_around(self) -> None:
        """Ask about everybody in the data file, once in a run, for a rule that looks at what others asked."""
        if self._session.looked:
            return
        self._session.looked = True
        for message in (*self._plain_messages(), *self._questions()):
            contract = by_name(type(message).__name__)
            if self.data.offers(contract.name) and self._address(contract):
                self.ask(message)

    def show(self, seen: Seen) -> None:
        """Have what has been asked earlier in the run shown with this case."""
        place = next(at for at, one in enumerate(self._session.seen) if one is seen)
        if place not in self.steps:
            self.steps.append(place)

    # ---- within

    def _send(
        self,
        contract: Contract,
        body: bytes,
        headers: Mapping[str, str],
        *,
        method: str = "POST",
        chunked: bool = False,
    ) -> int:
        self._guard(contract, body)
        came = self._session.carrier.send(contract, body, headers, method=method, chunked=chunked)
        self._session.seen.append(read_seen(contract, came))
        return len(self._session.seen) - 1

    def _guard(self, contract: Contract, *bodies: bytes) -> None:
        """Keep what may change data from being sent, whatever a case does; also the element tells it."""
        if may_change(contract, *bodies) and not self._writes:
            raise WriteRefused(f"{contract.name} may change data, and the run must not write")

    def _address(self, contract: Contract) -> str:
        if contract.name == "GetCareManagers":
            return self.data.care_managers.address
        return self.data.carelisting.county or self.data.care_managers.address

    def _questions(self) -> Iterator[Request]:
        of = self.data.persons.model_dump()
        for number in sorted({one for one in of.values() if isinstance(one, str) and len(one) == _NUMBER}):
            yield GetListing(citizen(number), person(number))
            yield GetListingCounty(citizen(number), person(number))
        yield GetListingTypes()
        if self.data.persons.listed and self.data.facilities.with_doctors:
            listed = person(self.data.persons.listed)
            yield GetAvailableHealthcarePersonnel(listed, self.data.facilities.with_doctors)
        for number in self.data.care_managers.patients:
            yield GetCareManagers(person(number))

    def _plain_messages(self) -> Iterator[Request]:
        person_of = self.data.persons
        number = person_of.listed or person_of.with_doctor or person_of.not_listed or person_of.unknown
        if number:
            yield GetListing(citizen(number), person(number))
        for number in self.data.care_managers.patients[:1]:
            yield GetCareManagers(person(number))
        yield GetAvailableHealthcareFacilities()
