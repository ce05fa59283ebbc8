"""The calls that a page makes: each is kept, for the panel beside the page."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from consumer.client import Client
from consumer.results import Answer, FaultAnswer, Result
from consumer.transport import CallError
from contracts.catalogue import Contract, by_name
from contracts.identifiers import IdentifierError
from contracts.messages import Request
from contracts.schemas import SchemaError


class Clients:
    """Clients that wait for the next page: to read a WSDL takes longer than a call.

    Args:
        make: Makes one; each is used by one thread at a time.
    """

    def __init__(self, make: Callable[[], Client]) -> None:
        self._make = make
        self._idle: deque[Client] = deque()

    @contextmanager
    def lent(self) -> Iterator[Client]:
        """Lend a client."""
        try:
            client = self._idle.popleft()
        except IndexError:
            client = self._make()
        yield client
        self._idle.append(client)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a page.

    Attributes:
        result: What came of it; None when it could not be made.
        reason: Why it could not be made; empty when it was.
    """

    contract: Contract
    logical_address: str
    result: Result | None = field(repr=False)
    reason: str = ""

    @property
    def answer(self) -> Answer | None:
        """The answer, if one came whose words can be shown."""
        return self.result if isinstance(self.result, Answer) else None

    @property
    def body(self) -> Mapping[str, object]:
        """What the answer holds; nothing where none came."""
        return self.answer.body if self.answer else {}

    @property
    def failed(self) -> bool:
        """Whether a resident is to read that the service does not answer."""
        return self.answer is None

    @property
    def log_id(self) -> str | None:
        """The id by which the producer finds the call in its log, if it sent a Fault with one."""
        return self.result.log_id if isinstance(self.result, FaultAnswer) else None


class Asking:
    """Calls the producer for one page and keeps what came.

    Args:
        clients: What calls.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self.calls: list[Call] = []

    def ask(self, message: Request, logical_address: str) -> Call:
        """Call a contract once."""
        contract = by_name(type(message).__name__)
        try:
            with self._clients.lent() as client:
                call = Call(contract, logical_address, client.call(message, logical_address))
        except (CallError, IdentifierError, SchemaError) as error:
            call = Call(contract, logical_address, None, str(error))
        self.calls.append(call)
        return call
