"""Checks of whom the service calls: other regions, listing systems, the engagement index."""

from collections.abc import Iterator

from fastkontakt.checks.found import Found, Installation, look, mend, ok
from listings.settings import Mode


def regions(installation: Installation) -> Iterator[Found]:
    """Whether messages to other regions have an address to go to, and forwarded ones a listing system."""
    settings = installation.settings
    if any(region.leads for region in settings.regions.values()):
        call = settings.call
        if "endpoint" not in call.model_fields_set:
            yield mend(
                "call.endpoint",
                f"is not set: messages to other regions go to {call.endpoint}; give the platform's address",
            )
        else:
            yield ok("call.endpoint", f"messages to other regions go to {call.endpoint}")
            if call.endpoint.startswith("https:") and call.client_certificate is None:
                yield look("call.client_certificate", "is not set: the platform (VP) asks for one")
        if not settings.outbox.run_in_serve:
            yield look("outbox.run_in_serve", "is off: see that `fastkontakt outbox run` runs")
    for county, region in settings.regions.items():
        if region.mode is Mode.FORWARD and region.listing_system is not None:
            yield ok(
                f"regions.{county}.listing_system", f"requests go on to {region.listing_system.endpoint}"
            )


def engagement_index(installation: Installation) -> Iterator[Found]:
    """Whether posts have an address to go to."""
    settings = installation.settings
    if settings.care_managers is None:
        return
    index = settings.index
    if index.logical_address is None:
        yield look(
            "index.logical_address", "is not set: nothing is posted, so nobody finds the fixed contacts here"
        )
        return
    yield ok("index", f"posts to {index.logical_address} go to {index.endpoint or settings.call.endpoint}")
    if not index.run_in_serve:
        yield look("index.run_in_serve", "is off: see that `fastkontakt index run` runs")
