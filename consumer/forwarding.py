"""Sending requests on to a region's own listing system, by the same contract (docs/modes.md, forward)."""

from collections import defaultdict, deque
from collections.abc import Mapping

from consumer.client import Client
from consumer.outgoing.outcome import UNSENDABLE, outcome_of
from consumer.settings import CallSettings
from contracts.codes import ResultCode
from contracts.messages import CreateListing, UpdateListing
from contracts.schemas import Schemas
from listings.forwarded import NoAnswerError
from listings.results import ListingResult
from listings.settings import Regions


class Forwarder:
    """Calls the listing systems of the regions that have one. Make one in each process; for any thread.

    Args:
        call: How calls are made: connections and TLS.
        regions: The regions.
        schemas: What requests are written by and answers must follow.
    """

    def __init__(self, call: CallSettings, regions: Regions, schemas: Schemas) -> None:
        self._call = call
        self._regions = regions
        self._schemas = schemas
        self._idle: defaultdict[str, deque[Client]] = defaultdict(deque)  # they keep their connections open

    def forward(
        self, county: str, request: CreateListing | UpdateListing, headers: Mapping[str, str]
    ) -> ListingResult:
        """Send a request on, once, and return the answer: its resultCode and resultText as they are.

        Args:
            county: Whose listing system is called.
            request: The request.
            headers: HTTP headers to send.

        Raises:
            NoAnswerError: There is no answer, or a Fault, or one that its schema refuses.
        """
        system = self._regions[county].listing_system
        if system is None:
            raise NoAnswerError("the region has no listing system of its own")
        try:
            client = self._client(county, system.answer_seconds)
            result = client.call(
                request, system.logical_address or county, endpoint=system.endpoint, headers=headers
            )
        except UNSENDABLE as error:
            raise NoAnswerError(f"not sent: {error}") from None
        self._idle[county].append(client)
        outcome = outcome_of(result)
        if outcome.code is None:
            raise NoAnswerError(outcome.result)
        # Somebody who is told no must be told more (TKB 2.1, resultText).
        missing = outcome.code is not ResultCode.OK and not outcome.text
        return ListingResult(
            outcome.code, "listing_system_says_no_more" if missing else None, text=outcome.text or None
        )

    def _client(self, county: str, seconds: float) -> Client:
        try:
            return self._idle[county].popleft()
        except IndexError:
            settings = self._call.model_copy(update={"read_timeout_seconds": seconds})
            return Client(settings, self._schemas)
